"""Set text for a PDF: lines broken at a width, each character in a font that holds it, as it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import Flowable

from kb.errors import BadPack
from kb.exports.pack import colors

LEADING = 1.3  # height of a line, in sizes
# Fonts with a free licence, that of most first: the first three where they are installed, the last with reportlab.
FAMILIES = (
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("Vera.ttf", "VeraBd.ttf"),
)
# Scripts whose letters join, stack or run from the right: glyphs in a row are not how they are written.
JOINED = re.compile(r"[\u0590-\u109f\u1200-\u139f\u1700-\u18af\u1900-\u1cff\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefc]")
WORD = re.compile(r"\n|[^\S\n]+|\S+")
FEWEST = 2  # lines of a part of a paragraph on a page
MOST_WHOLE = 30  # lines of a paragraph that is not parted


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style."""

    text: str
    bold: bool = False
    color: str = colors.TEXT
    link: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A font with its bold, and the characters that both hold."""

    regular: str
    bold: str
    characters: frozenset[int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line, in one font."""

    text: str
    font: str
    width: float  # points
    run: Run

    @property
    def is_space(self) -> bool:
        """Whether a line may end after it."""
        return self.text.isspace()


Line = tuple[Piece, ...]


class Block(Flowable):  # type: ignore[misc]
    """A paragraph. Raises BadPack for a character that no font holds."""

    def __init__(
        self,
        runs: Sequence[Run],
        size: float,
        *,
        indent: float = 0,
        space: tuple[float, float] = (0, 5),
        mark: str = "",
        whole: bool = False,
    ) -> None:
        """`size`, `indent` and the space before and after are in points; `mark` stands in front of the first line. One
        that is `whole` is not parted, unless it is long.
        """
        super().__init__()
        self._groups: Sequence[Sequence[Piece]] = join_groups(runs, size)
        self._size, self._indent = size, indent
        self._mark = set_pieces(Run(mark, color=colors.QUIET), size) if mark else ()
        self._lines: list[Line] = []
        self._is_whole = whole
        self.spaceBefore, self.spaceAfter = space

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Break the lines at a width."""
        self._lines = break_lines(self._groups, width - self._indent, self._size)
        return width, len(self._lines) * self._size * LEADING

    def split(self, width: float, height: float) -> list[Flowable]:
        """Part the lines over two pages."""
        self.wrap(width, height)
        fitting = min(int(height / (self._size * LEADING)), len(self._lines) - FEWEST)
        if fitting < FEWEST or (self._is_whole and len(self._lines) <= MOST_WHOLE):
            return []
        rest = self._take(self._lines[fitting:], ())
        rest.keepWithNext = 1  # what tells of a quotation stays with its end
        return [self._take(self._lines[:fitting], self._mark), rest]

    def draw(self) -> None:
        """Draw the lines."""
        height = len(self._lines) * self._size * LEADING
        for number, line in enumerate(self._lines, 1):
            base = height - number * self._size * LEADING + 0.28 * self._size
            if number == 1 and self._mark:
                draw_line(self.canv, self._mark, self._indent - self._size, base, self._size)
            draw_line(self.canv, line, self._indent, base, self._size)

    def _take(self, lines: Sequence[Line], mark: Line) -> Block:
        part = Block((), self._size, indent=self._indent, space=(0, self.spaceAfter))
        part._groups = [[piece] for line in lines for piece in line]
        part._mark = mark
        return part


def find_problem(text: str) -> str:
    """Say in one line which character of a text no PDF can show; '' if it can show all."""
    try:
        for one in sorted(set(text)):
            _choose_family(_show(one), text[max(0, text.index(one) - 20) :])
    except BadPack as error:
        return str(error)
    return ""


def set_pieces(run: Run, size: float) -> Line:
    """Give each stretch of a text a font that holds it. Raises BadPack."""
    chosen = [(_show(one), _choose_family(_show(one), run.text)) for one in run.text]
    pieces = []
    for family, stretch in groupby(chosen, key=lambda one: one[1]):
        text, font = "".join(one for one, _ in stretch), family.bold if run.bold else family.regular
        pieces.append(Piece(text, font, stringWidth(text, font, size), run))
    return tuple(pieces)


def break_lines(groups: Sequence[Sequence[Piece]], width: float, size: float) -> list[Line]:
    """Break lines between groups, of which each stays on a line; one that is wider is broken between characters."""
    lines: list[list[Piece]] = [[]]
    filled = 0.0
    for group in groups:
        wide = sum(piece.width for piece in group)
        if group[0].text == "\n":
            lines.append([])
            filled = 0.0
            continue
        if filled and filled + wide > width and not group[0].is_space:
            lines.append([])
            filled = 0.0
        for piece in group if wide <= width else _part(group, size):
            if filled and filled + piece.width > width and not piece.is_space:
                lines.append([])
                filled = 0.0
            lines[-1].append(piece)
            filled += piece.width
    return [tuple(line) for line in lines]


def draw_line(canvas: object, line: Line, left: float, base: float, size: float) -> None:
    """Draw the pieces of a line one after another, as one text; links are underlined."""
    text = canvas.beginText(left, base)  # type: ignore[attr-defined]
    for piece in line:
        text.setFont(piece.font, size)
        text.setFillColor(HexColor(f"#{piece.run.color}"))
        text.textOut(piece.text)
    canvas.drawText(text)  # type: ignore[attr-defined]
    for place, piece in enumerate(line):
        if piece.run.link and not (piece.is_space and place == len(line) - 1):
            _draw_link(canvas, piece, left, base, size)
        left += piece.width


@cache
def load_families() -> tuple[Family, ...]:
    """Register the fonts that are there."""
    return tuple(family for names in FAMILIES if (family := _load_family(*names)))


def _load_family(*names: str) -> Family | None:
    try:
        fonts = [TTFont(name.removesuffix(".ttf"), name) for name in names]
    except TTFError:  # not installed
        return None
    for font in fonts:
        registerFont(font)
    held = [frozenset(font.face.charToGlyph) for font in fonts]
    return Family(fonts[0].fontName, fonts[1].fontName, held[0] & held[1])


def _choose_family(character: str, text: str) -> Family:
    families = load_families()
    if not JOINED.match(character):
        found = next((one for one in families if ord(character) in one.characters or character == "\n"), None)
        if found:
            return found
    raise _refuse(character, text)


def _refuse(character: str, text: str) -> BadPack:
    """Name a character that cannot be shown: it is never left out in silence."""
    name = f"{unicodedata.name(character, 'a character').lower()} (U+{ord(character):04X}) in “{text.strip()[:40]}”"
    if JOINED.match(character):
        return BadPack(f"The PDF cannot show {name}: its letters join or run from the right; take Word instead")
    remedy = "install the DejaVu or Noto fonts, or take Word instead"
    return BadPack(f"The PDF cannot show {name}: no font that is installed holds it; {remedy}")


def _show(character: str) -> str:
    """What is drawn for a character: white space that no font may hold is a blank."""
    return " " if character.isspace() and character not in "\n\u00a0" else character


def join_groups(runs: Sequence[Run], size: float) -> list[list[Piece]]:
    """Join pieces to groups between which a line may be broken; a group may reach over runs."""
    groups: list[list[Piece]] = []
    for run in runs:
        for word in WORD.findall(run.text):
            pieces = list(set_pieces(replace(run, text=word), size))
            if groups and not (groups[-1][0].is_space or pieces[0].is_space):
                groups[-1].extend(pieces)
            else:
                groups.append(pieces)
    return groups


def _part(group: Sequence[Piece], size: float) -> Iterator[Piece]:
    for piece in group:
        for one in piece.text:
            yield Piece(one, piece.font, stringWidth(one, piece.font, size), piece.run)


def _draw_link(canvas: object, piece: Piece, left: float, base: float, size: float) -> None:
    canvas.setStrokeColor(HexColor(f"#{piece.run.color}"))  # type: ignore[attr-defined]
    canvas.setLineWidth(size / 18)  # type: ignore[attr-defined]
    canvas.line(left, base - size / 8, left + piece.width, base - size / 8)  # type: ignore[attr-defined]
    area = (left, base - size / 4, left + piece.width, base + size)
    canvas.linkURL(piece.run.link, area, relative=1)  # type: ignore[attr-defined]
