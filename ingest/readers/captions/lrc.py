"""Read LRC, the lyrics format that some recognisers write: a time in brackets before each line."""

from __future__ import annotations

import re

from ingest.readers.text_encoding import decode_text
from ingest.script import Line, Script

_CLOCK = r"(\d{1,4}):(\d{1,2}(?:[.:]\d{1,3})?)"  # minutes and seconds; there are no hours
STAMP = re.compile(rf"\s*\[{_CLOCK}\]")
TAG = re.compile(r"\s*\[([a-z#]{2,10}):([^\]\n]*)\]\s*$", re.I)
WORD_STAMP = re.compile(rf"<{_CLOCK}>")
# These lines identify LRC in a file of any name; '[00:12:34]' is a moment of a song only in a file named .lrc.
_KNOWN_TAG = r"\[(?:ar|ti|al|au|by|length|offset|re|ve|tool):[^\]\n]*\]"
LINE = re.compile(rf"^[ \t]*(?:(?:\[\d{{1,4}}:\d\d[.:]\d{{1,3}}\])+(?!\s*-)|{_KNOWN_TAG})", re.M)
DOTTED_LINE = re.compile(rf"^[ \t]*(?:(?:\[\d{{1,4}}:\d\d\.\d{{1,3}}\])+(?!\s*-)|{_KNOWN_TAG})", re.M)


def read(data: bytes, _name: str) -> Script:
    """Read the lines of an LRC file; a time without words ends the line before. Raises UnreadableFile if binary."""
    text, _ = decode_text(data)
    lines: list[Line] = []
    card: dict[str, object] = {}
    for row in text.split("\n"):
        if tag := TAG.match(row):
            card.setdefault({"ti": "title", "la": "language"}.get(tag[1].lower(), tag[1].lower()), tag[2].strip())
            continue
        starts, words = _read_row(row)
        if words:
            lines += [Line(words, start=start) for start in starts or [None]]
    # A line with several times is repeated at each of them.
    if any(line.start is None for line in lines):
        return Script("lrc", tuple(lines), card)
    return Script("lrc", tuple(sorted(lines, key=lambda line: line.start or 0.0)), card)


def _read_row(row: str) -> tuple[list[float | None], str]:
    starts: list[float | None] = []
    place = 0
    while stamp := STAMP.match(row, place):
        starts.append(round(int(stamp[1]) * 60 + float(stamp[2].replace(":", ".")), 3))
        place = stamp.end()
    return starts, " ".join(WORD_STAMP.sub(" ", row[place:]).split())
