"""Measure text before it is written, so that nothing runs out of its box: the size to set it in, the places to cut it.

Widths are those of Arial, read from a font with the same metrics where one is installed, else estimated with care.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import ImageFont

from kb.text.sentences import sentence_spans

FONT = "Arial"  # every office has it, or one with the same metrics
FILES = {False: ("LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf"),
         True: ("LiberationSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf")}  # fmt: skip
EM = 1000  # the size at which characters are measured
LEADING = 1.25  # height of a line, in sizes
RESERVE = 1.02  # programs break lines a little earlier than the widths say
INCH = 72  # points
WIDE, NARROW = frozenset("MWmw@%—…"), frozenset("iljtfrI.,:;'!|()[] ")


@dataclass(frozen=True, slots=True)
class Box:
    """A box for text, in inches, without margins."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Setting:
    """Text cut into pieces, each of which fits its box at a size."""

    size: int  # points
    pieces: tuple[str, ...]  # slices of the text, in order; only white space between them is dropped


def set_text(text: str, box: Box, sizes: Sequence[int], *, bold: bool = False) -> Setting:
    """Choose the largest size at which a text fits; where none does, cut it into pieces at the smallest."""
    for size in sizes:
        if fits(text, box, size, bold=bold):
            return Setting(size, (text,))
    smallest = sizes[-1]
    return Setting(smallest, tuple(_cut(text, box, smallest, bold)))


def shorten(text: str, box: Box, size: int, *, bold: bool = False) -> str:
    """Cut a text of ours, such as a title, so that it fits; the cut is marked."""
    if fits(text, box, size, bold=bold):
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(f"{text[:middle].rstrip()}…", box, size, bold=bold):
            low = middle
        else:
            high = middle - 1
    return f"{text[:low].rstrip()}…"


def fits(text: str, box: Box, size: int, *, bold: bool = False) -> bool:
    """Whether a text fits a box at a size in points."""
    return count_lines(text, box.width, size, bold=bold) * size * LEADING <= box.height * INCH


def count_lines(text: str, width: float, size: int, *, bold: bool = False) -> int:
    """Count the lines of a text in a width in inches; words that are too long are broken."""
    room = width * INCH / RESERVE
    return sum(_count_in_paragraph(one, room, size, bold) for one in text.split("\n"))


def _count_in_paragraph(text: str, room: float, size: int, bold: bool) -> int:
    lines, filled = 1, 0.0
    space = _measure(" ", bold) * size
    for word in text.split():
        wide = sum(_measure(one, bold) for one in word) * size
        if filled and filled + space + wide > room:
            lines, filled = lines + 1, 0.0
        if wide > room:  # broken between characters
            whole = max(1, math.ceil(wide / max(room - size, size)))
            lines, filled = lines + whole - 1, room
            continue
        filled += wide + (space if filled else 0.0)
    return lines


@cache
def _measure(character: str, bold: bool) -> float:
    """Width of a character in sizes."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    font = _load(bold)
    if font is None or ord(character) > 0x24F:  # a font without the character would measure a box
        return _estimate(character, bold)
    return float(font.getlength(character)) / EM


def _estimate(character: str, bold: bool) -> float:
    wide = 1.0 if character in WIDE else 0.36 if character in NARROW else 0.72 if character.isupper() else 0.6
    return wide * (1.08 if bold else 1.0)


@cache
def _load(bold: bool) -> ImageFont.FreeTypeFont | None:
    for name in FILES[bold]:
        try:
            return ImageFont.truetype(name, EM)
        except OSError:  # not installed
            continue
    return None


def _cut(text: str, box: Box, size: int, bold: bool) -> Iterator[str]:
    """Cut a text at ends of sentences, else between words, else between characters."""
    start = 0
    while start < len(text):
        end = _find_end(text, start, box, size, bold)
        yield text[start:end].rstrip()
        start = end
        while start < len(text) and text[start].isspace():
            start += 1


def _find_end(text: str, start: int, box: Box, size: int, bold: bool) -> int:
    rest = text[start:]
    if fits(rest, box, size, bold=bold):
        return len(text)
    sentences = [end for _, end in sentence_spans(rest)]
    words = [place for place, one in enumerate(rest) if one.isspace()]
    for places in (sentences, words, range(1, len(rest))):
        fitting = _last_fitting(rest, places, box, size, bold)
        if fitting:
            return start + fitting
    return start + 1


def _last_fitting(text: str, places: Sequence[int], box: Box, size: int, bold: bool) -> int:
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if fits(text[: places[middle]], box, size, bold=bold):
            low = middle + 1
        else:
            high = middle
    return places[low - 1] if low else 0
