"""What all caption formats share: times, tags inside the text, and captions that roll up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import count

from ingest.script import Line

_TIME = r"(?:(\d{1,9}):)?(\d{1,9}):(\d{1,2})(?:[.,:，](\d{1,9}))?"
TIMING = re.compile(
    rf"^(?:[ \t]*\d{{1,7}}[ \t]*\n(?:[ \t]*\n){{0,3}})?"  # the cue's number
    rf"[ \t]*{_TIME}[ \t]*(?:-{{1,3}} ?>|[–—]>)[ \t]*{_TIME}([^\n]*)$",
    re.M,
)
SETTINGS = re.compile(r"(?:\s+[A-Za-z]\w*:\S+)*\s*$")  # 'align:start position:0%', 'X1:40'; anything else is speech
TAG = re.compile(r"<(/?)(v|c|i|b|u|s|em|strong|font|span|ruby|rt|lang|br|p|div|\d[\d:.]*)((?:[.\s/][^<>]*)?)>", re.I)
OVERRIDE = re.compile(r"\{\\[^{}]*\}")  # {\an8} and the like: placement, never speech
# A later row of a caption that may be another speaker's.
NEW_VOICE = re.compile(r"(?:-|–|—|>>+|&gt;&gt;)\s*\S|[A-Z][\w.'’()\[\]&, -]{0,60}:\s")

ROLLING_SHARE = 0.2  # of captions that repeat what stood before and go on; speech alone gives under one in a hundred
WINDOW_WORDS = 80  # more than any screen holds


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption as it stands in the file."""

    start: float  # seconds
    text: str
    speaker: str | None = None


def repair_times(text: str, mark: str) -> tuple[str, int]:
    """Number and rewrite every timing line as HH:MM:SS<mark>mmm, behind a blank line, and count them.

    Files miss hours, digits, numbers or blank lines; parsers pass over what they do not understand.
    """
    numbers = count(1)

    def rewrite(found: re.Match[str]) -> str:
        parts = found.groups()
        spoken = "" if SETTINGS.match(parts[8]) else f"\n{parts[8].strip()}"
        times = f"{_stamp(parts[0:4], mark)} --> {_stamp(parts[4:8], mark)}"
        return f"\n{next(numbers)}\n{times}{spoken}"

    return TIMING.subn(rewrite, text)


def missed_warning(announced: int, read: int) -> tuple[str, ...]:
    """Say so when a parser gave back fewer captions than the file announces."""
    return (f"{announced - read} of {announced} captions could not be read",) if read < announced else ()


def cue_lines(cues: Sequence[Cue]) -> tuple[Line, ...]:
    """The spoken lines of a file of captions, each word once, split where the voice may change."""
    once = _unroll(cues) if _is_rolling(cues) else cues
    return tuple(line for cue in once for line in _lines_of(cue))


def split_voices(text: str) -> list[tuple[str | None, str]]:
    """Cut a caption at its voice tags; other tags and entities are resolved."""
    if "<" not in text:
        return [(None, unescape(text) if "&" in text else text)]
    pieces: list[tuple[str | None, str]] = []
    speaker, position = None, 0
    for tag in TAG.finditer(text):
        pieces.append((speaker, text[position : tag.start()]))
        position = tag.end()
        if tag[2] in "vV":
            speaker = _annotation(tag[3]) if not tag[1] else None
        elif tag[2].lower() == "br":
            pieces.append((speaker, "\n"))
    pieces.append((speaker, text[position:]))
    return [(who, unescape(words)) for who, words in _join_runs(pieces) if words.strip()]


def _stamp(parts: Sequence[str | None], mark: str) -> str:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{(fraction or '0')[:3].ljust(3, '0')}"


def _annotation(attributes: str) -> str | None:
    """The name in '<v.loud Ada Lovelace>'."""
    words = attributes.split(None, 1) if attributes[:1] == "." else ["", attributes]
    return (words[1].strip() or None) if len(words) == 2 else None


def _join_runs(pieces: Iterable[tuple[str | None, str]]) -> Iterator[tuple[str | None, str]]:
    speaker: str | None = None
    run: list[str] = []
    for who, words in pieces:
        if who != speaker and run:
            yield speaker, "".join(run)
            run = []
        speaker = who
        run.append(words)
    yield speaker, "".join(run)


def _lines_of(cue: Cue) -> Iterator[Line]:
    text = OVERRIDE.sub("", cue.text) if "{\\" in cue.text else cue.text
    for voice, words in split_voices(text):
        for part in _split_at_new_voice(words):
            yield Line(part, start=cue.start, speaker=unescape(voice) if voice else cue.speaker)


def _split_at_new_voice(text: str) -> list[str]:
    """Join the rows of a caption, except where a dash, chevrons or a label may begin another speaker."""
    if "\n" not in text:
        row = text.strip()
        return [row] if row else []
    parts: list[list[str]] = []
    for row in filter(None, map(str.strip, text.split("\n"))):
        if parts and not NEW_VOICE.match(row):
            parts[-1].append(row)
        else:
            parts.append([row])
    return [" ".join(rows) for rows in parts]


def _is_rolling(cues: Sequence[Cue]) -> bool:
    """Whether captions mostly repeat the words that stood on screen before and add to them."""
    if any(cue.speaker or "<v" in cue.text for cue in cues):
        return False
    grown = 0
    before: list[str] = []
    for cue in cues:
        rows = _rows(cue)
        shown = [word for row in rows for word in row]
        grown += bool(before) and 0 < _overlap(before, rows) < len(shown)
        before = shown or before
    return len(cues) > 2 and grown >= ROLLING_SHARE * len(cues)


def _unroll(cues: Sequence[Cue]) -> Iterator[Cue]:
    before: list[str] = []
    for cue in cues:
        rows = _rows(cue)
        shown = [word for row in rows for word in row]
        fresh = shown[_overlap(before, rows) :]
        if fresh:
            yield replace(cue, text=" ".join(fresh))
        before = shown or before


def _rows(cue: Cue) -> list[list[str]]:
    """The words of each row, without tags."""
    text = TAG.sub("", cue.text) if "<" in cue.text else cue.text
    return [words for words in (row.split() for row in text.split("\n")) if words]


def _overlap(before: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many of the first words stood at the end of the caption before: whole rows, or all of a growing row."""
    shown = [word for row in rows for word in row][:WINDOW_WORDS]
    ends = {sum(map(len, rows[: count + 1])) for count in range(len(rows))}
    for size in range(min(len(shown), len(before), WINDOW_WORDS), 0, -1):
        if (size in ends or size == len(before)) and list(before[-size:]) == shown[:size]:
            return size
    return 0
