"""Read the tables of documents: rows of cells become blocks, with the speakers and times of their columns."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.readers.documents.blocks import Block
from ingest.readers.records import table
from kb.errors import UnreadableFile

FEW_COLUMNS = 3  # from there on, columns other than name and text have to be told apart
Row = Sequence[str]


def drop_empty_columns(rows: Sequence[Row]) -> list[list[str]]:
    """Remove the columns without words, such as those of pictures."""
    width = max(map(len, rows), default=0)
    filled = [place for place in range(width) if any(place < len(row) and row[place].strip() for row in rows)]
    return [[row[place] for place in filled if place < len(row)] for row in rows]


def read_grid(rows: Sequence[Row]) -> list[Block]:
    """Read the rows of a table whose columns say who speaks; [] if they do not, or are too few to be unclear."""
    if max(map(len, rows), default=0) < FEW_COLUMNS:
        return []
    text = "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)
    try:
        layout = table.find_layout(text)
        if layout is None or layout.mark != "\t" or (layout.speaker is None and layout.question is None):
            return []
        lines = table.read(text.encode(), "").lines
    except UnreadableFile:
        return []
    return [Block(line.text, start=line.start, speaker=line.speaker) for line in lines]
