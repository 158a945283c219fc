"""Read transcripts kept in Excel files."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from ingest.readers.documents.archive import open_archive
from ingest.readers.records.sheet import MOST_COLUMNS, MOST_ROWS, read_sheets, write_cell
from ingest.readers.records.table import Row
from ingest.script import Script
from kb.errors import UnreadableFile

KIND = "Excel"
MOST_SHEETS = 20
REASON = 120  # characters of the reason that are shown
# What the package raises on a file that is damaged in one place or another.
DAMAGE = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ArithmeticError, AttributeError, EOFError, LookupError,
    NotImplementedError, OSError, SyntaxError, TypeError, ValueError,
)  # fmt: skip


def read(data: bytes, _name: str) -> Script:
    """Read the spoken rows of a workbook. Raises UnreadableFile when it is damaged, a bomb, or holds no speech."""
    open_archive(data, KIND)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and rules of cells; they hold no speech
        try:
            sheets = list(_read_sheets(data))
        except DAMAGE as error:
            reason = " ".join(str(error).split())[:REASON]
            raise UnreadableFile(f"the {KIND} file is damaged ({reason}); save it again, or as .csv") from error
    return read_sheets(sheets, KIND)


def _read_sheets(data: bytes) -> Iterator[list[Row]]:
    """Yield the rows of each sheet that is shown. Formulas have the values that were last computed."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets[:MOST_SHEETS]:
        if sheet.sheet_state == "visible":
            rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
            yield [tuple(map(write_cell, row)) for row in rows if any(cell is not None for cell in row)]
