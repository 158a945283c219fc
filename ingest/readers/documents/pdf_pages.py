"""Extract the text of a PDF, page by page: a program of its own, so that a hostile file can be stopped.

    python -m ingest.readers.documents.pdf_pages < FILE.pdf

prints {"pages": [text], "title": text or null}, or {"refused": why}.
"""

from __future__ import annotations

import sys

from pypdf import PageObject, PdfReader

from kb.quotes.pdf_file import FAULTS, read_pages, run_reader

PAGE_LIMIT = 3_000  # a deposition of a week has under two thousand
TEXT_LIMIT = 30_000_000  # characters of all pages; three thousand full pages have a third of it


def main() -> int:
    """Read a PDF from standard input and print its pages."""
    return run_reader(_read, PAGE_LIMIT)


def _read(reader: PdfReader) -> dict[str, object]:
    return {"pages": read_pages(reader, PageObject.extract_text, len, "", TEXT_LIMIT), "title": _read_title(reader)}


def _read_title(reader: PdfReader) -> str | None:
    try:
        title = reader.metadata.title if reader.metadata else None
    except FAULTS:
        return None
    return title.strip() if isinstance(title, str) else None


if __name__ == "__main__":
    sys.exit(main())
