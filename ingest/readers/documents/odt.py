"""Read OpenDocument texts: paragraphs, headings, soft breaks and tables in order."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from ingest.readers.documents.archive import open_archive, read_xml
from ingest.readers.documents.blocks import Block, block_lines
from ingest.script import Script
from kb.errors import UnreadableFile

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"

PARAGRAPHS = frozenset((f"{_TEXT}p", f"{_TEXT}h"))
UNREAD = frozenset((f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls"))
DEEPEST = 100  # levels of elements in a paragraph
REPEAT_LIMIT = 1_000  # spaces; the format can ask for any number


def read(data: bytes, _name: str) -> Script:
    """Read the paragraphs of an OpenDocument text. Raises UnreadableFile when it is damaged or holds no text."""
    archive = open_archive(data, "OpenDocument")
    content = read_xml(archive, "content.xml", "OpenDocument")
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise UnreadableFile("the OpenDocument file holds no text; save it as .odt or .docx")
    bold, italic = _styles_with(content, "font-weight", "bold"), _styles_with(content, "font-style", "italic")
    blocks = [block for element in _paragraphs(body) for block in _read_paragraph(element, bold, italic)]
    return Script("odt", tuple(block_lines(blocks)), _read_card(archive))


def _styles_with(content: Element, setting: str, value: str) -> frozenset[str]:
    """Return the names of the styles with a setting: those in bold, or in italics."""
    return frozenset(
        style.get(f"{_STYLE}name", "")
        for style in content.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}text-properties")
        if properties.get(f"{_FO}{setting}") == value
    )


def _paragraphs(body: Element) -> Iterator[Element]:
    """Yield paragraphs, headings and table rows in reading order; a row includes its cells."""
    stack = [iter(body)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in PARAGRAPHS or element.tag == f"{_TABLE}table-row":
            yield element
        elif element.tag not in UNREAD:
            stack.append(iter(element))


def _read_paragraph(element: Element, bold: frozenset[str], italic: frozenset[str]) -> Iterator[Block]:
    if element.tag == f"{_TABLE}table-row":
        cells = (" ".join(_text(part) for part in cell.iter() if part.tag in PARAGRAPHS) for cell in element)
        yield from _soft_blocks("\t".join(cells), "")
        return
    is_heading = element.tag == f"{_TEXT}h"
    is_bold = element.get(f"{_TEXT}style-name") in bold
    text = _text(element)
    is_italic = element.get(f"{_TEXT}style-name") in italic or _lead(element, italic) == text.strip()
    lead = text.strip() if is_bold else _lead(element, bold)
    yield from _soft_blocks(text, lead, is_heading=is_heading, is_italic=is_italic)


def _soft_blocks(text: str, lead: str, *, is_heading: bool = False, is_italic: bool = False) -> Iterator[Block]:
    for row in filter(None, (part.replace("\xa0", " ").strip() for part in text.split("\n"))):
        is_bold = lead == row and row[-1] not in ":："
        yield Block(row, lead if row.startswith(lead) else "", heading=is_heading or is_bold, italic=is_italic)


def _text(element: Element) -> str:
    return "".join(_texts(element, 0))


def _texts(element: Element, depth: int) -> Iterator[str]:
    """Yield the text inside an element, with tabs, breaks and runs of spaces as characters."""
    if depth > DEEPEST:
        raise UnreadableFile("the OpenDocument file is nested deeper than any document; export only its text")
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}tab":
            yield "\t"
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            yield " " * min(REPEAT_LIMIT, int(count) if count.isdigit() else 1)
        elif child.tag not in UNREAD:
            yield from _texts(child, depth + 1)
        yield child.tail or ""


def _lead(paragraph: Element, bold: frozenset[str]) -> str:
    """Return the words in bold at the beginning."""
    words = ""
    if (paragraph.text or "").strip():
        return ""
    for child in paragraph:
        if child.tag == f"{_TEXT}span" and child.get(f"{_TEXT}style-name") not in bold and _text(child).strip():
            break
        words += _text(child)
        if (child.tail or "").strip():
            break
    return words.replace("\xa0", " ").strip()


def _read_card(archive: ZipFile) -> dict[str, object]:
    if "meta.xml" not in archive.namelist():
        return {}
    title = read_xml(archive, "meta.xml", "OpenDocument").find(f".//{_DC}title")
    return {"title": title.text.strip()} if title is not None and title.text and title.text.strip() else {}
