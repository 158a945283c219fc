"""Read a moment of a recording however it is written, as seconds from the beginning."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

CLOCK = re.compile(r"[\s\[(]{0,9}(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9}(?:[.,]\d{1,9})?)\s{0,9}s?[\s\])]{0,9}$")
FRAMES = re.compile(r"(\d{1,3}):(\d\d):(\d\d)[:;](\d\d)$")  # SMPTE: hours, minutes, seconds, frames
DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?$")

LONGEST = 1_000_000.0  # seconds, eleven days: later than this is a date or another unit
UNITS = (1.0, 1e-3, 1e-7, 1e-9)  # seconds, milliseconds, ticks of Windows, nanoseconds
SLOWEST_SPEECH = 0.1  # words a second; people say two to three, and a count of milliseconds gives 0.003


def parse_clock(value: object) -> float | None:
    """Seconds from '1:02:03.5', '62,5', '3.2s', 'PT1M2S', a number, a date or a message of seconds and nanos."""
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < math.inf else None
    if isinstance(value, Mapping):
        return _parse_message(value)
    if isinstance(value, Sequence) and value:
        return parse_clock(value[0]) if isinstance(value[0], int | float | str) else None
    return None


def find_unit(moments: Sequence[float], words: int) -> float:
    """Seconds in one step of these numbers: whole ones count smaller steps where nobody could speak so slowly."""
    if any(moment != int(moment) for moment in moments):
        return 1.0
    length = max(moments, default=0.0) - min(moments, default=0.0)
    return next((unit for unit in UNITS if words >= SLOWEST_SPEECH * length * unit), 1.0)


def is_date(moment: float) -> bool:
    """Whether a moment is a time of day on a calendar rather than a place in a recording."""
    return moment > LONGEST * 1000


def _parse_text(text: str) -> float | None:
    if found := CLOCK.match(text):
        hours, minutes, seconds = found.groups()
        whole = int(hours or 0) * 3600 + int(minutes or 0) * 60
        return whole + float(seconds.replace(",", "."))
    text = text.strip().strip("[]()")
    if found := FRAMES.match(text):
        hours, minutes, seconds, _ = found.groups()
        return float(int(hours) * 3600 + int(minutes) * 60 + int(seconds))
    if len(text) > 2 and (found := DURATION.match(text)):
        hours, minutes, seconds = found.groups()
        return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds or 0)
    if "-" in text[4:8] and text[:4].isdigit():
        return _parse_date(text)
    return None


def _parse_date(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _parse_message(value: Mapping[str, object]) -> float | None:
    """Protocol buffers write a duration as {"seconds": "12", "nanos": 900000000}; some recorders {"relative": 12.9}."""
    if "relative" in value:
        return parse_clock(value["relative"])
    if not value.keys() & {"seconds", "nanos"}:
        return None
    seconds, nanos = parse_clock(value.get("seconds", 0)), parse_clock(value.get("nanos", 0))
    return (seconds or 0.0) + (nanos or 0.0) / 1e9
