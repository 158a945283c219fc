"""Read Word documents: paragraphs, soft breaks and tables in their order."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from ingest.readers.archive import open_archive
from ingest.script import Line, Script
from kb.errors import UnreadableFile


def read(data: bytes, name: str) -> Script:
    """The paragraphs of a Word file."""
    open_archive(data, "Word")
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as error:  # lxml, zipfile and python-docx each have errors of their own
        raise UnreadableFile(f"the Word file is damaged: {type(error).__name__}") from error
    return Script("docx", tuple(_read_lines(document)), _read_card(document))


def _read_lines(document: Document) -> Iterator[Line]:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = list(dict.fromkeys(cell.text.strip() for cell in row.cells))
                yield from _split_rows("\t".join(cells), heading=False)
        else:
            yield from _split_rows(block.text, heading=_is_heading(block))
        yield Line("")


def _split_rows(text: str, *, heading: bool) -> Iterator[Line]:
    for row in text.replace("\xa0", " ").replace("\r", "\n").split("\n"):
        yield Line(row.strip(), heading=heading)


def _is_heading(paragraph: Paragraph) -> bool:
    style = paragraph.style
    return style is not None and bool(style.name) and style.name.lower().startswith(("heading", "title"))


def _read_card(document: Document) -> dict[str, object]:
    title = (document.core_properties.title or "").strip()
    return {"title": title} if title else {}
