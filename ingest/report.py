"""Report of an ingest, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["added", "updated", "renamed", "unchanged", "removed", "missing", "refused"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """Outcome of an ingest for one file."""

    source: str
    outcome: Outcome
    reason: str = ""  # why it was refused or is missing, or its former name
    interview_id: str | None = None
    passages: int = 0
    embedded: int = 0  # passages that went through the model; a text that is stored already does not
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Reports on all files of an ingest."""

    files: tuple[FileReport, ...] = field(default=())

    def of(self, outcome: Outcome) -> tuple[FileReport, ...]:
        """Return the files with this outcome."""
        return tuple(file for file in self.files if file.outcome == outcome)

    def __iter__(self) -> Iterator[FileReport]:
        return iter(self.files)
