"""The catalog in one SQLite file: write-ahead log, full text with FTS5."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, bindparam, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from kb.errors import StoreUnavailable
from kb.storage.damage import RESTORE, UNREADABLE, DamagedRow, damaged
from kb.storage.database import FULL, Database, FullText, copy_tables, one_line, read_sql
from kb.storage.fts5_words import TOKENIZER
from kb.storage.schema import SCHEMA_VERSION, WORD_WEIGHTS, metadata

log = logging.getLogger(__name__)

BUSY_SECONDS = 30  # seconds that a writer waits for another one
POOL, MORE = 8, 64  # connections that stay open, and additional ones under load
# What the content of a file raises: no such table or column, a malformed page or value, no database at all.
DAMAGES = {
    sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG,
}  # fmt: skip
CHECK = "INSERT INTO passage_words(passage_words, rank) VALUES ('integrity-check', 1)"
SCHEMA = text("SELECT value FROM facts WHERE key = 'schema'")
LIST_OBJECTS = text("SELECT type, name FROM sqlite_master")
# One JSON value, since SQLite limits the number of values: to 32,766, or to 250,000 in some builds.
WITHIN = "AND rowid IN (SELECT number FROM passages WHERE interview_id IN (SELECT value FROM json_each(:interviews)))"
COUNT = "SELECT count(*) FROM (SELECT rowid FROM passage_words WHERE passage_words MATCH :word LIMIT :most)"
CONTAINING = """
SELECT p.text FROM passage_words JOIN passages p ON p.number = passage_words.rowid
WHERE passage_words MATCH :word LIMIT :limit
"""


class SqliteDatabase(Database):
    """A SQLite file; opened read-only if it cannot be written."""

    remedy = "set KB_HOME to a new folder"

    def __init__(self, path: Path, *, is_trusted: bool = True) -> None:
        self._path = path
        self._is_trusted = is_trusted  # a file of a stranger may hold triggers and views that do anything
        self.location = str(path.parent)
        engine = create_engine(
            "sqlite+pysqlite://", creator=self._open, poolclass=QueuePool, pool_size=POOL, max_overflow=MORE
        )
        event.listen(engine, "begin", _begin)
        super().__init__(engine)

    @cached_property
    def full_text(self) -> FullText:
        """The full-text statements for FTS5."""
        search = read_sql("sqlite_search.sql").replace("{weights}", ", ".join(map(str, WORD_WEIGHTS.values())))
        within = text(search.replace("{within}", WITHIN)).bindparams(bindparam("interviews", type_=JSON))
        return FullText(text(search.replace("{within}", "")), within, text(COUNT), text(CONTAINING))

    @property
    def is_read_only(self) -> bool:  # type: ignore[override]
        """Whether the file, or the folder of its log, cannot be written."""
        return self._path.exists() and not (os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK))

    def has_tables(self) -> bool:
        """Whether the catalog exists. Raises StoreUnavailable when the folder cannot be used or the file is damaged."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self.is_empty():
                return False
            with self._engine.connect() as connection:
                found = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
                is_earlier = "facts" in found and connection.execute(SCHEMA).scalar() not in (SCHEMA_VERSION, None)
        except (DBAPIError, OSError, UnicodeDecodeError) as error:
            raise self._cannot_be_used(error) from error
        if found.isdisjoint(metadata.tables):
            return False
        if not is_earlier and (lost := sorted(set(metadata.tables).difference(found))):
            raise damaged(f"{self._path} has no table {lost[0]}")
        return True

    def is_empty(self) -> bool:
        """Whether there is no file yet."""
        return not self._path.exists()

    def create_tables(self) -> None:
        """Create the tables that are missing."""
        try:
            with self._connect_writer() as connection, connection.begin():
                metadata.create_all(connection)
                full_text = read_sql("sqlite_full_text.sql").replace("{tokenizer}", TOKENIZER)
                for statement in full_text.split(";\n\n"):
                    connection.exec_driver_sql(statement)
        except DBAPIError as error:
            raise self._cannot_be_used(error) from error

    def lock(self, seconds: float) -> bool:  # noqa: ARG002
        """Do nothing: the lock file in the same folder is enough, since no other host uses this file."""
        return True

    def unlock(self) -> None:
        """Do nothing: nothing was locked."""

    def is_full_text_intact(self) -> bool:
        """Whether the full-text index agrees with the passages."""
        try:
            with self._connect_writer() as connection, connection.begin():
                connection.exec_driver_sql(CHECK)
        except (DBAPIError, UnicodeDecodeError):
            return False
        return True

    def rebuild_full_text(self) -> None:
        """Rebuild the full-text index."""
        with self.transaction() as connection:
            connection.exec_driver_sql("INSERT INTO passage_words(passage_words) VALUES ('rebuild')")

    def find_damage(self) -> list[str]:
        """Return problems that SQLite finds in the file; [] if it is intact."""
        try:
            with self._engine.connect() as connection:
                lines = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
                loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                found = {row.name for row in connection.execute(LIST_OBJECTS)}
        except (DBAPIError, *UNREADABLE) as error:
            return [one_line(error)]
        wrong = [" ".join(line.split()) for line in lines if line != "ok"]
        wrong += [f"there is no table {name}" for name in sorted(set(metadata.tables).difference(found))]
        return wrong + [f"a row of {row[0]} belongs to nothing" for row in loose]

    def size(self) -> int:
        """Return the size on disk, in bytes, including the log."""
        return sum(file.stat().st_size for file in self._path.parent.glob(f"{self._path.name}*"))

    def copy_to(self, path: Path) -> None:
        """Write a copy as of now into a new file. Raises StoreUnavailable, as on a full disk."""
        try:
            with closing(sqlite3.connect(path)) as target, closing(self._open()) as source:
                source.backup(target)
        except sqlite3.Error as error:
            failure = StoreUnavailable(f"The catalog cannot be copied to {path}: {one_line(error)}; {FULL}")
            raise failure.logged(log, error) from error

    def import_from(self, path: Path) -> None:
        """Replace this file by a copy."""
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # moves the log's content into the file
        self.close()
        path.replace(self._path)

    def _open(self) -> sqlite3.Connection:
        """Open a connection; the driver must not begin transactions itself."""
        target, is_uri = (self._uri(), True) if self.is_read_only else (str(self._path), False)
        connection = sqlite3.connect(
            target, uri=is_uri, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        untrusted = () if self._is_trusted else ("trusted_schema=OFF",)
        # FULL: a commit survives a power cut, which the other stores rely on.
        settings = ("journal_mode=WAL",) * (not is_uri) + ("synchronous=FULL", "foreign_keys=ON", *untrusted)
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
        return connection

    def _uri(self) -> str:
        """Return the URI of a read-only file; its log, if there is one, is read too."""
        log = self._path.with_name(f"{self._path.name}-wal")
        how = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
        return f"{self._path.resolve().as_uri()}?{how}"

    def _quote(self, word: str, field: str = "") -> str:
        phrase = '"' + word.replace('"', '""') + '"'
        return f"{field}:{phrase}" if field else phrase

    def _join(self, words: Sequence[str]) -> str:
        return " OR ".join(map(self._quote, words))

    def _begin_snapshot(self, connection: Connection) -> None:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the snapshot begins with the first read

    def _connect_writer(self) -> Any:
        return self._engine.execution_options(writes=True).connect()

    def _explain(self, error: DBAPIError, act: str) -> StoreUnavailable:
        if _is_damage(error):
            return damaged(f"{self._path}: {one_line(error)}")
        hint = f"; {FULL}" if act == "written" and isinstance(error.orig, sqlite3.OperationalError) else ""
        return StoreUnavailable(f"The catalog {self._path} cannot be {act}: {one_line(error)}{hint}")

    def _cannot_be_used(self, error: Exception) -> StoreUnavailable:
        if _is_damage(error):
            line = f"KB_HOME {self.location} cannot be used: {one_line(error)}; its catalog is damaged; {RESTORE}"
            return DamagedRow(line).logged(log, error)
        return StoreUnavailable(
            f"KB_HOME {self.location} cannot be used: {one_line(error)}; set KB_HOME to a folder that you can write"
        ).logged(log, error)


def copy_checked(path: Path, database: Database, upgrade: Callable[[Database], None]) -> None:
    """Copy all rows of a catalog that may be forged into an empty one, after `upgrade`. Raises StoreUnavailable."""
    allowed = set(database.read(LIST_OBJECTS))
    with closing(SqliteDatabase(path, is_trusted=False)) as copy:
        foreign = sorted(str(row.name) for row in copy.read(LIST_OBJECTS) if tuple(row) not in allowed)
        if foreign or not copy.has_tables():
            raise damaged(f"it holds something else, {foreign[:1]}")
        upgrade(copy)
        if found := copy.find_damage():
            raise damaged(found[0])
        with copy.connection() as source, database.transaction() as target:
            copy_tables(source, target, database)


def move_paths(catalog: Path, before: str, after: str) -> None:
    """Change the paths of files in one folder to another one."""
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute(
            "UPDATE interviews SET path = ?2 || substr(path, length(?1) + 1)"
            " WHERE substr(path, 1, length(?1) + 1) = ?3",
            (before, after, f"{before}/"),
        )


def _is_damage(error: Exception) -> bool:
    """Whether the content of the file is wrong, rather than the disk, a lock or a permission."""
    said = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(said, "sqlite_errorcode", None)
    is_undecodable = isinstance(said, sqlite3.OperationalError) and code is None
    return isinstance(said, UnicodeDecodeError) or is_undecodable or (code or 0) & 0xFF in DAMAGES


def _begin(connection: Connection) -> None:
    """Begin a transaction; a writer takes the lock at once, so that two writers cannot deadlock."""
    kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")
