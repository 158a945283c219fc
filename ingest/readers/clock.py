"""Read times of a recording, as text, captions and fields write them, into seconds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

# A time in running text, where numbers may mean something else.
CLOCK = (
    r"(?:\d{1,2}:[0-5]\d:[0-5]\d(?:[.,]\d{1,9}|[:;]\d{1,3})?"  # Python writes six digits of a second
    r"|\d{1,2}:\d{1,2}:\d{1,2}\.\d{1,9}"  # Teams does not pad its numbers
    r"|\d{1,3}:[0-5]\d(?:[.,]\d{1,9})?)(?!\d|:\d)"
)
LONG_CLOCK = r"\d{1,2}:[0-5]\d:[0-5]\d(?:[.,]\d{1,9})?"
# f4 and MAXQDA: '#00:01:02-5#', the tenths after a dash.
_HASHED = r"#\s?\d{1,2}:[0-5]\d(?::[0-5]\d)?(?:[-.,]\d{1,3})?\s?#"
HASHED = rf"{_HASHED}(?:\s?[-–—]?\s?{_HASHED})?"
RANGE = rf"{CLOCK}(?:\s{{0,3}}(?:-{{1,3}}>|[-–—]|to)\s{{0,3}}{CLOCK})?"
BRACKETED = rf"(?:{HASHED}|\[\s{{0,3}}{RANGE}\s{{0,3}}\]|\(\s{{0,3}}{RANGE}\s{{0,3}}\)|<\s?{RANGE}\s?>|\{{{RANGE}\}})"
STAMP = rf"(?:{BRACKETED}|{RANGE})"

# A time on the timing line of a caption, where nothing else can be: hours, minutes, seconds, and the fraction.
# A translator's program may put spaces inside the time, or signs of full width.
_COLON = r"[ \t]?[:：][ \t]?"
CUE_WHOLE = rf"(?:(\d{{1,9}}){_COLON})?(\d{{1,9}}){_COLON}(\d{{1,2}})"
CUE_CLOCK = rf"{CUE_WHOLE}(?:[ \t]?[.,:，．][ \t]?(\d{{1,9}}))?"
# A time, or bare seconds, that fill a field.
FIELD = re.compile(r"[\s\[(]{0,9}(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9})(?:[.,](\d{1,9}))?\s{0,9}s?[\s\])]{0,9}$")
FRAMES = re.compile(r"(\d{1,3}):(\d\d):(\d\d)[:;](\d\d)$")  # SMPTE: hours, minutes, seconds, frames
DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?$")
FIRST_CLOCK = re.compile(CLOCK)
TENTHS = re.compile(r"-(\d{1,3})\s?#")  # behind the clock of '#00:01:02-5#'
ALONE = re.compile(rf"\s*(?:{STAMP})\s*(?:[-–—]\s*{STAMP}\s*)?[:\-–—]?\s*$")

LONGEST = 1_000_000.0  # seconds, eleven days: a larger number is a date or another unit
UNITS = (1.0, 1e-3, 1e-7, 1e-9)  # seconds, milliseconds, ticks of Windows, nanoseconds
FASTEST_SPEECH = 12.0  # words a second
LONG_SILENCE = 0.005  # words a second, in a recording with an hour of silence
SLOWEST_SPEECH = 0.1  # words a second; people say two to three, and a count of milliseconds gives 0.003
NUMBERS = (int, float)


def parse_clock(value: object) -> float | None:
    """Read seconds from '1:02:03.5', '62,5', '3.2s', 'PT1M2S', a number, a date or a message of seconds and nanos."""
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, NUMBERS):
        return float(value) if 0 <= value < math.inf else None
    if isinstance(value, Mapping):
        return _parse_message(value)
    if isinstance(value, Sequence) and value:
        return parse_clock(value[0]) if isinstance(value[0], (*NUMBERS, str)) else None
    return None


def read_clock(stamp: str | None) -> float | None:
    """Read the seconds of the first time in a stamp: '[00:04:01.06]' is 241.06."""
    found = FIRST_CLOCK.search(stamp) if stamp else None
    if not found:
        return None
    tenths = TENTHS.match(stamp, found.end()) if stamp and "#" in stamp else None
    parts = f"{found[0]}{'.' + tenths[1] if tenths else ''}".replace(",", ".").replace(";", ":").split(":")
    seconds = 0.0
    for part in parts[:3]:  # a fourth part counts frames
        seconds = seconds * 60 + float(part)
    return round(seconds, 3)


def is_stamp(text: str) -> bool:
    """Whether a line holds only a time."""
    return ":" in text and len(text) < 60 and ALONE.match(text) is not None


def to_seconds(hours: str | None, minutes: str | None, seconds: str | None, fraction: str | None = None) -> float:
    """Compute seconds from the parts of a time, any of which may be missing."""
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(f"{seconds or 0}.{fraction or 0}")


def find_unit(moments: Sequence[float], words: int) -> float:
    """Find the unit of these numbers, in seconds: whole ones have a smaller unit if the speech would be too slow."""
    if any(moment != int(moment) for moment in moments):
        return 1.0
    length = max(moments, default=0.0) - min(moments, default=0.0)
    spoken = (unit for unit in UNITS if SLOWEST_SPEECH * length * unit <= words <= FASTEST_SPEECH * length * unit)
    slow = (unit for unit in UNITS if words >= LONG_SILENCE * length * unit)
    return next(spoken, next(slow, 1.0))


def is_date(moment: float) -> bool:
    """Whether a moment is a calendar time, not a place in a recording."""
    return moment > LONGEST * 1000


def _parse_text(text: str) -> float | None:
    if found := FIELD.match(text):
        return to_seconds(*found.groups())
    text = text.strip().strip("[]()")
    if found := FRAMES.match(text):
        return to_seconds(found[1], found[2], found[3])
    if len(text) > 2 and (found := DURATION.match(text)):
        return to_seconds(*found.groups())
    if "-" in text[4:8] and text[:4].isdigit():
        return _parse_date(text)
    return None


def _parse_date(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _parse_message(value: Mapping[str, object]) -> float | None:
    """Read a duration: protocol buffers' {"seconds": "12", "nanos": 900000000}, some recorders' {"relative": 12.9}."""
    if "relative" in value:
        return parse_clock(value["relative"])
    if not value.keys() & {"seconds", "nanos"}:
        return None
    seconds, nanos = parse_clock(value.get("seconds", 0)), parse_clock(value.get("nanos", 0))
    return (seconds or 0.0) + (nanos or 0.0) / 1e9
