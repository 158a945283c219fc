"""Extract the lines of a PDF with their places: a program of its own, so that a hostile file can be stopped.

    python -m kb.quotes.pdf_text < FILE.pdf

prints {"pages": [[[text, left, height, size], ...], ...]}, or {"refused": why}.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from contextlib import suppress
from typing import Any

import pypdf
from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from kb.errors import UnreadableFile

PAGE_LIMIT = 1_000  # of a draft
CONTENT_LIMIT = 4 * 1024 * 1024  # bytes of drawing on one page; text takes a hundredth of it
TEXT_LIMIT = 10_000_000  # characters of all pages
MEMORY_LIMIT = 1024**3  # bytes
FAULTS = (
    PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError, OSError,
    NotImplementedError, AssertionError,
)  # fmt: skip

Row = tuple[str, float, float, float]  # text, left edge and height above the page's foot in points, size of the font

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs every flaw of a file; we report a file once


def main() -> int:
    """Read a PDF from standard input and print the lines of its pages."""
    _limit_memory()
    try:
        found: dict[str, object] = {"pages": _read_pages(_open(sys.stdin.buffer.read()))}
    except UnreadableFile as error:
        found = {"refused": str(error)}
    except MemoryError:
        found = {"refused": f"takes more than {MEMORY_LIMIT // 1024**3} GB of memory; print it to PDF again"}
    sys.stdout.buffer.write(json.dumps(found).encode())
    return 0


def _limit_memory() -> None:
    """Limit the memory of this process, but not on Windows, which has no such limit."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def _open(data: bytes) -> PdfReader:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile("is encrypted; save it without a password")
        count = len(reader.pages)
    except DependencyError as error:
        raise UnreadableFile("is encrypted; save it without a password") from error
    except FAULTS as error:
        raise UnreadableFile("is a broken PDF; print it to PDF again") from error
    if count > PAGE_LIMIT:
        raise UnreadableFile(f"has {count:,} pages, more than {PAGE_LIMIT:,}; cut it into parts")
    return reader


def _read_pages(reader: PdfReader) -> list[list[Row]]:
    """Read the lines of each page; a broken page has none, unless all pages are broken."""
    pages: list[list[Row]] = []
    faults = size = 0
    for number in range(len(reader.pages)):
        try:
            pages.append(_read_rows(reader.pages[number]))
        except FAULTS:
            pages.append([])
            faults += 1
        size += sum(len(row[0]) for row in pages[-1])
        if size > TEXT_LIMIT:
            raise UnreadableFile("holds more text than a book; cut it into parts")
    if faults == len(pages):
        raise UnreadableFile("is a broken PDF: none of its pages can be read; print it to PDF again")
    if not size:
        raise UnreadableFile("holds images only, no text; recognise its text first (OCR)")
    return pages


def _read_rows(page: PageObject) -> list[Row]:
    contents = page.get_contents()
    if contents is None or len(contents.get_data()) > CONTENT_LIMIT:
        return []
    rows: list[Row] = []
    text, place = "", None

    def visit(written: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        nonlocal text, place
        first, *others = written.split("\n")
        for number, piece in enumerate([first, *others]):
            if number:
                _end_row(rows, text, place)
                text, place = "", None
            if piece.strip() and place is None:
                left = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
                height = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                place = (left, height, size * abs(tm[3] * cm[3]))
            text += piece

    page.extract_text(visitor_text=visit)
    _end_row(rows, text, place)
    return rows


def _end_row(rows: list[Row], text: str, place: tuple[float, float, float] | None) -> None:
    if place is not None and text.strip():
        rows.append((text.strip(), *place))


if __name__ == "__main__":
    sys.exit(main())
