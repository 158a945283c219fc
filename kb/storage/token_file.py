"""The stored embedding of a text, and the layout of an interview's token file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kb.embedding.arrays import Offsets, Pieces, QuantizedTokens, Vectors

SUFFIX = ".codes"
NAME_LENGTH = 32  # hexadecimal digits of the hash in a file name
FILE_NAME = re.compile(f"[0-9a-f]{{{NAME_LENGTH}}}{re.escape(SUFFIX)}", re.ASCII)
UNMAPPED: QuantizedTokens = np.empty((0, 0), dtype=np.int8)


@dataclass(frozen=True, slots=True)
class StoredEmbedding:
    """The stored embedding of a text; it can be stored again without the model."""

    vector: Vectors  # (dimensions,)
    codes: QuantizedTokens  # (word pieces, projected dimensions), only word pieces with a letter or a digit
    sentences: tuple[int, ...]  # number of word pieces of each sentence
    pieces: Pieces  # (distinct word pieces,)


@dataclass(frozen=True, slots=True)
class TokenFile:
    """The token vectors of an interview: rows in a file, grouped by sentence and passage, in order."""

    name: str  # file name in the tokens folder: the hash of its content
    sentences: Offsets  # offsets into the rows
    passages: Offsets  # offsets into the sentences
    pieces: Pieces  # (distinct word pieces,)
    frequency: NDArray[np.int32]  # (distinct word pieces,): number of passages that contain each
    codes: QuantizedTokens = field(default_factory=lambda: UNMAPPED, repr=False)  # the rows, once mapped

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self.sentences[-1])

    @property
    def rows(self) -> Offsets:
        """First row of each passage, and the end of the last one."""
        return self.sentences[self.passages]

    def holds(self, place: int) -> bool:
        """Whether there is a passage of this number."""
        return 0 <= place < len(self.passages) - 1

    def sentence_offsets(self, place: int) -> Offsets:
        """Return the first row of each sentence of a passage, and the end of the last one."""
        first, last = self.passages[place], self.passages[place + 1]
        return self.sentences[first : last + 1]

    def copy_embedding(self, place: int, vector: Vectors, pieces: Pieces) -> StoredEmbedding:
        """Copy the stored embedding of a passage; its vector and word pieces are stored elsewhere."""
        offsets = self.sentence_offsets(place)
        codes = self.codes[offsets[0] : offsets[-1]].copy()
        return StoredEmbedding(vector, codes, tuple(np.diff(offsets).tolist()), pieces)


@dataclass(frozen=True, slots=True)
class InterviewTokens:
    """The passages and the token file of an interview."""

    interview_id: str
    passage_ids: tuple[str, ...]  # in order
    file: TokenFile
