"""Marks of uploads that are not in the knowledge base yet: what a kill cuts off is neither lost nor forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kb.storage.doctor import NAMED, Finding

UPLOADS = "uploads"  # in the home folder
MARKS = ".waiting"  # in that: a file for each upload, with its name; holds the SHA-256 of the bytes that are to come


def mark_waiting(folder: Path, hashes: Mapping[str, str]) -> None:
    """Mark uploads as waiting, by name and SHA-256, before their files are written. Raises OSError."""
    marks = folder / MARKS
    marks.mkdir(parents=True, exist_ok=True)
    for name, sha256 in hashes.items():
        (marks / name).write_text(sha256, encoding="ascii")


def list_waiting(folder: Path) -> dict[str, str]:
    """Map the name of each waiting upload to the SHA-256 of its bytes; '' if that is not known. Raises OSError."""
    marks = folder / MARKS
    return {mark.name: _read_mark(mark) for mark in sorted(marks.iterdir())} if marks.is_dir() else {}


def clear_waiting(folder: Path, names: Iterable[str]) -> None:
    """Clear the marks of uploads that need no more. Raises OSError."""
    for name in names:
        (folder / MARKS / name).unlink(missing_ok=True)


def examine_uploads(home: Path) -> Iterator[Finding]:
    """Note uploads that are not in the knowledge base yet, or that they cannot be read, in one line."""
    try:
        names = list(list_waiting(home / UPLOADS))
    except OSError as error:
        yield Finding(f"the uploads that wait in {home / UPLOADS} cannot be read: {error.strerror or error}", "nothing")
        return
    if names:
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        listed = ", ".join(names[:NAMED]) + more
        yield Finding(f"uploads that are not added yet: {listed}; the page Add interviews goes on with them", "nothing")


def _read_mark(mark: Path) -> str:
    try:
        return mark.read_text(encoding="ascii", errors="replace")
    except OSError:  # cleared meanwhile
        return ""
