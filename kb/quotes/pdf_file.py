"""Open a PDF that may be hostile and read its pages, within limits; the programs that do it share this.

A program takes the file from standard input and prints what it found as JSON, or {"refused": why}.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import pypdf
from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from kb.errors import UnreadableFile

CONTENT_LIMIT = 4 * 1024 * 1024  # bytes of drawing on one page; text takes a hundredth of it
MEMORY_LIMIT = 1024**3  # bytes
FAULTS = (
    PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError, OSError,
    NotImplementedError, AssertionError,
)  # fmt: skip

Page = TypeVar("Page")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs every flaw of a file; we report a file once


def run_reader(read: Callable[[PdfReader], dict[str, object]], most_pages: int) -> int:
    """Read a PDF from standard input and print what was found in it, or why it is refused."""
    _limit_memory()
    try:
        found = read(_open(sys.stdin.buffer.read(), most_pages))
    except UnreadableFile as error:
        found = {"refused": str(error)}
    except MemoryError:
        found = {"refused": f"takes more than {MEMORY_LIMIT // 1024**3} GB of memory; print it to PDF again"}
    sys.stdout.buffer.write(json.dumps(found).encode())
    return 0


def read_pages(
    reader: PdfReader, read: Callable[[PageObject], Page], count: Callable[[Page], int], empty: Page, most: int
) -> list[Page]:
    """Read each page; one that is broken, or full of drawing, is `empty`.

    Raises UnreadableFile when all pages are broken, or hold more than `most` characters as they are counted.
    """
    pages: list[Page] = []
    faults = size = 0
    for number in range(len(reader.pages)):
        try:
            page = reader.pages[number]
            pages.append(read(page) if _is_drawn_within(page) else empty)
        except FAULTS:
            pages.append(empty)
            faults += 1
        size += count(pages[-1])
        if size > most:
            raise UnreadableFile(f"holds more than {most:,} characters of text; split it")
    if faults == len(pages):
        raise UnreadableFile("is broken: none of its pages can be read; print it to PDF again")
    return pages


def _limit_memory() -> None:
    """Limit the memory of this process, but not on Windows, which has no such limit."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def _open(data: bytes, most_pages: int) -> PdfReader:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile("is encrypted; save it without a password")
        count = len(reader.pages)
    except DependencyError as error:
        raise UnreadableFile("is encrypted; save it without a password") from error
    except FAULTS as error:
        raise UnreadableFile("is broken; print it to PDF again") from error
    if not count:
        raise UnreadableFile("is broken: it has no pages; print it to PDF again")
    if count > most_pages:
        raise UnreadableFile(f"has {count:,} pages, more than {most_pages:,}; split it")
    return reader


def _is_drawn_within(page: PageObject) -> bool:
    contents = page.get_contents()
    return contents is not None and len(contents.get_data()) <= CONTENT_LIMIT
