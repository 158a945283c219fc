"""Browse: the interviews, the leaders and the themes, to look through and to filter."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb.model import Interview, Query
from kb.pages.address import AddressBar
from kb.pages.cards import draw_interview, draw_leader, draw_theme
from kb.pages.parts import HOW_TO_ADD, count_of, draw_filters, draw_notice, draw_sample_banner, offer_filters, open_kb

VIEWS = ("Interviews", "Leaders", "Themes")
PAGE = 50  # entries on a screen


def holds(interview: Interview, words: str) -> bool:
    """Whether the card of an interview holds all of the words."""
    leaders = [part for one in interview.leaders for part in (one.name, one.role, one.company, one.sector)]
    card = " ".join(filter(None, [interview.title, interview.show, interview.when, *leaders])).casefold()
    return all(word in card for word in words.casefold().split())


def is_within(interview: Interview, query: Query) -> bool:
    """Whether the filters let an interview through."""
    companies = [company for leader in interview.leaders for company in leader.companies]
    limits: list[tuple[Sequence[object], Sequence[object]]] = [
        (query.leaders, interview.leader_names),
        (query.companies, companies),
        (query.sectors, [leader.sector for leader in interview.leaders]),
        (query.years, [interview.year]),
        (query.sources, [interview.collection]),
    ]
    return all(not wanted or set(wanted) & set(values) for wanted, values in limits)


def list_leaders(interviews: Sequence[Interview]) -> list[str]:
    """Entries for the leaders of these interviews, by name."""
    spoken: dict[str, list[Interview]] = {}
    for interview in interviews:
        for name in interview.leader_names:
            spoken.setdefault(name, []).append(interview)
    cards = {name: next(filter(None, (one.leader(name) for one in given))) for name, given in spoken.items()}
    return [draw_leader(cards[name], spoken[name]) for name in sorted(spoken)]


kb = open_kb()
status = kb.status()
st.html("<h1>Browse</h1>")
if not status.interviews:
    draw_notice(f"There are no interviews yet. {HOW_TO_ADD}")
    st.stop()
draw_sample_banner(status)

filters = offer_filters(kb.facets())
address = AddressBar({"find": "", "view": VIEWS[0]}, filters)
unknown = address.follow()
if st.session_state["view"] not in VIEWS:
    st.session_state["view"] = VIEWS[0]
words = st.text_input("Find", key="find", placeholder="A name, a company, a title", label_visibility="collapsed")
query = draw_filters(filters, unknown)
view = st.segmented_control("View", VIEWS, key="view", label_visibility="collapsed", required=True)
address.write()

if view == "Themes":
    themes = [one for one in kb.themes() if all(word in one.name.casefold() for word in words.casefold().split())]
    if not themes:
        draw_notice("No theme is called so; try another word.")
        st.stop()
    st.html(f'<p class="meta">{count_of(len(themes), "theme")} to ask about</p>')
    st.html("".join(map(draw_theme, themes)))
    st.stop()
interviews = [one for one in kb.interviews() if is_within(one, query) and holds(one, words)]
entries = list_leaders(interviews) if view == "Leaders" else [draw_interview(one) for one in interviews]
if not entries:
    draw_notice("Nothing matches; take a filter away.")
    st.stop()
shown = f"{count_of(len(entries), 'leader')} in " if view == "Leaders" else ""
st.html(f'<p class="meta">{shown}{len(interviews):,} of {count_of(status.interviews, "interview")}</p>')
pages = -(-len(entries) // PAGE)
page = st.pagination(pages) if pages > 1 else 1
st.html("".join(entries[(page - 1) * PAGE : page * PAGE]))
