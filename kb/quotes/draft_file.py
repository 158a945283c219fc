"""Read a draft: an article or a chapter, in Word, PDF, Markdown or plain text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from kb.errors import UnreadableFile
from kb.quotes.draft import Paragraph
from kb.quotes.draft_pdf import read_pdf
from kb.quotes.word_package import FAULTS as PACKAGE_FAULTS
from kb.quotes.word_package import check_package

LIMIT = 20 * 1024 * 1024  # bytes of a draft
MARKDOWN = frozenset((".md", ".markdown"))
PLAIN = frozenset((".txt", ".text", "")) | MARKDOWN
BLOCK_STYLES = re.compile(r"(?i)\b(?:quote|quotation|block text|zitat|citation)\b")
MARKDOWN_BLOCK = re.compile(r"^ {0,3}> ?")
CODE = re.compile(r"(?ms)^ {0,3}(```|~~~).*?^ {0,3}\1[^\n]*$")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEFT_OUT = frozenset(f"{WORD}{name}" for name in ("del", "moveFrom", "instrText", "delText"))
FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
FAULTS = (*PACKAGE_FAULTS, TypeError, AttributeError, SyntaxError)


def read_draft_file(path: Path) -> list[Paragraph]:
    """Read the paragraphs of a draft. Raises UnreadableFile when it cannot be read, with what to do."""
    return read_draft_bytes(read_draft_data(path), path.name)


def read_draft_data(path: Path) -> bytes:
    """Read the bytes of a draft. Raises UnreadableFile when it cannot be read, or is too large."""
    try:
        if path.stat().st_size > LIMIT:
            raise UnreadableFile(f"{path}: a draft of more than {LIMIT // 1024**2} MB; cut it into parts")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableFile(f"{path} cannot be read: {reason}") from error


def read_draft_bytes(data: bytes, name: str) -> list[Paragraph]:
    """Read the paragraphs of a draft from its bytes, by the ending of its name. Raises UnreadableFile."""
    ending = Path(name).suffix.lower()
    if data[:4] == b"PK\x03\x04":
        return _read_word(data, name)
    if is_pdf(data):
        return read_pdf(data, name)
    if ending not in PLAIN:
        raise UnreadableFile(f"{name}: a draft is read from .docx, .pdf, .md and .txt; save it as one of these")
    return read_draft_text(decode_draft(data, name), is_markdown=ending in MARKDOWN)


def is_pdf(data: bytes) -> bool:
    """Whether a file says that it is a PDF."""
    return b"%PDF-" in data[:1024]


def decode_draft(data: bytes, name: str) -> str:
    """Decode a draft that is plain text or Markdown. Raises UnreadableFile when it is no text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise UnreadableFile(f"{name} holds no text; save it as .docx, .pdf, .md or .txt")
    return text


def read_draft_text(text: str, *, is_markdown: bool = True) -> list[Paragraph]:
    """Split a text into paragraphs at blank lines; with Markdown, lines that begin with ">" are block quotations."""
    plain = end_lines(text)
    if is_markdown:
        plain = CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), plain)
    paragraphs: list[Paragraph] = []
    rows: list[_Row] = []
    for row in [*_split_rows(plain), _Row("", 0)]:
        if row.text.strip(" \t"):
            rows.append(row)
            continue
        paragraphs += _make_paragraphs(rows, is_markdown=is_markdown)
        rows = []
    return paragraphs


def end_lines(text: str) -> str:
    """End all lines in the same way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    start: int  # characters of the draft


def _split_rows(text: str) -> Iterator[_Row]:
    start = 0
    for line in text.split("\n"):
        yield _Row(line, start)
        start += len(line) + 1


def _make_paragraphs(rows: Sequence[_Row], *, is_markdown: bool) -> Iterator[Paragraph]:
    """Make a paragraph of lines; a block quotation is split at its empty lines."""
    marks = [MARKDOWN_BLOCK.match(row.text) if is_markdown else None for row in rows]
    is_block = bool(rows) and all(marks)
    bare = [
        _Row(row.text[mark.end() :], row.start + mark.end()) if is_block and mark else row
        for row, mark in zip(rows, marks, strict=True)
    ]
    for is_filled, part in groupby(bare, key=lambda row: bool(row.text.strip())):
        if is_filled:
            kept = list(part)
            yield Paragraph("\n".join(row.text for row in kept), is_block, tuple(row.start for row in kept))


def open_word(data: bytes, name: str) -> tuple[Any, list[Any]]:
    """Open a Word file: the document, and the elements of the paragraphs that are read. Raises UnreadableFile."""
    import docx

    check_package(data, name)
    try:
        document = docx.Document(io.BytesIO(data))
        return document, list(_filled(document.element.body))
    except FAULTS as error:
        raise UnreadableFile(f"{name} cannot be read as a Word file; save it again as .docx") from error


def _read_word(data: bytes, name: str) -> list[Paragraph]:
    document, elements = open_word(data, name)
    try:
        styles = {style.style_id: style.name or "" for style in document.styles}
        return [*_read_body(elements, styles), *_read_footnotes(document)]
    except FAULTS as error:
        raise UnreadableFile(f"{name} cannot be read as a Word file; save it again as .docx") from error


def _filled(body: Any) -> Iterator[Any]:
    """Yield the paragraphs that hold text."""
    return (one for one in body.iter(f"{WORD}p") if _read_text(one).strip())


def _read_text(element: Any) -> str:
    return "".join(text for _, text in read_runs(element)).strip("\n")


def _read_body(elements: Iterable[Any], styles: dict[str, str]) -> Iterator[Paragraph]:
    for element in elements:
        text = _read_text(element)
        if text:
            style = element.find(f"{WORD}pPr/{WORD}pStyle")
            named = styles.get(style.get(f"{WORD}val", ""), "") if style is not None else ""
            yield Paragraph(text, BLOCK_STYLES.search(named) is not None)


def read_runs(element: Any) -> Iterator[tuple[Any, str]]:
    """Yield the texts of a paragraph with their elements, as they stand when all tracked changes are accepted."""
    for child in element:
        if child.tag in LEFT_OUT or child.tag == f"{WORD}p":  # a paragraph in a text box is read by itself
            continue
        if child.tag == f"{WORD}t":
            yield child, child.text or ""
        elif child.tag in (f"{WORD}br", f"{WORD}cr"):
            yield child, "\n"
        elif child.tag in (f"{WORD}tab", f"{WORD}ptab"):
            yield child, "\t"
        elif child.tag == f"{WORD}noBreakHyphen":
            yield child, "-"
        else:
            yield from read_runs(child)


def _read_footnotes(document: Any) -> Iterator[Paragraph]:
    from lxml import etree

    for relation in document.part.rels.values():
        if relation.reltype == FOOTNOTES and not relation.is_external:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            yield from _read_body(_filled(etree.fromstring(relation.target_part.blob, parser)), {})
