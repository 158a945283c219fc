"""Read from the head of an oral history who is interviewed, by whom and when: 'Interviewed by Ada Byron'."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ingest.metadata.name_list import split_names
from ingest.metadata.values import read_date
from ingest.script import Line
from ingest.speakers.identity import is_answerer, is_asker, is_full_name
from ingest.speakers.name_match import is_known
from kb.model import Interview, Leader

HEAD_LINES = 16  # lines with words
LONGEST = 600  # characters of a line that are read
LONGEST_NAMES = 160  # characters of a line of names
_WORD = r"[A-Z][\w.'’-]{0,30}"
_NAME = rf"(?:{_WORD}|de|da|di|del|der|den|van|von|la|le)"
_PERSON = rf"{_WORD}(?: {_NAME}){{1,4}}"
NAME = rf"(?P<names>{_PERSON}(?:,? (?:and|&) {_PERSON}|, {_PERSON}){{0,3}})"  # of one person, or of several
BY = re.compile(rf"\b(?i:interviewed|(?:interview(?: was)? )?conducted|interview|recorded)\s+(?i:by)[: ]\s*{NAME}")
IS_INTERVIEWER = re.compile(rf"{NAME},? (?:is|was|are|were) (?:the|your|our) interviewers?\b")
INTERVIEWER_IS = re.compile(rf"\b(?i:interviewers?)(?: today)? (?:is|was|are|were) {NAME}")
ORAL_HISTORY = re.compile(r"(?i)\boral[ -]history\b")
NO_NAME = re.compile(
    r"(?i)\d|\b(?:oral|history|interview|interviewed|transcript|project|program|collection|university)\b"
)
AFTER_NAME = frozenset(("on", "in", "at", "for", "is", "oral", "interview", "history"))
WITH = re.compile(
    rf"\b(?i:oral history|interview|session|conversation|memoir)(?: (?i:interview|session|transcript|recording))?"
    rf"(?: #?\d{{1,2}})? (?i:with|of) (?:(?i:mr|mrs|ms|dr|prof|professor|sir|dame)\.? )?{NAME}"
)
BEFORE = re.compile(rf"{NAME}\s*[-–—,:|]?\s+(?i:(?:oral history )?interview|oral history|session)\b[^.]{{0,40}}$")
SENTENCE = re.compile(r"(?<=[a-z\d][.!?]) (?=[A-Z])")  # not after an initial: 'Tobias M. Renn'
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
DAY = re.compile(
    rf"(?i)\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    r"|\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4})\b"
)
OTHER_DAY = re.compile(r"(?i)\b(?:born|died|transcribed|revised|edited|approved|accessed|printed|copyright)\b")


@dataclass(frozen=True, slots=True)
class Statement:
    """What the head of a file states about the talk."""

    guests: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    day: date | None = None


def read_statement(lines: Sequence[Line]) -> Statement:
    """Read guests, hosts and day from a file's first lines; nothing where they do not speak of an interview."""
    head = [line.text.strip()[:LONGEST] for line in lines if line.text.strip()][:HEAD_LINES]
    sentences = [sentence for text in head for sentence in SENTENCE.split(text)]
    hosts = _first_names((BY, IS_INTERVIEWER, INTERVIEWER_IS), sentences)
    is_oral_history = any(ORAL_HISTORY.search(text) for text in head)
    if not hosts and not is_oral_history:
        return Statement()
    guests = _names_above(head) or _first_names((BEFORE, WITH), sentences)
    if is_oral_history:
        guests = tuple(dict.fromkeys([*guests, *(name for text in head for name in _spell(text))]))
    return Statement(tuple(guest for guest in guests if guest not in hosts), hosts, _find_day(sentences))


def fill_from_statement(card: Interview, stated: Statement, labels: Iterable[str]) -> Interview:
    """Fill what the card lacks with what the head states; names only where labels may mean them."""
    known = list(labels)
    guests = [name for name in stated.guests if _is_labelled(name, known)]
    if not guests and any(map(is_answerer, known)):
        guests = list(stated.guests[:1])
    is_hosted = any(_is_labelled(name, known) for name in stated.hosts) or any(map(is_asker, known))
    hosts = " and ".join(stated.hosts) if is_hosted else None
    day = stated.day if (guests or hosts) and card.year is None else None
    return replace(
        card,
        leaders=card.leaders or tuple(map(Leader, guests)),
        host=card.host or hosts,
        date=day or card.date,
        year=day.year if day else card.year,
    )


def _is_labelled(name: str, labels: Iterable[str]) -> bool:
    """Whether one of the labels may mean this person."""
    return any(is_known(label, [name]) for label in labels)


def _first_names(patterns: Iterable[re.Pattern[str]], sentences: Sequence[str]) -> tuple[str, ...]:
    """Find the first full names that one of the patterns gives."""
    found = (match["names"] for pattern in patterns for text in sentences if (match := pattern.search(text)))
    return next((names for one in found if (names := _spell(one))), ())


def _names_above(head: Sequence[str]) -> tuple[str, ...]:
    """Find the names on the line above 'Interviewed by'."""
    at = next((at for at, text in enumerate(head) if BY.match(text)), 0)
    return _spell(head[at - 1]) if at else ()


def _spell(text: str) -> tuple[str, ...]:
    """Write full names as names are written, not in capitals; nothing if one of them is no name."""
    names = [_spell_one(one) for one in split_names(text.strip(" .,;:"))] if len(text) < LONGEST_NAMES else []
    return tuple(names) if all(is_full_name(name) and not NO_NAME.search(name) for name in names) else ()


def _spell_one(name: str) -> str:
    words = name.split()
    while words and words[-1].casefold() in AFTER_NAME:
        words.pop()
    return " ".join(word.title() if word.isupper() and len(word.strip(".")) > 1 else word for word in words)


def _find_day(sentences: Sequence[str]) -> date | None:
    """Find the first day in the head that is not that of something else."""
    days = (DAY.search(text) for text in sentences if not OTHER_DAY.search(text))
    return next((day for found in days if found and (day := read_date(found[0].replace(" of ", " ")))), None)
