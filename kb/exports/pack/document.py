"""The look of the printed parts, over the template of python-docx: page, styles, quotations, tables, links."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from kb.exports.pack import colors, wording
from kb.exports.pack.fit import FONT
from kb.exports.pack.plan import Plan
from kb.exports.pack.quotation import PackQuotation
from kb.exports.pack.standing import CheckedPlan
from kb.exports.xml_text import clean_xml

TEXT, QUIET, ACCENT, WARNING = map(RGBColor.from_string, (colors.TEXT, colors.QUIET, colors.ACCENT, colors.WARNING))
SIZES = {"Normal": 10.5, "Title": 24, "Heading 1": 16, "Heading 2": 12, "Quote": 11.5}
LINE_HEIGHT = 1.15
SHORT = 1_200  # characters of a quotation that is not parted over pages


class WordPaper:
    """A Word document that is written from top to bottom."""

    def __init__(self, plan: Plan, title: str) -> None:
        """Open it with its styles, its title, and what stands on every page."""
        self._document = document = Document()
        properties = document.core_properties
        properties.title, properties.author, properties.comments = clean_xml(title)[:255], "Fusion", ""
        section = document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin = section.bottom_margin = Cm(2)
        _style(document)
        head = section.header.paragraphs[0]
        _write(head, wording.SAMPLES if plan.has_samples else plan.title, WARNING if plan.has_samples else QUIET)
        _add_page_number(section.footer.paragraphs[0])
        self.add_heading(title, level=0)

    def save(self) -> bytes:
        """Write it."""
        written = io.BytesIO()
        self._document.save(written)
        return written.getvalue()

    def add_heading(self, text: str, level: int = 1) -> None:
        """Add a heading; that of level 0 is the title."""
        self._document.add_heading(clean_xml(text), level=level)

    def add_paragraph(self, text: str, *, bold: bool = False, bullet: bool = False, keep: bool = False) -> None:
        """Add a paragraph of ours; one that is kept stays with what follows it."""
        paragraph = self._document.add_paragraph(style="List Bullet" if bullet else "Normal")
        paragraph.add_run(clean_xml(text)).bold = bold or None
        paragraph.paragraph_format.keep_with_next = keep or None

    def add_quotation(self, checked: CheckedPlan, quotation: PackQuotation) -> None:
        """Add a quotation, and under it who said it, where and when."""
        quoted = self._document.add_paragraph(f"“{clean_xml(quotation.quote)}”", style="Quote")
        is_short = len(quotation.quote) < SHORT
        quoted.paragraph_format.keep_with_next = quoted.paragraph_format.keep_together = is_short
        told = self._document.add_paragraph(style="Attribution")
        told.add_run(f"[{checked.number(quotation)}] {quotation.name}").bold = True
        told.add_run(f"{', ' if quotation.position else ''}{quotation.position}. {quotation.where}. ")
        if quotation.link:
            _add_link(told, quotation.link, wording.name_link(quotation))
        if quotation.interview.sample:
            mark = told.add_run(f" {wording.SAMPLE}.")
            mark.bold, mark.font.color.rgb = True, WARNING

    def add_note(self, label: str, text: str) -> None:
        """Add a small paragraph, such as a source, behind its label."""
        paragraph = self._document.add_paragraph(style="Attribution")
        paragraph.add_run(f"{label} ").bold = True
        paragraph.add_run(clean_xml(text))

    def add_table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """Add a table whose row of headings is repeated on each page; widths are in centimetres."""
        self._make_table(heads, rows, widths)

    def add_room(self, heads: Sequence[str], height: float, rows: int = 1) -> None:
        """Add a table to write into by hand, with rows of a height in centimetres."""
        widths = [wording.WIDTH / len(heads)] * len(heads)
        table = self._make_table(heads, [[""] * len(heads)] * rows, widths)
        for row in table.rows[1:]:
            row.height = Cm(height)

    def _make_table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Any:
        table = self._document.add_table(rows=1, cols=len(heads), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
        for cell, head in zip(table.rows[0].cells, heads, strict=True):
            cell.paragraphs[0].add_run(head).bold = True
            _shade(cell)
        _repeat(table.rows[0])
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.paragraphs[0].add_run(clean_xml(text))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for place, row in enumerate(table.rows):
            _keep_whole(row)
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Cm(width)
                told = cell.paragraphs[0].paragraph_format
                told.space_before = told.space_after = Pt(2)
                told.keep_with_next = place < len(rows)
        _add_gap(self._document)
        return table


def _style(document: Any) -> None:
    styles = document.styles
    for name, size in SIZES.items():
        style = styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = ACCENT if name.startswith("Heading") else TEXT
        style.font.italic = False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in list(fonts.attrib):  # those of the theme come before the name
            if kind.endswith("Theme"):
                del fonts.attrib[kind]
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), FONT)
    styles["Normal"].paragraph_format.space_after = Pt(5)
    styles["Normal"].paragraph_format.line_spacing = LINE_HEIGHT
    quote = styles["Quote"].paragraph_format
    quote.left_indent, quote.space_before, quote.space_after = Cm(0.7), Pt(8), Pt(2)
    attribution = styles.add_style("Attribution", WD_STYLE_TYPE.PARAGRAPH)
    attribution.base_style = styles["Normal"]
    attribution.font.size, attribution.font.color.rgb = Pt(9.5), QUIET
    attribution.paragraph_format.left_indent, attribution.paragraph_format.space_after = Cm(0.7), Pt(8)


def _write(paragraph: Any, text: str, color: RGBColor) -> None:
    run = paragraph.add_run(clean_xml(text))
    run.font.size, run.font.color.rgb = Pt(9), color


def _add_page_number(paragraph: Any) -> None:
    paragraph.alignment = 2  # right
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        run.font.size, run.font.color.rgb = Pt(9), QUIET
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _add_link(paragraph: Any, address: str, text: str) -> None:
    target = paragraph.part.relate_to(clean_xml(address), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), target)
    run = paragraph.add_run(text)
    run.font.underline, run.font.color.rgb = True, ACCENT
    link.append(run._r)
    paragraph._p.append(link)


def _add_gap(document: Any) -> None:
    """Add a little room below a table, which has none of its own."""
    gap = document.add_paragraph().paragraph_format
    gap.space_after, gap.line_spacing = Pt(0), Pt(6)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), colors.HEAD)
    cell._tc.get_or_add_tcPr().append(shade)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
