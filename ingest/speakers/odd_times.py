"""Rewrite times that are written oddly into plain clocks, if the whole file shows that they are times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from ingest.readers.clock import CLOCK, LONG_CLOCK, read_clock
from ingest.readers.time_writings import DAY_LENGTH, LONGEST, MOMENT, Moment, Writing, read_moment, write_clock
from ingest.script import Line
from ingest.speakers.labels import fold_label, looks_like_name
from ingest.speakers.vocabulary import NO_PEOPLE

CLOSED = {"[": "]", "(": ")", "<": ">", "{": "}", "【": "】", "（": "）", "〔": "〕", "［": "］"}
OPENER = re.compile(r"[\[(<{【（〔［]\s{0,3}(?=[\dT@tzZ])")
DIGIT = re.compile(r"\d")
INSIDE = re.compile(MOMENT)
BARE = re.compile(rf"\s*(?:{MOMENT})(?:\s?{CLOCK}\s*$)?(?P<behind>\s*[-–—|:]?(?=\s|$))")  # '3 seconds0:03' in Teams
# A plain clock behind the last sentence of a line.
CLOSING = re.compile(rf"(?<=[.!?…\"”’)\]])\s{{1,3}}(?:\({CLOCK}\)|{LONG_CLOCK})\s*$")
CLOSING_LENGTH = 30  # characters
CLOSING_SHARE = 0.4  # of the lines with words
# A name and a time behind it that fill a line, or are before a colon: 'Ada Byron   1 minute 3 seconds'.
_LETTER = r"[^\s:：\[\](){}<>#@|·•\d]"
_NAME_TIME = (
    rf"(?P<name>[^\W\d_]{_LETTER}{{0,30}}(?: {_LETTER}{{1,30}}){{0,5}}(?: ?\d{{1,3}})?)"
    rf"(?:\s{{1,9}}|\s?[-–—|,·•@]\s?)(?:{MOMENT})"
)
NAMED = re.compile(rf"{_NAME_TIME}\s?:?\s*$")
NAMED_COLON = re.compile(rf"{_NAME_TIME}(?=\s?[:：]\s)")
NAMED_LENGTH = 110  # characters; a longer line is speech
# Plain clocks, which stay as they are: in a bracket that closes, and at the beginning of a line.
PLAIN = re.compile(rf"{CLOCK}\s{{0,3}}[\])>}}]")
PLAIN_HEAD = re.compile(rf"{CLOCK}(?=\s*$|\s+(?![\sAaPpECMGUB]))")  # no zone or half of the day follows
ANCHOR = re.compile(r"\s*\{#[^{}\n]{1,60}\}\s*$")  # of a heading in Markdown

SURE: frozenset[Writing] = frozenset(("spaced", "frames"))
OF_DAY: frozenset[Writing] = frozenset(("day", "dated"))
FEW = 2  # times of one writing; fewer prove nothing
FEW_SHORT = 4  # '3s' may be a pause
RISING_SHARE = 0.9  # of the steps from one time to the next, in a file with more than a few
SLOWEST, FASTEST = 0.3, 8.0  # words a second, between which people speak


@dataclass(frozen=True, slots=True)
class Unified:
    """The lines with plain clocks."""

    lines: list[Line]
    of_day: bool = False  # the clocks are times of day


@dataclass(frozen=True, slots=True)
class _Place:
    """A time in a line."""

    line: int
    first: int
    last: int
    moment: Moment
    at_edge: bool  # at the beginning or the end of its line, or right behind a name


def unify_times(lines: Sequence[Line]) -> Unified:
    """Rewrite the times of lines that have no other. A writing counts if its times rise through the file."""
    places = [place for index, line in enumerate(lines) if line.start is None for place in _find(index, line.text)]
    plain = [replace(line, text=ANCHOR.sub("", line.text)) if _has_anchor(line) else line for line in lines]
    if not places:
        return Unified(plain)
    held = _choose(places, lines)
    for index, found in groupby(held, key=lambda place: place.line):
        plain[index] = replace(plain[index], text=_rewrite(plain[index].text, list(found)))
    return Unified(plain, any(place.moment.writing in OF_DAY for place in held))


def _has_anchor(line: Line) -> bool:
    return line.heading and "{#" in line.text


def _find(index: int, text: str) -> list[_Place]:
    """Find the times in brackets, and those without at the edges of a line."""
    if not DIGIT.search(text):
        return []
    found = [*_find_bracketed(index, text), *_find_closing(index, text)]
    bare = _find_bare(index, text)
    if bare and not any(place.first < bare.last and bare.first < place.last for place in found):
        found.append(bare)
    return sorted(found, key=lambda place: place.first)


def _find_bracketed(index: int, text: str) -> Iterator[_Place]:
    for opener in OPENER.finditer(text):
        bracket = opener[0][0]
        if bracket in "[(<{" and PLAIN.match(text, opener.end()):
            continue
        match = INSIDE.match(text, opener.end())
        last = _find_close(text, match.end(), CLOSED[bracket]) if match else None
        if match is None or last is None or not _is_odd(match["spaced"], bracket):
            continue
        moment, at_edge = read_moment(match), _is_edge(text, opener.start(), last)
        if moment and (at_edge or bracket not in "(（"):
            yield _Place(index, opener.start(), last, moment, at_edge)


def _find_close(text: str, place: int, close: str) -> int | None:
    """Find the end of a bracket that closes here, after a few spaces at most."""
    rest = text[place : place + 4].lstrip()
    return place + text[place : place + 4].index(close) + 1 if rest.startswith(close) else None


def _find_closing(index: int, text: str) -> Iterator[_Place]:
    if text[-1:] != ")" and not text[-1:].isdigit():
        return
    start = max(0, len(text) - CLOSING_LENGTH)
    if (match := CLOSING.search(text, start)) and (seconds := read_clock(match[0])) is not None:
        yield _Place(index, match.end() - len(match[0].lstrip()), match.end(), Moment("closing", seconds), at_edge=True)


def _is_odd(clock: str | None, opener: str) -> bool:
    """Whether a time is not written as a plain clock."""
    return clock is None or " " in clock or "：" in clock or opener not in "[(<{"


def _is_edge(text: str, first: int, last: int) -> bool:
    if len(text) - last < NAMED_LENGTH and not text[last:].strip(" :-–—\t"):
        return True
    before = text[:first].strip() if first < NAMED_LENGTH else None
    return before is not None and (not before or _is_name(before))


def _find_bare(index: int, text: str) -> _Place | None:
    """Find a time without brackets that opens its line, or that stands behind a name and ends it."""
    first = len(text) - len(text.lstrip())
    head = text[first : first + 1]
    if head.isdigit() and PLAIN_HEAD.match(text, first):
        return None
    match = BARE.match(text) if head.isdigit() or head in ("T", "@", "t", "z", "Z") else None
    if match is None:
        match = _match_named(text)
        if match is None or not _is_name(match["name"]):
            return None
        first = match.end("name")
    moment = read_moment(match) if match else None
    if match is None or moment is None or moment.writing == "decimal":
        return None
    if match["dotted"] and "." not in match["dotted"]:  # '10 20 30', which only brackets make a time
        return None
    is_plain = moment.writing == "spaced" and not _is_long_spaced(match["spaced"])
    return None if is_plain else _Place(index, first, match.end(), moment, at_edge=True)


def _match_named(text: str) -> re.Match[str] | None:
    """Match a name and a time behind it, which fill the line or are before a colon."""
    colon = text.find(":", 0, NAMED_LENGTH)
    if len(text) < NAMED_LENGTH and DIGIT.search(text[-40:]) and (match := NAMED.match(text)):
        return match
    return NAMED_COLON.match(text) if colon > 0 and DIGIT.search(text[:colon]) else None


def _is_long_spaced(written: str) -> bool:
    """Whether a clock without brackets has spaces and three numbers: '00 : 01 : 03', not '3: 16'."""
    return written.count(":") + written.count("：") > 1 and (" " in written or "：" in written)


def _is_name(text: str) -> bool:
    name = text.strip(" \t:：-–—|,·•*")
    return len(name.split()) < 6 and fold_label(name) not in NO_PEOPLE and looks_like_name(name)


def _choose(places: Sequence[_Place], lines: Sequence[Line]) -> list[_Place]:
    """Choose the times of the writings that count, in reading order."""
    by_writing: dict[Writing, list[_Place]] = {}
    for place in places:
        by_writing.setdefault(place.moment.writing, []).append(place)
    filled = [line for line in lines if line.text.strip()]
    if len(by_writing.get("closing", ())) < CLOSING_SHARE * len(filled):
        by_writing.pop("closing", None)
    words = sum(line.text.count(" ") + 1 for line in filled)
    held = [place for writing, found in by_writing.items() for place in _accept(writing, found, words)]
    return sorted(held, key=lambda place: (place.line, place.first))


def _accept(writing: Writing, found: Sequence[_Place], words: int) -> Sequence[_Place]:
    if writing in SURE:
        return found
    edges = [place for place in found if place.at_edge]
    if writing == "dated":
        return _count_from_first_day(edges) if len(edges) >= FEW else ()
    if writing in ("day", "titled"):
        return found if len(edges) >= FEW else ()
    times = [place.moment.seconds for place in edges]
    is_short = writing == "closing" or all(place.moment.is_short for place in edges)
    if len(times) < (FEW_SHORT if is_short else FEW) or not _rise(times):
        return ()
    if writing == "dotted" and len({time % 60 for time in times}) == 1:  # dates of one year: '01.02.24'
        return ()
    return _scale_decimals(found, times, words) if writing == "decimal" else found


def _rise(times: Sequence[float]) -> bool:
    steps = [one <= two for one, two in pairwise(times)]
    return times[-1] > times[0] and (all(steps) or (len(steps) > FEW_SHORT and sum(steps) >= RISING_SHARE * len(steps)))


def _count_from_first_day(found: Sequence[_Place]) -> list[_Place]:
    first_day = min(place.moment.seconds for place in found) // DAY_LENGTH * DAY_LENGTH
    moved = [_move(place, place.moment.seconds - first_day) for place in found]
    return [place for place in moved if place.moment.seconds < LONGEST]


def _scale_decimals(found: Sequence[_Place], times: Sequence[float], words: int) -> Sequence[_Place]:
    """Read '12.34' as seconds or as minutes and seconds, whichever people could have spoken."""
    minutes = [_to_minutes(time) for time in times]
    is_clock = None not in minutes and all(place.moment.is_padded for place in found)
    if _can_be_spoken(times, words) and not is_clock:
        return found
    slowest = 0.0 if is_clock else SLOWEST
    if None in minutes or not _can_be_spoken([time or 0.0 for time in minutes], words, slowest=slowest):
        return ()
    return [_move(place, _to_minutes(place.moment.seconds) or 0.0) for place in found]


def _to_minutes(time: float) -> float | None:
    seconds = round(time % 1 * 100, 6)
    return int(time) * 60 + seconds if seconds < 60 else None


def _can_be_spoken(times: Sequence[float], words: int, *, slowest: float = SLOWEST) -> bool:
    length = times[-1] - times[0]
    return length > 0 and slowest <= words / length <= FASTEST


def _move(place: _Place, seconds: float) -> _Place:
    return replace(place, moment=replace(place.moment, seconds=seconds))


def _rewrite(text: str, places: Sequence[_Place]) -> str:
    pieces: list[str] = []
    end = 0
    for place in places:
        before = text[end : place.first]
        joint = " " if before and not before[-1].isspace() else ""
        pieces += [before, joint, write_clock(place.moment.seconds)]
        end = place.last
    return "".join([*pieces, text[end:]])
