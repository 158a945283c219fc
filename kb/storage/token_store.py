"""Token vectors on disk: one immutable, memory-mapped file per interview, named by its content hash."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from kb.embedding.arrays import Offsets, QuantizedTokens, Vectors
from kb.embedding.protocol import TextEmbedding
from kb.embedding.token_codes import CARRIED, DIMENSIONS, drop_punctuation, encode_codes, fit_projection, round_rows
from kb.errors import StoreUnavailable, TokenFileGone
from kb.storage.aside import move_aside
from kb.storage.token_file import FILE_NAME, NAME_LENGTH, SUFFIX, StoredEmbedding, TokenFile
from kb.text.sentences import sentence_spans

log = logging.getLogger(__name__)

REPAIR = "run: kb doctor --repair"
# Complete files that are not in the catalog, beyond both of which it must have lost interviews: a number, and a share.
LEFT_BEHIND, MOST_ORPHANS = 2, 0.25


class TokenStore:
    """A folder of token files with their shared projection."""

    def __init__(self, folder: Path, projection: Vectors | None = None) -> None:
        self._folder = folder
        self._projection = projection
        self._mapped: dict[str, QuantizedTokens] = {}

    @classmethod
    def open(cls, folder: Path, *, is_bundled_model: bool) -> TokenStore:
        """Open a folder; for other models than the bundled one, the projection is fitted to the first texts."""
        return cls(folder, _read_array(CARRIED) if is_bundled_model else None)

    def quantize(self, texts: Sequence[str], encoded: Sequence[TextEmbedding]) -> list[StoredEmbedding]:
        """Quantize embeddings for storage; fits the projection at the first call. Raises StoreUnavailable."""
        words = [drop_punctuation(one, text) for one, text in zip(encoded, texts, strict=True)]
        if not words:
            return []
        tokens = np.concatenate([one.tokens for one in words])
        if not self.has_projection:
            self._create_projection(fit_projection(tokens))
        codes = encode_codes(tokens, self._load_projection())
        runs = np.split(codes, np.cumsum([len(one.tokens) for one in words])[:-1])
        return [_to_stored(text, one, run) for text, one, run in zip(texts, words, runs, strict=True)]

    def write(self, stored: Sequence[StoredEmbedding]) -> TokenFile:
        """Write the token file of an interview; readers do not see it until the catalog lists it."""
        codes = np.ascontiguousarray(np.concatenate([one.codes for one in stored]))
        name = hash_codes(codes)
        if not self._holds(name, codes):  # an existing file of this name may be damaged
            self._mapped.pop(name, None)
            _write_file(self._folder / name, lambda file: file.write(codes.data))
        pieces, frequency = np.unique(np.concatenate([one.pieces for one in stored]), return_counts=True)
        return TokenFile(
            name=name,
            sentences=_to_offsets([length for one in stored for length in one.sentences]),
            passages=_to_offsets([len(one.sentences) for one in stored]),
            pieces=pieces.astype(np.int32),
            frequency=frequency.astype(np.int32),
        )

    def load(self, file: TokenFile) -> TokenFile:
        """Map the rows of a file. Raises TokenFileGone when it is missing or incomplete, else StoreUnavailable."""
        codes = self._mapped.get(file.name)
        if codes is None:
            codes = self._mapped[file.name] = self._map(file)
        return replace(file, codes=codes)

    def forget(self, listed: Collection[str]) -> None:
        """Unmap files that the catalog does not list; rows that are still in use stay valid."""
        for name in set(self._mapped).difference(listed):
            self._mapped.pop(name, None)

    def find_unlisted(self, listed: Collection[str]) -> list[str]:
        """Return the names of files that the catalog does not list."""
        return sorted(path.name for path in self._folder.glob(f"*{SUFFIX}*") if path.name not in listed)

    def find_stranded(self, listed: Collection[str]) -> list[str]:
        """Return the names of complete unlisted files if there are so many that the catalog must have lost them."""
        unlisted = [name for name in self.find_unlisted(listed) if FILE_NAME.fullmatch(name)]
        is_few = len(unlisted) <= max(LEFT_BEHIND, MOST_ORPHANS * (len(unlisted) + len(listed)))
        return [] if is_few else unlisted

    def count(self) -> int:
        """Count the complete files."""
        return sum(FILE_NAME.fullmatch(path.name) is not None for path in self._folder.glob(f"*{SUFFIX}"))

    def find_damage(self) -> str | None:
        """Return what is wrong with the projection, which all files depend on, if anything."""
        try:
            if self.has_projection:
                self._load_projection()
        except StoreUnavailable as error:
            return str(error)
        return None if self.has_projection or not self.count() else f"{self._projection_path} is gone"

    def begin_anew(self) -> Path:
        """Move the folder aside, with its projection; returns its new path. Raises OSError."""
        self._mapped.clear()
        self._projection = None
        return move_aside(self._folder)

    def delete_unless(self, name: str, is_listed: Callable[[str], bool]) -> None:
        """Delete a file that an interview no longer uses, unless another interview uses it."""
        if not is_listed(name):
            (self._folder / name).unlink(missing_ok=True)
            self._mapped.pop(name, None)

    def sweep(self, listed: Collection[str], *, discard: bool = False) -> None:
        """Delete files that the catalog does not list; rows mapped by a reader stay valid.

        If there are too many to have been left behind, they stay, unless `discard` is set.
        """
        kept = set() if discard else set(self.find_stranded(listed))
        if kept:
            log.warning("%d files of token vectors are not in the catalog, and stay; see kb doctor", len(kept))
        for name in set(self.find_unlisted(listed)) - kept:
            (self._folder / name).unlink(missing_ok=True)
        self.forget(listed)

    def project(self, tokens: Vectors) -> QuantizedTokens:
        """Project and quantize the token vectors of a query. Raises StoreUnavailable when there is no projection."""
        projection = self._load_projection()
        if tokens.shape[-1] != projection.shape[-1]:
            raise _unreadable(self._projection_path, ValueError("it is of another model"), REPAIR)
        return round_rows(tokens @ projection.T)

    @property
    def has_projection(self) -> bool:
        """Whether the projection is fixed: bundled with the model, or fitted to the first texts."""
        return self._projection is not None or self._projection_path.exists()

    def hash_projection(self) -> str:
        """Return a name of the projection; vectors by another one are others. Raises StoreUnavailable without one."""
        return hash_codes(np.ascontiguousarray(self._load_projection()).view(np.int8))

    @property
    def _projection_path(self) -> Path:
        return self._folder / "projection.npy"

    def _load_projection(self) -> Vectors:
        if self._projection is None:
            projection: Vectors = _read_array(self._projection_path)
            if projection.ndim != 2 or projection.dtype != np.float32 or not np.isfinite(projection).all():
                raise _unreadable(self._projection_path, ValueError("it is no projection"), REPAIR)
            self._projection = projection
        return self._projection

    def _create_projection(self, projection: Vectors) -> None:
        """Store the projection unless another ingest has stored one meanwhile: theirs is then read."""
        with _write_part(self._projection_path, lambda file: np.save(file, projection)) as part:
            try:
                os.link(part, self._projection_path)
            except FileExistsError:
                log.info("Another ingest has fitted the projection meanwhile")
            except OSError:  # a file system without links
                part.replace(self._projection_path)
        _sync_folder(self._folder)

    def _holds(self, name: str, codes: QuantizedTokens) -> bool:
        path = self._folder / name
        return path.is_file() and path.read_bytes() == codes.tobytes()

    def _map(self, file: TokenFile) -> QuantizedTokens:
        """Map rows by torch, which unlike numpy keeps no file descriptor open: there may be thousands of files.

        They are mapped copy-on-write, since torch does not accept read-only memory.
        """
        path = self._folder / file.name
        width = len(self._load_projection()) if self.has_projection else DIMENSIONS
        if not path.is_file():
            raise TokenFileGone(f"The token vectors {path} are gone; {REPAIR}")
        if path.stat().st_size != file.size * width:
            raise TokenFileGone(f"The token vectors {path} are cut off; {REPAIR}")
        import torch

        try:
            rows = torch.from_file(str(path), shared=False, size=file.size * width, dtype=torch.int8)
        except RuntimeError as error:
            raise _unreadable(path, error, REPAIR) from error
        codes: QuantizedTokens = rows.numpy().reshape(file.size, width)
        return codes


def hash_codes(codes: QuantizedTokens) -> str:
    """Return the file name for these rows: their hash."""
    return hashlib.sha256(np.ascontiguousarray(codes).data).hexdigest()[:NAME_LENGTH] + SUFFIX


def _to_stored(text: str, encoded: TextEmbedding, codes: QuantizedTokens) -> StoredEmbedding:
    return StoredEmbedding(
        vector=encoded.vector,
        codes=codes,
        sentences=tuple(_sentence_lengths(text, encoded)),
        pieces=np.unique(encoded.pieces),
    )


def _sentence_lengths(text: str, encoded: TextEmbedding) -> list[int]:
    """Count the word pieces of each sentence; 0 for one without words or beyond the model's window."""
    starts = [start for start, _ in encoded.spans]
    ends = [end for _, end in sentence_spans(text)]
    cuts = np.searchsorted(starts, ends, side="left").tolist()
    return [last - first for first, last in zip([0, *cuts], cuts, strict=False)]


def _to_offsets(lengths: Sequence[int]) -> Offsets:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _read_array(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path)
    except (OSError, ValueError, EOFError, MemoryError, SyntaxError) as error:
        raise _unreadable(path, error, REPAIR) from error
    return array


def _unreadable(path: Path, error: Exception, remedy: str) -> StoreUnavailable:
    reason = " ".join(str(error).split())
    return StoreUnavailable(f"The token vectors {path} cannot be read: {reason}; {remedy}").logged(log, error)


def _write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write to a temporary name first, so that an existing file is complete and survives a power cut."""
    with _write_part(path, write) as part:
        part.replace(path)
    _sync_folder(path.parent)


@contextmanager
def _write_part(path: Path, write: Callable[[BinaryIO], object]) -> Iterator[Path]:
    """Yield a complete file of a name of its own, to be moved to `path`; delete it if it is still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
