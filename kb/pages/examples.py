"""What stands in the place of an answer before anything is asked: questions to try, and what there is to ask."""

from __future__ import annotations

import streamlit as st

from kb.pages.parts import count_of
from kb.storage.rows import Counts

EXAMPLES = (
    "How do leaders ignite shared passion?",
    "What drives good people away?",
    "When did listening to the front line change a decision?",
    "How should a leader announce layoffs?",
)


def draw_examples(counts: Counts) -> None:
    """Questions that are asked at a click, and how much the interviews hold."""
    with st.container(key="examples"):
        st.html('<h2 class="meta">For example</h2>')
        for example in EXAMPLES:
            st.button(example, on_click=_ask, args=(example,), type="tertiary", width="stretch")
    leaders, interviews = count_of(counts.leaders, "leader"), count_of(counts.interviews, "interview")
    st.html(f'<p class="meta">{leaders} in {interviews}, {count_of(counts.words, "word")}</p>')


def _ask(question: str) -> None:
    st.session_state["q"] = question
