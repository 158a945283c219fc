"""Read the rows of a spreadsheet by the same rules as those of a table in text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice

from ingest.readers.documents import text as plain_text
from ingest.readers.records.table import CELLS, SAMPLE_ROWS, SPEECH_WORDS, Layout, Row, find_columns, make_lines
from ingest.readers.several_talks import tell_talks_in_rows
from ingest.script import Script
from kb.errors import UnreadableFile

MOST_ROWS = 100_000  # of a sheet; the longest interviews have a few thousand turns
MOST_COLUMNS = 60
MOST_SHEETS = 20  # looked at behind the one that is read
MOST_CHARACTERS = 30_000_000  # of a sheet; two hundred hours of talk are twelve million
HEAD_ROWS = 10  # above the names of the columns a sheet may have a title
FIRST_DAYS = 1901  # a moment of a day in these years is a time without a day


def read_sheets(sheets: Iterable[Iterable[Row]], kind: str) -> Script:
    """Read the first sheet that holds speech. Raises UnreadableFile when none does."""
    columns: list[Script] = []
    others = iter(sheets)
    for sheet in others:
        rows = _trim(sheet)
        if found := _find_table(rows):
            place, layout = found
            spoken = rows[place + layout.has_names :]
            several = tell_talks_in_rows(rows[place], spoken) if layout.has_names else ()
            return Script("table", make_lines(spoken, layout), warnings=(*several, *_tell_others(others)))
        if len(rows) > 1 and len(rows[0]) == 1 and _hold_speech(rows):
            columns.append(plain_text.read("\n".join(row[0] for row in rows).encode(errors="replace"), ""))
    if columns:
        return columns[0]
    raise UnreadableFile(
        f"no sheet of this {kind} file holds speech; name its columns start, speaker and text, or save it as .csv"
    )


def _tell_others(sheets: Iterator[Iterable[Row]]) -> tuple[str, ...]:
    """Warn about further sheets with a talk, which are not read."""
    count = 0
    with suppress(UnreadableFile):  # what is too large to look at is not read either
        count = sum(1 for sheet in islice(sheets, MOST_SHEETS) if _find_table(_trim(sheet)))
    told = f"{count} more {'sheet holds' if count == 1 else 'sheets hold'} a talk and {'is' if count == 1 else 'are'}"
    return (f"{told} not read: save each as a file of its own",) if count else ()


def write_cell(value: object) -> str:
    """Write a cell's value as a table in text would hold it."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime) and value.year < FIRST_DAYS:
        value = value.time()
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    if isinstance(value, timedelta):
        return write_clock(value.total_seconds())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def write_clock(seconds: float) -> str:
    """Write seconds as a clock: 62.5 is '0:01:02.500'."""
    whole, milliseconds = divmod(round(max(0.0, seconds) * 1000), 1000)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}" + (f".{milliseconds:03}" if milliseconds else "")


def _hold_speech(rows: Sequence[Row]) -> bool:
    """Whether the rows of a single column are sentences."""
    return sum(row[0].count(" ") + 1 for row in rows) >= SPEECH_WORDS * len(rows)


def _trim(sheet: Iterable[Row]) -> list[Row]:
    """Return the rows with words, without the empty columns behind them.

    A small file may name one long text in each of its cells, so the characters are counted before any is copied.
    """
    rows = [row for row in sheet if any(map(str.strip, row))]
    if sum(len(cell) for row in rows for cell in row) > MOST_CHARACTERS:
        raise UnreadableFile("a sheet of this file holds more text than any interview; split it, one file an interview")
    width = max((place for row in rows for place, cell in enumerate(row, 1) if cell.strip()), default=0)
    return [row[:width] for row in rows]


def _find_table(rows: Sequence[Row]) -> tuple[int, Layout] | None:
    """Find the columns, and the row that names them: the first rows may be a title and facts."""
    named = (
        (place, layout)
        for place in range(min(HEAD_ROWS, len(rows)))
        if (layout := find_columns(rows[place : place + SAMPLE_ROWS], CELLS)) and layout.has_names
    )
    if found := next(named, None):
        return found
    layout = find_columns(rows[:SAMPLE_ROWS], CELLS)
    return (0, layout) if layout else None
