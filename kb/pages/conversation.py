"""What stands round an answer: the questions before it, the one after it, and the reader's thumb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from kb.answering.follow_up import RewrittenQuestion
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer
from kb.pages.menu import FILTERS
from kb.pages.parts import draw_problem, run_script

LONGEST = 8  # earlier questions that the address keeps, and that a follow-up is understood by
LANDING, LANDED = "follow.landing", "follow.landed"  # the question to be answered, and how many there were
THUMBS = {0: False, 1: True}


def draw_thread(earlier: Sequence[str], understood: RewrittenQuestion) -> None:
    """The questions before, each a way back to its answer, and what the last one was taken to mean."""
    if not earlier:
        return
    filters = {name: st.session_state[name] for name in FILTERS if st.session_state.get(name)}
    steps = "".join(_draw_step(earlier[:number], one, filters) for number, one in enumerate(earlier))
    meant = f'<p class="understood">Understood as: <b>{escape(understood.text)}</b></p>'
    st.html(
        f'<nav class="thread" aria-label="Earlier in this conversation"><ol>{steps}</ol></nav>'
        f"{meant if understood.is_rewritten else ''}"
    )


def draw_follow_up() -> None:
    """A field for a question that leans on this one."""
    with (
        st.container(key="follow-up"),
        st.form("follow", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        placeholder = "Follow up: and what about layoffs?"
        st.text_input("Follow up", key="next", placeholder=placeholder, label_visibility="collapsed")
        st.form_submit_button("Follow up", on_click=_follow_up)


def expect_answer() -> None:
    """Note that a question was asked: the focus goes to its answer, from where typing goes into the follow-up."""
    st.session_state[LANDING] = st.session_state[LANDED] = st.session_state.get(LANDED, 0) + 1


def forget_answer() -> None:
    """Note that there is no answer: the focus stays in the field."""
    st.session_state.pop(LANDING, None)


def land_on_answer() -> None:
    """Bring the answer that is expected into view and into focus, once."""
    landing = st.session_state.pop(LANDING, 0)
    if landing:
        run_script("land.js", f"<i data-landing={landing}></i>")  # a script that has changed is run again


def draw_thumb(knowledge_base: KnowledgeBase, answer: Answer) -> None:
    """A thumb, kept with the question, the passages and the answer."""
    key = f"thumb {answer.query}"
    with st.container(horizontal=True, vertical_alignment="center", key="thumb"):
        st.html('<p class="meta">Did this help?</p>', width="content")
        thumb = st.feedback("thumbs", key=key)
        if _keep_thumb(knowledge_base, answer, thumb, f"kept {key}"):
            st.html('<p class="meta" role="status">Thank you; it is kept on this machine.</p>', width="content")


def _draw_step(before: Sequence[str], question: str, filters: Mapping[str, Sequence[str]]) -> str:
    address = escape(f"./?{urlencode({'q': question, **filters, 'after': before}, doseq=True)}")
    return f'<li><a href="{address}">{escape(question)}</a></li>'


def _follow_up() -> None:
    question = st.session_state["next"]
    if question.strip():
        st.session_state["after"] = [*st.session_state["after"], st.session_state["q"]][-LONGEST:]
        st.session_state["q"] = question
        st.session_state["next"] = ""
        expect_answer()


def _keep_thumb(knowledge_base: KnowledgeBase, answer: Answer, thumb: int | None, key: str) -> bool:
    """Whether there is a thumb and it is kept: one that is given is stored once, and tried again where that failed."""
    if thumb is None or st.session_state.get(key) == thumb:
        st.session_state[key] = thumb
        return thumb is not None
    try:
        knowledge_base.rate(answer, is_helpful=THUMBS[thumb])
    except KBError as error:
        draw_problem(error)
        return False
    st.session_state[key] = thumb
    return True
