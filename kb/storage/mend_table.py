"""What a person has changed in the app: corrected facts, and files whose interview was removed.

Both stand in the table of facts under keys of their own, so that a backup and every kind of catalog hold them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select

from kb.errors import BadMetadata
from kb.storage.damage import UNREADABLE, as_damage, damaged
from kb.storage.database import Database
from kb.storage.facts import REPLACE
from kb.storage.mending import Mending
from kb.storage.schema import facts

MENDED, LEFT_OUT = "mended:", "removed:"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file whose interview a person has removed: an ingest of its folder leaves it out."""

    path: str  # absolute
    sha256: str
    title: str  # of the interview


class MendTable:
    """Corrections by interview, and files that are left out. Raises StoreUnavailable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mending(self, interview_id: str) -> Mending:
        """Return what a person has changed in an interview."""
        rows = self._database.read(select(facts.c.value).where(facts.c.key == f"{MENDED}{interview_id}"))
        return _read_mending(rows[0].value) if rows else Mending()

    def all(self) -> dict[str, Mending]:
        """Return what a person has changed, by the interview's id."""
        rows = self._database.read(select(facts).where(facts.c.key.startswith(MENDED, autoescape=True)))
        return {row.key.removeprefix(MENDED): _read_mending(row.value) for row in rows}

    def left_out(self) -> list[LeftOut]:
        """Return the files that are left out, sorted by path."""
        rows = self._database.read(select(facts.c.value).where(facts.c.key.startswith(LEFT_OUT, autoescape=True)))
        return sorted((_read_left_out(row.value) for row in rows), key=lambda one: one.path)

    def check(self) -> None:
        """Read all rows. Raises DamagedRow when one holds something else."""
        self.left_out()
        self.all()


def _read_mending(text: str) -> Mending:
    try:
        return Mending.from_json(text)
    except (*UNREADABLE, BadMetadata) as error:
        raise damaged("a correction of an interview holds something else") from error


def _read_left_out(text: str) -> LeftOut:
    with as_damage("a file that is left out is not named as it should be"):
        match json.loads(text):
            case {"path": str(path), "sha256": str(digest), "title": str(title)}:
                return LeftOut(path, digest, title)
    raise damaged("a file that is left out is not named as it should be")


def note_put(connection: Connection, interview_id: str, path: str, mending: Mending | None) -> None:
    """Note an interview that is written: its file is left out no more, and what was changed in it is stored."""
    note_return(connection, path)
    if mending is not None:
        connection.execute(REPLACE, {"key": f"{MENDED}{interview_id}", "value": mending.to_json()})


def note_return(connection: Connection, path: str) -> None:
    """Note that a file is left out no more."""
    connection.execute(delete(facts).where(facts.c.key == _key_of_path(path)))


def note_removal(connection: Connection, interview_id: str, left_out: Iterable[LeftOut]) -> None:
    """Note an interview that is removed: its corrections go with it, and its files may be left out from now on."""
    connection.execute(delete(facts).where(facts.c.key == f"{MENDED}{interview_id}"))
    for one in left_out:
        connection.execute(REPLACE, {"key": _key_of_path(one.path), "value": json.dumps(asdict(one))})


def _key_of_path(path: str) -> str:
    """A key of limited length, as PostgreSQL needs it."""
    return f"{LEFT_OUT}{hashlib.sha256(path.encode(errors='surrogateescape')).hexdigest()}"
