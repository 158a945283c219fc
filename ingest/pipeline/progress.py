"""Progress of an ingest: what is done, how fast, how long the rest takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.files import SourceFile, measure_file


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an ingest."""

    file: str
    files_done: int
    files: int
    passages: int  # embedded so far
    passages_per_second: float
    seconds_left: float | None  # None until the first passages are embedded


class Meter:
    """Counts what is done and reports it; only `embedded` may be called from another thread."""

    def __init__(self, files: Sequence[SourceFile], on_progress: Callable[[Progress], None] | None) -> None:
        self._sizes = {file.path: measure_file(file.path) for file in files}
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._passages = 0
        self._files_done = 0
        self._bytes_left = sum(self._sizes.values())
        self._bytes_embedded = 0.0
        self._file = ""

    def begin(self, file: SourceFile) -> None:
        """Tell which file is next."""
        self._file = file.source
        self.tell()

    def embedded(self, passages: int, share_of_file: float, file: SourceFile) -> None:
        """Count passages that were embedded."""
        self._passages += passages
        self._bytes_embedded += share_of_file * self._sizes[file.path]

    def end(self, file: SourceFile) -> None:
        """Count a file that is done."""
        self._files_done += 1
        self._bytes_left -= self._sizes[file.path]
        self.tell()

    def tell(self) -> None:
        """Report the progress."""
        if not self._on_progress:
            return
        seconds = time.monotonic() - self._started
        left = self._bytes_left * seconds / self._bytes_embedded if self._bytes_embedded else None
        rate = self._passages / seconds if seconds else 0.0
        self._on_progress(Progress(self._file, self._files_done, len(self._sizes), self._passages, rate, left))
