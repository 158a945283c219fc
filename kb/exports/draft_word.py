"""The report on a draft as a Word document: the draft with each quotation marked by its verdict, and commented."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt

from kb.exports.draft_entry import DraftEntry, DraftReport
from kb.exports.xml_text import clean_xml
from kb.quotes.draft import Paragraph
from kb.quotes.judgement import MEANING, Verdict

AUTHOR, INITIALS = "Fusion", "F"
SHORTENED = 90  # characters of a quotation in the table
COLOURS: dict[Verdict, WD_COLOR_INDEX] = {
    "verbatim": WD_COLOR_INDEX.BRIGHT_GREEN,
    "light edit": WD_COLOR_INDEX.YELLOW,
    "wrong person": WD_COLOR_INDEX.PINK,
    "stitched": WD_COLOR_INDEX.TURQUOISE,
    "cut": WD_COLOR_INDEX.GRAY_25,
    "not found": WD_COLOR_INDEX.RED,
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters of a paragraph, of one quotation or of none."""

    text: str
    entry: DraftEntry | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table, whose first cell names a verdict."""

    verdict: Verdict
    cells: tuple[str, ...]


def write_report_word(report: DraftReport) -> bytes:
    """Write a report as a Word document."""
    document = Document()
    title = clean_xml(f"Quotations of {report.name}")
    document.core_properties.title, document.core_properties.author = title[:255], AUTHOR
    document.core_properties.comments = ""
    document.add_heading(title, level=1)
    counts = [_Row(one, (MEANING[one], str(number))) for one, number in report.counts]
    _add_table(document, {"Verdict": 2.4, "Quotations": 1.0}, counts)
    wide = {"Verdict": 1.2, "No.": 0.4, "Quotation": 2.4, "Who, where": 2.0}
    _add_table(document, wide, list(map(_make_row, report.entries)))
    document.add_heading("The draft", level=1)
    runs: dict[int, list[Any]] = {}
    for number, paragraph in enumerate(report.paragraphs):
        _add_paragraph(document, paragraph, list(_cut(paragraph, number, report.entries)), runs)
    for entry in report.entries:
        if marked := runs.get(entry.number):
            _add_comment(document, entry, marked)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add_table(document: Any, widths: Mapping[str, float], rows: Sequence[_Row]) -> None:
    """Add a table with a head that is repeated; the colour of each verdict is explained by its name."""
    table = document.add_table(1, len(widths), style="Table Grid")
    table.autofit = False
    for cell, text in zip(table.rows[0].cells, widths, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row.cells, strict=True):
            cell.paragraphs[0].add_run(clean_xml(text))
        cells[0].paragraphs[0].runs[0].font.highlight_color = COLOURS[row.verdict]
    for column, inches in zip(table.columns, widths.values(), strict=True):
        column.width = Inches(inches)
        for cell in column.cells:
            cell.width = Inches(inches)
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9)
    document.add_paragraph()


def _make_row(entry: DraftEntry) -> _Row:
    text = " ".join(entry.quotation.text.split())
    shown = text if len(text) <= SHORTENED else f"{text[:SHORTENED].rpartition(' ')[0]}…"
    first = entry.sources[0] if entry.sources else None
    found = f"{first.who}. {first.where}" if first else ""
    told = f"Nearest: {found}" if found and entry.nearest else found
    return _Row(entry.verdict, (entry.meaning, str(entry.number), f"“{shown}”", told))


def _cut(paragraph: Paragraph, number: int, entries: Sequence[DraftEntry]) -> Iterator[_Piece]:
    """Cut a paragraph at the edges of its quotations."""
    done = 0
    for entry in entries:
        quotation = entry.quotation
        if not quotation.paragraph <= number <= quotation.last_paragraph:
            continue
        start = quotation.start if number == quotation.paragraph else 0
        end = quotation.end if number == quotation.last_paragraph else len(paragraph.text)
        if done < start:
            yield _Piece(paragraph.text[done:start], None)
        if max(done, start) < end:
            yield _Piece(paragraph.text[max(done, start) : end], entry)
        done = max(done, end)
    if done < len(paragraph.text):
        yield _Piece(paragraph.text[done:], None)


def _add_paragraph(document: Any, paragraph: Paragraph, pieces: Sequence[_Piece], runs: dict[int, list[Any]]) -> None:
    """Add a paragraph of the draft; the runs of each quotation are noted under its number."""
    added = document.add_paragraph(style="Quote" if paragraph.is_block else None)
    for piece in pieces:
        run = added.add_run(clean_xml(piece.text))
        if piece.entry is None:
            continue
        run.font.highlight_color = COLOURS[piece.entry.verdict]
        noted = runs.setdefault(piece.entry.number, [])
        if not noted:  # for whoever prints it, or sees no colours
            mark = added.add_run(str(piece.entry.number))
            mark.font.superscript = mark.bold = True
            run._r.addprevious(mark._r)
        noted.append(run)


def _add_comment(document: Any, entry: DraftEntry, runs: Sequence[Any]) -> None:
    lines = [
        f"{entry.number}. {entry.meaning}",
        f"True words: “{entry.true_words}”" if entry.true_words else "",
        *entry.told,
        f"Nearest true line: “{entry.nearest}”" if entry.nearest else "",
        *(" ".join(f"{one.who}: {one.where}. {one.link}".split()) for one in entry.sources),
    ]
    text = "\n".join(clean_xml(line) for line in lines if line)
    document.add_comment([runs[0], runs[-1]], text, AUTHOR, INITIALS)
