"""Pin a quotation from the page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kb.errors import BadCollection, KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Citation, Span
from kb.pages.cards import draw_name, locate
from kb.pages.parts import draw_notice

CHOSEN = "pinning.collection"  # the collection that was last pinned to
OUTCOME = "pinning.outcome"  # of the last press: which control's, its kind and its words


def draw_pin(knowledge_base: KnowledgeBase, names: Sequence[str], interview_id: str, span: Span) -> None:
    """A control that pins some words to a collection, which is made if it is new."""
    key = f"pin-{interview_id}-{span.turn}-{span.start}-{span.end}"
    with st.popover("Pin", key=key):
        with _open_form(key):
            _draw_choice(names, key)
            _draw_button(knowledge_base, key, lambda: (interview_id, span))
        _tell_outcome(key)


def draw_pins(knowledge_base: KnowledgeBase, citations: Sequence[Citation]) -> None:
    """A control that pins one of the quotations of an answer."""
    names = [one.name for one in knowledge_base.collections.list()]
    cited = {f"{one.number}. {one.quote[:80]}": one for one in citations}

    def find_chosen() -> tuple[str, Span]:
        chosen = cited[st.session_state["pin-which"]]
        return chosen.interview.id, locate(chosen)

    with st.popover("Pin a quotation", key="pin-cited"):
        with _open_form("pin-cited"):
            st.selectbox("Quotation", list(cited), key="pin-which")
            _draw_choice(names, "pin-cited")
            _draw_button(knowledge_base, "pin-cited", find_chosen)
        _tell_outcome("pin-cited")


def _open_form(key: str) -> DeltaGenerator:
    """A form: nothing is drawn anew, and no focus lost, until its button is pressed."""
    return st.form(f"{key}-form", border=False)


def _draw_choice(names: Sequence[str], key: str) -> None:
    """The choice of a collection: the one that was last pinned to, until another is chosen."""
    last, where = st.session_state.get(CHOSEN), f"{key}-where"
    if st.session_state.get(where) is None and last in names:
        st.session_state[where] = last
    st.selectbox(
        "Collection",
        names,
        index=None,
        key=where,
        accept_new_options=True,
        placeholder="Choose one, or type a new name",
    )


def _draw_button(knowledge_base: KnowledgeBase, key: str, find: Callable[[], tuple[str, Span]]) -> None:
    st.form_submit_button("Pin", type="primary", key=f"{key}-do", on_click=_pin, args=(knowledge_base, key, find))


def _tell_outcome(key: str) -> None:
    """Tell what came of the last press of this control's button, once."""
    if st.session_state.get(OUTCOME, ("", "", ""))[0] == key:
        _, kind, html = st.session_state.pop(OUTCOME)
        draw_notice(html, kind)


def _pin(knowledge_base: KnowledgeBase, key: str, find: Callable[[], tuple[str, Span]]) -> None:
    """Pin before the page is drawn, so that each of its controls knows the collection."""
    # A press may come before the browser shows the collection that was last pinned to.
    name = st.session_state.get(f"{key}-where") or st.session_state.get(CHOSEN)
    collections = knowledge_base.collections
    if not name:
        st.session_state[OUTCOME] = key, "problem", "Choose a collection, or type the name of a new one."
        return
    try:
        try:
            collection = collections.find(name)
        except BadCollection:
            collection = collections.create(name)
        collections.pin(collection.id, *find())
    except KBError as error:
        st.session_state[OUTCOME] = key, "problem", escape(str(error))
        return
    st.session_state[CHOSEN] = collection.name
    address = escape(f"collections?{urlencode({'id': collection.id})}")
    # No Markdown: another reader may have named it.
    told = f'Pinned to <a href="{address}">{draw_name(collection.name)}</a>.'
    st.session_state[OUTCOME] = key, "done", told
