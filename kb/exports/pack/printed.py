"""A pack on paper: a handout for those who take part, and a guide for those who lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kb.exports.pack import wording
from kb.exports.pack.document import WordPaper
from kb.exports.pack.notes import list_context
from kb.exports.pack.plan import Plan, Segment, Slot
from kb.exports.pack.quotation import PackQuotation
from kb.exports.pack.standing import CheckedPlan

MINE = ("By this day next week I will", "It will be noticed by")


class Paper(Protocol):
    """What is written on from top to bottom; widths and heights are in centimetres."""

    def add_heading(self, text: str, level: int = 1) -> None:
        """Add a heading; that of level 0 is the title."""

    def add_paragraph(self, text: str, *, bold: bool = False, bullet: bool = False, keep: bool = False) -> None:
        """Add a paragraph of ours; one that is kept stays with what follows it."""

    def add_quotation(self, checked: CheckedPlan, quotation: PackQuotation) -> None:
        """Add a quotation, and under it who said it, where and when."""

    def add_note(self, label: str, text: str) -> None:
        """Add a small paragraph, such as a source, behind its label."""

    def add_table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """Add a table whose row of headings is repeated on each page."""

    def add_room(self, heads: Sequence[str], height: float, rows: int = 1) -> None:
        """Add a table to write into by hand."""

    def save(self) -> bytes:
        """Write it."""


def write_handout(checked: CheckedPlan, open_paper: Callable[[Plan, str], Paper] = WordPaper) -> bytes:
    """Write the handout: the agenda, the quotations, the questions, and room for notes."""
    plan = checked.plan
    paper = open_paper(plan, plan.title)
    paper.add_paragraph(f"{plan.origin} · {wording.describe_length(plan)}")
    paper.add_paragraph(wording.VERBATIM)
    _add_agenda(paper, plan)
    paper.add_heading("First voice")
    paper.add_quotation(checked, plan.opening)
    for number, segment in enumerate(plan.segments, 1):
        paper.add_heading(f"{number}. {segment.heading}")
        _add_segment(paper, checked, segment)
        paper.add_room(("My notes",), 2.6)
    _add_exercise(paper)
    paper.add_heading(wording.TITLES["closing"])
    paper.add_room(MINE, 2.2)
    _add_sources(paper, checked)
    return paper.save()


def write_guide(checked: CheckedPlan) -> bytes:
    """Write the guide: what to prepare, the timed plan, and for each part its steps, questions and background."""
    plan = checked.plan
    paper = WordPaper(plan, f"Facilitator's guide: {plan.title}")
    paper.add_paragraph(f"{plan.origin} · {wording.describe_length(plan)}")
    paper.add_heading("Before you begin")
    for line in _list_preparations(plan):
        paper.add_paragraph(line, bullet=True)
    paper.add_heading("Timed plan")
    _add_agenda(paper, plan)
    for slot in plan.agenda:
        _add_part(paper, checked, slot)
    _add_sources(paper, checked)
    return paper.save()


def _add_agenda(paper: Paper, plan: Plan) -> None:
    rows = [(wording.format_clock(one.start), str(one.minutes), wording.name_slot(one)) for one in plan.agenda]
    paper.add_table(("From", "Minutes", "What"), rows, (2.2, 2.2, wording.WIDTH - 4.4))


def _add_segment(paper: Paper, checked: CheckedPlan, segment: Segment) -> None:
    if segment.lens:
        paper.add_paragraph(f"Look through: {segment.lens}", keep=True)
    for quotation in segment.quotations:
        paper.add_quotation(checked, quotation)
    if segment.questions:
        paper.add_heading("To talk about", level=2)
    for question in segment.questions:
        paper.add_paragraph(question, bullet=True, keep=True)


def _add_sources(paper: Paper, checked: CheckedPlan) -> None:
    """Add the list of sources, numbered as in the text."""
    paper.add_heading("Sources")
    for number, quotation in enumerate(checked.plan.quotations, 1):
        paper.add_note(f"[{number}]", quotation.reference)
    paper.add_paragraph(wording.VERBATIM)
    for line in checked.left_out:
        paper.add_paragraph(line, bold=True)


def _add_exercise(paper: Paper) -> None:
    paper.add_heading(wording.TITLES["exercise"])
    paper.add_paragraph(wording.EXERCISE, keep=True)
    paper.add_room(wording.COLUMNS, 3.2)
    paper.add_room(("First step", "Who takes it", "Who will notice"), 1.4, rows=3)


def _list_preparations(plan: Plan) -> list[str]:
    groups = wording.count_groups(plan.people)
    return [
        f"People: {plan.people}. Tables for {wording.describe_groups(plan.people)}; one handout for each person.",
        f"On the wall or on a board: {groups} sheet{'s' if groups > 1 else ''} with three columns, "
        f"{', '.join(wording.COLUMNS)}.",
        "Read the quotations with what stands round them below, and open the interviews where a word is unclear.",
        "The quotations are evidence of how leaders speak, and no judgement of a person.",
        wording.VERBATIM,
    ]


def _add_part(paper: Paper, checked: CheckedPlan, slot: Slot) -> None:
    plan = checked.plan
    times = f"{wording.format_clock(slot.start)} to {wording.format_clock(slot.end)}"
    number = f"{plan.segments.index(slot.segment) + 1}. " if slot.segment else ""
    paper.add_heading(f"{times} · {number}{wording.name_slot(slot)}")
    steps = [(str(one.minutes), one.text) for one in wording.list_steps(plan, slot)]
    paper.add_table(("Minutes", "What to do"), steps, (2.2, wording.WIDTH - 2.2))
    if slot.part == "exercise":
        paper.add_paragraph(wording.EXERCISE, bold=True)
    if slot.segment:
        _add_segment(paper, checked, slot.segment)
        _add_background(paper, checked, slot.segment.quotations)
    elif slot.part == "opening":
        paper.add_quotation(checked, plan.opening)
        _add_background(paper, checked, (plan.opening,))


def _add_background(paper: Paper, checked: CheckedPlan, quotations: Sequence[PackQuotation]) -> None:
    """What stands round the quotations in their interviews."""
    paper.add_heading("Background", level=2)
    for quotation in quotations:
        number = checked.number(quotation)
        for label, text in list_context(checked, quotation):
            if label == "Source":
                continue
            paper.add_note(f"[{number}] {label}:", text)
