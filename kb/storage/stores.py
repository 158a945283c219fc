"""Open the stores of the settings, and bind a home folder to its shared database.

The database lists files of the home folder: a writer with the wrong pair would delete token files unknown to it.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from kb.embedding.protocol import DEFAULT_NAME, Embedder
from kb.errors import BadSetting, StoreUnavailable
from kb.settings import TIMEOUT, Settings
from kb.storage.catalog import Catalog
from kb.storage.chroma_files import FOLDER
from kb.storage.database import Database
from kb.storage.loss import find_loss
from kb.storage.migrations import upgrade
from kb.storage.sqlite import SqliteDatabase
from kb.storage.token_store import TokenStore
from kb.storage.vector_store import VectorStore, open_vectors

CATALOG_FILE = "catalog.sqlite"
HOME_ID = "catalog.id"  # in the home folder of a shared database: the id that the database's facts also hold


@dataclass(frozen=True, slots=True)
class Stores:
    """The three stores of a knowledge base."""

    catalog: Catalog
    vectors: VectorStore
    tokens: TokenStore

    @classmethod
    def open(cls, settings: Settings, embedder: Embedder, *, for_repair: bool = False) -> Stores:
        """Open or create the stores; `for_repair` also opens those of a lost catalog, and damaged vectors.

        Raises BadSetting, IndexMismatch or StoreUnavailable, also when the catalog was lost.
        """
        with ExitStack() as opened:
            database = _open_database(settings, opened)
            tokens = TokenStore.open(settings.home / "tokens", is_bundled_model=embedder.name == DEFAULT_NAME)
            if not for_repair and not database.has_tables():
                _check_rest(settings, embedder.fingerprint, tokens, database)  # before an empty catalog takes its place
            upgrade(database, settings.home)
            catalog = Catalog.open(database, embedder.fingerprint)
            if settings.catalog_url:
                _bind(settings.home, catalog)
            vectors = open_vectors(settings, embedder.fingerprint, for_repair=for_repair)
            opened.callback(vectors.close)
            if not for_repair and (loss := find_loss(catalog, vectors, tokens, database.location)):
                raise StoreUnavailable(loss)
            opened.pop_all()
        return cls(catalog, vectors, tokens)

    def close(self) -> None:
        """Close the stores."""
        self.vectors.close()
        self.catalog.close()


def open_database(home: Path, url: str | None, timeout: float = TIMEOUT) -> Database:
    """Open the PostgreSQL database at `url`, else the SQLite file of the home folder. Raises BadSetting."""
    if url is None:
        return SqliteDatabase(home / CATALOG_FILE)
    from kb.storage.postgres import PostgresDatabase

    return PostgresDatabase.at(url, timeout)


def _open_database(settings: Settings, opened: ExitStack) -> Database:
    if settings.catalog_url is None:
        _check_unshared(settings.home)
    database = open_database(settings.home, settings.catalog_url, settings.catalog_timeout)
    opened.callback(database.close)
    return database


def _check_rest(settings: Settings, fingerprint: str, tokens: TokenStore, database: Database) -> None:
    """Raise StoreUnavailable when the other stores of a catalog without tables are not empty."""
    if not (settings.chroma_url or (settings.home / FOLDER).exists() or tokens.count()):
        return
    with closing(open_vectors(settings, fingerprint)) as vectors:
        loss = find_loss(None, vectors, tokens, database.location)
    if loss and not database.has_tables():  # else another process has begun meanwhile
        raise StoreUnavailable(loss)


def _check_unshared(home: Path) -> None:
    """Raise BadSetting when the home folder belongs to a database but none is set."""
    if (home / HOME_ID).exists():
        raise BadSetting(
            f"KB_HOME {home} belongs to a catalog in PostgreSQL; set KB_CATALOG_URL to that,"
            " or KB_HOME to another folder"
        )


def _bind(home: Path, catalog: Catalog) -> None:
    """Bind home folder and catalog when first opened. Raises BadSetting when they do not belong together."""
    if (home / CATALOG_FILE).exists():
        raise BadSetting(
            f"KB_HOME {home} holds a catalog of its own; move it with kb backup, without KB_CATALOG_URL, and kb restore"
        )
    path = home / HOME_ID
    written = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    own = written or uuid4().hex
    bound = catalog.facts.bind_home(own)
    if bound != own and (written or catalog.token_files.names()):
        raise BadSetting(
            f"KB_HOME {home} is not the folder that the catalog at {catalog.database.location} was filled from;"
            f" set KB_HOME to that, on a volume that all hosts share (if it is lost: write {bound} into {path},"
            " and run kb doctor --repair)"
        )
    if written != bound:
        home.mkdir(parents=True, exist_ok=True)
        path.write_text(bound, encoding="ascii")
