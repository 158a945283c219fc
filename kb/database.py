"""One SQLite file: a connection for each thread, reads as of one moment, writes in transactions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kb.errors import StoreUnavailable


class Database:
    """A handle on the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection:
            connection.close()
            self._local.connection = None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside is as of one moment, whatever is committed meanwhile."""
        connection = self._connection()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            self._all("SELECT count(*) FROM sqlite_master")  # the moment is that of the first read
            yield
        finally:
            connection.rollback()

    def copy_to(self, path: Path) -> None:
        """A copy of the file as of now, whatever is committed meanwhile."""
        target = sqlite3.connect(path)
        try:
            self._connection().backup(target)
        finally:
            target.close()

    def checkpoint(self) -> None:
        """Bring everything into the one file."""
        self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def find_damage(self) -> list[str]:
        """What SQLite finds wrong with the file; [] when it is whole."""
        try:
            rows = [row[0] for row in self._connection().execute("PRAGMA integrity_check(5)")]
            loose = [f"a row of {row[0]} belongs to nothing" for row in self._all("PRAGMA foreign_key_check")]
        except sqlite3.DatabaseError as error:
            return [str(error)]
        return [" ".join(line.split()) for line in rows if line != "ok"] + loose

    def size(self) -> int:
        """Bytes on disk."""
        files = self._path.parent.glob(f"{self._path.name}*")
        return sum(file.stat().st_size for file in files)

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        try:
            return self._connection().execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreUnavailable(f"The catalog {self._path} cannot be read: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.commit()
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            connection.row_factory = sqlite3.Row
            # FULL: what is committed stays committed through a power cut, as the other stores rely on.
            connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
            self._local.connection = connection
        return connection


def raise_generation(connection: sqlite3.Connection) -> None:
    """Tell readers that something has changed."""
    connection.execute("UPDATE facts SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")
