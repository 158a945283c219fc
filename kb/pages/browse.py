"""Browse: the interviews, the leaders and the themes, to look through, to filter, and to change several at once."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Query
from kb.pages.address import AddressBar
from kb.pages.cards import draw_interview, draw_theme
from kb.pages.listing import (
    ORDERS,
    THEME_PARTS,
    has_words,
    list_leaders,
    order_interviews,
    tell_no_match,
    tell_no_theme,
)
from kb.pages.mending import draw_form_for_all, draw_outcome, offer_removal
from kb.pages.parts import (
    HOW_TO_ADD,
    count_of,
    draw_filters,
    draw_notice,
    draw_pack_link,
    draw_problem,
    draw_sample_banner,
    offer_filters,
)
from kb.pages.shared import find_counts, find_facets, find_interviews, open_kb
from kb.retrieval.filters import matches

VIEWS = ("Interviews", "Leaders", "Themes")
ORDER = next(iter(ORDERS))
PAGE = 50  # entries on a screen


def draw_themes(knowledge_base: KnowledgeBase, query: Query, words: str) -> None:
    """Draw the themes whose name holds the words: those that are spoken of, then one of them, or all to ask about."""
    from kb.pages.themes_view import draw_spoken, draw_theme_parts  # .3 s for the pictures, which no other view needs

    chosen = draw_spoken(knowledge_base, query, words)
    if chosen:
        draw_theme_parts(knowledge_base, query, chosen)
        return
    named = knowledge_base.themes()
    themes = [one for one in named if all(word in one.name.casefold() for word in words.casefold().split())]
    if not themes:
        draw_notice(tell_no_theme(words, len(named)), "empty")
        return
    st.html(f'<p class="meta" role="status">{count_of(len(themes), "theme")} to ask about</p>')
    on_screen = themes[choose_page(len(themes))]
    st.html("".join(f"{draw_theme(one)}{draw_pack_link(theme=one.id)}" for one in on_screen))


def choose_page(entries: int) -> slice:
    """Offer the pages of a list, and return the entries that are on the one that is chosen."""
    pages = -(-entries // PAGE)
    page = st.pagination(pages) if pages > 1 else 1
    return slice((page - 1) * PAGE, page * PAGE)


def draw_choosing(knowledge_base: KnowledgeBase, listed: Sequence[Interview], on_screen: Sequence[Interview]) -> None:
    """Draw interviews each with a box to choose it, and what can be done with those that are chosen."""
    place = st.container(key="chosen")
    is_all = st.checkbox(f"Choose all {len(listed):,} that are listed", key="browse.all")
    with st.container(key="choices", gap=None):
        ticked = [one for one in on_screen if _draw_choice(one, is_chosen=is_all)]
    chosen = listed if is_all else ticked
    with place:
        if not chosen:
            st.caption("Choose interviews to set their show, sector or host, or to remove them.")
            return
        st.html(f'<p class="meta" role="status">{count_of(len(chosen), "interview")} chosen</p>')
        draw_form_for_all(knowledge_base, chosen)
        offer_removal(knowledge_base, chosen, f"Remove {len(chosen):,}")


def _draw_choice(interview: Interview, *, is_chosen: bool) -> bool:
    """Draw an entry with its box. Its title stands apart: a label would be read as Markdown."""
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        ticked = st.checkbox(
            f"Choose {interview.id}",
            label_visibility="collapsed",
            disabled=is_chosen,
            key=f"browse.choose.{interview.id}",
        )
        st.html(draw_interview(interview))
    return ticked


st.html("<h1>Browse</h1>")
kb = open_kb()
counts = find_counts(kb)
draw_outcome(kb)
if not counts.interviews:
    draw_notice(f"There are no interviews yet. {HOW_TO_ADD}")
    st.stop()
draw_sample_banner(counts)

filters = offer_filters(find_facets(kb))
address = AddressBar({"find": "", "view": VIEWS[0], "sort": ORDER, "theme": "", "part": "words"}, filters)
unknown = address.follow()
if st.session_state["view"] not in VIEWS:
    st.session_state["view"] = VIEWS[0]
if st.session_state["sort"] not in ORDERS:
    st.session_state["sort"] = ORDER
# Set anew, since Streamlit forgets what a view does not draw.
st.session_state["theme"] = st.session_state["theme"]
st.session_state["part"] = st.session_state["part"] if st.session_state["part"] in THEME_PARTS else "words"
words = st.text_input("Find", key="find", placeholder="A name, a company, a title", label_visibility="collapsed")
query = draw_filters(filters, unknown)
with st.container(horizontal=True, vertical_alignment="center", key="listing"):
    view = st.segmented_control("View", VIEWS, key="view", label_visibility="collapsed", required=True)
    if view != "Themes":
        st.selectbox("Sort by", list(ORDERS), key="sort", label_visibility="collapsed", width=160)
    is_choosing = view == "Interviews" and st.toggle("Change several", key="browse.several")
if view == "Themes":
    try:
        draw_themes(kb, query, words)
    except KBError as error:
        draw_problem(error)
    address.write()
    st.stop()
address.write()

interviews = [one for one in find_interviews(kb) if matches(one, query) and has_words(one, words)]
if not interviews:
    draw_notice(tell_no_match(words, query), "empty")
    st.stop()
ordered = order_interviews(interviews, st.session_state["sort"])
leaders = list_leaders(interviews) if view == "Leaders" else []
if view == "Leaders" and not leaders:
    draw_notice("None of these interviews has a known leader; see them under Interviews.")
    st.stop()
shown = f"{count_of(len(leaders), 'leader')} in " if leaders else ""
st.html(f'<p class="meta" role="status">{shown}{len(interviews):,} of {count_of(counts.interviews, "interview")}</p>')
on_screen = choose_page(len(leaders or ordered))
if is_choosing:
    draw_choosing(kb, ordered, ordered[on_screen])
else:
    st.html("".join(leaders[on_screen] if leaders else map(draw_interview, ordered[on_screen])))
