"""Arrays that the rooms hand to each other, with their shapes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (texts, dimensions) or (dimensions,), rows of length 1
Pieces = NDArray[np.int32]  # (word pieces,): their numbers in the model's vocabulary
Codes = NDArray[np.int8]  # (word pieces, projected dimensions)
Offsets = NDArray[np.int64]  # (runs + 1,): where each run begins, and where the last one ends
Matches = NDArray[np.float32]  # (query's word pieces, runs): cosine of the best match of each piece in each run
Scores = NDArray[np.float32]  # (runs,)
Places = NDArray[np.int64]  # (any,): numbers of passages, or of interviews, in the order of the index
Flags = NDArray[np.bool_]  # (any,)
UNMAPPED: Codes = np.empty((0, 0), dtype=np.int8)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a text: it can be stored again without the model."""

    vector: Vectors  # (dimensions,)
    codes: Codes  # (word pieces, projected dimensions); those that hold neither letter nor digit are left out
    sentences: tuple[int, ...]  # word pieces of each sentence
    pieces: Pieces  # (distinct word pieces,)


@dataclass(frozen=True, slots=True)
class Segment:
    """The token vectors of one interview's passages, in their order: rows of a shared file, grouped."""

    file: str  # name in the tokens folder
    first: int  # row of the file
    checksum: int  # CRC-32 of the rows
    sentences: Offsets  # into the rows, from the first
    passages: Offsets  # into the sentences
    pieces: Pieces  # (distinct word pieces,)
    frequency: NDArray[np.int32]  # (distinct word pieces,): how many passages hold each
    codes: Codes = field(default_factory=lambda: UNMAPPED, repr=False)  # the rows themselves, once they are mapped

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self.sentences[-1])

    @property
    def rows(self) -> Offsets:
        """Where each passage begins among the rows."""
        return self.sentences[self.passages]

    def sentence_offsets(self, place: int) -> Offsets:
        """Where each sentence of a passage begins among the rows, and where the last one ends."""
        first, last = self.passages[place], self.passages[place + 1]
        return self.sentences[first : last + 1]


@dataclass(frozen=True, slots=True)
class Shelf:
    """An interview's place in the index."""

    interview_id: str
    passage_ids: tuple[str, ...]  # in order
    segment: Segment


def normalise(rows: Vectors) -> Vectors:
    """Rows brought to length 1."""
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return unit
