"""Read Word documents: paragraphs, soft breaks and tables in order, and speakers marked only by colour."""

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
from ingest.script import Line, Script
from kb.errors import UnreadableFile

PARAGRAPH, ROW, CELL, TEXT = qn("w:p"), qn("w:tr"), qn("w:tc"), qn("w:t")
RUN = qn("w:r")
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
    title: str


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of a paragraph in one style."""

    text: str
    bold: bool
    colour: str


def read(data: bytes, _name: str) -> Script:
    """Read the paragraphs of a Word file. Raises UnreadableFile when it is damaged or holds no text."""
    open_archive(data, "Word")
    opened = _open(data)
    elements = _paragraphs(opened.body)
    blocks = [block for element in elements for block in _read_paragraph(element, opened.headings)]
    return Script("docx", tuple(_lines(blocks)), {"title": opened.title} if opened.title else {})


def _open(data: bytes) -> _Opened:
    """Open a file with python-docx, which parses it without checking much."""
    try:
        document = docx.Document(io.BytesIO(data))
        title = (document.core_properties.title or "").strip()
        body, headings = document.element.body, _heading_styles(document)
    except FAULTS as error:
        raise UnreadableFile(
            f"the Word file is damaged ({type(error).__name__}); open it in Word and save it again"
        ) from error
    if body is None:
        raise UnreadableFile("the Word file holds no text; open it in Word and save it again")
    return _Opened(body, headings, title)


def _heading_styles(document: Document) -> frozenset[str]:
    """Return the ids of the styles that are headings; Word translates ids but not names."""
    return frozenset(
        style.style_id
        for style in document.styles
        if style.name and style.name.lower().startswith(("heading", "title", "subtitle"))
    )


def _paragraphs(body: _Element) -> Iterator[_Element]:
    """Yield paragraphs and table rows in reading order, also those in content controls; a row includes its cells."""
    stack = [iter(body)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in (PARAGRAPH, ROW):
            yield element
        elif element.tag != FALLBACK:
            stack.append(iter(element))


def _read_paragraph(element: _Element, headings: frozenset[str]) -> Iterator[tuple[Block, str]]:
    """Yield the blocks of a paragraph or a row, one per soft line, each with the colour of its words."""
    style = element.find(f".//{qn('w:pStyle')}")
    is_heading = style is not None and style.get(VALUE) in headings
    for runs in _soft_lines(_row_runs(element) if element.tag == ROW else list(_runs(element))):
        text = "".join(run.text for run in runs).replace("\xa0", " ").strip()
        if text:
            lead = _lead(runs)
            heading = is_heading or (lead == text and text[-1] not in ":：")
            yield Block(text, lead, heading=heading), _colour(runs)


def _row_runs(row: _Element) -> list[_Run]:
    """Return the runs of a row's cells, separated by tabs; the paragraphs of a cell stay together."""
    runs: list[_Run] = []
    for cell in row.iterchildren(CELL):
        if runs:
            runs.append(_Run("\t", bold=False, colour=""))
        for paragraph in cell.iter(PARAGRAPH):
            runs += [*_runs(paragraph), _Run(" ", bold=False, colour="")]
    return runs


def _runs(paragraph: _Element) -> Iterator[_Run]:
    """Yield the runs of a paragraph, with insertions and links, without deletions and text boxes."""
    for run in paragraph.iter(RUN):
        if next(run.iterancestors(PARAGRAPH)) is not paragraph:
            continue
        properties = run.find(qn("w:rPr"))
        text = "".join(_texts(run))
        if text:
            yield _Run(text, _is_on(properties, "w:b"), _setting(properties, "w:color").lower())


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
        [replace(block, speaker=None if block.heading else names.get(colour)) for block, colour in blocks]
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
