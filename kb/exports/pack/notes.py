"""What is told to those who lead a workshop: the steps of a part, and what stands round a quotation."""

from __future__ import annotations

from collections.abc import Iterator

from kb.exports.pack import wording
from kb.exports.pack.plan import Plan, Slot
from kb.exports.pack.quotation import PackQuotation
from kb.exports.pack.standing import CheckedPlan


def note_slot(plan: Plan, slot: Slot) -> list[str]:
    """The heading of a part with its minutes, its steps and its questions."""
    times = f"{wording.format_clock(slot.start)} to {wording.format_clock(slot.end)}"
    steps = [f"{one.minutes} min: {one.text}" for one in wording.list_steps(plan, slot)]
    questions = [f"Question: {one}" for one in slot.segment.questions] if slot.segment else []
    return [f"{wording.name_slot(slot)}, {slot.minutes} minutes, {times}", *steps, *questions]


def note_quotation(checked: CheckedPlan, quotation: PackQuotation) -> list[str]:
    """What the host asked, what stands before and after the words, and the reference; verbatim where it is quoted."""
    return [f"{label}: {text}" for label, text in list_context(checked, quotation)]


def list_context(checked: CheckedPlan, quotation: PackQuotation) -> Iterator[tuple[str, str]]:
    """Yield what stands round a quotation, each with its label."""
    context = checked.contexts[quotation.id]
    if context.asked:
        yield f"Said before by {context.asked_by or 'another voice'}", f"“{context.asked}”"
    if context.before:
        yield f"Before, {quotation.name}", f"“{context.before}”"
    if context.after:
        yield f"After, {quotation.name}", f"“{context.after}”"
    yield "Source", quotation.reference
