"""The handout as a PDF: A4, with the fonts and the text in it, page numbers, an outline and links."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import cm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer, Table

from kb.exports.pack import colors, wording
from kb.exports.pack.plan import Plan
from kb.exports.pack.printed import write_handout
from kb.exports.pack.quotation import PackQuotation, tidy
from kb.exports.pack.standing import CheckedPlan
from kb.exports.pack.typeset import Block, Run, draw_line, load_families, set_pieces
from kb.exports.xml_text import clean_xml

SIDE, EDGE = 2.2 * cm, 2 * cm  # margins
SMALL, NORMAL, QUOTE = 9.5, 10.5, 11.5  # points
HEADINGS = {0: (24, colors.TEXT, (0, 12)), 1: (16, colors.ACCENT, (16, 6)), 2: (12, colors.ACCENT, (8, 4))}
INDENT = 0.7 * cm
SHORT = 1_200  # characters of a quotation that is not parted over pages
LONGEST_HEAD = 90  # characters of what stands on every page

_WRITING = threading.Lock()  # fonts are shared by all documents of a process


def write_pdf(checked: CheckedPlan) -> bytes:
    """Write the handout as a PDF. Raises BadPack for a character that no font holds."""
    with _WRITING:
        return write_handout(checked, PdfPaper)


class Heading(Block):
    """A heading, which the outline of the document lists."""

    def __init__(self, text: str, level: int) -> None:
        size, color, space = HEADINGS[level]
        super().__init__([Run(text, bold=True, color=color)], size, space=space)
        self._text, self._level = text, level
        self.keepWithNext = 1

    def draw(self) -> None:
        """Draw it, and note it in the outline."""
        key = f"{self._level}-{id(self)}"
        self.canv.bookmarkHorizontal(key, 0, self.height if hasattr(self, "height") else 0)
        self.canv.addOutlineEntry(tidy(self._text, LONGEST_HEAD), key, max(0, self._level - 1), closed=False)
        super().draw()


class PdfPaper:
    """A PDF that is written from top to bottom."""

    def __init__(self, plan: Plan, title: str) -> None:
        """Begin it with its title."""
        self._title = clean_xml(title)
        head = wording.SAMPLES if plan.has_samples else tidy(plan.title, LONGEST_HEAD)
        self._head = Run(head, color=colors.WARNING if plan.has_samples else colors.QUIET)
        self._parts: list[Flowable] = []
        self.add_heading(title, level=0)

    def save(self) -> bytes:
        """Write it."""
        written = io.BytesIO()
        margins = {"leftMargin": SIDE, "rightMargin": SIDE, "topMargin": EDGE, "bottomMargin": EDGE}
        document = BaseDocTemplate(
            written,
            pagesize=A4,
            title=tidy(self._title),
            author="Fusion",
            lang="en",
            displayDocTitle=True,
            initialFontName=load_families()[0].regular,  # else one that is not in the file is named in it
            **margins,
        )
        frame = Frame(SIDE, EDGE, A4[0] - 2 * SIDE, A4[1] - 2 * EDGE, 0, 0, 0, 0)
        document.addPageTemplates([PageTemplate(frames=[frame], onPage=self._draw_page)])
        document.build(self._parts)
        return written.getvalue()

    def add_heading(self, text: str, level: int = 1) -> None:
        """Add a heading; that of level 0 is the title."""
        self._parts.append(Heading(clean_xml(text), level))

    def add_paragraph(self, text: str, *, bold: bool = False, bullet: bool = False, keep: bool = False) -> None:
        """Add a paragraph of ours; one that is kept stays with what follows it."""
        look = {"indent": INDENT, "mark": "•"} if bullet else {}
        self._add(Block([Run(clean_xml(text), bold)], NORMAL, **look), keep=keep)

    def add_quotation(self, checked: CheckedPlan, quotation: PackQuotation) -> None:
        """Add a quotation, and under it who said it, where and when."""
        is_short = len(quotation.quote) < SHORT
        quoted = [Run(f"“{quotation.quote}”")]
        self._add(Block(quoted, QUOTE, indent=INDENT, space=(8, 2), whole=is_short), keep=is_short)
        told = [
            Run(f"[{checked.number(quotation)}] {quotation.name}", bold=True, color=colors.QUIET),
            Run(f"{', ' if quotation.position else ''}{quotation.position}. {quotation.where}. ", color=colors.QUIET),
        ]
        if quotation.link:
            told.append(Run(wording.name_link(quotation), color=colors.ACCENT, link=quotation.link))
        if quotation.interview.sample:
            told.append(Run(f" {wording.SAMPLE}.", bold=True, color=colors.WARNING))
        self._add(Block(told, SMALL, indent=INDENT, space=(0, 8)))

    def add_note(self, label: str, text: str) -> None:
        """Add a small paragraph, such as a source, behind its label."""
        told = [Run(f"{label} ", bold=True, color=colors.QUIET), Run(clean_xml(text), color=colors.QUIET)]
        self._add(Block(told, SMALL, indent=INDENT, space=(0, 8)))

    def add_table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """Add a table whose row of headings is repeated on each page; widths are in centimetres."""
        self._add_table(heads, rows, widths, None)

    def add_room(self, heads: Sequence[str], height: float, rows: int = 1) -> None:
        """Add a table to write into by hand, with rows of a height in centimetres."""
        widths = [wording.WIDTH / len(heads)] * len(heads)
        self._add_table(heads, [[""] * len(heads)] * rows, widths, height)

    def _add(self, part: Flowable, *, keep: bool = False) -> None:
        part.keepWithNext = int(keep)
        self._parts.append(part)

    def _add_table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], height: float | None
    ) -> None:
        cells = [[Block([Run(text, bold=True)], NORMAL, space=(0, 0)) for text in heads]]
        cells += [[Block([Run(clean_xml(text))], NORMAL, space=(0, 0)) for text in row] for row in rows]
        heights = [None, *[height * cm] * len(rows)] if height else None
        table = Table(cells, [one * cm for one in widths], heights, repeatRows=1, hAlign="LEFT")
        table.setStyle(
            [
                ("NOSPLIT", (0, 0), (-1, -1)),
                ("FONTNAME", (0, 0), (-1, -1), load_families()[0].regular),
                ("GRID", (0, 0), (-1, -1), 0.5, HexColor(f"#{colors.QUIET}")),
                ("BACKGROUND", (0, 0), (-1, 0), HexColor(f"#{colors.HEAD}")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ]
        )
        self._parts += [table, Spacer(0, 8)]

    def _draw_page(self, canvas: Any, document: Any) -> None:
        """Draw what stands on every page: whether it holds what is invented, and its number."""
        draw_line(canvas, set_pieces(self._head, 9), SIDE, A4[1] - EDGE * 0.6, 9)
        number = set_pieces(Run(str(document.page), color=colors.QUIET), 9)
        draw_line(canvas, number, A4[0] - SIDE - sum(one.width for one in number), EDGE * 0.5, 9)
