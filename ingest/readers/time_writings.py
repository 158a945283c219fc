"""Recognise times in writings other than a plain clock, each with its seconds: '1 minute 3 seconds', '00.01.03'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.readers.clock import CLOCK, read_clock

# lettered: '1m 3s', '1 minute 3 seconds', "1'03''"; dotted: '00.01.03'; decimal: '63.25'; spaced: '00: 01: 03';
# frames: '00;01;03;10'; titled: 'TC 00:01:03'; day: '2:32:03 PM'; dated: '2026-01-08 14:32:03';
# closing: a plain clock, but at the end of a paragraph.
Writing = Literal["lettered", "dotted", "decimal", "spaced", "frames", "titled", "day", "dated", "closing"]

HOURS = r"(?:h|hrs?|hours?|std\.?|stunden?|heures?|horas?|or[ae]|uur|小时|小時|時間|时)"
MINUTES = r"(?:m|mins?|mn|minut(?:e[sn]?|os?|i)?|minuut|分钟|分鐘|分)"
SECONDS = r"(?:s|secs?|seconds?|sek\.?|sekunden?|secondes?|seconden|second[oi]|segundos?|秒)"
JOINT = r"[\s:,.]{0,2}(?:(?:and|und|et|y|e|en)\s)?"
LETTER_ENDS = r"(?![^\W\d_])"
COMPACT = rf"\d{{1,2}}\s?h\s?\d{{2}}(?:\s?(?:{MINUTES}|['’′])?\s?\d{{2}})?|\d{{1,3}}\s?(?:min|mn)\s?\d{{2}}"
LETTERED = (
    rf"(?i:(?:{COMPACT})(?:\s?(?:{SECONDS}|''|’’|[\"”″]))?(?![\w:.,'’])|(?:\d{{1,2}}\s?{HOURS}{JOINT})?\d{{1,3}}\s?{MINUTES}{JOINT}\d{{1,2}}(?:[.,]\d{{1,3}})?\s?{SECONDS}{LETTER_ENDS}"
    rf"|(?:\d{{1,2}}\s?{HOURS}{JOINT})?\d{{1,3}}\s?{MINUTES}{LETTER_ENDS}"
    rf"|(?:\d{{1,2}}\s?{HOURS}{JOINT})?\d{{1,6}}(?:[.,]\d{{1,6}})?\s?{SECONDS}{LETTER_ENDS}"
    rf"|\d{{1,2}}\s?{HOURS}{LETTER_ENDS}"
    r"|(?:\d{1,2}h\s?)?\d{1,3}['’′]\s?\d{2}(?:''|’’|[\"”″]))"
)
DOTTED = (
    r"(?:\d{1,2}\.[0-5]\d\.[0-5]\d(?:[,:]\d{1,3})?(?![\d.])"
    r"|\d\d-[0-5]\d-[0-5]\d(?![\d-])|\d\d_[0-5]\d_[0-5]\d(?!\w)|\d\d [0-5]\d [0-5]\d(?! ?\d))"
)
DECIMAL = r"\d{1,6}\.\d{2,6}(?![\d.:])"
SPACED = r"\d{1,3}\s?[:：]\s?\d{1,2}(?:\s?[:：]\s?\d{1,2}(?:\s?[.,．，]\s?\d{1,9})?)?(?![\d:：])"
FRAMES = r"\d{1,2};[0-5]\d;[0-5]\d[;:.]\d{1,3}(?!\d)"
TITLED = (
    rf"(?:TCR?|T/C|(?i:time\s?code|time\s?stamp|time|tijd|zeit|temps|tiempo))\s?[:=]?\s?{CLOCK}|(?:T\+|@\s?){CLOCK}"
)
ZONE = r"(?:[AaPp]\.?\s?[Mm]\b\.?|(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|MES?Z|Uhr)\b)"
DAY = rf"\d{{1,2}}:[0-5]\d(?::[0-5]\d(?:[.,]\d{{1,6}})?)?\s?{ZONE}(?:\s?\(?(?:[ECMP][SD]?T|GMT|UTC)\b\)?)?"
DATED = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:T|,?\s)\s?\d{1,2}:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?"
    rf"(?:\s?{ZONE}|Z|\s?[+-]\d\d:?\d\d)?"
)
# In the order in which they are tried: a longer writing begins like a shorter one.
PATTERNS: tuple[tuple[Writing, str], ...] = (
    ("dated", DATED),
    ("day", DAY),
    ("frames", FRAMES),
    ("titled", TITLED),
    ("lettered", LETTERED),
    ("dotted", DOTTED),
    ("decimal", DECIMAL),
    ("spaced", SPACED),
)
_ANY = "|".join(f"(?:{pattern})" for _, pattern in PATTERNS)
_NAMED = "|".join(f"(?P<{writing}>{pattern})" for writing, pattern in PATTERNS)
# A moment, or the first of two: 'from - to'. The second is not needed.
MOMENT = rf"(?:{_NAMED})(?:\s?(?:-{{1,3}}>|[-–—→~]|to)\s?(?:{_ANY}))?"

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
PLACES = (
    re.compile(rf"(\d+)\s?(?:{HOURS}){LETTER_ENDS}", re.I),
    re.compile(rf"(\d+)\s?(?:{MINUTES}{LETTER_ENDS}|['’′](?!['’]))", re.I),
    re.compile(rf"(\d+(?:[.,]\d+)?)\s?(?:{SECONDS}{LETTER_ENDS}|''|’’|[\"”″])", re.I),
)
AFTERNOON = re.compile(r"(?<=\d)\s?([AaPp])\.?\s?[Mm]")
COMPACT_ONLY = re.compile(rf"(?:{COMPACT})\D*", re.I)
HOUR = 3600.0
NARROW = str.maketrans("：．，", ":..")
PADDED = re.compile(r"\d\d[.:]\d\d$")
HALF_DAY = 12 * 3600.0
DAY_LENGTH = 86_400.0
LONGEST = 100 * 3600.0  # a clock with two digits of hours cannot write more


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it is written."""

    writing: Writing
    seconds: float
    is_short: bool = False  # one number and its unit, which may be a pause: '3s'
    is_padded: bool = False  # the first number has two digits, as minutes do: '01.03'


def read_moment(found: re.Match[str]) -> Moment | None:
    """Read the moment of a match of MOMENT; None if it is a plain clock, or too late for one."""
    writing = next((writing for writing, _ in PATTERNS if found[writing]), None)
    if writing is None:
        return None
    text = found[writing]
    seconds = _seconds_of(writing, text)
    if seconds is None or not 0 <= seconds < LONGEST * (writing != "dated") + 1e12 * (writing == "dated"):
        return None
    is_short = writing == "lettered" and len(NUMBER.findall(text)) < 2
    return Moment(writing, seconds, is_short, PADDED.match(text) is not None)


def write_clock(seconds: float) -> str:
    """Write seconds as a clock in brackets: '[0:01:03.5]'."""
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    fraction = f"{rest % 1:.3f}"[1:].rstrip("0").rstrip(".")
    return f"[{hours}:{minutes:02}:{int(rest):02}{fraction}]"


def _seconds_of(writing: Writing, text: str) -> float | None:
    if writing == "lettered" and COMPACT_ONLY.fullmatch(text):
        numbers = [float(number) for number in NUMBER.findall(text)]
        seconds = sum(number * unit for number, unit in zip(numbers, (HOUR, 60, 1), strict=False))
        return seconds if "h" in text.lower() else seconds / 60
    if writing == "lettered":
        hours, minutes, seconds = (_number(found) for found in (place.search(text) for place in PLACES))
        return hours * 3600 + minutes * 60 + seconds
    if writing in ("dotted", "frames"):
        hours, minutes, seconds = (float(number) for number in re.findall(r"\d+", text)[:3])
        return hours * 3600 + minutes * 60 + seconds
    if writing == "decimal":
        return float(text)
    if writing == "dated":
        return _read_dated(text)
    if writing == "spaced":
        return _read_spaced(text)
    return _read_day(text) if writing == "day" else read_clock(text)


def _number(found: re.Match[str] | None) -> float:
    return float(found[1].replace(",", ".")) if found else 0.0


def _read_spaced(text: str) -> float | None:
    """Read a clock with spaces or signs of full width; None if it has neither."""
    plain = "".join(text.split()).translate(NARROW)
    numbers = [float(number) for number in plain.replace(",", ".").split(":")]
    if any(number >= 60 for number in numbers[1:]):
        return None
    seconds = 0.0
    for number in numbers:
        seconds = seconds * 60 + number
    return seconds


def _read_day(text: str) -> float:
    """Read a time of day: seconds from midnight."""
    plain = text if text.count(":") > 1 else re.sub(r"(:\d\d)", r"\1:00", text, count=1)
    seconds = read_clock(plain) or 0.0
    half = AFTERNOON.search(text)
    return seconds % HALF_DAY + (HALF_DAY if half and half[1] in "pP" else 0.0) if half else seconds


def _read_dated(text: str) -> float | None:
    """Read a date and a time of day: seconds from the first day of the calendar."""
    first, second, third = (int(number) for number in re.findall(r"\d+", text)[:3])
    year, month, day = (first, second, third) if first > 999 else (third, second, first)
    month, day = (day, month) if month > 12 else (month, day)
    try:
        days = date(year if year > 99 else 2000 + year, month, day).toordinal()
    except ValueError:
        return None
    clock = re.sub(r"^\S{6,10}?(?:T|,?\s)\s?(?=\d{1,2}:)", "", text)
    return days * DAY_LENGTH + _read_day(clock)
