"""A pack on paper: a handout for those who take part, and a guide for those who lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kb.exports.pack import wording
from kb.exports.pack.document import (
    WIDTH,
    add_paragraph,
    add_quotation,
    add_room,
    add_sources,
    add_table,
    open_document,
    save_document,
)
from kb.exports.pack.notes import list_context
from kb.exports.pack.plan import Plan, Segment, Slot
from kb.exports.pack.quotation import PackQuotation
from kb.exports.pack.standing import CheckedPlan
from kb.exports.word import clean_xml

MINE = ("By this day next week I will", "It will be noticed by")


def write_handout(checked: CheckedPlan) -> bytes:
    """Write the handout: the agenda, the quotations, the questions, and room for notes."""
    plan = checked.plan
    document = open_document(plan, plan.title)
    add_paragraph(document, f"{plan.origin} · {wording.describe_length(plan)}")
    add_paragraph(document, wording.VERBATIM)
    _add_agenda(document, plan)
    document.add_heading("First voice", level=1)
    add_quotation(document, checked, plan.opening)
    for number, segment in enumerate(plan.segments, 1):
        document.add_heading(f"{number}. {segment.heading}", level=1)
        _add_segment(document, checked, segment)
        add_room(document, ("My notes",), 2.6)
    _add_exercise(document)
    document.add_heading(wording.TITLES["closing"], level=1)
    add_room(document, MINE, 2.2)
    add_sources(document, checked)
    return save_document(document)


def write_guide(checked: CheckedPlan) -> bytes:
    """Write the guide: what to prepare, the timed plan, and for each part its steps, questions and background."""
    plan = checked.plan
    document = open_document(plan, f"Facilitator's guide: {plan.title}")
    add_paragraph(document, f"{plan.origin} · {wording.describe_length(plan)}")
    document.add_heading("Before you begin", level=1)
    for line in _list_preparations(plan):
        add_paragraph(document, line, "List Bullet")
    document.add_heading("Timed plan", level=1)
    _add_agenda(document, plan)
    for slot in plan.agenda:
        _add_part(document, checked, slot)
    add_sources(document, checked)
    return save_document(document)


def _add_agenda(document: Any, plan: Plan) -> None:
    rows = [(wording.format_clock(one.start), str(one.minutes), wording.name_slot(one)) for one in plan.agenda]
    add_table(document, ("From", "Minutes", "What"), rows, (2.2, 2.2, WIDTH - 4.4))


def _add_segment(document: Any, checked: CheckedPlan, segment: Segment) -> None:
    if segment.lens:
        add_paragraph(document, f"Look through: {segment.lens}").paragraph_format.keep_with_next = True
    for quotation in segment.quotations:
        add_quotation(document, checked, quotation)
    if segment.questions:
        document.add_heading("To talk about", level=2)
    for question in segment.questions:
        add_paragraph(document, question, "List Bullet").paragraph_format.keep_with_next = True


def _add_exercise(document: Any) -> None:
    document.add_heading(wording.TITLES["exercise"], level=1)
    add_paragraph(document, wording.EXERCISE).paragraph_format.keep_with_next = True
    add_room(document, wording.COLUMNS, 3.2)
    add_room(document, ("First step", "Who takes it", "Who will notice"), 1.4, rows=3)


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


def _add_part(document: Any, checked: CheckedPlan, slot: Slot) -> None:
    plan = checked.plan
    times = f"{wording.format_clock(slot.start)} to {wording.format_clock(slot.end)}"
    number = f"{plan.segments.index(slot.segment) + 1}. " if slot.segment else ""
    document.add_heading(f"{times} · {number}{wording.name_slot(slot)}", level=1)
    steps = [(str(one.minutes), one.text) for one in wording.list_steps(plan, slot)]
    add_table(document, ("Minutes", "What to do"), steps, (2.2, WIDTH - 2.2))
    if slot.part == "exercise":
        add_paragraph(document, wording.EXERCISE, bold=True)
    if slot.segment:
        _add_segment(document, checked, slot.segment)
        _add_background(document, checked, slot.segment.quotations)
    elif slot.part == "opening":
        add_quotation(document, checked, plan.opening)
        _add_background(document, checked, (plan.opening,))


def _add_background(document: Any, checked: CheckedPlan, quotations: Sequence[PackQuotation]) -> None:
    """What stands round the quotations in their interviews."""
    document.add_heading("Background", level=2)
    for quotation in quotations:
        number = checked.number(quotation)
        for label, text in list_context(checked, quotation):
            if label == "Source":
                continue
            paragraph = document.add_paragraph(style="Attribution")
            paragraph.add_run(f"[{number}] {label}: ").bold = True
            paragraph.add_run(clean_xml(text))
