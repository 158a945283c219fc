"""Read transcripts kept as tables, separated by commas, tabs or semicolons, with or without a line of names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from ingest.readers.clock import find_unit, is_date, parse_clock
from ingest.readers.fields import CHANNEL, END, PERSON, SPEAKER, START, START_MS, TEXT, fold_field
from ingest.readers.several_talks import tell_talks_in_rows
from ingest.readers.text_encoding import decode_text
from ingest.readers.words import name_speaker
from ingest.script import Line, Script
from kb.errors import UnreadableFile

Row = Sequence[str]

MARKS = "\t,;|"
CELLS = ""  # no mark: the cells of a spreadsheet are apart by themselves
SAMPLE_ROWS = 60  # looked at to separate a table from prose
STEADY = 0.9  # share of rows with the same number of cells, in a table without names
SPEECH_WORDS = 4  # words a cell on average, in a column of speech
FEW_NAMES = 0.4  # of the rows; a column of speakers says the same few names again and again


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table, by what they hold."""

    mark: str
    has_names: bool
    width: int  # cells in a row
    text: int
    speaker: int | None = None
    start: int | None = None
    counts_milliseconds: bool = False
    question: int | None = None  # if rows hold a question and its answer


def read(data: bytes, _name: str) -> Script:
    """Read the spoken rows of a table. Raises UnreadableFile when it is broken or no column holds speech."""
    text, _ = decode_text(data)
    layout = find_layout(text)
    if layout is None:
        raise UnreadableFile("no column of this table holds speech; name the columns start, speaker and text")
    rows = list(_read_rows(text, layout.mark))
    several = tell_talks_in_rows(rows[0], rows[1:]) if layout.has_names else ()
    return Script("table", make_lines(rows[layout.has_names :], layout), warnings=several)


def make_lines(rows: Sequence[Row], layout: Layout) -> tuple[Line, ...]:
    """Make the spoken lines of a table's rows, without the row of names."""
    starts = _starts(rows, layout)
    return tuple(line for row, start in zip(rows, starts, strict=True) for line in _row_lines(row, start, layout))


def find_layout(text: str) -> Layout | None:
    """Find the layout of a table of speech; None for any other text. Raises UnreadableFile when a table is broken."""
    head = text[: text.find("\n")] if "\n" in text else text
    is_one_row = bool(head.strip()) and '"' not in head  # else quotation marks may join it with the next
    for mark in sorted(MARKS, key=head.count, reverse=True):
        if is_one_row and mark not in head:
            break
        rows = [row for row in _read_rows(text[: SAMPLE_ROWS * 2000], mark, SAMPLE_ROWS) if any(map(str.strip, row))]
        if layout := find_columns(rows, mark):
            return layout
    return None


def find_columns(rows: Sequence[Row], mark: str) -> Layout | None:
    """Find what the columns of a table's first rows hold; None if none of them holds speech."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    return _by_names(rows[0], mark) or _by_content(rows, mark)


def _read_rows(text: str, mark: str, most: int | None = None) -> Iterator[Row]:
    """Yield rows of cells; tables with tabs do not quote cells, so a quotation mark there is part of the text."""
    lines = io.StringIO(text)
    is_plain = mark == "\t"
    table = csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_NONE) if is_plain else csv.reader(lines, delimiter=mark)
    try:
        yield from islice(table, most)
    except csv.Error as error:
        raise UnreadableFile(f"the table is broken in line {table.line_num}: {error}") from error


def _by_names(head: Row, mark: str) -> Layout | None:
    names = [fold_field(_unquote(cell.strip())) for cell in head]
    if "question" in names and "answer" in names:
        return Layout(mark, True, len(head), text=names.index("answer"), question=names.index("question"))
    text = _find(names, TEXT)
    start_ms = _find(names, START_MS)
    start = start_ms if start_ms is not None else _find(names, START)
    speaker = _find(names, {**SPEAKER, **{name: len(SPEAKER) + rank for name, rank in PERSON.items()}})
    if speaker is None:
        speaker = _find(names, CHANNEL)
    if text is None or (start is None and speaker is None and _find(names, END) is None):
        return None
    return Layout(mark, True, len(head), text, speaker, start, counts_milliseconds=start_ms is not None)


def _find(names: Sequence[str], wanted: Mapping[str, int]) -> int | None:
    ranked = [(wanted[name], place) for place, name in enumerate(names) if name in wanted]
    return min(ranked)[1] if ranked else None


def _by_content(rows: Sequence[Row], mark: str) -> Layout | None:
    """Identify columns without names by what they hold: times, a few names, and speech."""
    width = max(map(len, rows), key=[len(row) for row in rows].count)
    even = [row for row in rows if len(row) == width]
    if width < 2 or len(even) < STEADY * len(rows) or (mark == "," and width == 2):
        return None
    columns = [[_cell(row, place) for row in even] for place in range(width)]
    text = max(range(width), key=lambda place: sum(map(len, columns[place])))
    if sum(cell.count(" ") + 1 for cell in columns[text]) < SPEECH_WORDS * len(even):
        return None
    clocks = [place for place in range(width) if place != text and _are_numbers(columns[place])]
    start = next((place for place in clocks if not _are_ids(columns[place])), None)
    named = [place for place in range(width) if place not in (text, *clocks) and _are_names(columns[place])]
    if not clocks and not (named and (mark == CELLS or (mark == "\t" and width > 2))):
        return None
    return Layout(mark, False, width, text, speaker=named[0] if named else None, start=start)


def _are_numbers(cells: Row) -> bool:
    return sum(1 for cell in cells if parse_clock(cell) is not None) >= STEADY * len(cells)


def _are_ids(cells: Row) -> bool:
    """Whether a column only counts its rows."""
    numbers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit() and len(cell) < 10]
    return len(numbers) == len(cells) and all(later == earlier + 1 for earlier, later in pairwise(numbers))


def _are_names(cells: Row) -> bool:
    filled = [cell for cell in cells if cell]
    short = all(len(cell) < 60 and cell.count(" ") < 6 for cell in filled)
    return bool(filled) and short and len(set(filled)) <= max(2, FEW_NAMES * len(filled))


def _starts(rows: Sequence[Row], layout: Layout) -> list[float | None]:
    """Return the start of each row in seconds, for any unit of the column."""
    if layout.start is None:
        return [None] * len(rows)
    moments = [parse_clock(_cell(row, layout.start)) for row in rows]
    known = [moment for moment in moments if moment is not None]
    if not known:
        return moments
    zero = min(known) if is_date(min(known)) else 0.0
    unit = _find_unit(rows, layout, [moment - zero for moment in known])
    return [None if moment is None else round((moment - zero) * unit, 3) for moment in moments]


def _find_unit(rows: Sequence[Row], layout: Layout, moments: Sequence[float]) -> float:
    """Find the unit of a column of times, in seconds; a clock such as '14:32:03' has its own."""
    if layout.counts_milliseconds:
        return 1e-3
    if any(":" in _cell(row, layout.start) for row in rows):
        return 1.0
    return find_unit(moments, sum(_cell(row, layout.text).count(" ") + 1 for row in rows))


def _row_lines(row: Row, start: float | None, layout: Layout) -> Iterator[Line]:
    if layout.question is not None and (question := _cell(row, layout.question)):
        yield Line(question, start=start, speaker="Question")
    if text := " ".join(_spoken(row, layout).split()):
        speaker = (
            "Answer" if layout.question is not None else name_speaker(_cell(row, layout.speaker).rstrip(":") or None)
        )
        yield Line(text, start=start, speaker=speaker)


def _spoken(row: Row, layout: Layout) -> str:
    """Return the cell of speech; if it is the last one, join the cells into which unquoted commas have cut it."""
    if layout.width == layout.text + 1 and len(row) > layout.width:
        return layout.mark.join(row[layout.text :])
    return _cell(row, layout.text)


def _cell(row: Row, place: int | None) -> str:
    return _unquote(row[place].strip()) if place is not None and place < len(row) else ""


def _unquote(cell: str) -> str:
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"').strip() if is_quoted and '"' not in cell[1:-1].replace('""', "") else cell
