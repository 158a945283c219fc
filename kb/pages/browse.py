"""Browse: the interviews, the leaders and the themes, to look through and to filter."""

from __future__ import annotations

import streamlit as st

from kb.pages.address import AddressBar
from kb.pages.cards import draw_interview, draw_theme
from kb.pages.listing import has_words, list_leaders
from kb.pages.parts import HOW_TO_ADD, count_of, draw_filters, draw_notice, draw_sample_banner, offer_filters
from kb.pages.shared import find_counts, find_facets, find_interviews, open_kb
from kb.retrieval.filters import matches

VIEWS = ("Interviews", "Leaders", "Themes")
PAGE = 50  # entries on a screen


st.html("<h1>Browse</h1>")
kb = open_kb()
counts = find_counts(kb)
if not counts.interviews:
    draw_notice(f"There are no interviews yet. {HOW_TO_ADD}")
    st.stop()
draw_sample_banner(counts)

filters = offer_filters(find_facets(kb))
address = AddressBar({"find": "", "view": VIEWS[0]}, filters)
unknown = address.follow()
if st.session_state["view"] not in VIEWS:
    st.session_state["view"] = VIEWS[0]
words = st.text_input("Find", key="find", placeholder="A name, a company, a title", label_visibility="collapsed")
query = draw_filters(filters, unknown)
view = st.segmented_control("View", VIEWS, key="view", label_visibility="collapsed", required=True)
address.write()
wanted = words.casefold().split()

if view == "Themes":
    themes = [one for one in kb.themes() if all(word in one.name.casefold() for word in wanted)]
    entries, nothing = list(map(draw_theme, themes)), "No theme is called so; try another word."
    shown = f"{count_of(len(entries), 'theme')} to ask about"
else:
    interviews = [one for one in find_interviews(kb) if matches(one, query) and has_words(one, wanted)]
    entries = list_leaders(interviews) if view == "Leaders" else [draw_interview(one) for one in interviews]
    leaders, nothing = f"{count_of(len(entries), 'leader')} in ", "Nothing matches; take a filter away."
    in_all = f"{len(interviews):,} of {count_of(counts.interviews, 'interview')}"
    shown = f"{leaders if view == 'Leaders' else ''}{in_all}"
if not entries:
    draw_notice(nothing)
    st.stop()
st.html(f'<p class="meta">{shown}</p>')
pages = -(-len(entries) // PAGE)
page = st.pagination(pages) if pages > 1 else 1
st.html("".join(entries[(page - 1) * PAGE : page * PAGE]))
