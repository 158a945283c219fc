"""What the catalog says of the other stores: files of token vectors, texts that have vectors, changes under way."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Connection, Row, delete, insert, select, text

from kb.arrays import Pieces
from kb.storage.database import ROWS_AT_ONCE, Database, insert_rows, raise_generation
from kb.storage.schema import passages, pending, stored_texts, token_files
from kb.storage.token_file import InterviewTokens, TokenFile

T = TypeVar("T")
ARRAYS = {"sentences": np.int64, "passages": np.int64, "pieces": np.int32, "frequency": np.int32}
NOTE = text("INSERT INTO pending VALUES (:interview) ON CONFLICT DO NOTHING")


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """A passage's text and word pieces on their way into the table, in the order of the interview."""

    passage_id: str
    text: str
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class StoredText:
    """Where the vectors of a text lie."""

    interview_id: str
    passage_id: str
    place: int  # of the passage in its interview
    pieces: Pieces


class TokenFileTable:
    """Which file holds which interview's token vectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def interviews(self) -> list[InterviewTokens]:
        """Every interview that has token vectors, by id, with its passages in order."""
        ids: dict[str, list[str]] = {}
        ordered = select(passages.c.interview_id, passages.c.id).order_by(passages.c.interview_id, passages.c.number)
        for row in self._database.read(ordered):
            ids.setdefault(row.interview_id, []).append(row.id)
        rows = self._database.read(select(token_files).order_by(token_files.c.interview_id))
        return [InterviewTokens(row.interview_id, tuple(ids.get(row.interview_id, ())), _to_file(row)) for row in rows]

    def files(self, interview_ids: Collection[str]) -> dict[str, TokenFile]:
        """The files of these interviews, as far as there are any."""
        found: dict[str, TokenFile] = {}
        for some in _batches(list(interview_ids)):
            rows = self._database.read(select(token_files).where(token_files.c.interview_id.in_(some)))
            found |= {row.interview_id: _to_file(row) for row in rows}
        return found

    def names(self) -> set[str]:
        """Names of all files in use."""
        return {row.name for row in self._database.read(select(token_files.c.name))}

    def is_listed(self, name: str) -> bool:
        """Whether an interview has this file."""
        return bool(self._database.read(select(token_files.c.name).where(token_files.c.name == name).limit(1)))

    def find_texts(self, texts: Collection[str]) -> dict[str, StoredText]:
        """Of these texts, those that are stored, each once."""
        by_hash = {hash_text(text): text for text in texts}
        found: dict[str, StoredText] = {}
        for some in _batches(list(by_hash)):
            rows = self._database.read(select(stored_texts).where(stored_texts.c.hash.in_(some)))
            found |= {by_hash[bytes(row.hash)]: _to_stored_text(row) for row in rows}
        return found

    def replace(self, interview_id: str, file: TokenFile | None, records: Sequence[PassageRecord]) -> None:
        """List new vectors for an interview that stays as it is; its change is no longer under way."""
        with self._database.transaction() as connection:
            connection.execute(delete(token_files).where(token_files.c.interview_id == interview_id))
            list_file(connection, interview_id, file, records)
            raise_generation(connection)

    def pending(self) -> list[str]:
        """Ids of interviews whose change was begun and not brought to its end."""
        rows = self._database.read(select(pending.c.interview_id).order_by(pending.c.interview_id))
        return [row.interview_id for row in rows]

    def begin(self, interview_id: str) -> None:
        """Note that an interview's vectors are about to change."""
        with self._database.transaction() as connection:
            connection.execute(NOTE, {"interview": interview_id})


def list_file(
    connection: Connection, interview_id: str, file: TokenFile | None, records: Sequence[PassageRecord]
) -> None:
    """Write where an interview's vectors lie, and that its change has come to its end."""
    connection.execute(delete(pending).where(pending.c.interview_id == interview_id))
    if file is None:
        return
    values = {name: getattr(file, name).tobytes() for name in ARRAYS}
    connection.execute(insert(token_files), {"interview_id": interview_id, "name": file.name, **values})
    insert_rows(connection, stored_texts, list(_to_rows(interview_id, records)))


def hash_text(text: str) -> bytes:
    """What a text is known by; the model is the same throughout a knowledge base."""
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


def _to_file(row: Row[Any]) -> TokenFile:
    return TokenFile(row.name, *(np.frombuffer(row._mapping[name], dtype=kind) for name, kind in ARRAYS.items()))


def _to_stored_text(row: Row[Any]) -> StoredText:
    return StoredText(row.interview_id, row.passage_id, row.place, np.frombuffer(row.pieces, dtype=np.int32))


def _batches(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[first : first + ROWS_AT_ONCE] for first in range(0, len(values), ROWS_AT_ONCE)]
