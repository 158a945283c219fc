"""Extract the text of a PDF, page by page: a program of its own, so that a hostile file can be stopped.

    python -m ingest.readers.documents.pdf_pages < FILE.pdf

prints {"pages": [text], "title": text or null}, or {"refused": why}.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from contextlib import suppress

import pypdf
from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from kb.errors import UnreadableFile

PAGE_LIMIT = 3_000  # a deposition of a week has under two thousand
CONTENT_LIMIT = 4 * 1024 * 1024  # bytes of drawing on one page; text takes a hundredth of it
TEXT_LIMIT = 30_000_000  # characters of all pages; three thousand full pages have a third of it
MEMORY_LIMIT = 1024**3  # bytes
FAULTS = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
    OSError,
    NotImplementedError,
    AssertionError,
)


logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs every flaw of a file; we report a file once


def main() -> int:
    """Read a PDF from standard input and print its pages."""
    _limit_memory()
    try:
        reader = _open(sys.stdin.buffer.read())
        found: dict[str, object] = {"pages": _extract(reader), "title": _read_title(reader)}
    except UnreadableFile as error:
        found = {"refused": str(error)}
    except MemoryError:
        found = {"refused": f"the PDF takes more than {MEMORY_LIMIT // 1024**3} GB of memory; print it to PDF again"}
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
            raise UnreadableFile("the PDF is encrypted; save it without a password")
        count = len(reader.pages)
    except DependencyError as error:
        raise UnreadableFile("the PDF is encrypted; save it without a password") from error
    except FAULTS as error:
        raise UnreadableFile("the PDF is broken; print it to PDF again") from error
    if not count:
        raise UnreadableFile("the PDF is broken: it has no pages")
    if count > PAGE_LIMIT:
        raise UnreadableFile(f"the PDF has {count} pages, more than {PAGE_LIMIT}; split it")
    return reader


def _extract(reader: PdfReader) -> list[str]:
    """Extract the text of each page; a broken page is empty, unless all pages are broken."""
    texts: list[str] = []
    faults = size = 0
    for number in range(len(reader.pages)):
        try:
            texts.append(_page_text(reader.pages[number]))
        except FAULTS:
            texts.append("")
            faults += 1
        size += len(texts[-1])
        if size > TEXT_LIMIT:
            raise UnreadableFile("the PDF holds more text than any transcript; split it")
    if faults == len(texts):
        raise UnreadableFile("the PDF is broken: none of its pages can be read")
    return texts


def _page_text(page: PageObject) -> str:
    contents = page.get_contents()
    if contents is None or len(contents.get_data()) > CONTENT_LIMIT:
        return ""
    return page.extract_text()


def _read_title(reader: PdfReader) -> str | None:
    try:
        title = reader.metadata.title if reader.metadata else None
    except FAULTS:
        return None
    return title.strip() if isinstance(title, str) else None


if __name__ == "__main__":
    sys.exit(main())
