"""Pin a quotation from the page that shows it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb.errors import BadCollection, KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Citation, Span
from kb.pages.cards import draw_name, locate
from kb.pages.parts import draw_notice, draw_problem

CHOSEN = "pinning.collection"  # the collection that was last pinned to


def draw_pin(knowledge_base: KnowledgeBase, names: Sequence[str], interview_id: str, span: Span) -> None:
    """A control that pins some words to a collection, which is made if it is new."""
    key = f"pin-{interview_id}-{span.turn}-{span.start}-{span.end}"
    with st.popover("Pin", key=key):
        name = _draw_choice(names, key)
        if st.button("Pin", key=f"{key}-do", type="primary"):
            _pin(knowledge_base, name, interview_id, span)


def draw_pins(knowledge_base: KnowledgeBase, citations: Sequence[Citation]) -> None:
    """A control that pins one of the quotations of an answer."""
    names = [one.name for one in knowledge_base.collections.list()]
    with st.popover("Pin a quotation", key="pin-cited"):
        cited = {f"{one.number}. {one.quote[:80]}": one for one in citations}
        chosen = st.selectbox("Quotation", list(cited), key="pin-which")
        name = _draw_choice(names, "pin-cited")
        if st.button("Pin", key="pin-cited-do", type="primary"):
            citation = cited[chosen]
            _pin(knowledge_base, name, citation.interview.id, locate(citation))


def _draw_choice(names: Sequence[str], key: str) -> str | None:
    last = st.session_state.get(CHOSEN)
    return st.selectbox(
        "Collection",
        names,
        index=names.index(last) if last in names else None,
        key=f"{key}-where",
        accept_new_options=True,
        placeholder="Choose one, or type a new name",
    )


def _pin(knowledge_base: KnowledgeBase, name: str | None, interview_id: str, span: Span) -> None:
    if not name:
        draw_notice("Choose a collection, or type the name of a new one.", "problem")
        return
    collections = knowledge_base.collections
    try:
        try:
            collection = collections.find(name)
        except BadCollection:
            collection = collections.create(name)
        collections.pin(collection.id, interview_id, span)
    except KBError as error:
        draw_problem(error)
        return
    st.session_state[CHOSEN] = collection.name
    draw_notice(f"Pinned to {draw_name(collection.name)}.")  # no Markdown: another reader may have named it
