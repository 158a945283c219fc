"""Check the times of turns as a whole: times of day count from the first, and times that cannot be are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.readers.clock import SLOWEST_SPEECH, parse_clock
from ingest.script import Script
from kb.answering.attribution import format_time
from kb.model import Turn

HOUR = 3600.0
MORNING = 4 * HOUR  # a first time from here on is one of day, unless enough words come before it
HALF_DAY = 12 * HOUR
BACK = 60.0  # seconds; people talk over each other by less
LEAD = 120.0  # seconds after the full hour at which broadcasters begin to count
CAPTIONS = frozenset(("srt", "vtt", "ass", "xml"))
FASTEST_SPEECH = 10.0  # words a second; hours and minutes that are read as minutes and seconds give 150
FEW_MINUTES = 4  # times of hours and minutes
HEAD_LINES = 40  # lines in which a file may state its length
HEADING_WORDS = 8  # after a time; it may head the talk that follows
FIRST_LINES = 200  # lines in which times with frames are looked for
HEAD = 120  # characters of each
FRAMES = re.compile(r"\d\d[:;]\d\d[:;]\d\d[:;]\d\d")
LENGTH = re.compile(
    r"(?i)[\s*_>-]{0,9}(?:(?:total |audio |video |recording |running )?(?:duration|length|run(?:ning)? ?time)"
    r"|dauer|länge|durée|duraci[óo]n|durata|duração|duur)[\s*_]{0,5}[:：][\s*_]{0,5}(?P<length>[\w:. ]{1,20}?)[\s*_]*$"
)
ENDED = re.compile(r"(?i)transcription ended after (?P<length>\d{1,2}:\d\d(?::\d\d)?)")
LENGTH_KEYS = ("duration", "length", "runtime", "dauer")


@dataclass(frozen=True, slots=True)
class Checked:
    """Turns with the times that hold, and warnings about the others."""

    turns: list[Turn]
    warnings: tuple[str, ...] = ()


def check_times(turns: Sequence[Turn], script: Script, *, of_day: bool = False) -> Checked:
    """Drop times outside the talk, count times of day from the first, and warn about times that cannot be."""
    if next(_times_of(turns), None) is None:
        return Checked([*turns])
    placed = _drop_foreign_times(turns)
    placed, minutes = _read_hours_and_minutes(placed)
    placed, shifted = _count_from_first(placed, of_day=of_day, is_broadcast=_is_broadcast(script))
    return Checked(placed, (*minutes, *shifted, *_warn_of_falls(placed), *_warn_of_end(placed, find_length(script))))


def find_length(script: Script) -> float | None:
    """Find the length of the recording, in seconds, if the file states it."""
    for key in LENGTH_KEYS:
        stated = script.card.get(key)
        if isinstance(stated, str) and (length := _read_length(stated)) is not None:
            return length
    for line in (*script.lines[:HEAD_LINES], *script.lines[-HEAD_LINES:]):
        found = LENGTH.match(line.text) or (ENDED.search(line.text) if "ended" in line.text else None)
        if found and (length := _read_length(found["length"])) is not None:
            return length
    return None


def _read_length(text: str) -> float | None:
    """Read a length that has its units; a bare number may be minutes or seconds."""
    return parse_clock(text.strip()) if ":" in text or text.startswith("PT") else None


def _drop_foreign_times(turns: Sequence[Turn]) -> list[Turn]:
    """Drop the times in what is around the talk: they tell of a summary, of chapters or of an index, not of turns."""
    first, last = _find_talk(turns)
    before = _drop_times(turns[:first]) if _are_foreign(turns[:first], turns[first:]) else turns[:first]
    reached, after = max(_times_of(turns[first:last]), default=0.0), turns[last:]
    later = list(_times_of(after))
    is_index = later != sorted(later) or min(later, default=reached) < reached - BACK
    return [*before, *turns[first:last], *(_drop_times(after) if is_index else after)]


def _find_talk(turns: Sequence[Turn]) -> tuple[int, int]:
    """Find where the talk begins, with the first speaker if any is named, and where it ends."""
    talk = [place for place, turn in enumerate(turns) if turn.kind not in ("non_speech", "break")]
    named = [place for place in talk if turns[place].speaker]
    return ((named or talk)[0], talk[-1] + 1) if talk else (len(turns), len(turns))


def _are_foreign(before: Sequence[Turn], talk: Sequence[Turn]) -> bool:
    """Whether the times before the talk are not its own: they belong to no heading of it, and are later than it is."""
    times = list(_times_of(before))
    if not times:
        return False
    later = next(_times_of(talk), None)
    if later is not None and (max(times) > later or times != sorted(times)):
        return True
    opening = next(turn for turn in before if any(mark.start is not None for mark in turn.marks))
    opens = next(mark for mark in opening.marks if mark.start is not None).offset == 0
    return not (later is not None and opens) and not (len(times) == 1 and _heads_talk(before[-1]))


def _heads_talk(turn: Turn) -> bool:
    """Whether a time opens a heading right above the talk."""
    mark = next((mark for mark in turn.marks if mark.start is not None), None)
    if mark is None:
        return False
    before, after = turn.text[: mark.offset], turn.text[mark.offset :].strip()
    return (not before or before.endswith("\n")) and 0 < len(after.split()) <= HEADING_WORDS


def _drop_times(turns: Sequence[Turn]) -> list[Turn]:
    return [_map_times(turn, lambda _: None) for turn in turns]


def _read_hours_and_minutes(turns: list[Turn]) -> tuple[list[Turn], tuple[str, ...]]:
    """Read '14:32' as an hour and minutes if nobody could say all words in that many seconds."""
    times = list(_times_of(turns))
    if len(times) < FEW_MINUTES or any(time % 1 or time >= 24 * 60 for time in times):
        return turns, ()
    length = times[-1] - times[0] + 1  # the last second has not passed
    if length < 2 or _words_before_last_time(turns) < FASTEST_SPEECH * length:
        return turns, ()
    return [_map_times(turn, lambda time: time * 60) for turn in turns], (
        "times were read as hours and minutes: as minutes and seconds they leave no time for the words",
    )


def _count_from_first(turns: list[Turn], *, of_day: bool, is_broadcast: bool) -> tuple[list[Turn], tuple[str, ...]]:
    times = list(_times_of(turns))
    if not times or (times[0] < HOUR and not of_day):
        return turns, ()
    first, told = times[0], format_time(times[0])
    has_words = _words_before_time(turns) >= SLOWEST_SPEECH * first
    if not of_day and has_words:
        return turns, ()
    if is_broadcast and first % HOUR < LEAD and not of_day:
        zero = first - first % HOUR
        return _shift(turns, zero), (f"times count from {format_time(zero)}: that was subtracted from all",)
    if not of_day and first < MORNING:
        return turns, (f"the first time is {told}, though few words come before it: it may count from elsewhere",)
    if len(times) == 1:
        return _drop_times(turns), (f"a time of day, {told}, was left out: it tells no place in the recording",)
    return _shift(turns, first), (f"times of day are counted from the first, {told}",)


def _is_broadcast(script: Script) -> bool:
    """Whether a file may count as broadcasters do, from a full hour: captions, and times with frames."""
    return script.format in CAPTIONS or any(FRAMES.search(line.text[:HEAD]) for line in script.lines[:FIRST_LINES])


def _shift(turns: Sequence[Turn], zero: float) -> list[Turn]:
    """Count all times from zero; one that falls back by about half a day, or a day, is past noon or midnight."""
    reached = zero

    def move(time: float) -> float | None:
        nonlocal reached
        later = next((time + half * HALF_DAY for half in range(3) if time + half * HALF_DAY >= reached - BACK), time)
        if later - time and later - reached > MORNING:  # no wrap of the clock, but a time that is wrong
            later = time
        reached = max(reached, later)
        return round(later - zero, 3) if later >= zero - BACK else None

    return [_map_times(turn, move) for turn in turns]


def _warn_of_falls(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Warn about times that fall back by more than a minute."""
    latest = 0.0
    falls: list[tuple[float, float]] = []
    for time in _times_of(turns):
        if time < latest - BACK:
            falls.append((latest, time))
        latest = time if time < latest - BACK else max(latest, time)
    if not falls:
        return ()
    before, after = map(format_time, falls[0])
    count = "once" if len(falls) == 1 else f"{len(falls)} times"
    return (f"times fall back {count}, first from {before} to {after}: several recordings, or times that are wrong",)


def _warn_of_end(turns: Sequence[Turn], length: float | None) -> tuple[str, ...]:
    last = max(_times_of(turns), default=0.0)
    if length is None or last <= length + BACK:
        return ()
    return (f"the last time is {format_time(last)}, but the recording ends at {format_time(length)}",)


def _times_of(turns: Sequence[Turn]) -> Iterator[float]:
    for turn in turns:
        if turn.start is not None and not any(mark.offset == 0 and mark.start is not None for mark in turn.marks):
            yield turn.start
        yield from (mark.start for mark in turn.marks if mark.start is not None)


def _words_before_time(turns: Sequence[Turn]) -> int:
    """Count the words before the first time."""
    words = 0
    for turn in turns:
        mark = next((mark for mark in turn.marks if mark.start is not None), None)
        if mark:
            return words + turn.text.count(" ", 0, mark.offset)
        words += turn.text.count(" ") + 1
    return words


def _words_before_last_time(turns: Sequence[Turn]) -> int:
    """Count the words between the first and the last time, about."""
    timed = [place for place, turn in enumerate(turns) if any(mark.start is not None for mark in turn.marks)]
    between = turns[timed[0] : timed[-1]] if timed else []
    return sum(turn.text.count(" ") + 1 for turn in between if turn.kind == "talk")


def _map_times(turn: Turn, change: Callable[[float], float | None]) -> Turn:
    """Change the times of a turn; a mark that loses its time and has no page goes."""
    moved = [mark if mark.start is None else replace(mark, start=change(mark.start)) for mark in turn.marks]
    marks = tuple(mark for mark in moved if mark.start is not None or mark.page is not None)
    first = [mark.start for mark in marks if mark.offset == 0 and mark.start is not None]
    return replace(turn, start=first[-1] if first else None, marks=marks)
