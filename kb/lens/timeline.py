"""Line up by year how many leaders speak of something, and in how many passages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.model import Interview

MOST_YEARS = 40  # between the first and the last, for years without an interview to be shown too

Spoken = tuple[Interview, str]  # an interview, and the leader of a passage in it


@dataclass(frozen=True, slots=True)
class Year:
    """A year, with those who speak in it."""

    year: int | None  # None: the interviews without a date
    leaders: int
    passages: int
    interviews: int  # of that year, whatever they speak of


@dataclass(frozen=True, slots=True)
class Timeline:
    """The years of the interviews, oldest first; one in which nobody speaks of it has no passages."""

    years: tuple[Year, ...]
    undated: Year | None  # None: all interviews have a date

    @property
    def all_years(self) -> tuple[Year, ...]:
        """The years, and the undated ones at the end."""
        return (*self.years, self.undated) if self.undated else self.years

    @property
    def passages(self) -> int:
        """How many there are, the undated ones included."""
        return sum(one.passages for one in self.all_years)


def line_up(spoken: Iterable[Spoken], interviews: Iterable[Interview]) -> Timeline:
    """Line up passages by the year of their interview; `interviews` are all that could have spoken of it."""
    held = Counter(one.year for one in interviews)
    said: dict[int | None, list[str]] = defaultdict(list)
    for interview, speaker in spoken:
        said[interview.year].append(speaker)
    known = sorted(year for year in held if year is not None)
    if known and known[-1] - known[0] < MOST_YEARS:
        known = list(range(known[0], known[-1] + 1))
    years = tuple(_count(year, said[year], held[year]) for year in known)
    return Timeline(years, _count(None, said[None], held[None]) if held[None] else None)


def _count(year: int | None, speakers: Sequence[str], interviews: int) -> Year:
    return Year(year, len(set(speakers)), len(speakers), interviews)
