"""What is stored of a text for the model's part of a search, and how an interview's rows lie in a file."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kb.arrays import Offsets, Pieces, QuantizedTokens, Vectors

UNMAPPED: QuantizedTokens = np.empty((0, 0), dtype=np.int8)


@dataclass(frozen=True, slots=True)
class StoredEmbedding:
    """What is stored of a text: enough to store it again without the model."""

    vector: Vectors  # (dimensions,)
    codes: QuantizedTokens  # (word pieces, projected dimensions); those that hold neither letter nor digit are left out
    sentences: tuple[int, ...]  # word pieces of each sentence
    pieces: Pieces  # (distinct word pieces,)


@dataclass(frozen=True, slots=True)
class TokenFile:
    """The token vectors of one interview's passages, in their order: the rows of a file, grouped."""

    name: str  # in the tokens folder: the hash of what it holds
    sentences: Offsets  # into the rows
    passages: Offsets  # into the sentences
    pieces: Pieces  # (distinct word pieces,)
    frequency: NDArray[np.int32]  # (distinct word pieces,): how many passages hold each
    codes: QuantizedTokens = field(default_factory=lambda: UNMAPPED, repr=False)  # the rows, once mapped

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

    def copy_embedding(self, place: int, vector: Vectors, pieces: Pieces) -> StoredEmbedding:
        """What is stored of a passage, in memory of its own; its vector and word pieces are stored elsewhere."""
        offsets = self.sentence_offsets(place)
        codes = self.codes[offsets[0] : offsets[-1]].copy()
        return StoredEmbedding(vector, codes, tuple(np.diff(offsets).tolist()), pieces)


@dataclass(frozen=True, slots=True)
class InterviewTokens:
    """An interview's place in the index."""

    interview_id: str
    passage_ids: tuple[str, ...]  # in order
    file: TokenFile
