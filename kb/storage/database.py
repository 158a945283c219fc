"""What the catalog asks of a database, whichever engine it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

FULL = "free some disk space and run it again: what was there is kept"


class Row(Protocol):
    """A row that was read, by the names of its columns."""

    def keys(self) -> Iterable[str]:
        """The names."""

    def __getitem__(self, key: str, /) -> Any: ...


class Transaction(Protocol):
    """Changes that are committed together, or not at all."""

    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement, its values marked by `?`; how many rows it changed."""

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows to a table."""


class Database(Protocol):
    """A handle for all threads, each with a connection of its own; statements are such as every engine reads."""

    @property
    def place(self) -> str:
        """Where it is, without any password."""

    @property
    def remedy(self) -> str:
        """How to have another, empty one."""

    def has_tables(self) -> bool:
        """Whether the catalog was made already; a place that cannot be used is an error."""

    def is_empty(self) -> bool:
        """Whether nothing is kept here yet."""

    def create(self) -> None:
        """Make the tables that are not there."""

    def close(self) -> None:
        """Close this thread's connection."""

    def read(self, statement: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        """The rows of a query."""

    def snapshot(self) -> AbstractContextManager[None]:
        """All that this thread reads inside is as of one moment, whatever is committed meanwhile."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Changes that are rolled back when something is raised inside."""

    def lock(self, seconds: float) -> bool:
        """Become the one writer among all hosts, if that is possible within so many seconds."""

    def unlock(self) -> None:
        """Let the next writer in."""

    def find_words(
        self, words: Sequence[str], limit: int, interview_ids: Collection[str] | None
    ) -> list[tuple[str, float]]:
        """Passage ids that hold any of the words in any of their forms, with their BM25 score, best first."""

    def count_with(self, word: str, most: int) -> int:
        """Passages that hold a word, in any of its forms, themselves or in question or heading; `most` at most."""

    def texts_with(self, word: str, limit: int) -> list[str]:
        """Texts of passages that hold a word, the first ones."""

    def has_whole_words(self) -> bool:
        """Whether the full-text index holds the words of the passages, and no others."""

    def rebuild_words(self) -> None:
        """Make the full-text index anew."""

    def find_damage(self) -> list[str]:
        """What is wrong with the database in itself; [] when it is whole."""

    def size(self) -> int:
        """Bytes on disk."""

    def copy_to(self, path: Path) -> None:
        """A copy as of now in a new SQLite file, whatever is committed meanwhile."""

    def adopt(self, path: Path) -> None:
        """Take over what such a file holds, with nothing here before; the file is gone afterwards."""


def raise_generation(transaction: Transaction) -> None:
    """Tell readers that something has changed."""
    transaction.execute("UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'generation'")


def mark(values: Collection[object]) -> str:
    """A `?` for each value."""
    return ", ".join("?" * len(values))
