"""Make sure that a home folder and the database that several hosts share belong together.

Each holds files or lists of the other: a writer with the wrong pair would sweep token vectors that it does not know.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from kb.errors import BadSetting
from kb.storage.catalog import Catalog

NAME = "catalog.id"  # in the home folder: the same line as in the facts of the database


def check_unshared(home: Path) -> None:
    """Refuse a home folder that belongs to a database, where none is set."""
    if (home / NAME).exists():
        raise BadSetting(
            f"KB_HOME {home} belongs to a catalog in PostgreSQL; set KB_CATALOG_URL to that,"
            " or KB_HOME to another folder"
        )


def check_shared(home: Path, catalog: Catalog) -> None:
    """Tie the two together at the first opening; refuse a pair that was never tied."""
    if (home / "catalog.sqlite").exists():
        raise BadSetting(
            f"KB_HOME {home} holds a catalog of its own; move it with kb backup, without KB_CATALOG_URL, and kb restore"
        )
    written = _read(home / NAME)
    own = written or uuid4().hex
    known = catalog.tie(own)
    if known != own and (written or catalog.count_live_rows()):
        raise BadSetting(
            f"KB_HOME {home} is not the folder that the catalog at {catalog.database.place} was filled from;"
            f" set KB_HOME to that, on a volume that all hosts share (if it is lost: write {known} into {home / NAME},"
            " and run kb doctor --repair)"
        )
    home.mkdir(parents=True, exist_ok=True)
    (home / NAME).write_text(known, encoding="ascii")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
