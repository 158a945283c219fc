"""A pack as slides: one quotation on each, with its speaker, its code to the recording, and notes for who presents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kb.exports.pack import wording
from kb.exports.pack.fit import fits, set_text
from kb.exports.pack.notes import note_quotation, note_slot
from kb.exports.pack.plan import Plan, Slot
from kb.exports.pack.qr import draw_qr
from kb.exports.pack.quotation import PackQuotation, tidy
from kb.exports.pack.standing import CheckedPlan
from kb.exports.pack.tables import add_agenda, add_columns
from kb.exports.pack.template import (
    BADGE,
    BODY,
    BOTTOM,
    DARK,
    EDGE,
    LIGHT,
    ON_BADGE,
    SMALLEST,
    WIDTH,
    Look,
    Place,
    add_bar,
    add_line,
    add_list,
    add_picture,
    add_slide,
    add_text,
    open_deck,
    save_deck,
    write_notes,
)

SIZES = (40, 36, 32, 30, 28, 26, 24, 22, 20, 18)  # of quotations, in points
QUOTE = Place(EDGE + 0.35, 1.15, BODY - 0.35, 3.85)
CODE = 1.25  # inches of the side of a QR code
TEXT = BODY - CODE - 0.4  # width beside it
SOURCES = Place(EDGE, 1.45, BODY, 5.3)
SOURCE_HEIGHT = 0.62  # two lines and a gap
PROMPTS = ("Draws people in here, and must not get lost", "Would draw people in, and is missing", "Drives people away")


def write_slides(checked: CheckedPlan) -> bytes:
    """Write a pack as slides."""
    plan = checked.plan
    deck = open_deck(plan.title)
    _add_title(deck, checked)
    _add_agenda(deck, plan)
    for slot in plan.agenda:
        _ADD[slot.part](deck, checked, slot)
    _add_sources(deck, checked)
    return save_deck(deck)


def _add_title(deck: Any, checked: CheckedPlan) -> None:
    plan = checked.plan
    slide = add_slide(deck, DARK, plan.title, Place(EDGE, 1.9, BODY, 2.2), 48)
    add_bar(slide, Place(EDGE, 1.55, 1.6, 0.1), DARK.bar)
    add_line(slide, Place(EDGE, 4.3, BODY, 0.8), plan.origin, 20, DARK.quiet)
    add_line(slide, Place(EDGE, 5.15, BODY, 0.4), wording.describe_length(plan), 20, DARK.accent, bold=True)
    add_line(slide, Place(EDGE, 5.85, BODY, 0.5), wording.VERBATIM, 14, DARK.quiet)
    _finish(deck, slide, plan, DARK)
    notes = [wording.describe_length(plan), plan.origin, wording.VERBATIM, *checked.left_out]
    write_notes(slide, notes)


def _add_agenda(deck: Any, plan: Plan) -> None:
    slide = add_slide(deck, LIGHT, "What we do, and when", Place(EDGE, 0.55, BODY, 0.6), 32)
    add_agenda(slide, plan, Place(EDGE, 1.4, BODY, 5.2), LIGHT)
    _finish(deck, slide, plan, LIGHT)
    write_notes(slide, [f"{wording.format_clock(one.start)} {wording.name_slot(one)}" for one in plan.agenda])


def _add_opening(deck: Any, checked: CheckedPlan, slot: Slot) -> None:
    _add_quotation(deck, checked, checked.plan.opening, "First voice", note_slot(checked.plan, slot))


def _add_segment(deck: Any, checked: CheckedPlan, slot: Slot) -> None:
    if slot.segment is None:
        return
    plan, segment = checked.plan, slot.segment
    number = plan.segments.index(segment) + 1
    slide = add_slide(deck, DARK, segment.heading, Place(EDGE + 1.9, 2.0, BODY - 1.9, 1.9), 40)
    add_text(slide, Place(EDGE, 1.75, 1.6, 1.6), str(number), 80, DARK.accent, bold=True)
    add_line(slide, Place(EDGE + 1.9, 3.95, BODY - 1.9, 0.4), _tell_time(slot), 20, DARK.accent, bold=True)
    voices = ", ".join(dict.fromkeys(one.name for one in segment.quotations))
    add_line(slide, Place(EDGE + 1.9, 4.5, BODY - 1.9, 0.7), f"Voices: {voices}", 18, DARK.text)
    if segment.lens:
        add_line(slide, Place(EDGE + 1.9, 5.4, BODY - 1.9, 1.1), f"Look through: {segment.lens}", 20, DARK.quiet)
    _finish(deck, slide, plan, DARK)
    write_notes(slide, note_slot(plan, slot))
    for quotation in segment.quotations:
        _add_quotation(deck, checked, quotation, segment.heading)
    _add_questions(deck, plan, slot, segment.questions)


def _add_questions(deck: Any, plan: Plan, slot: Slot, questions: Sequence[str]) -> None:
    if not questions or slot.segment is None:
        return
    talk = wording.list_steps(plan, slot)[1]
    title = f"Talk about it: {slot.segment.heading}"
    slide = add_slide(deck, LIGHT, title, Place(EDGE, 0.55, BODY, 1.0), 30, color=LIGHT.accent)
    add_list(slide, Place(EDGE, 1.95, BODY, 4.1), questions, (28, 26, 24, 22, 20, 18, 16), LIGHT, gap=0.9)
    where = f"In {wording.describe_groups(plan.people)} · {talk.minutes} minutes"
    add_line(slide, Place(EDGE, 6.25, BODY, 0.4), where, 18, LIGHT.quiet, bold=True)
    _finish(deck, slide, plan, LIGHT)
    write_notes(slide, note_slot(plan, slot))


def _add_break(deck: Any, checked: CheckedPlan, slot: Slot) -> None:
    slide = add_slide(deck, DARK, "Break", Place(EDGE, 2.8, BODY, 1.0), 54)
    add_line(slide, Place(EDGE, 3.95, BODY, 0.5), _tell_time(slot), 20, DARK.accent, bold=True)
    _finish(deck, slide, checked.plan, DARK)
    write_notes(slide, note_slot(checked.plan, slot))


def _add_exercise(deck: Any, checked: CheckedPlan, slot: Slot) -> None:
    plan = checked.plan
    slide = add_slide(deck, LIGHT, wording.TITLES["exercise"], Place(EDGE, 0.55, BODY, 0.6), 32)
    add_line(slide, Place(EDGE, 1.25, BODY, 0.4), wording.EXERCISE, 20, LIGHT.quiet)
    add_columns(slide, Place(EDGE, 1.9, BODY, 2.1), wording.COLUMNS, PROMPTS, LIGHT)
    steps = [f"{one.text} ({one.minutes} min)" for one in wording.list_steps(plan, slot)]
    add_list(slide, Place(EDGE, 4.3, BODY, 2.4), steps, (18, 16, 14), LIGHT, gap=0.45)
    _finish(deck, slide, plan, LIGHT)
    write_notes(slide, note_slot(plan, slot))


def _add_closing(deck: Any, checked: CheckedPlan, slot: Slot) -> None:
    plan = checked.plan
    slide = add_slide(deck, DARK, wording.TITLES["closing"], Place(EDGE, 1.3, BODY, 0.8), 40)
    add_bar(slide, Place(EDGE, 1.0, 1.6, 0.1), DARK.bar)
    steps = [f"{one.text} ({one.minutes} min)" for one in wording.list_steps(plan, slot)]
    add_list(slide, Place(EDGE, 2.6, BODY, 3.2), steps, (28, 26, 24, 20), DARK, gap=0.9)
    _finish(deck, slide, plan, DARK)
    write_notes(slide, note_slot(plan, slot))


def _add_quotation(
    deck: Any, checked: CheckedPlan, quotation: PackQuotation, heading: str, notes: Sequence[str] = ()
) -> None:
    """One slide, or as many as a long quotation takes at the smallest size."""
    setting = set_text(f"“{quotation.quote}”", QUOTE.box, SIZES)
    for number, piece in enumerate(setting.pieces, 1):
        of = f" · part {number} of {len(setting.pieces)}" if len(setting.pieces) > 1 else ""
        place = Place(EDGE, 0.5, BODY - (3.2 if quotation.interview.sample else 0), 0.34)
        title = _name_slide(heading, f" · {tidy(quotation.name, 60)}{of}", place)
        slide = add_slide(deck, LIGHT, title, place, 16, color=LIGHT.accent, least=16)
        add_bar(slide, Place(EDGE, QUOTE.top, 0.08, QUOTE.height), LIGHT.bar)
        add_text(slide, QUOTE, piece, setting.size, LIGHT.text, anchor="middle")
        _add_speaker(slide, quotation)
        if quotation.interview.sample:
            _add_badge(slide)
        _finish(deck, slide, checked.plan, LIGHT)
        write_notes(slide, [*note_quotation(checked, quotation), *notes])


def _name_slide(heading: str, end: str, place: Place) -> str:
    """Join a heading and what tells this slide from others; the heading is cut where both are too long."""
    for most in range(len(heading), 0, -1):
        title = f"{tidy(heading, most)}{end}"
        if fits(title, place.box, 16, bold=True):
            return title
    return end.removeprefix(" · ")


def _add_speaker(slide: Any, quotation: PackQuotation) -> None:
    top = QUOTE.top + QUOTE.height + 0.25
    add_line(slide, Place(EDGE, top, TEXT, 0.36), quotation.name, 20, LIGHT.text, bold=True)
    add_line(slide, Place(EDGE, top + 0.4, TEXT, 0.3), quotation.position, 16, LIGHT.text)
    add_line(slide, Place(EDGE, top + 0.8, TEXT, 0.5), quotation.where, 14, LIGHT.quiet)
    png = draw_qr(quotation.link)
    if not png:
        return
    left = WIDTH - EDGE - CODE
    where = _tell_where(quotation)
    told = f"QR code: {where} of the interview with {quotation.name}, {quotation.link}"
    add_picture(slide, Place(left, top, CODE, CODE), png, told, quotation.link)
    label = Place(left - 0.38, top + CODE + 0.02, CODE + 0.38, 0.22)
    add_line(slide, label, where, SMALLEST, LIGHT.quiet, align="right")


def _tell_where(quotation: PackQuotation) -> str:
    if quotation.start is None:
        return "Open the source"
    return f"Listen {'at ' if quotation.start_is_exact else ''}{quotation.place}"


def _add_sources(deck: Any, checked: CheckedPlan) -> None:
    quoted = checked.plan.quotations
    each = int(SOURCES.height // SOURCE_HEIGHT)
    pages = [quoted[first : first + each] for first in range(0, len(quoted), each)]
    for page, some in enumerate(pages, 1):
        of = f" ({page} of {len(pages)})" if len(pages) > 1 else ""
        slide = add_slide(deck, LIGHT, f"Sources{of}", Place(EDGE, 0.55, BODY, 0.6), 32)
        for place, quotation in enumerate(some):
            top = SOURCES.top + place * SOURCE_HEIGHT
            number = str(checked.number(quotation))
            add_text(slide, Place(EDGE, top, 0.5, 0.3), number, 14, LIGHT.accent, bold=True)
            add_line(slide, Place(EDGE + 0.55, top, BODY - 0.55, 0.52), quotation.reference, 14, LIGHT.text)
        _finish(deck, slide, checked.plan, LIGHT)
        write_notes(slide, [wording.VERBATIM, *checked.left_out])


def _add_badge(slide: Any) -> None:
    place = Place(WIDTH - EDGE - 3.0, 0.45, 3.0, 0.38)
    add_bar(slide, place, BADGE, rounded=True)
    add_text(slide, place, wording.SAMPLE, 14, ON_BADGE, bold=True, align="center", anchor="middle")


def _finish(deck: Any, slide: Any, plan: Plan, look: Look) -> None:
    """Write the foot of a slide: what it belongs to, or that something in it is invented; and its number."""
    color = look.accent if plan.has_samples else look.quiet
    said = wording.SAMPLES if plan.has_samples else plan.title
    add_line(slide, Place(EDGE, BOTTOM, BODY - 1.0, 0.24), said, SMALLEST, color, bold=plan.has_samples)
    number = Place(WIDTH - EDGE - 0.9, BOTTOM, 0.9, 0.24)
    add_text(slide, number, str(len(deck.slides)), SMALLEST, look.quiet, align="right")


def _tell_time(slot: Slot) -> str:
    return f"{slot.minutes} minutes · {wording.format_clock(slot.start)} to {wording.format_clock(slot.end)}"


_ADD = {
    "opening": _add_opening,
    "segment": _add_segment,
    "break": _add_break,
    "exercise": _add_exercise,
    "closing": _add_closing,
}
