"""Describe what was read from a file: its speakers, and the time or page of each turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.reading import Reading
from kb.answering.attribution import format_place
from kb.model import Role, Transcript, Turn


@dataclass(frozen=True, slots=True)
class Place:
    """The last time and page that the file gives at or before a turn's first word."""

    start: float | None  # seconds
    start_is_exact: bool  # given for this turn, not carried over from an earlier one
    page: int | None  # counts from 1

    def __str__(self) -> str:
        """Format the place: '12:05', 'after 12:05', 'p. 3' or '-'."""
        return format_place(self) or "-"


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker of a transcript, and how much they say."""

    name: str | None  # None: not named in the file
    role: Role
    turns: int
    words: int


def find_places(turns: Sequence[Turn]) -> list[Place]:
    """Find the place of each turn."""
    return list(_places(turns))


def list_speakers(transcript: Transcript) -> list[Speaker]:
    """List the speakers, most words first."""
    spoken: dict[tuple[str | None, Role], list[int]] = {}
    for turn in transcript.turns:
        spoken.setdefault((turn.speaker, turn.role), []).append(len(turn.text.split()))
    speakers = [Speaker(name, role, len(words), sum(words)) for (name, role), words in spoken.items()]
    return sorted(speakers, key=lambda speaker: -speaker.words)


def to_record(reading: Reading) -> dict[str, object]:
    """Convert a reading to values that JSON can hold."""
    turns = reading.transcript.turns
    return {
        "title": reading.transcript.interview.title,
        "speakers": list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker)),
        "turns": [_turn_record(turn, place) for turn, place in zip(turns, find_places(turns), strict=True)],
        "warnings": list(reading.warnings),
    }


def _places(turns: Sequence[Turn]) -> Iterator[Place]:
    start: float | None = None
    page: int | None = None
    for turn in turns:
        opening = [mark for mark in turn.marks if mark.offset == 0]
        times = [mark.start for mark in opening if mark.start is not None]
        is_exact = turn.start is not None or bool(times)
        start = times[-1] if times else turn.start if is_exact else start
        page = turn.page if turn.page is not None else page
        yield Place(start, is_exact, page)
        # A time or page inside a turn holds for the turns that follow.
        start = next((mark.start for mark in reversed(turn.marks) if mark.start is not None), start)
        page = next((mark.page for mark in reversed(turn.marks) if mark.page is not None), page)


def _turn_record(turn: Turn, place: Place) -> dict[str, object]:
    return {
        "speaker": turn.speaker,
        "role": turn.role,
        "kind": turn.kind,
        "confidence": turn.confidence,
        "start": place.start,
        "start_is_exact": place.start_is_exact,
        "page": place.page,
        "text": turn.text,
    }
