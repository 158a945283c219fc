"""The catalog in one SQLite file: a connection for each thread, full text with FTS5."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kb.errors import StoreUnavailable
from kb.storage.database import FULL, Row, Transaction, mark
from kb.storage.schema import TABLES, WORD_WEIGHTS

WORDS = """
CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5(
    text, question, header, content='passages', content_rowid='number', tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER IF NOT EXISTS passage_added AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words(rowid, text, question, header) VALUES (new.number, new.text, new.question, new.header);
END;
CREATE TRIGGER IF NOT EXISTS passage_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passage_words(passage_words, rowid, text, question, header)
    VALUES ('delete', old.number, old.text, old.question, old.header);
END;
"""


class SqliteFile:
    """A handle on the file."""

    remedy = "set KB_HOME to a new folder"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    @property
    def place(self) -> str:
        """The folder it lies in."""
        return str(self._path.parent)

    def has_tables(self) -> bool:
        """Whether the catalog was made already; a folder that cannot be used is an error."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return bool(self._connection().execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchall())
        except (sqlite3.Error, OSError) as error:
            raise self._cannot_be_used(error) from error

    def is_empty(self) -> bool:
        """Whether nothing is kept here yet."""
        return not self._path.exists()

    def create(self) -> None:
        """Make the tables that are not there."""
        try:
            self._connection().executescript(TABLES + WORDS)
        except sqlite3.Error as error:
            raise self._cannot_be_used(error) from error

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection:
            connection.close()
            self._local.connection = None

    def read(self, statement: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        """The rows of a query."""
        try:
            return self._connection().execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreUnavailable(f"The catalog {self._path} cannot be read: {error}") from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside is as of one moment, whatever is committed meanwhile."""
        connection = self._connection()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            self.read("SELECT count(*) FROM sqlite_master")  # the moment is that of the first read
            yield
        finally:
            connection.rollback()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Changes that are rolled back when something is raised inside."""
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield _SqliteTransaction(connection)
            connection.commit()
        except BaseException as error:
            if connection.in_transaction:
                connection.rollback()
            if isinstance(error, sqlite3.OperationalError):
                raise StoreUnavailable(f"The catalog {self._path} cannot be written: {error}; {FULL}") from error
            raise

    def lock(self, seconds: float) -> bool:  # noqa: ARG002
        """The lock on a file in the same folder is enough: nobody else has this file."""
        return True

    def unlock(self) -> None:
        """Nothing was locked."""

    def find_words(
        self, words: Sequence[str], limit: int, interview_ids: Collection[str] | None
    ) -> list[tuple[str, float]]:
        """Passage ids that hold any of the words in any of their forms, with their BM25 score, best first."""
        within = ""
        if interview_ids is not None:
            within = f"AND rowid IN (SELECT number FROM passages WHERE interview_id IN ({mark(interview_ids)}))"
        # Ranked before they are joined: a common word stands in many passages, and few of them are wanted.
        rows = self.read(
            "SELECT p.id, found.score FROM (SELECT rowid AS number,"
            f" -bm25(passage_words, {', '.join(map(str, WORD_WEIGHTS.values()))}) AS score FROM passage_words"
            f" WHERE passage_words MATCH ? {within} ORDER BY score DESC, rowid LIMIT ?) AS found"
            " JOIN passages p ON p.number = found.number ORDER BY found.score DESC, p.number",
            (" OR ".join(map(_quote, words)), *(interview_ids or ()), limit),
        )
        return [(row["id"], row["score"]) for row in rows]

    def count_with(self, word: str, most: int) -> int:
        """Passages that hold a word, in any of its forms, themselves or in question or heading; `most` at most."""
        some = "SELECT rowid FROM passage_words WHERE passage_words MATCH ? LIMIT ?"
        return int(self.read(f"SELECT count(*) AS passages FROM ({some})", (_quote(word), most))[0]["passages"])

    def texts_with(self, word: str, limit: int) -> list[str]:
        """Texts of passages that hold a word, the first ones."""
        rows = self.read(
            "SELECT p.text FROM passage_words JOIN passages p ON p.number = passage_words.rowid"
            " WHERE passage_words MATCH ? LIMIT ?",
            (f"text:{_quote(word)}", limit),
        )
        return [row["text"] for row in rows]

    def has_whole_words(self) -> bool:
        """Whether the full-text index holds the words of the passages, and no others."""
        try:
            with self.transaction() as transaction:
                transaction.execute("INSERT INTO passage_words(passage_words, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError:
            return False
        return True

    def rebuild_words(self) -> None:
        """Make the full-text index anew."""
        with self.transaction() as transaction:
            transaction.execute("INSERT INTO passage_words(passage_words) VALUES ('rebuild')")

    def find_damage(self) -> list[str]:
        """What SQLite finds wrong with the file; [] when it is whole."""
        try:
            rows = [row[0] for row in self._connection().execute("PRAGMA integrity_check(5)")]
            loose = self._connection().execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            return [str(error)]
        wrong = [" ".join(line.split()) for line in rows if line != "ok"]
        return wrong + [f"a row of {row[0]} belongs to nothing" for row in loose]

    def size(self) -> int:
        """Bytes on disk."""
        files = self._path.parent.glob(f"{self._path.name}*")
        return sum(file.stat().st_size for file in files)

    def copy_to(self, path: Path) -> None:
        """A copy of the file as of now, whatever is committed meanwhile."""
        target = sqlite3.connect(path)
        try:
            self._connection().backup(target)
        finally:
            target.close()

    def adopt(self, path: Path) -> None:
        """Put such a file in the place of this one."""
        copy = SqliteFile(path)
        copy._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # brings everything into the one file
        copy.close()
        path.replace(self._path)

    def _cannot_be_used(self, error: Exception) -> StoreUnavailable:
        return StoreUnavailable(
            f"KB_HOME {self.place} cannot be used: {error}; set KB_HOME to a folder that you can write"
        )

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            connection.row_factory = sqlite3.Row
            # FULL: what is committed stays committed through a power cut, as the other stores rely on.
            connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
            self._local.connection = connection
        return connection


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        return self._connection.execute(statement, values).rowcount

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({mark(columns)})"
        self._connection.executemany(statement, rows)


def _quote(word: str) -> str:
    return f'"{word.replace(chr(34), "")}"'
