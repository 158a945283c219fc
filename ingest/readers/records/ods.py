"""Read transcripts kept in OpenDocument spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, repeat
from xml.etree.ElementTree import Element

from ingest.readers.clock import parse_clock
from ingest.readers.documents.archive import open_archive, read_xml
from ingest.readers.records.sheet import MOST_COLUMNS, MOST_ROWS, read_sheets, write_clock
from ingest.readers.records.table import Row
from ingest.readers.records.xml_tree import find_all, find_outermost, local, refuse_depth, tag_of, words_of
from ingest.script import Script

KIND = "OpenDocument"
NOTES = frozenset({"annotation"})  # beside a cell's words
CELLS = ("table-cell", "covered-table-cell")
MOST_REPEATED = 100  # of a row with words; files repeat empty rows a million times


def read(data: bytes, _name: str) -> Script:
    """Read the spoken rows of a spreadsheet. Raises UnreadableFile when it is damaged, a bomb, or holds no speech."""
    root = read_xml(open_archive(data, KIND), "content.xml", KIND)
    refuse_depth(root)
    for blank in find_all(root, "s", "tab", "line-break"):
        blank.text = " "
    return read_sheets((list(islice(_rows(table), MOST_ROWS)) for table in find_outermost(root, "table")), KIND)


def _rows(table: Element) -> Iterator[Row]:
    for row in find_outermost(table, "table-row"):
        cells = list(islice(_cells(row), MOST_COLUMNS))
        if any(cells):
            yield from repeat(tuple(cells), min(_repeated(row, "number-rows-repeated"), MOST_REPEATED))


def _cells(row: Element) -> Iterator[str]:
    for cell in row:
        if tag_of(cell) in CELLS:
            yield from repeat(_write(cell), min(_repeated(cell, "number-columns-repeated"), MOST_COLUMNS))


def _write(cell: Element) -> str:
    """Write a cell as it is shown; a time is written in full, whatever is shown of it."""
    stated = next((value for key, value in cell.attrib.items() if local(key) == "time-value"), None)
    seconds = parse_clock(stated)
    if seconds is not None:
        return write_clock(seconds)
    return " ".join(words_of(one, NOTES) for part in cell if tag_of(part) not in NOTES for one in find_all(part, "p"))


def _repeated(element: Element, name: str) -> int:
    """Read how often a row or a cell stands one after another."""
    value = next((value for key, value in element.attrib.items() if local(key) == name), "1")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 1
