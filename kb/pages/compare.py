"""Compare: two to four leaders, companies, sectors or years side by side on one question."""

from __future__ import annotations

from typing import cast

import streamlit as st

from kb.answering.compare import MAX_COLUMNS, MIN_COLUMNS
from kb.errors import BadQuestion, KBError
from kb.model import Dimension
from kb.pages.address import AddressBar
from kb.pages.cards import draw_column
from kb.pages.parts import (
    HOW_TO_ADD,
    draw_filters,
    draw_notice,
    draw_problem,
    draw_sample_banner,
    name_page,
    offer_filters,
)
from kb.pages.shared import find_comparison, find_counts, find_facets, open_kb
from kb.text.display import strip_bidi

BY: dict[str, str] = {"leader": "Leaders", "company": "Companies", "sector": "Sectors", "year": "Years"}

st.html("<h1>Compare</h1><p>One question, two to four answers side by side, up to three quotations each.</p>")
kb = open_kb()
counts = find_counts(kb)
if not counts.interviews:
    draw_notice(f"There are no interviews yet. {HOW_TO_ADD}")
    st.stop()

generation = kb.generation()
filters = offer_filters(find_facets(kb))
address = AddressBar({"q": "", "by": "leader"}, {"of": {value for by in BY for value in filters[by]}, **filters})
unknown = address.follow()
if st.session_state["by"] not in BY:
    st.session_state["by"] = "leader"
by = cast(Dimension, st.session_state["by"])
wanted = [value for value in st.session_state["of"] if value in filters[by]]
st.session_state["of"] = wanted[:MAX_COLUMNS]
st.segmented_control("Compare", list(BY), key="by", format_func=BY.__getitem__, required=True)
compared = st.multiselect(
    BY[by],
    list(filters[by]),
    key="of",
    max_selections=MAX_COLUMNS,
    format_func=strip_bidi,
    placeholder="Choose two to four",
)
with st.form("compare", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
    question = st.text_input("Question", key="q", placeholder="Ask in a sentence", label_visibility="collapsed")
    st.form_submit_button("Compare", type="primary")
query = draw_filters({name: values for name, values in filters.items() if name != by}, [], question)
if unknown:
    draw_notice("Some of what the address names is in no interview here; it is left out.")
if len(wanted) > MAX_COLUMNS:
    draw_notice(f"The address names {len(wanted)} to compare; the first {MAX_COLUMNS} are shown.")
draw_sample_banner(counts)
address.write()
if not question or len(compared) < MIN_COLUMNS:
    st.html('<p class="meta">Choose two to four, and ask.</p>')
    st.stop()

try:
    with st.spinner("Reading; the first question waits for the model to load"):
        found = find_comparison(kb, query, by, compared)
except KBError as error:
    if isinstance(error, BadQuestion) and kb.generation() != generation:
        st.rerun()  # what is compared was removed since it was offered; now other values are
    draw_problem(error)
    st.stop()
name_page(question)
columns = "".join(map(draw_column, found.columns))
st.html(f'<div class="compare of-{len(found.columns)}" role="status">{columns}</div>')
