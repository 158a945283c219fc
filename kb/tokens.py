"""Token vectors of passages: projected, rounded to 8 bits, memory-mapped, compared word piece by word piece.

Late interaction as in ColBERT (Khattab and Zaharia, SIGIR 2020), with the token vectors that the sentence model
makes anyway: a sentence is near a query when each of the query's word pieces has a near one in the sentence.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.arrays import Codes, Encoded, Matches, Offsets, Segment, Vectors
from kb.errors import StoreUnavailable
from kb.sentences import sentence_spans

DIMENSIONS = 64  # of 384
LEVELS = 127  # of a signed byte
ROWS_AT_ONCE = 65_536  # token vectors held as floats at a time: 16 MB


class TokenStore:
    """A folder of segments and the projection that they share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._projection: Vectors | None = None
        self._mapped: dict[str, Codes] = {}

    def add(self, name: str, texts: Sequence[str], encoded: Sequence[Encoded]) -> Segment:
        """Write a new segment; nobody sees it until the catalog lists it."""
        if not self.has_projection:
            self._save_projection(fit_projection(np.concatenate([one.tokens for one in encoded])))
        projection = self._load_projection()
        codes = [encode_codes(one.tokens, projection) for one in encoded]
        _write_array(self._folder / f"{name}.npy", np.concatenate(codes))
        lengths = [_sentence_lengths(text, one) for text, one in zip(texts, encoded, strict=True)]
        held = np.concatenate([np.unique(one.pieces) for one in encoded])
        pieces, frequency = np.unique(held, return_counts=True)
        return Segment(
            file=f"{name}.npy",
            sentences=_to_offsets([length for passage in lengths for length in passage]),
            passages=_to_offsets([len(passage) for passage in lengths]),
            pieces=pieces.astype(np.int32),
            frequency=frequency.astype(np.int32),
        )

    def sweep(self, listed: set[str]) -> None:
        """Delete the segments that the catalog does not list."""
        for path in self._folder.glob("*.npy"):
            if path.name not in listed and path != self._projection_file:
                self._mapped.pop(path.name, None)
                path.unlink(missing_ok=True)

    def match(self, tokens: Vectors, segments: Sequence[Segment]) -> list[Matches]:
        """For each segment, how well each of the query's word pieces is matched in each sentence."""
        if not segments:
            return []
        query = normalise(tokens @ self._load_projection().T)
        return [match_codes(query, self._map(segment.file), segment.sentences) for segment in segments]

    @property
    def has_projection(self) -> bool:
        """Whether the projection is chosen: with the first segment it is, for good."""
        return self._projection is not None or self._projection_file.exists()

    @property
    def _projection_file(self) -> Path:
        return self._folder / "projection.npy"

    def _load_projection(self) -> Vectors:
        if self._projection is None:
            projection: Vectors = _read_array(self._projection_file)
            self._projection = projection
        return self._projection

    def _save_projection(self, projection: Vectors) -> None:
        _write_array(self._projection_file, projection)
        self._projection = projection

    def _map(self, file: str) -> Codes:
        if file not in self._mapped:
            self._mapped[file] = _read_array(self._folder / file, mmap=True)
        return self._mapped[file]


def fit_projection(tokens: Vectors, dimensions: int = DIMENSIONS) -> Vectors:
    """The directions in which token vectors vary most, not centred, shape (dimensions, model's dimensions)."""
    second_moment = tokens.T.astype(np.float64) @ tokens
    _, directions = np.linalg.eigh(second_moment)
    projection: Vectors = directions[:, ::-1][:, :dimensions].T.astype(np.float32)
    return projection


def encode_codes(tokens: Vectors, projection: Vectors) -> Codes:
    """Project, bring to length 1, round to signed bytes."""
    codes: Codes = np.rint(normalise(tokens @ projection.T) * LEVELS).astype(np.int8)
    return codes


def match_codes(query: Vectors, codes: Codes, offsets: Offsets) -> Matches:
    """Cosine of the best match of each of the query's rows in each run of rows, shape (query rows, runs)."""
    best = np.zeros((len(query), len(offsets) - 1), dtype=np.float32)
    first = 0
    while first < len(offsets) - 1:
        last = max(first + 1, int(np.searchsorted(offsets, offsets[first] + ROWS_AT_ONCE, side="right")) - 1)
        cosines = query @ codes[offsets[first] : offsets[last]].astype(np.float32).T
        best[:, first:last] = np.maximum.reduceat(cosines, offsets[first:last] - offsets[first], axis=1)
        first = last
    best /= LEVELS
    return best


def normalise(rows: Vectors) -> Vectors:
    """Rows brought to length 1."""
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return unit


def count_passages_with(segments: Sequence[Segment]) -> Mapping[int, int]:
    """How many passages hold each word piece."""
    if not segments:
        return {}
    pieces = np.concatenate([segment.pieces for segment in segments])
    counts = np.concatenate([segment.frequency for segment in segments])
    distinct, inverse = np.unique(pieces, return_inverse=True)
    totals = np.bincount(inverse, weights=counts).astype(int)
    return dict(zip(distinct.tolist(), totals.tolist(), strict=True))


def _sentence_lengths(text: str, encoded: Encoded) -> list[int]:
    """Word pieces of each sentence; one that lies beyond the model's window has none and is left out."""
    starts = [start for start, _ in encoded.spans]
    ends = [end for _, end in sentence_spans(text)]
    cuts = np.searchsorted(starts, ends, side="left").tolist()
    lengths = [last - first for first, last in zip([0, *cuts], cuts, strict=False)]
    return [length for length in lengths if length]


def _to_offsets(lengths: Sequence[int]) -> Offsets:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _read_array(path: Path, *, mmap: bool = False) -> Any:
    try:
        return np.load(path, mmap_mode="r" if mmap else None)
    except (OSError, ValueError) as error:
        raise StoreUnavailable(
            f"The token vectors {path} cannot be read: {error}; ingest into a new KB_HOME"
        ) from error


def _write_array(path: Path, array: NDArray[np.generic]) -> None:
    """Under another name first, so that a file that is there is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, array)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
