"""Read the tables of documents: rows of cells become lines, with the speakers and times of their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.readers.clock import CLOCK, parse_clock
from ingest.readers.fields import PERSON, SPEAKER, START, TEXT, fold_field
from ingest.readers.words import name_speaker
from ingest.script import Line

MOST_COLUMNS = 30  # a wider table is no transcript
CLEAR = 2  # columns at most, of which a name and its words need no telling apart
FEW_ROWS = 4  # fewer show nothing, if no row names the columns
MOST = 0.9  # share of a column's cells that are times
SPEECH_WORDS = 4  # words a cell on average, in a column of speech
FEW_NAMES = 0.4  # of the rows; a column of speakers says the same few names again and again
NAME_LIMIT = 60  # characters
RANGE = re.compile(rf"\s*[\[(]?\s?(?P<start>{CLOCK})\s?(?:-{{1,3}}>|[-–—]|to)\s?{CLOCK}\s?[\])]?\s*$")
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table, by what they hold."""

    text: int
    speaker: int | None = None
    start: int | None = None
    question: int | None = None  # if rows hold a question and its answer
    has_names: bool = False  # the first row names the columns


def drop_empty_columns(rows: Sequence[Row]) -> list[list[str]]:
    """Remove the columns without words, such as those of pictures."""
    width = max(map(len, rows), default=0)
    if width > MOST_COLUMNS:
        return [list(row) for row in rows]
    filled = [place for place in range(width) if any(place < len(row) and row[place].strip() for row in rows)]
    return [[row[place] for place in filled if place < len(row)] for row in rows]


def read_grid(rows: Sequence[Row]) -> list[Line]:
    """Read the rows of a table whose columns say who speaks; [] if they do not, or need no telling apart."""
    if max(map(len, rows), default=0) > MOST_COLUMNS:
        return []
    plain = [[_plain_cell(cell) for cell in row] for row in rows]
    columns = (_by_names(plain) or _by_content(plain)) if len(plain) > 1 else None
    if columns is None:
        return []
    return [line for row in plain[columns.has_names :] for line in _row_lines(row, columns)]


def _plain_cell(cell: str) -> str:
    """Return a cell on one line, of a range of times only the first."""
    span = RANGE.match(cell)
    return span["start"] if span else " ".join(cell.split())


def _by_names(rows: Sequence[Row]) -> Columns | None:
    names = [fold_field(cell.rstrip(":.")) for cell in rows[0]]
    if "question" in names and "answer" in names:
        return Columns(names.index("answer"), question=names.index("question"), has_names=True)
    text, start = _find(names, TEXT), _find(names, START)
    speaker = _find(names, SPEAKER)
    speaker = _find(names, PERSON) if speaker is None else speaker
    if text is None or speaker is None or len(names) <= CLEAR:
        return None
    return Columns(text, speaker, start, has_names=True)


def _find(names: Sequence[str], wanted: Mapping[str, int]) -> int | None:
    ranked = [(wanted[name], place) for place, name in enumerate(names) if name in wanted]
    return min(ranked)[1] if ranked else None


def _by_content(rows: Sequence[Row]) -> Columns | None:
    """Identify columns without names by what they hold: times, a few names, and speech."""
    width = max(map(len, rows))
    if width <= CLEAR or len(rows) < FEW_ROWS:
        return None
    columns = [[_cell(row, place) for row in rows] for place in range(width)]
    text = max(range(width), key=lambda place: sum(map(len, columns[place])))
    if sum(cell.count(" ") + 1 for cell in columns[text]) < SPEECH_WORDS * len(rows):
        return None
    others = [place for place in range(width) if place != text]
    start = next((place for place in others if _are_clocks(columns[place])), None)
    speaker = next((place for place in others if place != start and _are_names(columns[place])), None)
    return Columns(text, speaker, start) if speaker is not None else None


def _are_clocks(cells: Row) -> bool:
    return sum(1 for cell in cells if ":" in cell and parse_clock(cell) is not None) >= MOST * len(cells)


def _are_names(cells: Row) -> bool:
    filled = [cell for cell in cells if cell]
    are_short = all(len(cell) < NAME_LIMIT and cell[0].isalpha() and cell.count(" ") < 6 for cell in filled)
    return 2 * len(filled) > len(cells) and are_short and len(set(filled)) <= max(2, FEW_NAMES * len(filled))


def _row_lines(row: Row, columns: Columns) -> Iterator[Line]:
    start = parse_clock(_cell(row, columns.start)) if columns.start is not None else None
    if columns.question is not None and (question := _cell(row, columns.question)):
        yield Line(question, speaker="Question")
    if text := _cell(row, columns.text):
        name = "Answer" if columns.question is not None else name_speaker(_cell(row, columns.speaker).rstrip(" :"))
        yield Line(text, start=start, speaker=name)


def _cell(row: Row, place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
