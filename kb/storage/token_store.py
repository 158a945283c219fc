"""Token vectors of passages: projected, rounded to 8 bits, memory-mapped, compared word piece by word piece.

Late interaction as in ColBERT (Khattab and Zaharia, SIGIR 2020), with the token vectors that the sentence model
makes anyway: a passage is near a query when each of the query's word pieces has a near one in the passage.
"""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.arrays import Codes, Kept, Offsets, Pieces, Segment, Vectors
from kb.embedding.protocol import Encoded
from kb.embedding.token_codes import CARRIED, DIMENSIONS, drop_punctuation, encode_codes, fit_projection, round_rows
from kb.errors import SegmentGone, StoreUnavailable
from kb.text.sentences import sentence_spans

FILE_BYTES = 128 * 2**20  # a file takes no more interviews from here on: few files, and each soon rewritten
SUFFIX = ".codes"
MEND = "run: kb doctor --repair"


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


def take_kept(segment: Segment, place: int, vector: Vectors, pieces: Pieces) -> Kept:
    """What is kept of a passage that is stored, in memory of its own."""
    offsets = segment.sentence_offsets(place)
    codes = segment.codes[offsets[0] : offsets[-1]].copy()
    return Kept(vector, codes, tuple(np.diff(offsets).tolist()), pieces)


def checksum(codes: Codes) -> int:
    """CRC-32 of rows."""
    return zlib.crc32(np.ascontiguousarray(codes).data)


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
