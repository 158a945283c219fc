"""Find the times inside a text, and remove them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.readers.clock import BRACKETED, CLOCK, HASHED, LONG_CLOCK, RANGE, read_clock
from kb.model import Mark

# In round brackets only hours, minutes and seconds are surely a time: "(3:16)" may be speech.
INLINE = re.compile(
    rf"(?:\[\s?{RANGE}\s?\](?:\s?[-–—]\s?\[\s?{CLOCK}\s?\])?"
    rf"|{HASHED}"
    rf"|\(\s?{LONG_CLOCK}(?:\s*[-–—]\s*{LONG_CLOCK})?\s?\)|<{LONG_CLOCK}>):?"
)
LEADING = re.compile(rf"\s*(?:{BRACKETED}\s*[:\-–—]?|{RANGE}(?=\s))\s*")
SPELLED = re.compile(r"\s*(?:\d{1,2} hours?,? ?)?(?:\d{1,2} minutes?,? ?)?(?:\d{1,2} seconds?)\s*$")
FILLED = re.compile(r"\S")
BLANKS = 40  # more of them separate the text before from the text after
CLOSING = frozenset(".,;:!?)]…”’")
ENDING = frozenset('.!?…:)]"”’')  # a time after one of these is not a gap


def is_spelled_time(text: str) -> bool:
    """Whether a line repeats a time in words: '4 minutes, 12 seconds'."""
    return len(text) < 60 and SPELLED.match(text) is not None


def is_gap(text: str, stamp: re.Match[str]) -> bool:
    """Whether a time marks a missing word: it is inside a sentence, between words. '#00:01:02-5#' never does."""
    if stamp[0][0] == "#":
        return False
    before = text[max(0, stamp.start() - BLANKS) : stamp.start()].rstrip()
    return bool(before) and before[-1] not in ENDING and FILLED.search(text, stamp.end()) is not None


def count_gaps(text: str) -> int:
    """Count the times inside the sentences of a line."""
    return sum(1 for stamp in INLINE.finditer(text) if is_gap(text, stamp)) if _may_hold(text) else 0


def _may_hold(text: str) -> bool:
    """Whether a text may hold a time in brackets: looking for the signs first is fast."""
    return ":" in text and ("[" in text or "(" in text or "<" in text or "#" in text)


def strip_stamps(text: str, *, leading: bool = False, keep_gaps: bool = False) -> tuple[str, list[Mark]]:
    """Remove the times from a line. Return the words, joined cleanly, and a mark where each time was.

    With `keep_gaps`, a time inside a sentence stays: the transcriber writes it for what could not be heard.
    """
    text = text.strip()
    marks: list[Mark] = []
    if leading and (first := LEADING.match(text)):
        marks.append(Mark(0, start=read_clock(first[0])))
        text = text[first.end() :]
    if not _may_hold(text):
        return text, marks
    return _strip_inline(text, marks, keep_gaps=keep_gaps)


def _strip_inline(text: str, marks: list[Mark], *, keep_gaps: bool) -> tuple[str, list[Mark]]:
    pieces: list[str] = []
    length = 0
    for words, stamp in _split(text, keep_gaps=keep_gaps):
        if words:
            joint = " " if length and words[0] not in CLOSING else ""
            pieces += [joint, words]
            length += len(joint) + len(words)
        if stamp is not None:
            marks.append(Mark(length + 1 if length else 0, start=stamp))
    return "".join(pieces), [Mark(min(mark.offset, length), start=mark.start) for mark in marks]


def _split(text: str, *, keep_gaps: bool) -> Iterator[tuple[str, float | None]]:
    place = 0
    for stamp in INLINE.finditer(text):
        stays = keep_gaps and is_gap(text, stamp)
        yield text[place : stamp.end() if stays else stamp.start()].strip(), read_clock(stamp[0])
        place = stamp.end()
    yield text[place:].strip(), None
