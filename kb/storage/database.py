"""A SQL database for all threads of a process: pooled connections, snapshots, transactions, full text."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, TextClause, insert, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb.errors import StoreUnavailable
from kb.storage.schema import TABLES

log = logging.getLogger(__name__)

FULL = "free some disk space and run it again: what was there is kept"
ROWS_AT_ONCE = 500  # rows of one statement, and values of one list

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class FullText:
    """What an engine is asked to search by words."""

    search: TextClause  # :words, :limit -> id, score
    search_within: TextClause  # and :interviews
    count: TextClause  # :word, :most -> one number
    containing: TextClause  # :word, :limit -> text


class Database(ABC):
    """A handle on a database. Subclasses add what differs by engine: connecting, full text, locks, copies."""

    location: str  # without any password
    remedy: str  # how to have another, empty one

    is_read_only = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = threading.local()

    # Read and write

    def read(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        """The rows of a query; StoreUnavailable when they cannot be read."""
        with self._one_line("read"), self.connection() as connection:
            return connection.execute(statement, values).all()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread reads inside is of one moment, whatever is committed meanwhile."""
        held = self._held
        if held is not None and held.in_transaction():
            yield
            return
        with self._one_line("read"), self.connection() as connection, connection.begin() as reading:
            self._begin_snapshot(connection)
            with self._hold(connection):
                yield
            reading.rollback()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose changes are committed at the end, or rolled back when something is raised."""
        with (
            self._one_line("written"),
            self._connect_writer() as connection,
            self._hold(connection),
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections; a later call opens new ones."""
        self._engine.dispose()

    # Search by words

    @property
    @abstractmethod
    def full_text(self) -> FullText:
        """The statements of its full-text index."""

    def bm25_search(
        self, words: Sequence[str], limit: int, interview_ids: Collection[str] | None
    ) -> list[tuple[str, float]]:
        """Passage ids that hold any of the words in any of their forms, with their BM25 score, best first."""
        values = {"words": self._join(words), "limit": limit, **self._measure_passages()}
        if interview_ids is None:
            rows = self.read(self.full_text.search, values)
        else:
            rows = self.read(self.full_text.search_within, {**values, "interviews": list(interview_ids)})
        return [(row.id, row.score) for row in rows]

    def document_frequency(self, words: Sequence[str], most: int) -> dict[str, int]:
        """For each word, how many passages hold it in any form, question and heading included; at most `most`."""
        counted = self.full_text.count
        return {word: self.read(counted, {"word": self._quote(word), "most": most})[0][0] for word in words}

    def passages_containing(self, word: str, limit: int) -> list[str]:
        """Texts of the first passages that hold a word."""
        return [row.text for row in self.read(self.full_text.containing, {"word": self._quote(word), "limit": limit})]

    def _quote(self, word: str) -> str:
        """A word as the statements take it."""
        return word

    def _join(self, words: Sequence[str]) -> Any:
        """Words, any of which is wanted, as the statements take them."""
        return list(words)

    def _measure_passages(self) -> Mapping[str, float]:
        """What a search must be told of all passages, where the engine does not know it."""
        return {}

    # What differs by engine

    @abstractmethod
    def has_tables(self) -> bool:
        """Whether the catalog exists; StoreUnavailable where the database cannot be used."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing is stored yet."""

    @abstractmethod
    def create_tables(self) -> None:
        """Create the tables that are missing."""

    @abstractmethod
    def lock(self, seconds: float) -> bool:
        """Become the one writer among all hosts, or give up after some seconds."""

    @abstractmethod
    def unlock(self) -> None:
        """Let the next writer in."""

    @abstractmethod
    def is_full_text_intact(self) -> bool:
        """Whether the full-text index holds the words of the passages, and no others."""

    @abstractmethod
    def rebuild_full_text(self) -> None:
        """Build the full-text index again."""

    @abstractmethod
    def find_damage(self) -> list[str]:
        """What is wrong with the database itself; [] when it is whole."""

    @abstractmethod
    def size(self) -> int:
        """Bytes on disk."""

    @abstractmethod
    def copy_to(self, path: Path) -> None:
        """Write a copy as of now into a new SQLite file."""

    @abstractmethod
    def import_from(self, path: Path) -> None:
        """Take over such a file into this empty database, and delete the file."""

    @abstractmethod
    def _begin_snapshot(self, connection: Connection) -> None:
        """Fix the moment that a new transaction sees."""

    @abstractmethod
    def _connect_writer(self) -> Any:
        """A context manager with a connection that may write."""

    @abstractmethod
    def _explain(self, error: DBAPIError, act: str) -> StoreUnavailable:
        """One line for what the engine says; `act` is 'read' or 'written'."""

    # Parts that subclasses share

    @property
    def _held(self) -> Connection | None:
        """The connection that this thread is bound to, inside a snapshot, a transaction or the writer's lock."""
        return getattr(self._local, "connection", None)

    @contextmanager
    def _hold(self, connection: Connection) -> Iterator[None]:
        before, self._local.connection = self._held, connection
        try:
            yield
        finally:
            self._local.connection = before

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """The connection that this thread is bound to, or one from the pool."""
        held = self._held
        if held is None:
            with self._engine.connect() as connection:
                yield connection
            return
        is_outside = not held.in_transaction()
        yield held
        if is_outside and held.in_transaction():
            held.rollback()  # ends what a lone query began

    @contextmanager
    def _one_line(self, act: str) -> Iterator[None]:
        """Turn errors of the engine into StoreUnavailable; errors of the caller pass."""
        try:
            yield
        except SQLAlchemyError as error:
            if isinstance(error, DBAPIError):
                failure = self._explain(error, act)
            else:
                failure = StoreUnavailable(f"The catalog {self.location} cannot be {act}: {one_line(error)}")
            raise failure.logged(log, error) from error


def read_sql(name: str) -> str:
    """The statement in a file of this folder."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def insert_rows(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a table, some hundred a statement."""
    for first in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(table), list(rows[first : first + ROWS_AT_ONCE]))


def copy_tables(source: Connection, target: Connection) -> None:
    """Copy every row of the catalog into tables that are empty."""
    for table in TABLES:
        found = source.execution_options(stream_results=True).execute(select(table))
        for rows in found.mappings().partitions(ROWS_AT_ONCE):
            insert_rows(target, table, [dict(row) for row in rows])


def raise_generation(connection: Connection) -> None:
    """Tell readers that something has changed."""
    connection.execute(
        text("UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'generation'")
    )


def one_line(error: BaseException) -> str:
    """What an error says, in one line."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return " ".join(str(said).split()) or type(said).__name__
