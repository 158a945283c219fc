"""The plan of a workshop: what is looked at, in which order, for how many minutes. The minutes always add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kb.errors import BadPack
from kb.exports.pack.quotation import PackQuotation, tidy

Length = Literal[45, 90, 180]
Part = Literal["opening", "segment", "break", "exercise", "closing"]

MOST_PEOPLE = 500
LONGEST_TEXT = 400  # characters of a question
MOST_QUESTIONS = 6  # of a segment
STEP = 5  # minutes


@dataclass(frozen=True, slots=True)
class Shape:
    """What a workshop of a length is made of, in minutes; segments share the rest."""

    opening: int
    pause: int
    exercise: int
    closing: int
    segments: int  # their number
    quotations: int  # of a segment, at most


SHAPES: dict[int, Shape] = {
    45: Shape(opening=5, pause=0, exercise=10, closing=5, segments=3, quotations=2),
    90: Shape(opening=10, pause=0, exercise=20, closing=10, segments=4, quotations=3),
    180: Shape(opening=15, pause=15, exercise=40, closing=15, segments=5, quotations=3),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a workshop: quotations on one matter, and questions to discuss."""

    id: str
    heading: str
    lens: str  # a behaviour of the framework to look through, with its description; '' for none
    quotations: tuple[PackQuotation, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry of the agenda."""

    start: int  # minutes from the beginning
    minutes: int
    part: Part
    segment: Segment | None = None

    @property
    def end(self) -> int:
        """Minutes from the beginning."""
        return self.start + self.minutes


@dataclass(frozen=True, slots=True)
class Plan:
    """A workshop, ready to be edited and written."""

    title: str
    origin: str  # one line: the question, the theme or the collection that it was made from
    minutes: Length
    people: int
    opening: PackQuotation
    segments: tuple[Segment, ...]

    @property
    def quotations(self) -> tuple[PackQuotation, ...]:
        """All quotations, in order, each once."""
        inside = (one for segment in self.segments for one in segment.quotations)
        return tuple({one.id: one for one in (self.opening, *inside)}.values())

    @property
    def leaders(self) -> tuple[str, ...]:
        """The names of all who are quoted, in order."""
        return tuple(dict.fromkeys(one.name for one in self.quotations))

    @property
    def has_samples(self) -> bool:
        """Whether an invented sample interview is quoted."""
        return any(one.interview.sample for one in self.quotations)

    @property
    def agenda(self) -> tuple[Slot, ...]:
        """The parts with their times; their minutes add up to those of the workshop."""
        shape = SHAPES[self.minutes]
        rest = self.minutes - shape.opening - shape.pause - shape.exercise - shape.closing
        own = [
            ("segment", minutes, one) for minutes, one in zip(share(rest, self.segments), self.segments, strict=True)
        ]
        half = (len(own) + 1) // 2
        pause = [("break", shape.pause, None)] if shape.pause else []
        ends = [("exercise", shape.exercise, None), ("closing", shape.closing, None)]
        parts = [("opening", shape.opening, None), *own[:half], *pause, *own[half:], *ends]
        slots, start = [], 0
        for part, minutes, segment in parts:
            slots.append(Slot(start, minutes, part, segment))  # type: ignore[arg-type]
            start += minutes
        return tuple(slots)

    def move(self, segment_id: str, to: int) -> Plan:
        """Move a segment to a place, counted from 0; the others keep their order."""
        others = [one for one in self.segments if one.id != segment_id]
        others.insert(max(0, to), self.segment(segment_id))
        return replace(self, segments=tuple(others))

    def leave_out(self, segment_id: str) -> Plan:
        """Leave a segment out; the others share its time. Raises BadPack for the last one."""
        left = tuple(one for one in self.segments if one.id != segment_id)
        if not left:
            raise BadPack("A workshop needs one segment; keep this one, and change its heading and its questions")
        return replace(self, segments=left)

    def change(self, segment: Segment) -> Plan:
        """Put a segment in the place of the one with its id. Raises BadPack when it has no quotation."""
        if not segment.quotations:
            raise BadPack("A segment needs a quotation; choose one, or leave the segment out")
        cleaned = replace(
            segment,
            heading=tidy(segment.heading) or self.segment(segment.id).heading,
            questions=clean_questions(segment.questions),
        )
        return replace(self, segments=tuple(cleaned if one.id == segment.id else one for one in self.segments))

    def segment(self, segment_id: str) -> Segment:
        """The segment with this id. Raises BadPack when there is none."""
        found = next((one for one in self.segments if one.id == segment_id), None)
        if found is None:
            raise BadPack(f"There is no segment {segment_id[:80]!r} in the plan; make the plan again")
        return found


def share(minutes: int, among: Sequence[object]) -> list[int]:
    """Share minutes in steps of five, or of one where a part would be short; the first ones get the rest."""
    if not among:
        return []
    step = STEP if minutes // len(among) >= 2 * STEP else 1
    steps, odd = divmod(minutes, step)
    each, more = divmod(steps, len(among))
    shared = [step * (each + (place < more)) for place in range(len(among))]
    shared[0] += odd
    return shared


def split_minutes(minutes: int, shares: Sequence[int]) -> list[int]:
    """Split whole minutes by shares, each one minute at least where there are enough; they add up exactly."""
    spread = [1 if minutes >= len(shares) else 0 for _ in shares]
    for _ in range(minutes - sum(spread)):
        lacking = max(range(len(shares)), key=lambda place: shares[place] / sum(shares) * minutes - spread[place])
        spread[lacking] += 1
    return spread


def check_people(people: int) -> int:
    """Return a number of people that a workshop can have. Raises BadPack."""
    if not 2 <= people <= MOST_PEOPLE:
        raise BadPack(f"A workshop has 2 to {MOST_PEOPLE} people, and this has {people:,}; give another number")
    return people


def check_minutes(minutes: int) -> Length:
    """Return a length that a workshop can have. Raises BadPack."""
    if minutes not in SHAPES:
        raise BadPack(f"A workshop takes {', '.join(map(str, SHAPES))} minutes, not {minutes}; choose one of these")
    return minutes  # type: ignore[return-value]


def clean_questions(questions: Sequence[str]) -> tuple[str, ...]:
    """Bring each question on one line; empty ones are left out."""
    cleaned = (tidy(one, LONGEST_TEXT) for one in questions)
    return tuple(dict.fromkeys(one for one in cleaned if one))[:MOST_QUESTIONS]
