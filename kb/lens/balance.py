"""Weigh what attracts against what drives away: by leader, by sector, by year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.lens.reading import JudgedPassage

By = Literal["leader", "sector", "year"]


@dataclass(frozen=True, slots=True)
class Weight:
    """How many passages of a leader, a sector or a year attract, and how many drive away; both counts for each."""

    value: str
    attracts: int
    drives_away: int

    @property
    def passages(self) -> int:
        """How many stand on either side."""
        return self.attracts + self.drives_away


@dataclass(frozen=True, slots=True)
class Balance:
    """How many passages of a leader attract, and how many drive away; one that does both counts for each."""

    leader: str
    attracts: int
    drives_away: int
    sample: bool  # an invented leader

    @property
    def share(self) -> float:
        """Share of what attracts, 0 to 1."""
        return self.attracts / (self.attracts + self.drives_away)


@dataclass(frozen=True, slots=True)
class Cell:
    """How many passages of a leader clearly show a behaviour; there is none for 0."""

    leader: str
    behaviour_id: str
    passages: int


def weigh(judged: Iterable[JudgedPassage], by: By) -> list[Weight]:
    """Count the passages of each value on both sides: years in their order, others those of most passages first.

    A passage without a sector or a year is left out.
    """
    counts: dict[str, Counter[str]] = {}
    for one in judged:
        for value in _list_values(one, by):
            counts.setdefault(value, Counter()).update(one.judgement.sides)
    found = [Weight(value, known["attracts"], known["drives_away"]) for value, known in counts.items()]
    if by == "year":
        return sorted(found, key=lambda one: one.value)
    return sorted(found, key=lambda one: (-one.passages, one.value))


def _list_values(one: JudgedPassage, by: By) -> Sequence[str]:
    speaker = one.passage.speaker
    if by == "leader":
        return (speaker,)
    if by == "year":
        return (str(one.interview.year),) if one.interview.year else ()
    leader = one.interview.leader(speaker)
    return (leader.sector,) if leader and leader.sector else ()
