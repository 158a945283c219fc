"""Read PDF transcripts page by page, without the headers, footers and line numbers."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import pypdf
from pypdf.errors import PyPdfError

from ingest.script import Line, Script
from kb.errors import UnreadableFile

PAGE_LIMIT = 2_000
EDGE = 3  # lines at the top and the bottom of a page among which headers and footers are sought
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xa0": " "})
DIGITS = re.compile(r"\d+")
NUMBERED = re.compile(r"\s*(\d{1,2})(?:\s+|$)(.*)$")
PAGE_NUMBER = re.compile(r"\s*(?:page\s*)?[-–—]?\s*\d{1,4}\s*[-–—]?\s*(?:(?:of|/)\s*\d{1,4})?\s*$", re.I)
HYPHENATED = re.compile(r"([^\W\d_]{2,})(?:\xad[-\xad]?|[-‐])$")

logging.getLogger("pypdf").setLevel(logging.ERROR)


def read(data: bytes, name: str) -> Script:
    """The lines of a PDF, each with its page."""
    pages = [text.translate(LIGATURES).split("\n") for text in _extract(data)]
    if not any(row.strip() for rows in pages for row in rows):
        raise UnreadableFile("the PDF holds images only, no text; recognise its text first (OCR)")
    bare = [_drop_numbers(rows) for rows in pages]
    furniture = _find_furniture(bare)
    lines = [Line(row, page=number) for number, rows in enumerate(bare, 1) for row in _body(rows, furniture)]
    return Script("pdf", tuple(_heal_hyphens(lines)))


def _extract(data: bytes) -> list[str]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile("the PDF is encrypted; save it without a password")
        count = len(reader.pages)
        if not count:
            raise UnreadableFile("the PDF is broken: it has no pages")
        if count > PAGE_LIMIT:
            raise UnreadableFile(f"the PDF has {count} pages, more than {PAGE_LIMIT}; split it")
        return [page.extract_text() for page in reader.pages]
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
        IndexError,
    ) as error:
        raise UnreadableFile(f"the PDF is broken: {type(error).__name__}") from error


def _drop_numbers(rows: Sequence[str]) -> list[str]:
    """Take line numbers off: a block of bare numbers that count up, or a number before most of the rows."""
    bare = [row for row in rows if not row.strip().isdigit()]
    counted = [int(row) for row in rows if row.strip().isdigit()]
    if sum(1 for one, two in zip(counted, counted[1:], strict=False) if two == one + 1) >= 8:
        return bare
    numbers = [NUMBERED.match(row) for row in rows]
    rising = [int(match[1]) for match in numbers if match]
    steps = sum(1 for one, two in zip(rising, rising[1:], strict=False) if two == one + 1)
    if steps >= 8 and steps > 0.5 * sum(1 for row in rows if row.strip()):
        return [match[2] if match else row for row, match in zip(rows, numbers, strict=True)]
    return list(rows)


def _find_furniture(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Rows at the edges that return on page after page, whatever number stands in them."""
    edges = Counter(key for rows in pages for key in {_key(row) for row in _edge_rows(rows)})
    return frozenset(key for key, count in edges.items() if count > 2 and count >= 0.3 * len(pages))


def _edge_rows(rows: Sequence[str]) -> list[str]:
    filled = [row for row in rows if row.strip()]
    return [*filled[:EDGE], *filled[-EDGE:]]


def _key(row: str) -> str:
    return " ".join(DIGITS.sub("#", row).split())


def _body(rows: Sequence[str], furniture: frozenset[str]) -> Iterator[str]:
    filled = [row for row in rows if row.strip()]
    for place, row in enumerate(filled):
        is_edge = place < EDGE or place >= len(filled) - EDGE
        if not (is_edge and (_key(row) in furniture or PAGE_NUMBER.match(row))):
            yield row.strip()


def _heal_hyphens(lines: Sequence[Line]) -> Iterator[Line]:
    """Join a word cut at a line end where the whole word is known from elsewhere in the file."""
    words = {word for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower())}
    texts = [line.text for line in lines]
    for index in range(len(texts) - 1):
        cut = HYPHENATED.search(texts[index])
        rest = texts[index + 1].split(" ", 1)
        head = re.match(r"[^\W\d_]+", rest[0])
        if not cut or not head or not head[0][0].islower():
            continue
        joint = "" if "\xad" in cut[0] or (cut[1] + head[0]).lower() in words else "-"
        texts[index] = texts[index][: cut.end(1)] + joint + rest[0]
        texts[index + 1] = rest[1] if len(rest) > 1 else ""
    for line, text in zip(lines, texts, strict=True):
        if text or not line.text:
            yield Line(text, page=line.page)
