"""Ask: a question, the leaders' own sentences that answer it, and the passages in which they stand."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from kb.errors import KBError, UnknownInterview
from kb.pages.address import AddressBar
from kb.pages.answers import draw_answer, draw_refusal
from kb.pages.conversation import (
    LONGEST,
    draw_follow_up,
    draw_thread,
    draw_thumb,
    expect_answer,
    forget_answer,
    land_on_answer,
)
from kb.pages.examples import draw_examples
from kb.pages.lens_answer import draw_evidence
from kb.pages.parts import (
    HOW_TO_ADD,
    draw_filters,
    draw_notice,
    draw_pack_link,
    draw_problem,
    draw_sample_banner,
    name_page,
    offer_filters,
    run_script,
)
from kb.pages.pinning import draw_pins
from kb.pages.shared import find_answer, find_counts, find_evidence, find_facets, open_kb
from kb.pages.written import write_beside


def ask_anew() -> None:
    """Leave the questions before: what is asked now stands alone."""
    st.session_state["after"] = []
    expect_answer()


st.html("<h1>Ask the leaders</h1><p>Answers in their own words, each with who said it, where and when.</p>")
kb = open_kb()
with kb.take_turn():  # pages drawn all at once take longer than one after the other
    counts = find_counts(kb)
    if not counts.interviews:
        draw_notice(f"There are no interviews yet. {HOW_TO_ADD}")
        st.stop()

    filters = offer_filters(find_facets(kb))
    address = AddressBar({"q": ""}, {**filters, "after": None})
    unknown = address.follow()
    st.session_state["after"] = st.session_state["after"][-LONGEST:]
    with st.form("ask", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        question = st.text_input("Question", key="q", placeholder="Ask in a sentence", label_visibility="collapsed")
        is_asked = st.form_submit_button("Ask", type="primary", on_click=ask_anew)
    problem = st.container()
    query = draw_filters(filters, unknown, question)
    draw_sample_banner(counts)
    if not question and not is_asked:
        draw_examples(counts)
        run_script("start.js")
        st.stop()

    generation = kb.generation()
    try:
        understood = kb.understand(question, st.session_state["after"])
        query = replace(query, text=understood.text)
        with st.spinner("Reading; the first question waits for the model to load"):
            found = find_answer(kb, query)
            evidence = find_evidence(kb, query)
    except KBError as error:
        forget_answer()
        with problem:
            draw_problem(error)
        st.stop()
    address.write()
    name_page(question)
    draw_thread(st.session_state["after"], understood)
    try:
        if evidence:
            draw_evidence(evidence)
            draw_pins(kb, evidence.citations)
            st.html(draw_pack_link(query=query))
        elif found.citations:
            between = draw_answer(kb, found)
            draw_pins(kb, found.citations)
            if found.is_covered:
                st.html(draw_pack_link(query=query))
        else:
            draw_refusal(kb, found)
    except UnknownInterview:
        if kb.generation() == generation:
            raise
        st.rerun()  # it was removed since the answer was found; now there is another answer
    if not evidence:
        draw_thumb(kb, found)
    draw_follow_up()
    land_on_answer()
if not evidence and found.is_covered and kb.has_language_model:
    write_beside(kb, found, between)
