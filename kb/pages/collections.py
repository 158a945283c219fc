"""Collections: quotations that were pinned, in an order of one's own, with tags and notes, and as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

import streamlit as st

from kb.errors import KBError
from kb.exports.formats import KINDS, Format, export, name_file
from kb.pages.cards import draw_name
from kb.pages.copying import name_words
from kb.pages.kept_cards import draw_collection, draw_kept
from kb.pages.parts import count_of, draw_notice, draw_pack_link, draw_problem, name_page
from kb.pages.shared import open_kb
from kb.quotes.collections.refinding import KeptQuotation
from kb.storage.collection_table import Collection

PAGE = 20  # quotations on a screen
# What went wrong in the last press of a button, what it did, and what it did that is not seen beside it.
PROBLEM, DONE, TOLD = "collections.problem", "collections.done", "collections.told"


def attempt(act: Callable[[], object], *, done: str = "", told: str = "") -> None:
    """Do what a button stands for; what came of it is told by the next run."""
    try:
        act()
    except KBError as error:
        st.session_state[PROBLEM] = error
    else:
        st.session_state.update({DONE: done, TOLD: told})


def list_collections() -> None:
    """All collections, and a field to make one."""
    st.html("<h1>Collections</h1><p>Quotations to keep: pinned, ordered, noted, exported.</p>")
    with st.form("create", border=False, clear_on_submit=True), st.container(horizontal=True):
        name = st.text_input("New collection", placeholder="Name a collection", label_visibility="collapsed")
        if st.form_submit_button("Create", type="primary") and name.strip():
            attempt(lambda: kb.collections.create(name))
    tell_outcome()
    found = kb.collections.list()
    if not found:
        draw_notice(
            'There is no collection yet. Make one here, or press Pin at a quotation on <a href="quotes">Quotes</a>.'
        )
        return
    st.html("".join(map(draw_collection, found)))


def tell_outcome() -> None:
    """Tell what went wrong, or what was done, once."""
    if error := st.session_state.pop(PROBLEM, None):
        draw_problem(error)
    if done := st.session_state.pop(DONE, ""):
        draw_notice(escape(done), "done")


def draw_whole(collection: Collection) -> None:
    """A collection: its quotations, and what can be done with it."""
    name_page(collection.name)
    pins = kb.collections.pins(collection.id)
    back = '<a href="collections">All collections</a>'
    told = f'<span class="unseen" role="status">{st.session_state.pop(TOLD, "")}</span>'
    head = f'<p class="meta">{count_of(len(pins), "quotation")} · {back}</p>{told}'
    st.html(f"<h1>{draw_name(collection.name)}</h1>{head}")
    tell_outcome()
    with st.container(horizontal=True):
        draw_export(collection)
        draw_settings(collection)
    if not pins:
        draw_notice('Nothing is pinned here yet. Press Pin at a quotation on <a href="quotes">Quotes</a>.')
        return
    st.html(draw_pack_link(collection=collection.id))
    pages = -(-len(pins) // PAGE)
    first = ((st.pagination(pages) if pages > 1 else 1) - 1) * PAGE
    for place, kept in enumerate(kb.collections.refind(pins[first : first + PAGE]), first):
        draw_one(kept, place, len(pins))


def draw_one(kept: KeptQuotation, place: int, number: int) -> None:
    """A quotation with its buttons."""
    pin, collections = kept.pin, kb.collections
    st.html(draw_kept(kept))
    with st.container(horizontal=True, gap="small", key=f"tools-{pin.id}"):
        for label, to, cannot in (("Up", place - 1, place == 0), ("Down", place + 1, place == number - 1)):
            st.button(
                label,
                key=f"{label}-{pin.id}",
                disabled=cannot,
                on_click=attempt,
                args=(lambda to=to: collections.move(pin.id, to),),
                kwargs={"told": f"Moved to place {to + 1} of {number}."},
                help=f"Move {label.lower()}",
            )
        with st.popover("Tags and note", key=f"edit-{pin.id}"):
            draw_fields(kept)
        st.button(
            "Remove",
            key=f"remove-{pin.id}",
            on_click=attempt,
            args=(lambda: collections.unpin(pin.id),),
            kwargs={"done": f"Removed: “{name_words(pin.quote)}”"},
        )


def draw_fields(kept: KeptQuotation) -> None:
    """The fields of a pin's tags and note."""
    pin = kept.pin
    with st.form(f"fields-{pin.id}", border=False):
        tags = st.text_input("Tags, with commas between them", ", ".join(pin.tags), key=f"tags-{pin.id}")
        note = st.text_area("Note", pin.note, key=f"note-{pin.id}")
        if st.form_submit_button("Save", type="primary"):
            attempt(lambda: kb.collections.annotate(pin.id, note=note, tags=tags.split(",")))
            st.rerun()


def draw_export(collection: Collection) -> None:
    """The choice of a format, and a button that downloads the file; it is written when the button is pressed."""
    with st.popover("Export"):
        kinds: list[Format] = list(KINDS)
        to = st.selectbox("Format", kinds, format_func=lambda one: KINDS[one].name, key="format")

        def write() -> bytes:
            kept = kb.collections.refind(kb.collections.pins(collection.id))
            return export(collection, kept, to, kb.transcript, datetime.now(UTC).date())

        try:
            data = write()
        except KBError as error:
            draw_problem(error)
            return
        st.download_button("Download", data, name_file(collection, to), KINDS[to].mime, on_click="ignore")


def draw_settings(collection: Collection) -> None:
    """Another name for a collection, and its end."""
    with st.popover("Rename or delete"):
        with st.form("rename", border=False):
            name = st.text_input("Name", collection.name)
            if st.form_submit_button("Rename"):
                attempt(lambda: kb.collections.rename(collection.id, name))
                st.rerun()
        is_sure = st.checkbox(f"Delete it with {count_of(collection.pins, 'quotation')}")
        if st.button("Delete", disabled=not is_sure):
            attempt(lambda: kb.collections.delete(collection.id))
            st.query_params.clear()
            st.rerun()


kb = open_kb()
wanted = st.query_params.get("id", "")
if not wanted:
    list_collections()
    st.stop()
try:
    collection = kb.collections.find(wanted)
except KBError:
    st.html("<h1>Collection</h1>")
    draw_notice('There is no such collection; it may have been deleted. <a href="collections">See all</a>.', "problem")
    st.stop()
draw_whole(collection)
