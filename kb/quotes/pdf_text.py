"""Extract the lines of a PDF with their places: a program of its own, so that a hostile file can be stopped.

    python -m kb.quotes.pdf_text < FILE.pdf

prints {"pages": [[[text, left, height, size], ...], ...]}, or {"refused": why}.
"""

from __future__ import annotations

import sys
from typing import Any

from pypdf import PageObject, PdfReader

from kb.errors import UnreadableFile
from kb.quotes.pdf_file import read_pages, run_reader

PAGE_LIMIT = 1_000  # of a draft
TEXT_LIMIT = 10_000_000  # characters of all pages

Row = tuple[str, float, float, float]  # text, left edge and height above the page's foot in points, size of the font


def main() -> int:
    """Read a PDF from standard input and print the lines of its pages."""
    return run_reader(_read, PAGE_LIMIT)


def _read(reader: PdfReader) -> dict[str, object]:
    nothing: list[Row] = []
    pages = read_pages(reader, _read_rows, _count, nothing, TEXT_LIMIT)
    if not any(pages):
        raise UnreadableFile("holds images only, no text; recognise its text first (OCR)")
    return {"pages": pages}


def _count(rows: list[Row]) -> int:
    return sum(len(row[0]) for row in rows)


def _read_rows(page: PageObject) -> list[Row]:
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
