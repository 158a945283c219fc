"""Token vectors of passages: projected, rounded to 8 bits, memory-mapped, compared word piece by word piece.

Late interaction as in ColBERT (Khattab and Zaharia, SIGIR 2020), with the token vectors that the sentence model
makes anyway: a passage is near a query when each of the query's word pieces has a near one in the passage.
"""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.arrays import Codes, Kept, Matches, Offsets, Pieces, Places, Segment, Vectors, normalise
from kb.embedding.protocol import Encoded
from kb.errors import SegmentGone, StoreUnavailable
from kb.text.sentences import sentence_spans

DIMENSIONS = 64  # of 384: ranking is flat from 64 to 128, and falls below
LEVELS = 127  # of a signed byte
CARRIED = Path(__file__).parent / "embedding" / "projection.npy"  # of the carried model; made by bench/projection.py
FILE_BYTES = 128 * 2**20  # a file takes no more interviews from here on: few files, and each soon rewritten
SUFFIX = ".codes"
MEND = "run: kb doctor --repair"
WINDOW, FEWEST_ROWS = 3, 6  # sentences that are judged together, and the rows that tell anything
ROWS_TOGETHER = 8_192  # token vectors that are copied together before they are compared: what stays in a core's cache
ROWS_AT_ONCE = 65_536  # token vectors compared at a time: 64 word pieces of a query fill 16 MB


@dataclass(frozen=True, slots=True)
class Run:
    """The rows of some passages that follow each other in an interview."""

    codes: Codes
    passages: int


class TokenStore:
    """A folder of append-only files of rows, many interviews to a file, and the projection that they share."""

    def __init__(self, folder: Path, projection: Vectors | None = None) -> None:
        self._folder = folder
        self._projection = projection
        self._mapped: dict[str, Codes] = {}

    @classmethod
    def open(cls, folder: Path, *, is_carried_model: bool) -> TokenStore:
        """The store of a folder; for another model than the carried one the first segment chooses the projection."""
        return cls(folder, _read_array(CARRIED) if is_carried_model else None)

    def pack(self, texts: Sequence[str], encoded: Sequence[Encoded]) -> list[Kept]:
        """What is kept of each text."""
        words = [drop_punctuation(one, text) for one, text in zip(encoded, texts, strict=True)]
        if not words:
            return []
        if not self.has_projection:
            self._save_projection(fit_projection(np.concatenate([one.tokens for one in words])))
        codes = encode_codes(np.concatenate([one.tokens for one in words]), self._load_projection())
        runs = np.split(codes, np.cumsum([len(one.tokens) for one in words])[:-1])
        return [_to_kept(text, one, run) for text, one, run in zip(texts, words, runs, strict=True)]

    def append(self, kept: Sequence[Kept], listed: Collection[str]) -> Segment:
        """Write rows behind those of a listed file that has room; nobody sees them until the catalog lists them."""
        rows = np.concatenate([one.codes for one in kept])
        file, first = self.append_rows(rows, listed)
        pieces, frequency = np.unique(np.concatenate([one.pieces for one in kept]), return_counts=True)
        return Segment(
            file=file,
            first=first,
            checksum=checksum(rows),
            sentences=_to_offsets([length for one in kept for length in one.sentences]),
            passages=_to_offsets([len(one.sentences) for one in kept]),
            pieces=pieces.astype(np.int32),
            frequency=frequency.astype(np.int32),
        )

    def append_rows(self, rows: Codes, listed: Collection[str]) -> tuple[str, int]:
        """The file that took the rows, and the number of the first of them there."""
        with_room = (file for file in sorted(listed) if 0 < self._size(file) <= FILE_BYTES - rows.nbytes)
        file = next(with_room, f"{secrets.token_hex(6)}{SUFFIX}")
        return file, _append_rows(self._folder / file, rows)

    def map(self, segment: Segment) -> Segment:
        """A segment with its rows; a file that is gone raises SegmentGone."""
        last = segment.first + segment.size
        codes = self._mapped.get(segment.file)
        if codes is None or len(codes) < last:
            codes = self._mapped[segment.file] = self._map(segment.file)
        if len(codes) < last:
            raise SegmentGone(f"The token vectors {self._folder / segment.file} are cut off; {MEND}")
        return replace(segment, codes=codes[segment.first : last])

    def forget(self, listed: Collection[str]) -> None:
        """Let go of files that the catalog does not list; whoever still holds their rows keeps them."""
        for file in set(self._mapped).difference(listed):
            self._mapped.pop(file, None)

    def count_rows(self, file: str) -> int:
        """Rows in a file, dead ones included; 0 when it is not there."""
        return self._size(file) // self._width

    def find_unlisted(self, listed: Collection[str]) -> list[str]:
        """Names of files that the catalog does not list."""
        return sorted(path.name for path in self._folder.glob(f"*{SUFFIX}") if path.name not in listed)

    def sweep(self, listed: Collection[str]) -> None:
        """Delete the files that the catalog does not list; a reader that has one mapped keeps it."""
        for file in self.find_unlisted(listed):
            (self._folder / file).unlink(missing_ok=True)
        self.forget(listed)

    def project(self, tokens: Vectors) -> Codes:
        """A query's token vectors as they are compared with what is stored; without segments there is nothing to."""
        return round_rows(tokens @ self._load_projection().T)

    def match_runs(self, query: Codes, runs: Sequence[Run], lengths: Offsets) -> Matches:
        """How well each of the query's word pieces is matched in each passage of these runs, in their order.

        `lengths` are the rows of each passage.
        """
        found = [np.zeros((len(query), 0), dtype=np.float32)]
        first = 0
        for batch in _batch(runs):
            codes = batch[0].codes if len(batch) == 1 else np.concatenate([run.codes for run in batch])
            last = first + sum(run.passages for run in batch)
            found.append(match_codes(query, codes, np.concatenate([[0], np.cumsum(lengths[first:last])])))
            first = last
        return np.concatenate(found, axis=1)

    def passage_vectors(self, runs: Sequence[Run], lengths: Offsets) -> Vectors:
        """What each passage of these runs says as a whole, shape (passages, projected dimensions), of length 1."""
        summed = []
        first = 0
        for batch in _batch(runs):
            codes = batch[0].codes if len(batch) == 1 else np.concatenate([run.codes for run in batch])
            last = first + sum(run.passages for run in batch)
            ends = np.cumsum(lengths[first:last])
            sums = np.cumsum(codes, axis=0, dtype=np.int32)[ends - 1]
            summed.append(np.diff(sums, axis=0, prepend=np.zeros((1, codes.shape[1]), np.int32)))
            first = last
        if not summed:
            return np.zeros((0, self._width), dtype=np.float32)
        return normalise(np.concatenate(summed).astype(np.float32))

    def match_sentences(self, query: Codes, segment: Segment, place: int) -> Matches:
        """How well each of the query's word pieces is matched in each sentence of a passage."""
        offsets = _sentence_offsets(segment, place)
        return match_codes(query, segment.codes[offsets[0] : offsets[-1]], offsets - offsets[0])

    def sentence_vectors(self, segment: Segment, place: int) -> Vectors:
        """What each sentence of a passage says as a whole, shape (sentences, DIMENSIONS); 0 for one without words."""
        offsets = _sentence_offsets(segment, place)
        codes = self.passage_rows(segment, place).astype(np.float32)
        sums = np.concatenate([np.zeros((1, codes.shape[1]), np.float32), np.cumsum(codes, axis=0)])
        at = offsets - offsets[0]
        return normalise(sums[at[1:]] - sums[at[:-1]])

    def window_vectors(self, segment: Segment, place: int) -> Vectors:
        """What each run of one to WINDOW sentences of a passage says, shape (runs, projected dimensions), of length 1.

        Runs of hardly any words are left out; a passage without others is one run.
        """
        codes = self.passage_rows(segment, place)
        sums = np.zeros((len(codes) + 1, codes.shape[1]), np.int32)
        np.cumsum(codes, axis=0, out=sums[1:])
        offsets = _sentence_offsets(segment, place)
        at = offsets - offsets[0]
        firsts, ends = list_windows(at)
        return normalise((sums[at[ends]] - sums[at[firsts]]).astype(np.float32))

    def passage_rows(self, segment: Segment, place: int) -> Codes:
        """The rows of a passage."""
        offsets = _sentence_offsets(segment, place)
        return segment.codes[offsets[0] : offsets[-1]]

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

    @property
    def _width(self) -> int:
        return len(self._load_projection()) if self.has_projection else DIMENSIONS

    def _size(self, file: str) -> int:
        path = self._folder / file
        return path.stat().st_size if path.is_file() else 0

    def _map(self, file: str) -> Codes:
        """Copy-on-write, since what is read-only cannot be handed to torch."""
        shape = (self.count_rows(file), self._width)
        if not shape[0]:
            raise SegmentGone(f"The token vectors {self._folder / file} are gone; {MEND}")
        try:
            return np.asarray(np.memmap(self._folder / file, np.int8, mode="c", shape=shape))
        except FileNotFoundError as error:
            raise SegmentGone(f"The token vectors {self._folder / file} are gone; {MEND}") from error
        except (OSError, ValueError) as error:
            raise StoreUnavailable(f"The token vectors {self._folder / file} cannot be read: {error}") from error


def list_windows(at: Offsets) -> tuple[Places, Places]:
    """The first sentence of each run of one to WINDOW sentences, and the one after its last; without much said, of all.

    `at` is the row at which each sentence begins, and at which the last one ends.
    """
    sentences = len(at) - 1
    runs = [(first, first + size) for size in range(1, WINDOW + 1) for first in range(sentences - size + 1)]
    told = [(first, end) for first, end in runs if at[end] - at[first] >= FEWEST_ROWS]
    firsts, ends = zip(*(told or [(0, sentences)]), strict=True)
    return np.array(firsts), np.array(ends)


def take_kept(segment: Segment, place: int, vector: Vectors, pieces: Pieces) -> Kept:
    """What is kept of a passage that is stored, in memory of its own."""
    offsets = _sentence_offsets(segment, place)
    codes = segment.codes[offsets[0] : offsets[-1]].copy()
    return Kept(vector, codes, tuple(np.diff(offsets).tolist()), pieces)


def checksum(codes: Codes) -> int:
    """CRC-32 of rows."""
    return zlib.crc32(np.ascontiguousarray(codes).data)


def drop_punctuation(encoded: Encoded, text: str) -> Encoded:
    """The word pieces that hold a letter or a digit; full stops match everything and tell nothing."""
    kept = pick_words(encoded.spans, text)
    spans = tuple(encoded.spans[place] for place in kept)
    return Encoded(encoded.vector, encoded.tokens[kept], encoded.pieces[kept], spans)


def pick_words(spans: Sequence[tuple[int, int]], text: str) -> list[int]:
    """Numbers of the word pieces that hold a letter or a digit; of all where none does."""
    picked = [place for place, (start, end) in enumerate(spans) if any(map(str.isalnum, text[start:end]))]
    return picked or list(range(len(spans)))


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


def sum_up(codes: Codes) -> Vectors:
    """What rows say as a whole, shape (dimensions,), of length 1; 0 for none."""
    return normalise(normalise(codes.astype(np.float32)).sum(axis=0))


def count_passages_with(segments: Sequence[Segment]) -> Mapping[int, int]:
    """How many passages hold each word piece."""
    if not segments:
        return {}
    pieces = np.concatenate([segment.pieces for segment in segments])
    counts = np.concatenate([segment.frequency for segment in segments])
    distinct, inverse = np.unique(pieces, return_inverse=True)
    totals = np.bincount(inverse, weights=counts).astype(int)
    return dict(zip(distinct.tolist(), totals.tolist(), strict=True))


def _batch(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Small runs together, so that there are few products; a large one alone, so that it is not copied."""
    batch: list[Run] = []
    rows = 0
    for run in runs:
        batch.append(run)
        rows += len(run.codes)
        if rows >= ROWS_TOGETHER:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _to_kept(text: str, encoded: Encoded, codes: Codes) -> Kept:
    return Kept(
        vector=encoded.vector,
        codes=codes,
        sentences=tuple(_sentence_lengths(text, encoded)),
        pieces=np.unique(encoded.pieces),
    )


def _sentence_lengths(text: str, encoded: Encoded) -> list[int]:
    """Word pieces of each sentence, in order; 0 for one that has no words or lies beyond the model's window."""
    starts = [start for start, _ in encoded.spans]
    ends = [end for _, end in sentence_spans(text)]
    cuts = np.searchsorted(starts, ends, side="left").tolist()
    return [last - first for first, last in zip([0, *cuts], cuts, strict=False)]


def _to_offsets(lengths: Sequence[int]) -> Offsets:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _sentence_offsets(segment: Segment, place: int) -> Offsets:
    first, last = segment.passages[place], segment.passages[place + 1]
    return segment.sentences[first : last + 1]


def _read_array(path: Path) -> Any:
    try:
        return np.load(path)
    except (OSError, ValueError) as error:
        raise StoreUnavailable(
            f"The token vectors {path} cannot be read: {error}; ingest into a new KB_HOME"
        ) from error


def _append_rows(path: Path, rows: Codes) -> int:
    """Rows at the end of a file, safe on disk when this returns; a torn row that a crash left is stepped over."""
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        before = file.tell()
        first = -(-int(before) // rows.shape[1])
        try:
            file.truncate(first * rows.shape[1])
            file.write(np.ascontiguousarray(rows).data)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), before)  # a full disk needs the room, and nobody knows of these rows
            raise
    if is_new:
        _sync_folder(path.parent)
    return int(first)


def _write_array(path: Path, array: NDArray[np.generic]) -> None:
    """Under another name first, so that a file that is there is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, array)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
