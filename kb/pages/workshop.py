"""Workshop: a timed plan from a question, a theme or a collection, to be edited and taken along as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from kb.errors import KBError
from kb.exports.pack.draft import draft_plan, tell_left_out
from kb.exports.pack.formats import NO_PDF, PACK_KINDS, find_pdf_problem, name_pack, write_pack
from kb.exports.pack.material import Material, NothingToQuote
from kb.exports.pack.plan import MOST_PEOPLE, SHAPES, Plan, Segment, Slot
from kb.exports.pack.quotation import PackQuotation, tidy
from kb.exports.pack.standing import check_plan
from kb.model import Query
from kb.pages.cards import draw_name
from kb.pages.pack_cards import draw_agenda, draw_part, draw_quoted, draw_segment
from kb.pages.parts import draw_notice, draw_problem, draw_sample_banner, name_page
from kb.pages.shared import find_counts, find_material, open_kb

DRAFTED, PLAN, MADE, PROBLEM = "workshop.drafted", "workshop.plan", "workshop.made", "workshop.problem"
SERIAL = "workshop.serial"  # counts the drafts: the fields of one hold nothing of another
FEWEST_PEOPLE, PEOPLE = 2, 12


def read_wish() -> tuple[Query, str, str]:
    """The question with its filters, the theme and the collection that the address names."""
    address = st.query_params
    years = tuple(int(one) for one in address.get_all("year") if one.isdecimal() and len(one) <= 4)
    query = Query(
        address.get("q", ""),
        leaders=tuple(address.get_all("leader")),
        companies=tuple(address.get_all("company")),
        sectors=tuple(address.get_all("sector")),
        years=years,
        sources=tuple(address.get_all("source")),
    )
    return query, address.get("theme", ""), address.get("collection", "")


def change(act: Callable[[Plan], Plan]) -> None:
    """Change the plan; what goes wrong is told by the next run."""
    try:
        st.session_state[PLAN] = act(st.session_state[PLAN])
    except KBError as error:
        st.session_state[PROBLEM] = error


def draft(material: Material, minutes: int) -> Plan:
    """The plan of this session: drafted anew for other material and another length, else as it was edited."""
    made = (material, minutes)
    if st.session_state.get(MADE) != made:
        st.session_state[DRAFTED] = st.session_state[PLAN] = draft_plan(material, minutes, PEOPLE)
        st.session_state[MADE] = made
        st.session_state[SERIAL] = st.session_state.get(SERIAL, 0) + 1
    plan: Plan = st.session_state[PLAN]
    return plan


def draw_settings(material: Material) -> Plan:
    """The fields of title, length and people."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="workshop-settings"):
        title = st.text_input("Title", material.title, key=f"workshop.title.{hash(material)}", width=420)
        minutes = st.selectbox("Minutes", list(SHAPES), index=1, key="workshop.minutes", width=110)
        people = st.number_input("People", FEWEST_PEOPLE, MOST_PEOPLE, PEOPLE, key="workshop.people", width=130)
    plan = replace(draft(material, minutes), title=tidy(title) or material.title, people=int(people))
    st.session_state[PLAN] = plan
    return plan


def draw_downloads(plan: Plan, no_pdf: str) -> None:
    """A button for each file; it is written, and each quotation checked once more, when the button is pressed.

    `no_pdf` says why no PDF can be written; '' if one can.
    """
    with st.container(horizontal=True, gap="small", key="workshop-downloads"):
        for to, kind in PACK_KINDS.items():
            st.download_button(
                kind.name,
                partial(write_pack, plan, to, kb.quotes.verify),
                name_pack(plan, to),
                kind.mime,
                key=f"workshop.{to}",
                on_click="ignore",
                icon=":material/download:",
                type="primary" if to == "slides" else "secondary",
                disabled=to == "pdf" and bool(no_pdf),
                help=no_pdf if to == "pdf" and no_pdf else None,
            )
    if no_pdf and no_pdf != NO_PDF:
        draw_notice(draw_name(no_pdf))


def draw_slot(plan: Plan, slot: Slot) -> None:
    """A part of the plan, with what can be changed in it."""
    st.html(draw_part(plan, slot))
    if slot.part == "opening":
        st.html(draw_quoted(plan.opening))
    if slot.segment:
        st.html(draw_segment(slot.segment))
        draw_tools(plan, slot.segment)


def draw_tools(plan: Plan, segment: Segment) -> None:
    """The buttons of a segment."""
    place, last = plan.segments.index(segment), len(plan.segments) - 1
    with st.container(horizontal=True, gap="small", key=f"tools-{segment.id}"):
        for label, to, cannot in (("Up", place - 1, place == 0), ("Down", place + 1, place == last)):
            st.button(
                label,
                key=f"{label}-{segment.id}",
                disabled=cannot,
                on_click=change,
                args=(lambda one, to=to: one.move(segment.id, to),),
                help=f"Move {label.lower()}",
            )
        with st.popover("Edit", key=f"edit-{segment.id}"):
            draw_fields(segment)
        st.button(
            "Leave out",
            key=f"out-{segment.id}",
            disabled=last == 0,
            on_click=change,
            args=(lambda one: one.leave_out(segment.id),),
        )


def draw_fields(segment: Segment) -> None:
    """The heading, the quotations and the questions of a segment, to be changed."""
    key = f"{st.session_state[SERIAL]}-{segment.id}"
    offered = {one.id: one for one in st.session_state[DRAFTED].segment(segment.id).quotations}
    with st.form(f"fields-{key}", border=False):
        heading = st.text_input("Heading", segment.heading, key=f"heading-{key}")
        kept = st.multiselect(
            "Quotations",
            list(offered),
            [one.id for one in segment.quotations],
            format_func=lambda one: label(offered[one]),
            key=f"quotations-{key}",
        )
        asked = st.text_area("Questions, one on each line", "\n".join(segment.questions), key=f"asked-{key}")
        if st.form_submit_button("Save", type="primary"):
            edited = replace(
                segment,
                heading=heading,
                quotations=tuple(offered[one] for one in kept),
                questions=tuple(asked.splitlines()),
            )
            change(lambda plan: plan.change(edited))
            st.rerun()


def label(quotation: PackQuotation) -> str:
    """A quotation in a list: its speaker and its first words."""
    return f"{quotation.name}: {tidy(quotation.quote, 60)}"


st.html("<h1>Workshop</h1><p>A plan for a room, and the files for it, from the leaders' own words.</p>")
kb = open_kb()
draw_sample_banner(find_counts(kb))
query, theme, collection = read_wish()
if not (query.text.strip() or theme or collection):
    draw_notice(
        'Ask a question on <a href="./">Ask</a>, or open a theme on <a href="browse?view=Themes">Browse</a> or a '
        'collection on <a href="collections">Collections</a>, and press Make a workshop pack there.'
    )
    st.stop()
try:
    with st.spinner("Reading; the first question waits for the model to load"):
        material = find_material(kb, query, theme, collection)
except NothingToQuote as error:
    draw_notice(f"<b>{draw_name(str(error))}</b>", "refusal")
    st.stop()
except KBError as error:
    draw_problem(error)
    st.stop()
name_page(f"Workshop: {material.title}")
st.html(f'<p class="meta">{draw_name(material.origin)}</p>')
plan = draw_settings(material)
if problem := st.session_state.pop(PROBLEM, None):
    draw_problem(problem)
checked = check_plan(plan, kb.quotes.verify)
for line in (*material.warnings, *tell_left_out(material, st.session_state[DRAFTED]), *checked.left_out):
    draw_notice(draw_name(line))
draw_downloads(plan, find_pdf_problem(checked))
st.html(draw_agenda(checked.plan))
for slot in checked.plan.agenda:
    draw_slot(checked.plan, slot)
