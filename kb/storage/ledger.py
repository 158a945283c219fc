"""What the catalog says of the other stores: where token vectors lie, which texts have vectors, what is under way."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from kb.arrays import Pieces, Segment, Shelf
from kb.storage.database import Database, Row, Transaction, mark, raise_generation
from kb.storage.schema import COLUMNS

AT_ONCE = 500  # values bound in one statement
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shelved:
    """A passage's text and word pieces on their way into the ledger, in the order of the interview."""

    passage_id: str
    text: str
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class Content:
    """Where the vectors of a text lie."""

    hash: bytes
    interview_id: str
    passage_id: str
    place: int  # of the passage in its interview
    pieces: Pieces


class Ledger:
    """The tables beside the interviews themselves."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def shelves(self) -> list[Shelf]:
        """Every interview that has token vectors, by id, with its passages in order."""
        ids: dict[str, list[str]] = {}
        for row in self.database.read("SELECT interview_id, id FROM passages ORDER BY interview_id, number"):
            ids.setdefault(row["interview_id"], []).append(row["id"])
        rows = self.database.read("SELECT * FROM segments ORDER BY interview_id")
        return [Shelf(row["interview_id"], tuple(ids.get(row["interview_id"], ())), _to_segment(row)) for row in rows]

    def segments(self, interview_ids: Collection[str]) -> dict[str, Segment]:
        """The segments of these interviews, as far as there are any."""
        found: dict[str, Segment] = {}
        for some in _batches(list(interview_ids)):
            rows = self.database.read(f"SELECT * FROM segments WHERE interview_id IN ({mark(some)})", some)
            found |= {row["interview_id"]: _to_segment(row) for row in rows}
        return found

    def segments_in(self, file: str) -> dict[str, Segment]:
        """The segments of a file, by interview, in the order of the file."""
        rows = self.database.read("SELECT * FROM segments WHERE file = ? ORDER BY first", (file,))
        return {row["interview_id"]: _to_segment(row) for row in rows}

    def count_live_rows(self) -> dict[str, int]:
        """Rows in use of each file of token vectors."""
        rows = self.database.read("SELECT file, CAST(sum(rows) AS BIGINT) AS live FROM segments GROUP BY file")
        return {row["file"]: row["live"] for row in rows}

    def find_contents(self, texts: Collection[str]) -> dict[str, Content]:
        """Of these texts, those that are stored, each once."""
        by_hash = {hash_text(text): text for text in texts}
        found: dict[str, Content] = {}
        for some in _batches(list(by_hash)):
            rows = self.database.read(f"SELECT * FROM contents WHERE hash IN ({mark(some)})", some)
            found |= {by_hash[row["hash"]]: _to_content(row) for row in rows}
        return found

    def move_segments(self, file: str, first_rows: Mapping[str, int]) -> None:
        """List the segments of interviews in another file, each from this row on."""
        with self.database.transaction() as transaction:
            for interview_id, first in first_rows.items():
                transaction.execute(
                    "UPDATE segments SET file = ?, first = ? WHERE interview_id = ?", (file, first, interview_id)
                )
            raise_generation(transaction)

    def list_again(self, interview_id: str, segment: Segment | None, shelved: Sequence[Shelved]) -> None:
        """List new vectors for an interview that stays as it is; its change is no longer under way."""
        with self.database.transaction() as transaction:
            transaction.execute("DELETE FROM segments WHERE interview_id = ?", (interview_id,))
            list_segment(transaction, interview_id, segment, shelved)
            raise_generation(transaction)

    def pending(self) -> list[str]:
        """Ids of interviews whose change was begun and not brought to its end."""
        return [
            row["interview_id"] for row in self.database.read("SELECT interview_id FROM pending ORDER BY interview_id")
        ]

    def begin(self, interview_id: str) -> None:
        """Note that an interview's vectors are about to change."""
        with self.database.transaction() as transaction:
            transaction.execute("INSERT INTO pending VALUES (?) ON CONFLICT DO NOTHING", (interview_id,))


def list_segment(
    transaction: Transaction, interview_id: str, segment: Segment | None, shelved: Sequence[Shelved]
) -> None:
    """Write where an interview's vectors lie, and that its change has come to its end."""
    transaction.execute("DELETE FROM pending WHERE interview_id = ?", (interview_id,))
    if segment is None:
        return
    arrays = (segment.sentences, segment.passages, segment.pieces, segment.frequency)
    place = (interview_id, segment.file, segment.first, segment.size, segment.checksum)
    transaction.insert("segments", COLUMNS["segments"], [(*place, *(one.tobytes() for one in arrays))])
    transaction.insert(
        "contents",
        COLUMNS["contents"],
        [
            (interview_id, place, one.passage_id, hash_text(one.text), one.pieces.astype(np.int32).tobytes())
            for place, one in enumerate(shelved)
        ],
    )


def hash_text(text: str) -> bytes:
    """What a text is known by; the model is the same throughout a knowledge base."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _to_segment(row: Row) -> Segment:
    return Segment(
        file=row["file"],
        first=row["first"],
        checksum=row["checksum"],
        sentences=np.frombuffer(row["sentences"], dtype=np.int64),
        passages=np.frombuffer(row["passages"], dtype=np.int64),
        pieces=np.frombuffer(row["pieces"], dtype=np.int32),
        frequency=np.frombuffer(row["frequency"], dtype=np.int32),
    )


def _to_content(row: Row) -> Content:
    pieces = np.frombuffer(row["pieces"], dtype=np.int32)
    return Content(row["hash"], row["interview_id"], row["passage_id"], row["place"], pieces)


def _batches(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[first : first + AT_ONCE] for first in range(0, len(values), AT_ONCE)]
