"""Interview: the whole transcript, with the cited words marked and in view, and its facts to be corrected."""

from __future__ import annotations

from html import escape

import streamlit as st

from kb.errors import UnknownInterview
from kb.model import Span
from kb.pages.cards import draw_heading, draw_second_sources, draw_turn
from kb.pages.mending import draw_outcome, find_removed, offer_correction, offer_removal
from kb.pages.parts import draw_notice, name_page, run_script
from kb.pages.shared import find_transcripts, open_kb

MOST_DIGITS = 9  # of a number in the address; Python reads none of more than 4,300


def read_cited() -> Span | None:
    """The cited turn, and the words of it, that the address names."""
    turn, start, end = (st.query_params.get(name, "") for name in ("turn", "from", "to"))
    if not _is_number(turn):
        return None
    if not (_is_number(start) and _is_number(end)):
        return Span(int(turn), 0, 0)
    return Span(int(turn), int(start), int(end))


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= MOST_DIGITS


kb = open_kb()
interview_id = st.query_params.get("id", "")
if not interview_id:
    st.html("<h1>Interview</h1>")
    draw_notice('Choose an interview on <a href="browse">Browse</a>.')
    st.stop()
if any(one.transcript.interview.id == interview_id for one in find_removed()):
    st.html("<h1>Interview</h1>")
    draw_outcome(kb)
    st.html('<p><a href="browse">Browse the others</a></p>')
    st.stop()
try:
    transcript = find_transcripts(kb, [interview_id])[interview_id]
except UnknownInterview as error:
    st.html("<h1>Interview</h1>")
    draw_notice(f'{escape(str(error))}; it may have been removed. <a href="browse">See what is there</a>.', "problem")
    st.stop()

interview = transcript.interview
name_page(interview.title)
cited = read_cited()
st.html(draw_heading(interview) + draw_second_sources(kb.second_sources.of(interview_id)))
draw_outcome(kb)
offer_correction(kb, interview, expanded="correct" in st.query_params)
offer_removal(kb, [interview], "Remove this interview")
st.html("".join(draw_turn(turn, interview, cited) for turn in transcript.turns) or "<p>No words.</p>")
run_script("start.js" if "correct" in st.query_params else "scroll.js")
