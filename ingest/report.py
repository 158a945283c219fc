"""What an ingest did, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["added", "updated", "renamed", "unchanged", "removed", "missing", "refused"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What an ingest did with one file."""

    source: str
    outcome: Outcome
    reason: str = ""  # why it was refused, or what to know about it
    interview_id: str | None = None
    passages: int = 0
    embedded: int = 0  # of the passages, those that went through the model: what is stored does not
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did, file by file."""

    files: tuple[FileReport, ...] = field(default=())

    def of(self, outcome: Outcome) -> tuple[FileReport, ...]:
        """The files with that outcome."""
        return tuple(file for file in self.files if file.outcome == outcome)

    def __iter__(self) -> Iterator[FileReport]:
        return iter(self.files)
