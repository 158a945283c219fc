"""Read the tables of documents: rows of cells become lines, with the speakers and times of their columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.readers.clock import CLOCK
from ingest.readers.records import table
from ingest.script import Line
from kb.errors import UnreadableFile

CLEAR = 2  # columns at most, of which a name and its words need no telling apart
RANGE_CELL = re.compile(rf"\s*[\[(]?\s?(?P<start>{CLOCK})\s?(?:-{{1,3}}>|[-–—]|to)\s?{CLOCK}\s?[\])]?\s*$")
Row = Sequence[str]


def drop_empty_columns(rows: Sequence[Row]) -> list[list[str]]:
    """Remove the columns without words, such as those of pictures."""
    width = max(map(len, rows), default=0)
    filled = [place for place in range(width) if any(place < len(row) and row[place].strip() for row in rows)]
    return [[row[place] for place in filled if place < len(row)] for row in rows]


def read_grid(rows: Sequence[Row]) -> list[Line]:
    """Read the rows of a table whose columns say who speaks; [] if they do not, or need no telling apart."""
    width = max(map(len, rows), default=0)
    text = "\n".join("\t".join(map(_plain_cell, row)) for row in rows)
    try:
        layout = table.find_layout(text) if width > 1 and len(rows) > 1 else None
        if layout is None or layout.mark != "\t" or (layout.question is None and width <= CLEAR):
            return []
        return list(table.read(text.encode(), "").lines) if layout.speaker is not None or width <= CLEAR else []
    except UnreadableFile:
        return []


def _plain_cell(cell: str) -> str:
    """Return a cell on one line, of a range of times only the first."""
    span = RANGE_CELL.match(cell)
    return span["start"] if span else " ".join(cell.split())
