"""A pack as Markdown: the timed plan with quotations, questions, steps and sources."""

from __future__ import annotations

from collections.abc import Iterator

from kb.exports.markdown import IN_ADDRESS, escape, escape_line
from kb.exports.pack import wording
from kb.exports.pack.plan import Plan, Slot
from kb.exports.pack.quotation import PackQuotation
from kb.exports.pack.standing import CheckedPlan


def write_pack_markdown(checked: CheckedPlan) -> bytes:
    """Write a pack as Markdown."""
    return ("\n\n".join(_list_blocks(checked)) + "\n").encode(errors="replace")


def _list_blocks(checked: CheckedPlan) -> Iterator[str]:
    plan = checked.plan
    yield f"# {escape_line(plan.title)}"
    if plan.has_samples:
        yield f"**{wording.SAMPLES}.**"
    yield escape_line(f"{plan.origin} · {wording.describe_length(plan)}")
    yield wording.VERBATIM
    yield _draw_agenda(plan)
    for slot in plan.agenda:
        yield from _write_part(checked, slot)
    yield "## Sources"
    yield "\n".join(_write_source(number, one) for number, one in enumerate(plan.quotations, 1))
    for line in checked.left_out:
        yield f"**{escape_line(line)}**"


def _draw_agenda(plan: Plan) -> str:
    rows = (
        f"| {wording.format_clock(one.start)} | {one.minutes} | {escape_line(wording.name_slot(one))} |"
        for one in plan.agenda
    )
    return "\n".join(["| From | Minutes | What |", "|---|---|---|", *rows])


def _write_part(checked: CheckedPlan, slot: Slot) -> Iterator[str]:
    plan, segment = checked.plan, slot.segment
    yield f"## {wording.format_clock(slot.start)} {escape_line(wording.name_slot(slot))} ({slot.minutes} minutes)"
    if segment and segment.lens:
        yield escape_line(f"Look through: {segment.lens}")
    if slot.part == "exercise":
        yield wording.EXERCISE
    quoted = segment.quotations if segment else (plan.opening,) if slot.part == "opening" else ()
    for one in quoted:
        yield from _write_quotation(checked, one)
    yield "\n".join(f"- {one.minutes} min: {escape_line(one.text)}" for one in wording.list_steps(plan, slot))
    if segment and segment.questions:
        yield "\n".join(f"- {escape_line(one)}" for one in segment.questions)


def _write_quotation(checked: CheckedPlan, quotation: PackQuotation) -> Iterator[str]:
    yield "\n".join(f"> {line.strip()}" for line in escape(quotation.quote).splitlines())
    who = f"**{escape_line(quotation.name)}**"
    position = f", {escape_line(quotation.position)}" if quotation.position else ""
    sample = f" **{wording.SAMPLE}.**" if quotation.interview.sample else ""
    yield f"— {who}{position}. \\[{checked.number(quotation)}\\]{sample}"


def _write_source(number: int, quotation: PackQuotation) -> str:
    who = ", ".join(filter(None, (quotation.name, quotation.position)))
    link = f" [Open](<{IN_ADDRESS.sub('', quotation.link)}>)" if quotation.link else ""
    return f"{number}. {escape_line(who)}. {escape_line(quotation.source)}.{link}"
