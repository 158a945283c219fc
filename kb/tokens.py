"""Token vectors of passages: projected, rounded to 8 bits, memory-mapped, compared word piece by word piece.

Late interaction as in ColBERT (Khattab and Zaharia, SIGIR 2020), with the token vectors that the sentence model
makes anyway: a passage is near a query when each of the query's word pieces has a near one in the passage.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.arrays import Codes, Encoded, Matches, Offsets, Places, Segment, Vectors
from kb.errors import StoreUnavailable
from kb.sentences import sentence_spans

DIMENSIONS = 64  # of 384: ranking is flat from 64 to 128, and falls below
LEVELS = 127  # of a signed byte
CARRIED = Path(__file__).with_name("projection.npy")  # of the carried model; made by bench/projection.py
ROWS_AT_ONCE = 65_536  # token vectors compared at a time: 64 word pieces of a query fill 16 MB


class TokenStore:
    """A folder of segments and the projection that they share."""

    def __init__(self, folder: Path, projection: Vectors | None = None) -> None:
        self._folder = folder
        self._projection = projection
        self._mapped: dict[str, Codes] = {}

    @classmethod
    def open(cls, folder: Path, *, is_carried_model: bool) -> TokenStore:
        """The store of a folder; for another model than the carried one the first segment chooses the projection."""
        return cls(folder, _read_array(CARRIED) if is_carried_model else None)

    def add(self, name: str, texts: Sequence[str], encoded: Sequence[Encoded]) -> Segment:
        """Write a new segment; nobody sees it until the catalog lists it."""
        words = [drop_punctuation(one, text) for one, text in zip(encoded, texts, strict=True)]
        if not self.has_projection:
            self._save_projection(fit_projection(np.concatenate([one.tokens for one in words])))
        projection = self._load_projection()
        codes = [encode_codes(one.tokens, projection) for one in words]
        _write_array(self._folder / f"{name}.npy", np.concatenate(codes))
        lengths = [_sentence_lengths(text, one) for text, one in zip(texts, words, strict=True)]
        held = np.concatenate([np.unique(one.pieces) for one in words])
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

    def project(self, tokens: Vectors) -> Codes:
        """A query's token vectors as they are compared with what is stored; without segments there is nothing to."""
        return round_rows(tokens @ self._load_projection().T)

    def match_passages(self, query: Codes, segment: Segment) -> Matches:
        """How well each of the query's word pieces is matched in each passage."""
        return match_codes(query, self._map(segment.file), segment.rows)

    def match_some(self, query: Codes, segment: Segment, places: Places) -> Matches:
        """As `match_passages`, of some passages of the segment only."""
        rows = segment.rows
        codes = self._map(segment.file)
        taken = np.concatenate([codes[rows[place] : rows[place + 1]] for place in places])
        return match_codes(query, taken, _to_offsets((rows[places + 1] - rows[places]).tolist()))

    def match_sentences(self, query: Codes, segment: Segment, place: int) -> Matches:
        """How well each of the query's word pieces is matched in each sentence of a passage."""
        first, last = segment.passages[place], segment.passages[place + 1]
        offsets = segment.sentences[first : last + 1]
        codes = self._map(segment.file)[offsets[0] : offsets[-1]]
        return match_codes(query, codes, offsets - offsets[0])

    def sentence_vectors(self, segment: Segment, place: int) -> Vectors:
        """What each sentence of a passage says as a whole, shape (sentences, DIMENSIONS); 0 for one without words."""
        first, last = segment.passages[place], segment.passages[place + 1]
        offsets = segment.sentences[first : last + 1]
        codes = self._map(segment.file)[offsets[0] : offsets[-1]].astype(np.float32)
        sums = np.concatenate([np.zeros((1, codes.shape[1]), np.float32), np.cumsum(codes, axis=0)])
        at = offsets - offsets[0]
        return normalise(sums[at[1:]] - sums[at[:-1]])

    @property
    def has_projection(self) -> bool:
        """Whether the projection is chosen: with the model, or else with the first segment, for good."""
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


def drop_punctuation(encoded: Encoded, text: str) -> Encoded:
    """The word pieces that hold a letter or a digit; full stops match everything and tell nothing."""
    is_word = np.array([any(map(str.isalnum, text[start:end])) for start, end in encoded.spans], dtype=bool)
    if not is_word.any():
        return encoded
    spans = tuple(span for span, is_kept in zip(encoded.spans, is_word, strict=True) if is_kept)
    return Encoded(encoded.vector, encoded.tokens[is_word], encoded.pieces[is_word], spans)


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


def round_rows(rows: Vectors) -> Codes:
    """Rows rounded to signed bytes, each by its own largest value: lengths are lost, directions stay."""
    largest = np.maximum(np.abs(rows).max(axis=-1, keepdims=True), 1e-12)
    codes: Codes = np.rint(rows * (LEVELS / largest)).astype(np.int8)
    return codes


def match_codes(query: Codes, codes: Codes, offsets: Offsets) -> Matches:
    """Cosine of the best match of each of the query's rows in each run of rows, shape (query rows, runs)."""
    best = np.zeros((len(query), len(offsets) - 1), dtype=np.float32)
    filled = np.flatnonzero(np.diff(offsets))  # an empty run matches nothing
    starts, stops = offsets[:-1][filled], offsets[1:][filled]
    first = 0
    while first < len(filled):
        last = max(first + 1, int(np.searchsorted(stops, starts[first] + ROWS_AT_ONCE, side="right")))
        products = multiply_codes(query, codes[starts[first] : stops[last - 1]])
        best[:, filled[first:last]] = np.maximum.reduceat(products, starts[first:last] - starts[first], axis=1)
        first = last
    lengths = np.linalg.norm(query.astype(np.float32), axis=1, keepdims=True)
    best /= np.maximum(lengths, 1.0) * LEVELS
    return best


def multiply_codes(query: Codes, codes: Codes) -> NDArray[np.int32]:
    """Products of all pairs of rows, shape (query rows, rows), in whole numbers: a fifth of the time of floats."""
    import torch

    product: NDArray[np.int32] = torch._int_mm(torch.from_numpy(query), torch.from_numpy(codes).t()).numpy()
    return product


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
    """Word pieces of each sentence, in order; 0 for one that has no words or lies beyond the model's window."""
    starts = [start for start, _ in encoded.spans]
    ends = [end for _, end in sentence_spans(text)]
    cuts = np.searchsorted(starts, ends, side="left").tolist()
    return [last - first for first, last in zip([0, *cuts], cuts, strict=False)]


def _to_offsets(lengths: Sequence[int]) -> Offsets:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _read_array(path: Path, *, mmap: bool = False) -> Any:
    """An array from a file; mapped copy-on-write, since what is read-only cannot be handed to torch."""
    try:
        return np.load(path, mmap_mode="c" if mmap else None)
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
