"""Match people and companies named in a question to interviews."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from kb.model import Interview

WORD = re.compile(r"[^\W_](?:[\w'’.&-]*[^\W_])?")
POSSESSIVE = re.compile(r"['’]s?$")
LONGEST = 5  # maximum words of a name
MOST_NAMES = 10  # names of a question that are looked up: each may take a scan of all turns, or of all known names
SHORTEST = 5  # minimum letters of a misspelt name
SPELLING, SPELLING_ALONE = 0.84, 0.88  # minimum similarity of two spellings of a name; of a one-word name
# Words at the start of a question, capitalised for that reason.
ASKING = frozenset("what who why how when where which does did do is was tell summarise summarize would could".split())
# Company suffixes that may be left out.
COMMON_ENDS = frozenset(
    "co com company corp corporation group holdings inc io labs limited llc ltd plc software".split()
)
NOTES = re.compile(r"\([^()]*\)")  # such as "(formerly ...)" on a card
SEPARATORS = re.compile(r"[;,/]")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntityMatch:
    """The interviews that a question names."""

    interview_ids: frozenset[str] = frozenset()  # empty: no name was found
    spans: tuple[tuple[int, int], ...] = ()  # character offsets of the names in the question, end exclusive
    meant: tuple[str, ...] = ()  # correct spellings of misspelt names


@dataclass(frozen=True, slots=True)
class _Name:
    words: Words
    interview_id: str
    text: str  # spelling in the interviews
    rank: int  # 0: full name of a person, 1: surname, 2: company, 3: first name; the lowest rank found decides


Names = Mapping[Words, list[_Name]]


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def collect_names(interviews: Iterable[Interview]) -> Names:
    """Index all names of people and companies by their words."""
    known: dict[Words, list[_Name]] = {}
    for interview in interviews:
        for words, rank, text in _names_of(interview):
            known.setdefault(words, []).append(_Name(words, interview.id, text, rank))
    return known


def match_entities(
    text: str,
    known: Names,
    is_everyday: Callable[[str], bool],
    is_said: Callable[[str], bool] = lambda _: False,
) -> EntityMatch:
    """Find the interviews of the people and companies named in a question.

    A single word that is also an everyday word (`is_everyday`), such as a company called Linear, is a name only if it
    is capitalised inside a sentence. A misspelt name is corrected, unless the interviews use the word (`is_said`).
    """
    words = _split(text)
    found = list(_find(words, known, cache(is_everyday)))  # a word is looked up once, however often it is said
    if not found:
        return _find_misspelt(words, known, is_said)
    rank = min(name.rank for names, _ in found for name in names)
    meant = frozenset(name.interview_id for names, _ in found for name in names if name.rank == rank)
    spans = [span for names, span in found if any(name.interview_id in meant for name in names)]
    return EntityMatch(meant, tuple(spans))


def _find_misspelt(words: Sequence[_Word], known: Names, is_said: Callable[[str], bool]) -> EntityMatch:
    """Match a misspelt name; no match if several names are similar, or if the word occurs in the interviews.

    Only the first MOST_NAMES names of the question are compared.
    """
    names = {" ".join(name): name for name in known}
    for run, first in _list_capitals(words)[:MOST_NAMES]:
        written = " ".join(word.text.casefold() for word in run)
        cutoff = SPELLING if len(run) > 1 else SPELLING_ALONE
        near = [one for one in get_close_matches(written, names, n=2, cutoff=cutoff) if one[0] == written[0]]
        opens = first == 0 and len(run) == 1  # the first word of a question is always capitalised
        if not near or opens or len(written) < SHORTEST or any(is_said(word.text) for word in run):
            continue
        meant = known[names[near[0]]]
        if len(near) == 1 and len({name.interview_id for name in meant}) == 1:
            span = (run[0].start, run[-1].end)
            return EntityMatch(frozenset({meant[0].interview_id}), (span,), (meant[0].text,))
    return EntityMatch()


def _list_capitals(words: Sequence[_Word]) -> list[tuple[Sequence[_Word], int]]:
    """List maximal runs of capitalised words with the index of their first word; 'CEO' does not count."""
    is_name = [word.text[0].isupper() and not word.text.isupper() for word in words]
    runs, first = [], 0
    for place, (named, word) in enumerate(zip([*is_name, False], [*words, None], strict=True)):
        if named:
            continue
        start = first + 1 if first == 0 and place - first > 1 and words[0].text.casefold() in ASKING else first
        if place > start:
            runs.append((words[start:place], start))
        first = place + 1 if word is not None else place
    return runs


def _names_of(interview: Interview) -> Iterator[tuple[Words, int, str]]:
    """Yield each name with its rank and its spelling on the card."""
    for leader in interview.leaders:
        person = _fold(leader.name)
        yield person, 0, leader.name
        if len(person) > 1:
            yield person[-1:], 1, leader.name
            yield person[:1], 3, leader.name
        for company in map(str.strip, SEPARATORS.split(NOTES.sub("", leader.company or ""))):
            words = _fold(company)
            if words:
                yield words, 2, company
            if len(words) > 1 and words[-1] in COMMON_ENDS:
                yield words[:-1], 2, company


def _find(
    words: Sequence[_Word], known: Names, is_everyday: Callable[[str], bool]
) -> Iterator[tuple[list[_Name], tuple[int, int]]]:
    """Yield the names in a question; the longest match wins, and matches do not overlap."""
    position = 0
    while position < len(words):
        length = _longest_name(words, position, known, is_everyday)
        if length:
            run = words[position : position + length]
            yield known[tuple(word.text.casefold() for word in run)], (run[0].start, run[-1].end)
        position += length or 1


def _longest_name(words: Sequence[_Word], position: int, known: Names, is_everyday: Callable[[str], bool]) -> int:
    for length in range(min(LONGEST, len(words) - position), 0, -1):
        run = words[position : position + length]
        names = known.get(tuple(word.text.casefold() for word in run))
        if names and (length > 1 or _is_meant(run[0].text, position, names, is_everyday)):
            return length
    return 0


def _is_meant(word: str, position: int, names: Iterable[_Name], is_everyday: Callable[[str], bool]) -> bool:
    """Whether a single word is meant as a name; a first name must be capitalised."""
    is_capital = word[0].isupper()
    if is_everyday(word):
        return is_capital and position > 0
    return is_capital or any(name.rank != 3 for name in names)


def _split(text: str) -> list[_Word]:
    words = []
    for found in WORD.finditer(text):
        word = POSSESSIVE.sub("", found.group())
        words.append(_Word(word, found.start(), found.start() + len(word)))
    return words


def _fold(name: str) -> Words:
    return tuple(word.text.casefold() for word in _split(name))
