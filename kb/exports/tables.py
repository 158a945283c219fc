"""A collection as a table, in CSV and in Excel; no cell is ever a formula or a link of its own."""

from __future__ import annotations

import csv
import io

from xlsxwriter import Workbook

from kb.errors import BadCollection
from kb.exports.entry import INVENTED, Entry, Sheaf

COLUMNS = {
    "number": 8, "quotation": 70, "speaker": 20, "position": 28, "interview": 28, "show": 18, "date": 11, "place": 10,
    "link": 30, "tags": 20, "note": 30, "warning": 30, "invented": 12, "source": 20, "added": 20,
}  # fmt: skip
# A cell that begins so is a formula to a spreadsheet; some read the signs of full width as well.
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_767  # characters, in Excel


def write_csv(sheaf: Sheaf) -> bytes:
    """Write a collection as CSV in UTF-8 with its signature; what could run gets an apostrophe before it."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows([disarm(cell) for cell in _make_row(entry)] for entry in sheaf.entries)
    return written.getvalue().encode("utf-8-sig")


def write_xlsx(sheaf: Sheaf) -> bytes:
    """Write a collection as an Excel workbook, every cell a text. Raises BadCollection when one is too long."""
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Quotations")
        wrapped, bold = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": True})
        for number, (name, width) in enumerate(COLUMNS.items()):
            sheet.set_column(number, number, width, wrapped)
            sheet.write_string(0, number, name, bold)
        for entry in sheaf.entries:
            for number, cell in enumerate(_make_row(entry)):
                _check_length(cell, entry)
                sheet.write_string(entry.number, number, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(sheaf.entries), len(COLUMNS) - 1)
    return written.getvalue()


def disarm(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would run."""
    return f"'{cell}" if cell.lstrip(" \u3000\xa0").startswith(ACTIVE) else cell


def _make_row(entry: Entry) -> list[str]:
    card = entry.interview
    told = (entry.warning, INVENTED if card.sample else "", card.source, entry.added)
    about = (card.title, card.show or "", card.when, entry.place, entry.link, ", ".join(entry.tags), entry.note)
    return [str(entry.number), entry.quote, entry.speaker, entry.position, *about, *told]


def _check_length(cell: str, entry: Entry) -> None:
    if len(cell) > LONGEST_CELL:
        raise BadCollection(f"Quotation {entry.number} is too long for a cell of Excel; export the collection as csv")
