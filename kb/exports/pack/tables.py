"""Tables of the slides: the agenda, and the columns of the exercise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from kb.exports.pack import wording
from kb.exports.pack.colors import HEAD
from kb.exports.pack.fit import FONT, INCH, LEADING, Box, shorten
from kb.exports.pack.plan import Plan
from kb.exports.pack.template import Look, Place
from kb.exports.xml_text import clean_xml

MARGIN = 0.12  # inches
SIZE = 18
ROWS = 0.46, 0.62  # least and most height of a row


def add_agenda(slide: Any, plan: Plan, place: Place, look: Look) -> None:
    """Add the agenda: from when on, how long, what."""
    slots = plan.agenda
    widths = (1.5, 1.8, place.width - 3.3)
    height = max(ROWS[0], min(ROWS[1], place.height / (len(slots) + 1)))
    table = _add_table(slide, place, len(slots) + 1, widths, height)
    for column, head in enumerate(("From", "Minutes", "What")):
        _fill(table.cell(0, column), head, widths[column], look.text, bold=True, ground=HEAD)
    for row, slot in enumerate(slots, 1):
        cells = (wording.format_clock(slot.start), str(slot.minutes), wording.name_slot(slot))
        for column, text in enumerate(cells):
            _fill(table.cell(row, column), text, widths[column], look.text, ground=look.ground)


def add_columns(slide: Any, place: Place, heads: Sequence[str], prompts: Sequence[str], look: Look) -> None:
    """Add a table of columns to fill in."""
    widths = [place.width / len(heads)] * len(heads)
    table = _add_table(slide, place, 2, widths, 0.55)
    table.rows[1].height = Inches(place.height - 0.55)
    for column, (head, prompt) in enumerate(zip(heads, prompts, strict=True)):
        _fill(table.cell(0, column), head, widths[column], look.text, bold=True, ground=HEAD, size=20)
        _fill(table.cell(1, column), prompt, widths[column], look.quiet, ground="FFFFFF", lines=3, anchor="top")


def _add_table(slide: Any, place: Place, rows: int, widths: Sequence[float], height: float) -> Any:
    units = (Inches(one) for one in (place.left, place.top, place.width, height * rows))
    frame = slide.shapes.add_table(rows, len(widths), *units)
    table = frame.table
    table.horz_banding = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    for row in table.rows:
        row.height = Inches(height)
    return table


def _fill(
    cell: Any,
    text: str,
    width: float,
    color: str,
    *,
    ground: str,
    bold: bool = False,
    size: int = SIZE,
    lines: int = 1,
    anchor: str = "middle",
) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = RGBColor.from_string(ground)
    cell.margin_left = cell.margin_right = Inches(MARGIN)
    cell.margin_top = cell.margin_bottom = Inches(0.04 if lines == 1 else MARGIN)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE if anchor == "middle" else MSO_ANCHOR.TOP
    room = Box(width - 2 * MARGIN, lines * size * LEADING / INCH + 0.01)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text = shorten(clean_xml(text), room, size, bold=bold)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run.font.color.rgb = RGBColor.from_string(color)
