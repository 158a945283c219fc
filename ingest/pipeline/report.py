"""Report of an ingest, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote
from typing import Literal

Outcome = Literal[
    "added", "updated", "renamed", "unchanged", "removed", "missing", "left out", "refused", "second source"
]
SHOWN = 6  # speakers of a file without a leader


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
    path: str = ""  # of the file
    lacks_leader: bool = False  # nobody is known to be interviewed: nothing of it can be asked
    speakers: tuple[str, ...] = ()  # who may be the leader of a file that lacks one, most words first


@dataclass(frozen=True, slots=True)
class Report:
    """Reports on all files of an ingest."""

    files: tuple[FileReport, ...] = field(default=())

    def of(self, outcome: Outcome) -> tuple[FileReport, ...]:
        """Return the files with this outcome."""
        return tuple(file for file in self.files if file.outcome == outcome)

    @property
    def leaderless(self) -> tuple[FileReport, ...]:
        """The files that are in the knowledge base without a known leader."""
        return tuple(file for file in self.files if file.lacks_leader)

    def __iter__(self) -> Iterator[FileReport]:
        return iter(self.files)


def describe_leaderless(report: Report) -> list[str]:
    """Describe which files have no known leader, and the command that names one; no lines if all have one."""
    files = report.leaderless
    if not files:
        return []
    kept = sum(file.outcome not in ("removed", "missing", "left out", "refused", "second source") for file in report)
    count = f"{len(files)} of {kept} files" if kept > 1 else "The file"
    have = "have" if len(files) > 1 else "has"
    head = f"{count} {have} no known leader, so nothing can be asked of {'them' if len(files) > 1 else 'it'} yet:"
    return [head, *(f"  {line}" for file in files for line in _describe_one(file))]


def _describe_one(file: FileReport) -> list[str]:
    if not file.speakers:
        return [f"{file.source}: it names no speaker; write before each turn who says it, then add it again"]
    choices = ", ".join(file.speakers[:SHOWN])
    command = f"kb-ingest {quote(file.path or file.source)} --leader {quote(file.speakers[0])}"
    return [f"{file.source}: who is interviewed? {choices}", f"    {command}"]
