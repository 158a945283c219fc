"""Read from the head of a file, and from its name, what they tell beside labels: 'Recorded on 4 May 2019'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ingest.metadata.name_list import ROLE_WORD
from ingest.metadata.values import read_date
from ingest.script import Line
from ingest.speakers.statement import DAY
from kb.model import Interview, Leader

HEAD_LINES = 16  # lines with words
LONGEST = 160  # characters of a line that tells a fact
# The whole of a line: a day alone, or what happened on it.
DATED = re.compile(
    r"(?i)\W*(?:(?:first |originally )?(?:recorded|published|released|aired|broadcast|posted)(?: on| in)?:?\s+)?"
    r"(?P<day>[\w,/ .-]{6,24}?)\W*$"
)
DAY_OF_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.](\d\d)[-_.](\d\d)(?!\d)")
_PART = r"[A-Z\d][\w&'’-]*(?:\.\w[\w&'’-]*)*"  # with a point inside, not after: that ends a sentence
_COMPANY = rf"(?P<company>{_PART}(?: (?:{_PART}|&|of|and|the|de|für|et)){{0,6}})"
POSITION = re.compile(
    rf"\s*(?:,|[-–—|(])\s*(?P<role>[\w &/'’-]{{2,60}}?)\s*(?:\bof\b|\bat\b|@|,)\s*{_COMPANY}(?=[,.;)|]|\s*$)"
)


def fill_from_head(card: Interview, lines: Sequence[Line], source: str) -> Interview:
    """Fill in the day, and the position of each leader, where nothing else tells them."""
    head = [line.text.strip(" *_#\t") for line in lines if line.text.strip() and not line.speaker][:HEAD_LINES]
    short = [text for text in head if len(text) <= LONGEST]
    day = (_find_day(short) or _read_name(source)) if card.year is None else None
    return replace(
        card,
        leaders=tuple(leader if leader.role or leader.company else _place(leader, short) for leader in card.leaders),
        date=day or card.date,
        year=day.year if day else card.year,
    )


def _find_day(head: Sequence[str]) -> date | None:
    found = (match["day"] for text in head if (match := DATED.match(text)) and DAY.fullmatch(match["day"].strip()))
    return next((day for text in found if (day := read_date(text.replace(" of ", " ")))), None)


def _read_name(source: str) -> date | None:
    found = DAY_OF_NAME.search(source.rpartition("/")[2])
    return read_date("-".join(found.groups())) if found else None


def _place(leader: Leader, head: Sequence[str]) -> Leader:
    """Read role and company after the leader's name, as in 'Ada Byron, founder of Acme'."""
    for text in head:
        _, name, rest = text.partition(leader.name)
        found = POSITION.match(rest) if name else None
        if found and ROLE_WORD.search(found["role"]):
            return replace(leader, role=found["role"].strip(), company=found["company"].strip())
    return leader
