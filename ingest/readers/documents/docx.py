"""Read Word documents: paragraphs, soft breaks and tables in order, and speakers marked only by colour.

Text that is deleted, moved away or hidden is not read; neither are comments, notes and text boxes.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import docx
from docx.document import Document
from docx.oxml.ns import qn
from lxml.etree import LxmlError, _Element

from ingest.readers.documents.archive import open_archive
from ingest.readers.documents.blocks import Block, block_lines
from ingest.readers.documents.grid import drop_empty_columns, read_grid
from ingest.script import Line, Script
from kb.errors import UnreadableFile

PARAGRAPH, TABLE, ROW, CELL, TEXT = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc"), qn("w:t")
RUN = qn("w:r")
STYLE = qn("w:pStyle")
# A reviewer has deleted this, or moved it to where it stands again.
GONE = frozenset((qn("w:del"), qn("w:moveFrom")))
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats what is before it
BREAKS = frozenset((qn("w:br"), qn("w:cr")))
TABS = frozenset((qn("w:tab"), qn("w:ptab")))
HYPHEN = qn("w:noBreakHyphen")
VALUE = qn("w:val")
UNCOLOURED = ("", "auto", "000000")
COLOUR_SHARE = 0.1  # of the paragraphs; a rarer colour marks a heading or a comment
COLOUR_CHANGES = 3  # fewer do not make a conversation
FAULTS = (
    LxmlError,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A Word file as python-docx opens it."""

    body: _Element
    headings: frozenset[str]  # ids of the styles that are headings
    hidden: frozenset[str]  # ids of the styles that hide their words
    title: str


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of a paragraph in one style."""

    text: str
    bold: bool = False
    colour: str = ""
    italic: bool = False


def read(data: bytes, _name: str) -> Script:
    """Read the paragraphs of a Word file. Raises UnreadableFile when it is damaged or holds no text."""
    open_archive(data, "Word")
    opened = _open(data)
    blocks = [block for element in _elements(opened.body) for block in _read_element(element, opened)]
    return Script("docx", tuple(_lines(blocks)), {"title": opened.title} if opened.title else {})


def _open(data: bytes) -> _Opened:
    """Open a file with python-docx, which parses it without checking much."""
    try:
        document = docx.Document(io.BytesIO(data))
        title = (document.core_properties.title or "").strip()
        body, headings, hidden = document.element.body, _heading_styles(document), _hidden_styles(document)
    except FAULTS as error:
        raise UnreadableFile("the Word file is damaged; open it in Word and save it again") from error
    if body is None:
        raise UnreadableFile("the Word file holds no text; open it in Word and save it again")
    return _Opened(body, headings, hidden, title)


def _heading_styles(document: Document) -> frozenset[str]:
    """Return the ids of the styles that are headings; Word translates ids but not names."""
    return frozenset(
        style.style_id
        for style in document.styles
        if style.name and style.name.lower().startswith(("heading", "title", "subtitle"))
    )


def _hidden_styles(document: Document) -> frozenset[str]:
    """Return the ids of the styles whose words are hidden."""
    return frozenset(style.style_id for style in document.styles if _is_on(style.element.find(qn("w:rPr")), "w:vanish"))


def _elements(body: _Element) -> Iterator[_Element]:
    """Yield paragraphs and tables in reading order, also those in content controls."""
    stack = [iter(body)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in (PARAGRAPH, TABLE):
            yield element
        elif element.tag != FALLBACK:
            stack.append(iter(element))


def _read_element(element: _Element, opened: _Opened) -> Iterator[tuple[Block, str]]:
    """Yield the blocks of a paragraph or a table, one per soft line, each with the colour of its words."""
    if element.tag == PARAGRAPH:
        yield from _read_paragraph(element, list(_runs(element, opened)), opened)
        return
    elements = [row for row in _own(element, ROW) if _is_kept_row(row)]
    rows = [_cells(row, opened) for row in elements]
    texts = drop_empty_columns([["".join(run.text for run in cell) for cell in row] for row in rows])
    if max(map(len, texts), default=0) == 1:  # a frame around paragraphs
        for paragraph in element.iter(PARAGRAPH):
            yield from _read_paragraph(paragraph, list(_runs(paragraph, opened)), opened)
        return
    if lines := read_grid(texts):
        yield from ((Block(line.text, start=line.start, speaker=line.speaker), "") for line in lines)
        return
    for row, cells in zip(elements, rows, strict=True):
        yield from _read_paragraph(row, _join_cells(cells), opened)


def _own(element: _Element, tag: str) -> Iterator[_Element]:
    """Yield the rows of a table or the cells of a row, without those of tables inside them."""
    return (part for part in element.iter(tag) if next(part.iterancestors(element.tag)) is element)


def _is_kept_row(row: _Element) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:del')}") is None


def _cells(row: _Element, opened: _Opened) -> list[list[_Run]]:
    """Return the runs of each cell; its paragraphs stay together."""
    return [
        [run for paragraph in cell.iter(PARAGRAPH) for run in (*_runs(paragraph, opened), _Run(" "))]
        for cell in _own(row, CELL)
    ]


def _join_cells(cells: Sequence[Sequence[_Run]]) -> list[_Run]:
    """Join the runs of cells that hold words, separated by tabs; only the words spoken have lines of their own."""
    filled = [cell for cell in cells if any(run.text.strip() for run in cell)]
    runs: list[_Run] = []
    for cell in filled[:-1]:
        runs += [replace(run, text=run.text.replace("\n", "  ")) for run in cell]
        runs.append(_Run("\t"))
    return [*runs, *(filled[-1] if filled else ())]


def _read_paragraph(element: _Element, runs: Sequence[_Run], opened: _Opened) -> Iterator[tuple[Block, str]]:
    style = element.find(f".//{STYLE}")
    is_heading = style is not None and style.get(VALUE) in opened.headings
    for own in _soft_lines(runs):
        text = "".join(run.text for run in own).replace("\xa0", " ").strip()
        if text:
            lead = _lead(own)
            heading = is_heading or (lead == text and text[-1] not in ":：")
            is_italic = all(run.italic for run in own if run.text.strip())
            yield Block(text, lead, heading=heading, italic=is_italic), _colour(own)


def _runs(paragraph: _Element, opened: _Opened) -> Iterator[_Run]:
    """Yield the runs of a paragraph that a reader of the document sees in it."""
    if _style(paragraph.find(qn("w:pPr")), "w:pStyle") in opened.hidden:
        return
    for run in paragraph.iter(RUN):
        properties = run.find(qn("w:rPr"))
        is_hidden = _is_on(properties, "w:vanish") or _style(properties, "w:rStyle") in opened.hidden
        if is_hidden or not _belongs_to(run, paragraph):
            continue
        if text := "".join(_texts(run)):
            colour = _setting(properties, "w:color").lower()
            yield _Run(text, _is_on(properties, "w:b"), colour, _is_on(properties, "w:i"))


def _belongs_to(run: _Element, paragraph: _Element) -> bool:
    """Whether a run is a paragraph's own: not a text box's, not deleted, not moved away."""
    for outer in run.iterancestors():
        if outer is paragraph:
            return True
        if outer.tag == PARAGRAPH or outer.tag in GONE:
            return False
    return False


def _style(properties: _Element | None, name: str) -> str:
    found = properties.find(qn(name)) if properties is not None else None
    return (found.get(VALUE) or "") if found is not None else ""


def _texts(run: _Element) -> Iterator[str]:
    for part in run:
        if part.tag == TEXT:
            yield part.text or ""
        elif part.tag in BREAKS:
            yield "\n"
        elif part.tag in TABS:
            yield "\t"
        elif part.tag == HYPHEN:
            yield "-"


def _setting(properties: _Element | None, name: str) -> str:
    found = properties.find(qn(name)) if properties is not None else None
    return (found.get(VALUE) or "on") if found is not None else ""


def _is_on(properties: _Element | None, name: str) -> bool:
    return _setting(properties, name) not in ("", "0", "false", "off")


def _soft_lines(runs: Sequence[_Run]) -> Iterator[list[_Run]]:
    line: list[_Run] = []
    for run in runs:
        first, *rest = run.text.split("\n")
        line.append(replace(run, text=first))
        for text in rest:
            yield line
            line = [replace(run, text=text)]
    yield line


def _lead(runs: Sequence[_Run]) -> str:
    """Return the words in bold at the beginning."""
    words = ""
    for run in runs:
        if not run.bold and run.text.strip():
            break
        words += run.text
    return words.replace("\xa0", " ").strip()


def _colour(runs: Sequence[_Run]) -> str:
    """Return the colour of most of the words."""
    weight: Counter[str] = Counter()
    for run in runs:
        weight["" if run.colour in UNCOLOURED else run.colour] += len(run.text.strip())
    return weight.most_common(1)[0][0] if weight else ""


def _lines(blocks: Sequence[tuple[Block, str]]) -> Iterator[Line]:
    names = _names_by_colour([(colour, block) for block, colour in blocks if not block.heading])
    return block_lines(
        [
            block if block.heading or block.speaker else replace(block, speaker=names.get(colour))
            for block, colour in blocks
        ]
    )


def _names_by_colour(spoken: Sequence[tuple[str, Block]]) -> dict[str, str]:
    """Name colours that take turns 'Speaker 1', 'Speaker 2', if no labels say who speaks."""
    counted = Counter(colour for colour, _ in spoken)
    colours = [colour for colour, count in counted.items() if count >= max(2, COLOUR_SHARE * len(spoken))]
    changes = sum(1 for (one, _), (two, _) in pairwise(spoken) if one != two)
    labelled = sum(1 for _, block in spoken if ":" in block.text[:40])
    if not 1 < len(colours) < 6 or changes < COLOUR_CHANGES or labelled > 0.3 * len(spoken):
        return {}
    return {colour: f"Speaker {number}" for number, colour in enumerate(colours, 1)}
