"""A SQL database shared by all threads: pooled connections, snapshots, transactions, full-text search."""

from __future__ import annotations

import logging
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, TextClause, event, insert, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb.errors import StoreUnavailable
from kb.storage.damage import UNREADABLE, check_types, damaged
from kb.storage.schema import TABLES, passages

log = logging.getLogger(__name__)
# Without a handler, Python prints the pool's record of a lost connection; our error is its one line.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())

FULL = "free some disk space and run it again: what was there is kept"
CLOSED = "The knowledge base has been closed; open it again"
MAX_REASON = 300  # characters of what an engine says
ROWS_AT_ONCE = 500  # maximum rows of a statement, and values of a list
# NUL, which PostgreSQL cannot store, and lone surrogates, which are no characters: neither engine can encode them.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class FullText:
    """The full-text statements of an engine."""

    search: TextClause  # :words, :limit -> id, score
    search_within: TextClause  # the same, with :interviews
    count: TextClause  # :word, :most -> one number
    containing: TextClause  # :word, :limit -> text


class Database(ABC):
    """A database. Subclasses add what differs by engine: connections, full text, locks, copies.

    Methods raise StoreUnavailable when the database cannot be read or written.
    """

    location: str  # without the password
    remedy: str  # how to get an empty one, for error messages

    is_read_only = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        event.listen(engine, "before_cursor_execute", _clean_values, retval=True)
        self._local = threading.local()
        self._is_closed = False

    # Read and write

    def read(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        """Return the rows of a query. Raises StoreUnavailable when they cannot be read or are damaged."""
        with self._one_line("read"), self.connection() as connection, _as_unreadable():
            rows = connection.execute(statement, values).all()
        check_types(statement, rows)
        return rows

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Give this thread a consistent snapshot: reads inside do not see later commits."""
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
        """Yield a connection; commit at the end, roll back on an exception."""
        self.check_open()
        with (
            self._one_line("written"),
            self._connect_writer() as connection,
            self._hold(connection),
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections; later calls raise StoreUnavailable."""
        self._is_closed = True
        self._engine.dispose()

    def check_open(self) -> None:
        """Raise StoreUnavailable when the database has been closed: the pool would open new connections."""
        if self._is_closed:
            raise StoreUnavailable(CLOSED)

    def check_writable(self) -> None:
        """Raise StoreUnavailable when the database can only be read."""
        if self.is_read_only:
            raise StoreUnavailable(
                f"KB_HOME {self.location} can only be read; set KB_HOME to a folder that you can write"
            )

    # Search by words

    @property
    @abstractmethod
    def full_text(self) -> FullText:
        """The full-text statements of this engine."""

    def bm25_search(
        self, words: Sequence[str], limit: int, interview_ids: Collection[str] | None
    ) -> list[tuple[str, float]]:
        """Return ids of passages that contain any of the words in any form, with BM25 scores, best first."""
        if not words:
            return []
        values = {"words": self._join(words), "limit": limit, **self._measure_passages()}
        if interview_ids is None:
            rows = self.read(self.full_text.search, values)
        else:
            rows = self.read(self.full_text.search_within, {**values, "interviews": list(interview_ids)})
        return [(row.id, row.score) for row in rows]

    def document_frequency(self, words: Sequence[str], most: int) -> dict[str, int]:
        """Count the passages that contain each word in any form, question and header included; at most `most`."""
        counted = self.full_text.count
        with self.snapshot():  # one connection for all words
            return {word: self.read(counted, {"word": self._quote(word), "most": most})[0][0] for word in words}

    def insert_passages(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert passages with what a search by words needs."""
        insert_rows(connection, passages, rows)

    def passages_containing(self, word: str, limit: int) -> list[str]:
        """Return the texts of the first passages that contain a word."""
        values = {"word": self._quote(word, "text"), "limit": limit}
        return [row.text for row in self.read(self.full_text.containing, values)]

    @abstractmethod
    def _quote(self, word: str, field: str = "") -> str:
        """Format a word for the statements, in any field of a passage or only in one."""

    @abstractmethod
    def _join(self, words: Sequence[str]) -> Any:
        """Format alternative words for the statements."""

    def _measure_passages(self) -> Mapping[str, float]:
        """Return statistics of all passages that a search needs, if the engine does not compute them."""
        return {}

    # What differs by engine

    @abstractmethod
    def has_tables(self) -> bool:
        """Whether the catalog exists. Raises StoreUnavailable when the database cannot be used."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing is stored yet."""

    @abstractmethod
    def create_tables(self) -> None:
        """Create the tables that are missing."""

    def update_tables(self) -> None:  # noqa: B027 - nothing to do is a good answer
        """Convert tables that an earlier version of this program made, if they can be."""

    @abstractmethod
    def lock(self, seconds: float) -> bool:
        """Acquire the writer's lock across all hosts; returns False after `seconds`."""

    @abstractmethod
    def unlock(self) -> None:
        """Release the writer's lock."""

    @abstractmethod
    def is_full_text_intact(self) -> bool:
        """Whether the full-text index agrees with the passages."""

    @abstractmethod
    def rebuild_full_text(self) -> None:
        """Rebuild the full-text index."""

    @abstractmethod
    def find_damage(self) -> list[str]:
        """Return problems of the database itself; [] if it is intact."""

    @abstractmethod
    def size(self) -> int:
        """Return the size on disk, in bytes."""

    @abstractmethod
    def copy_to(self, path: Path) -> None:
        """Write a consistent copy to a new SQLite file."""

    @abstractmethod
    def import_from(self, path: Path) -> None:
        """Import a SQLite copy into this empty database and delete the file."""

    @abstractmethod
    def _begin_snapshot(self, connection: Connection) -> None:
        """Fix the snapshot of a new transaction."""

    @abstractmethod
    def _connect_writer(self) -> Any:
        """Return a context manager with a connection for writing."""

    @abstractmethod
    def _explain(self, error: DBAPIError, act: str) -> StoreUnavailable:
        """Convert an engine error to one line; `act` is 'read' or 'written'."""

    # Parts that subclasses share

    @property
    def _held(self) -> Connection | None:
        """The connection bound to this thread inside a snapshot, a transaction or the writer's lock."""
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
        """Yield the connection bound to this thread, else one from the pool."""
        held = self._held
        if held is None:
            self.check_open()
            with self._engine.connect() as connection:
                yield connection
            return
        if held.invalidated:  # SQLAlchemy would reconnect: without the lock, or in a later snapshot
            raise StoreUnavailable(f"The connection to the catalog {self.location} was lost; run it again")
        is_outside = not held.in_transaction()
        try:
            yield held
        finally:
            if is_outside and held.in_transaction():
                held.rollback()  # ends the transaction that a single query began

    @contextmanager
    def _one_line(self, act: str) -> Iterator[None]:
        """Convert engine errors to StoreUnavailable; other exceptions pass through."""
        try:
            yield
        except SQLAlchemyError as error:
            if isinstance(error, DBAPIError):
                failure = self._explain(error, act)
            else:
                failure = StoreUnavailable(f"The catalog {self.location} cannot be {act}: {one_line(error)}")
            raise failure.logged(log, error) from error
        except UnicodeDecodeError as error:  # the driver cannot read what the engine says
            raise damaged(f"what is in {self.location} cannot be read").logged(log, error) from error


@contextmanager
def _as_unreadable() -> Iterator[None]:
    """Convert errors of values that no type can be made of, which are no errors of the engine."""
    try:
        yield
    except UNREADABLE as error:
        raise damaged(f"a value cannot be read: {one_line(error)}").logged(log, error) from error


def clean(text: str) -> str:
    """Replace characters that no engine can store."""
    return UNSTORABLE.sub("\ufffd", text)


def read_sql(name: str) -> str:
    """Read a SQL statement from a file of this folder."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def insert_rows(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into a table, several hundred per statement."""
    for first in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(table), list(rows[first : first + ROWS_AT_ONCE]))


def copy_tables(source: Connection, target: Connection, database: Database) -> None:
    """Copy all rows of the catalog into the empty tables of a database, through a connection to it."""
    for table in TABLES:
        statement = select(table)
        found = source.execution_options(stream_results=True).execute(statement)
        for rows in found.partitions(ROWS_AT_ONCE):
            check_types(statement, rows)
            values = [dict(row._mapping) for row in rows]
            if table is passages:
                database.insert_passages(target, values)
            else:
                insert_rows(target, table, values)


def raise_generation(connection: Connection) -> None:
    """Increase the generation, so that readers notice the change."""
    connection.execute(
        text("UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'generation'")
    )


def one_line(error: BaseException) -> str:
    """Return the message of an error in one line, cut if it is long: it may hold a whole value."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig else error
    told = str(said)
    cut = " …" if len(told) > MAX_REASON else ""
    return (" ".join(told[:MAX_REASON].split()) or "the database gives no reason; the log tells more") + cut


def _clean_values(
    _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    """Clean the values of every statement: a driver that fails to encode one may leave its connection unusable."""
    return statement, _clean(values)


def _clean(values: Any) -> Any:
    if isinstance(values, str):
        return clean(values)
    if isinstance(values, Mapping):
        return {name: _clean(value) for name, value in values.items()}
    return type(values)(map(_clean, values)) if isinstance(values, list | tuple) else values
