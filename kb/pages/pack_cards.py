"""Draw the plan of a workshop."""

from __future__ import annotations

from html import escape

from kb.exports.pack import wording
from kb.exports.pack.plan import Plan, Segment, Slot
from kb.exports.pack.quotation import PackQuotation
from kb.pages.cards import (
    badge,
    draw_name,
    draw_recording,
    draw_speaker,
    draw_table,
    interview_address,
    join_parts,
    show_and_date,
)
from kb.pages.copying import name_controls


def draw_agenda(plan: Plan) -> str:
    """The agenda as a table."""
    rows = [(wording.format_clock(one.start), one.minutes, wording.name_slot(one)) for one in plan.agenda]
    return draw_table(("From", "Minutes", "What"), rows)


def draw_part(plan: Plan, slot: Slot) -> str:
    """The heading of a part, with its times; its steps, where it has no quotations of its own."""
    times = f"{wording.format_clock(slot.start)} to {wording.format_clock(slot.end)} · {slot.minutes} minutes"
    steps = "".join(f"<li>{one.minutes} min: {escape(one.text)}</li>" for one in wording.list_steps(plan, slot))
    listed = "" if slot.segment else f"<ul>{steps}</ul>"
    named = name_controls(wording.name_slot(slot)) if slot.segment else ""
    return f'<h2{named}>{draw_name(wording.name_slot(slot))}</h2><p class="meta">{times}</p>{listed}'


def draw_segment(segment: Segment) -> str:
    """What a segment holds: the behaviour to look through, the quotations, the questions."""
    lens = f'<p class="meta">Look through: {escape(segment.lens)}</p>' if segment.lens else ""
    quoted = "".join(map(draw_quoted, segment.quotations))
    questions = "".join(f"<li>{draw_name(one)}</li>" for one in segment.questions)
    return f"{lens}{quoted}{f'<p><b>To talk about</b></p><ul>{questions}</ul>' if questions else ''}"


def draw_quoted(quotation: PackQuotation) -> str:
    """A card: the words, whose they are, and where they stand."""
    card = quotation.interview
    source = join_parts(draw_name(card.title), show_and_date(card), escape(quotation.place))
    whole = f'<a href="{interview_address(card.id, quotation.span)}">Open in interview</a>'
    return (
        f'<article class="card quotation"><blockquote class="said" dir="auto">{escape(quotation.quote)}</blockquote>'
        f'<p>{draw_speaker(quotation.leader)}</p><p class="meta">{badge(card)}{source}</p>'
        f"<footer>{whole}{draw_recording(card, quotation.start)}</footer></article>"
    )
