"""Lens: which behaviours attract people and which drive them away, who shows them, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from kb.errors import KBError
from kb.exports.pictures import CELL, MOST_ROWS, draw_balance, draw_heatmap, rank_leaders
from kb.exports.tags import write_tags
from kb.lens.agreement import list_agreements
from kb.lens.balance import By, Cell
from kb.lens.evidence import LensQuotation
from kb.lens.framework import SIDES
from kb.lens.learnt import LearntState
from kb.lens.wording import HEADINGS, STANCES
from kb.model import Query
from kb.pages.address import AddressBar
from kb.pages.beside import draw_beside, draw_years, find_ink
from kb.pages.cards import draw_name, draw_passage, draw_table, locate
from kb.pages.lens_found import find_cells, find_quotations, find_weights
from kb.pages.lens_judging import ask_name, draw_judging, draw_rejected, draw_said, name_behaviour, tell_problem
from kb.pages.parts import (
    HOW_TO_ADD,
    count_of,
    draw_filters,
    draw_notice,
    draw_problem,
    draw_sample_banner,
    offer_filters,
)
from kb.pages.pinning import draw_pin
from kb.pages.shared import find_counts, find_facets, find_transcripts, open_kb

PAGE = 10  # passages on a screen
BY: tuple[By, ...] = ("leader", "sector", "year")
SHOWN = {"sure": "Clearly shown", "all": "Less clearly too"}
VIEWS = {"map": "Who shows what", "balance": "Balance", "years": "Timeline", "people": "Judged by people"}


def choose_cell(chart: str, leaders: Sequence[str]) -> None:
    """Take over the cell that was clicked."""
    picked = st.session_state[chart].selection.get(CELL) or []
    if picked and isinstance(row := picked[0].get("row"), int) and row < len(leaders):
        st.session_state["behaviour"] = picked[0].get("behaviour", "")
        st.session_state["who"] = leaders[row]


def draw_map(cells: Sequence[Cell]) -> None:
    """The heatmap, a side beside the other, with what its letters mean and its table."""
    known = {one for cell in cells if (one := framework.behaviour(cell.behaviour_id))}
    counts = {(cell.leader, cell.behaviour_id): cell.passages for cell in cells}
    leaders = rank_leaders(cells)
    chosen = st.session_state["who"], st.session_state["behaviour"]
    for side, place in zip(SIDES, st.columns(2, gap="medium"), strict=True):
        shown = [one for one in framework.of(side) if one in known]
        rows = [name for name in leaders if any(counts.get((name, one.id)) for one in shown)][:MOST_ROWS]
        with place:
            st.html(f"<h2>{HEADINGS[side]}</h2>")
            if not rows:
                st.html('<p class="meta">Nothing that is sure enough to be shown.</p>')
                continue
            st.altair_chart(
                draw_heatmap(counts, rows, shown, max(counts.values()), chosen, ink),
                key=f"map-{side}",
                on_select=lambda side=side, rows=tuple(rows): choose_cell(f"map-{side}", rows),
                selection_mode=CELL,
            )
            st.html(
                '<p class="legend">'
                + " ".join(f"<span><b>{draw_name(one.id)}</b> {draw_name(one.name)}</span>" for one in shown)
                + "</p>"
            )
    if len(leaders) > MOST_ROWS:
        st.html(
            f'<p class="meta">Of {count_of(len(leaders), "leader")}, the {MOST_ROWS} with most passages; '
            "choose others by Leader.</p>"
        )
    ids = [one.id for one in framework.behaviours if one in known]
    draw_beside(
        "lens-map", ("Leader", *ids), [(name, *(counts.get((name, one), 0) for one in ids)) for name in leaders]
    )


def draw_weights(query: Query) -> None:
    """The balance of both sides."""
    by = st.segmented_control(
        "Balance by", BY, key="by", format_func=str.capitalize, label_visibility="collapsed", required=True
    )
    weights = find_weights(kb, query, by or "leader")
    if not weights:
        draw_notice(f"No passage within these filters has a {by}.")
        return
    st.altair_chart(draw_balance(weights[:MOST_ROWS], ink), key=f"balance-{by}")
    draw_beside(
        "lens-balance",
        (str(by).capitalize(), *HEADINGS.values()),
        [(one.value, one.attracts, one.drives_away) for one in weights],
    )


def choose_shown(cells: Sequence[Cell]) -> tuple[str, str]:
    """Draw the choice of a behaviour and a leader: the same as a click on a cell.

    A leader of whom people rejected everything can still be chosen, so that it can be taken back.
    """
    behaviours = ["", *(one.id for one in framework.behaviours)]
    judged = (vote.passage.speaker for votes in kb.lens.decided().votes.values() for vote in votes)
    leaders = ["", *sorted({*(cell.leader for cell in cells), *judged})]
    for key, offered in (("behaviour", behaviours), ("who", leaders)):
        if st.session_state[key] not in offered:
            st.session_state[key] = ""
    with st.container(horizontal=True, key="cell"):
        st.selectbox("Behaviour", behaviours, key="behaviour", format_func=lambda one: name_behaviour(framework, one))
        st.selectbox("Leader", leaders, key="who", format_func=lambda one: one or "All leaders")
    return st.session_state["behaviour"], st.session_state["who"]


def draw_cell(query: Query, cells: Sequence[Cell], behaviour_id: str, leader: str) -> None:
    """The passages of a cell, of which those on the screen are read."""
    known = framework.behaviour(behaviour_id)
    if known is None:
        return
    number = sum(one.passages for one in cells if one.behaviour_id == behaviour_id and leader in ("", one.leader))
    who = draw_name(leader) or "all leaders"
    st.html(f'<h2>{draw_name(known.name)}: {who}</h2><p class="meta">{draw_name(known.description)}</p>')
    st.html(f'<p class="meta" role="status">{count_of(number, "passage")}</p>')
    pages = -(-number // PAGE)
    first = ((st.pagination(pages) if pages > 1 else 1) - 1) * PAGE
    on_screen = find_quotations(kb, query, behaviour_id, leader or None, first, PAGE, unsure=is_unsure)
    transcripts = find_transcripts(kb, {one.citation.interview.id for one in on_screen})
    names = [one.name for one in kb.collections.list()]
    decided, kept, person = kb.lens.decided(), kb.lens.tags.kept(), ask_name()
    tell_problem()
    for number, one in enumerate(on_screen, first + 1):
        cited = replace(one.citation, number=number)
        card = draw_passage(cited.passage, transcripts[cited.interview.id], [cited])
        stance = f'<p class="stance" id="said-{number}">{describe_stance(one)}</p>'
        st.html(f"{stance}{card}{draw_said(decided, kept, one)}")
        with st.container(horizontal=True, gap="small", key=f"tools-{cited.passage.id}"):
            draw_pin(kb, names, cited.interview.id, locate(cited))
            draw_judging(kb, person, one)
    draw_rejected(kb, decided, person, behaviour_id, leader)


def describe_stance(one: LensQuotation) -> str:
    """Whether the leader does it, warns of it or tells of it; that it is less clear, where it is."""
    said = STANCES[one.stance]
    return said.capitalize() if one.is_sure else f"Less clear: {said}"


def draw_timeline_of(query: Query, behaviour_id: str) -> None:
    """The interviews by year, with how many leaders show a behaviour."""
    known = framework.behaviour(behaviour_id)
    if known is None:
        draw_notice("Choose a behaviour to see in which years leaders show it.")
        return
    st.html(f'<h2>{draw_name(known.name)}</h2><p class="meta">{draw_name(known.description)}</p>')
    draw_years(kb.lens.timeline(behaviour_id, query), "lens-years")


def draw_learnt(state: LearntState) -> None:
    """That the lens was learnt anew from people, or why what was learnt is not used."""
    if state.problem:
        draw_notice(draw_name(state.problem))
    if known := state.correction:
        judgements, interviews = count_of(known.judgements, "judgement"), count_of(known.interviews, "interview")
        st.html(
            f'<p class="meta">The machine learnt anew from {judgements} of people in {interviews}: it agrees with '
            f"{known.after:.0%} of them, confirmed and rejected counted alike, and agreed with {known.before:.0%}.</p>"
        )


def draw_people() -> None:
    """How far people agree with each other and with the machine, and their tags as a file."""
    kept = kb.lens.tags.kept()
    if not kept:
        draw_notice("Nobody has judged a passage yet. Choose a cell, and press Judge at a passage.")
        return
    people = {one.tag.person.casefold() for one in kept}
    who = "one person" if len(people) == 1 else f"{len(people):,} people"
    st.html(f'<p class="meta">{count_of(len(kept), "tag")} by {who}</p>')
    found = list_agreements(kb.lens.decided(), framework)
    if found:
        rows = [
            (
                one.one,
                one.other,
                one.passages,
                f"{one.same} of {one.answers}",
                "–" if one.kappa is None else f"{one.kappa:.2f}",
            )
            for one in found
        ]
        st.html(draw_table(("One", "Other", "Passages", "Same answers", "Cohen’s kappa"), rows))
        st.html(
            '<p class="meta">Compared are the passages that both have judged: the behaviours that both spoke of, '
            "and those that neither sees. Kappa leaves out what chance alone would bring: 0 is chance, "
            "1 is full agreement.</p>"
        )
    data = write_tags(kept, framework)
    st.download_button("Download all tags as CSV", data, "lens-tags.csv", "text/csv", on_click="ignore")


st.html(
    '<h1 class="lens-page">Lens</h1><p>Which behaviours draw people to a shared cause, which drive them away, '
    "and in whose words.</p>"
)
kb = open_kb()
counts = find_counts(kb)
if not counts.interviews:
    draw_notice(f"There are no interviews yet. {HOW_TO_ADD}")
    st.stop()
framework = kb.lens.framework
ink = find_ink()
filters = offer_filters(find_facets(kb))
address = AddressBar({"view": "map", "show": "sure", "behaviour": "", "who": "", "by": "leader"}, filters)
unknown = address.follow()
for key, offered in (("by", BY), ("view", tuple(VIEWS)), ("show", tuple(SHOWN)), ("behaviour", None), ("who", None)):
    held = st.session_state[key]  # set anew, since Streamlit forgets what a view does not draw
    st.session_state[key] = held if offered is None or held in offered else offered[0]
query = draw_filters(filters, unknown)
draw_sample_banner(counts)
st.html(
    '<p class="meta">A machine judged each passage by its words, and people’s word goes before its own. '
    "It judges passages, not people: a leader with few here may have been asked about other things.</p>"
)
is_unsure = st.session_state["show"] == "all"
try:
    draw_learnt(kb.lens.learnt.state())
    with st.spinner("Reading all passages; the first time takes some seconds"):
        cells = find_cells(kb, query, unsure=is_unsure)
    if not cells:
        draw_notice(f"Nothing within these filters shows a behaviour of {draw_name(framework.name)} surely enough.")
    with st.container(horizontal=True):
        view = st.segmented_control(
            "View", list(VIEWS), key="view", format_func=VIEWS.__getitem__, label_visibility="collapsed", required=True
        )
        if view == "map":
            st.segmented_control(
                "Show",
                list(SHOWN),
                key="show",
                format_func=SHOWN.__getitem__,
                label_visibility="collapsed",
                required=True,
            )
    if view == "balance":
        draw_weights(query)
    elif view == "years":
        behaviour_id, who = choose_shown(cells)
        draw_timeline_of(replace(query, leaders=(who,)) if who else query, behaviour_id)
    elif view == "people":
        draw_people()
    else:
        if cells:
            draw_map(cells)
        shown = choose_shown(cells)
        address.write()
        draw_cell(query, cells, *shown)
    address.write()
except KBError as error:
    draw_problem(error)
