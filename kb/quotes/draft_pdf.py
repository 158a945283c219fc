"""Read a draft in PDF: its lines become paragraphs, without headers, footers and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from kb.errors import UnreadableFile
from kb.quotes.draft import OPENERS, Paragraph
from kb.quotes.hyphens import DOUBTFUL
from kb.quotes.pdf_process import run_program

PROGRAM = "kb.quotes.pdf_text"
TIME_LIMIT = 30.0  # seconds for all pages; two hundred take one
EDGE = 3  # lines at the top and the bottom of a page that may be a header or a footer
REPEATED = 0.4  # share of pages on which such a line recurs; left and right pages may differ
MOST_LEADING = 1.3  # times the usual distance of two lines, beyond which a paragraph ends
INDENT = 6.0  # points that a first line is set in
SHORT = 0.75  # of the usual width in characters; a shorter line that ends a sentence ends a paragraph
CHARACTERS = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xa0": " ", "\0": "", DOUBTFUL: ""}
)
DIGITS = re.compile(r"\d+")
PAGE_NUMBER = re.compile(r"(?i)(?:page\s*)?[-–—|]?\s*\d{1,4}\s*[-–—|]?\s*(?:(?:of|/)\s*\d{1,4})?")
SENTENCE_END = re.compile(r"[.!?…:][\"”’'»)\]]*$")
BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[-‐\xad]+$")
DASH_END = re.compile(r"[—–/]$")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    left: float  # points
    height: float  # points above the page's foot
    size: float  # of the font
    page: int


def read_pdf(data: bytes, name: str) -> list[Paragraph]:
    """Read the paragraphs of a PDF; a hyphen at a line's end becomes `DOUBTFUL`. Raises UnreadableFile."""
    pages = [
        [_Line(text.translate(CHARACTERS), left, height, size, number) for text, left, height, size in rows]
        for number, rows in enumerate(_extract(data, name))
    ]
    furniture = _find_furniture(pages)
    lines = [line for page in pages for line in _drop_furniture(page, furniture)]
    return [Paragraph(_join(part)) for part in _split(lines)]


def _extract(data: bytes, name: str) -> list[list[tuple[str, float, float, float]]]:
    """Extract the lines of each page."""
    try:
        found = run_program(PROGRAM, data, name, TIME_LIMIT)
    except RuntimeError as error:
        raise UnreadableFile(f"{name} cannot be read as a PDF; save it as .docx or .txt") from error
    pages: list[list[tuple[str, float, float, float]]] = found["pages"]
    return pages


def _find_furniture(pages: Sequence[Sequence[_Line]]) -> frozenset[str]:
    """Find lines at the edges that recur on page after page, with any number in them."""
    edges = Counter(key for page in pages for key in {_key(line) for line in (*page[:EDGE], *page[-EDGE:])})
    return frozenset(key for key, count in edges.items() if count > 2 and count >= REPEATED * len(pages))


def _drop_furniture(page: Sequence[_Line], furniture: frozenset[str]) -> Sequence[_Line]:
    """Drop headers, footers and page numbers, from each edge inwards."""
    first, last = 0, len(page)
    while first < min(EDGE, last) and _is_furniture(page[first], furniture):
        first += 1
    while last > max(first, len(page) - EDGE) and _is_furniture(page[last - 1], furniture):
        last -= 1
    return page[first:last]


def _is_furniture(line: _Line, furniture: frozenset[str]) -> bool:
    return _key(line) in furniture or PAGE_NUMBER.fullmatch(line.text) is not None


def _key(line: _Line) -> str:
    return " ".join(DIGITS.sub("#", line.text).split())


def _split(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Split lines into paragraphs."""
    if not lines:
        return
    downs = [one.height - two.height for one, two in pairwise(lines) if one.page == two.page]
    leading = median([down for down in downs if down > 0] or [0.0])
    width = sorted(len(line.text) for line in lines)[int(0.9 * (len(lines) - 1))]
    part = [lines[0]]
    for line, following in pairwise(lines):
        if _ends(part, line, following, leading, width):
            yield part
            part = []
        part.append(following)
    yield part


def _ends(part: Sequence[_Line], line: _Line, following: _Line, leading: float, width: int) -> bool:
    """Whether a paragraph ends between two lines."""
    is_sentence = SENTENCE_END.search(line.text) is not None
    down = line.height - following.height
    if line.page != following.page or down < 0:  # another page, or another column
        return is_sentence and (following.text[:1] in OPENERS or not _is_open(part))
    if abs(line.size - following.size) > 1 or down > MOST_LEADING * leading:
        return True
    left = min(one.left for one in part[-2:]) if len(part) > 1 else line.left - INDENT
    is_indented = INDENT < following.left - left < 10 * INDENT
    return is_sentence and (len(line.text) < SHORT * width or (is_indented and len(part) > 1))


def _is_open(part: Sequence[_Line]) -> bool:
    """Whether a quotation of these lines is not closed yet."""
    text = "".join(line.text for line in part)
    return text.count("“") + text.count("„") > text.count("”") or text.count('"') % 2 == 1


def _join(lines: Sequence[_Line]) -> str:
    """Join lines; whether a hyphen at the end of one is the typesetter's is not known here."""
    text = lines[0].text
    for line in lines[1:]:
        broken = BROKEN_WORD.search(text)
        if broken and line.text[:1].islower():
            text = f"{text[: broken.start()]}{DOUBTFUL}{line.text}"
        else:
            text = f"{text}{'' if DASH_END.search(text) else ' '}{line.text}"
    return text
