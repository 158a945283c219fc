"""Catalog tables about the other stores: token files, stored texts, pending changes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select, text

from kb.embedding.arrays import Offsets, Pieces
from kb.errors import StoreUnavailable
from kb.storage.database import ROWS_AT_ONCE, Database, insert_rows, raise_generation
from kb.storage.schema import passages, pending, stored_texts, token_files
from kb.storage.token_file import FILE_NAME, InterviewTokens, TokenFile

T = TypeVar("T")
ARRAYS = {"sentences": np.int64, "passages": np.int64, "pieces": np.int32, "frequency": np.int32}
PIECE_BYTES = 4
NOTE = text("INSERT INTO pending VALUES (:interview) ON CONFLICT DO NOTHING")


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """The text and word pieces of a passage, to be written to the table in order."""

    passage_id: str
    text: str
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class StoredText:
    """The location of the vectors of a text."""

    interview_id: str
    passage_id: str
    place: int  # index of the passage in its interview
    pieces: Pieces


class TokenFileTable:
    """The token files of interviews. Raises StoreUnavailable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def interviews(self) -> list[InterviewTokens]:
        """Return all interviews with token vectors, sorted by id, with their passages in order."""
        ids: dict[str, list[str]] = {}
        ordered = select(passages.c.interview_id, passages.c.id).order_by(passages.c.interview_id, passages.c.number)
        for row in self._database.read(ordered):
            ids.setdefault(row.interview_id, []).append(row.id)
        rows = self._database.read(select(token_files).order_by(token_files.c.interview_id))
        return [_join_tokens(row, tuple(ids.get(row.interview_id, ()))) for row in rows]

    def files(self, interview_ids: Collection[str]) -> dict[str, TokenFile]:
        """Return the token files of these interviews, by id; those without a file, or a damaged row, are left out."""
        found: dict[str, TokenFile] = {}
        for some in _batches(list(interview_ids)):
            rows = self._database.read(select(token_files).where(token_files.c.interview_id.in_(some)))
            found |= {row.interview_id: file for row in rows if (file := _to_file(row))}
        return found

    def names(self) -> set[str]:
        """Return the names of all files in use."""
        return {row.name for row in self._database.read(select(token_files.c.name))}

    def is_listed(self, name: str) -> bool:
        """Whether an interview uses this file."""
        return bool(self._database.read(select(token_files.c.name).where(token_files.c.name == name).limit(1)))

    def find_texts(self, texts: Collection[str]) -> dict[str, StoredText]:
        """Find the stored ones among these texts, one location each."""
        by_hash = {hash_text(text): text for text in texts}
        found: dict[str, StoredText] = {}
        for some in _batches(list(by_hash)):
            rows = self._database.read(select(stored_texts).where(stored_texts.c.hash.in_(some)))
            found |= {by_hash[row.hash]: _to_stored_text(row) for row in rows if len(row.pieces) % PIECE_BYTES == 0}
        return found

    def replace(self, interview_id: str, file: TokenFile | None, records: Sequence[PassageRecord]) -> None:
        """Replace the token file of an unchanged interview, and clear its pending mark."""
        with self._database.transaction() as connection:
            connection.execute(delete(token_files).where(token_files.c.interview_id == interview_id))
            list_file(connection, interview_id, file, records)
            raise_generation(connection)

    def pending(self) -> list[str]:
        """Return the ids of interviews with an incomplete change."""
        rows = self._database.read(select(pending.c.interview_id).order_by(pending.c.interview_id))
        return [row.interview_id for row in rows]

    def begin(self, interview_id: str) -> None:
        """Mark an interview as pending: its vectors are about to change."""
        with self._database.transaction() as connection:
            connection.execute(NOTE, {"interview": interview_id})


def list_file(
    connection: Connection, interview_id: str, file: TokenFile | None, records: Sequence[PassageRecord]
) -> None:
    """Write the token file of an interview, and clear its pending mark."""
    connection.execute(delete(pending).where(pending.c.interview_id == interview_id))
    if file is None:
        return
    values = {name: getattr(file, name).tobytes() for name in ARRAYS}
    connection.execute(insert(token_files), {"interview_id": interview_id, "name": file.name, **values})
    insert_rows(connection, stored_texts, list(_to_rows(interview_id, records)))


def hash_text(text: str) -> bytes:
    """Hash a text. The model is not part of the hash, since a knowledge base has only one."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _to_rows(interview_id: str, records: Sequence[PassageRecord]) -> Iterator[dict[str, Any]]:
    for place, one in enumerate(records):
        yield {
            "interview_id": interview_id,
            "place": place,
            "passage_id": one.passage_id,
            "hash": hash_text(one.text),
            "pieces": one.pieces.astype(np.int32).tobytes(),
        }


def _join_tokens(row: Row[Any], passage_ids: tuple[str, ...]) -> InterviewTokens:
    file = _to_file(row)
    if file is None or len(file.passages) != len(passage_ids) + 1:
        raise StoreUnavailable(
            f"The token vectors of {row.interview_id} do not fit its passages; run: kb doctor --repair"
        )
    return InterviewTokens(row.interview_id, passage_ids, file)


def _to_file(row: Row[Any]) -> TokenFile | None:
    """Convert a row to a token file; None if it is damaged: it can be written again."""
    try:
        arrays = [np.frombuffer(row._mapping[name], dtype=kind) for name, kind in ARRAYS.items()]
    except ValueError:
        return None
    file = TokenFile(row.name, *arrays)
    is_whole = FILE_NAME.fullmatch(file.name) and _are_offsets(file.sentences) and _are_offsets(file.passages)
    if not is_whole or file.passages[-1] != len(file.sentences) - 1 or len(file.pieces) != len(file.frequency):
        return None
    return file if _are_counts(file.frequency, len(file.passages) - 1) else None


def _are_offsets(values: Offsets) -> bool:
    return len(values) > 0 and values[0] == 0 and bool((values[1:] >= values[:-1]).all())


def _are_counts(values: NDArray[np.int32], most: int) -> bool:
    return not len(values) or (values.min() > 0 and int(values.max()) <= most)


def _to_stored_text(row: Row[Any]) -> StoredText:
    return StoredText(row.interview_id, row.passage_id, row.place, np.frombuffer(row.pieces, dtype=np.int32))


def _batches(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[first : first + ROWS_AT_ONCE] for first in range(0, len(values), ROWS_AT_ONCE)]
