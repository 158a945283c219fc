"""Draw the field for a link, the list of what it offers, and the progress of what is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from ingest.links.offer import Item, Offer, find_kept, is_kept
from ingest.links.reader import LinkReader, describe_state
from ingest.upload.arriving import Arriving, Job, job_of_item
from ingest.upload.desk import UploadQueue
from ingest.upload.keeping import MOST_FILES, Upload
from kb.errors import KBError
from kb.pages.cards import draw_name
from kb.pages.parts import count_of, draw_notice, draw_problem
from kb.text.display import strip_bidi

SHOWN = 20  # items of an offer at first, and at each press of the button for more
LABEL = "Add by link"
HINT = "A podcast’s feed, a YouTube video or playlist, a web page or a file"
# Keys of the session.
OFFER, ARRIVING, PROBLEM, SHOWN_ITEMS = "add.offer", "add.arriving", "add.problem", "add.shown"


def draw_link_field(reader: LinkReader, queue: UploadQueue) -> None:
    """Draw the field, and the list of what the link in it offers. Raises BadMetadata when a table is broken."""
    batch = st.session_state["add.batch"]
    with st.form(f"add.link.{batch}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        address = st.text_input(LABEL, placeholder=HINT, key=f"add.address.{batch}")
        is_asked = st.form_submit_button("Look it up")
    if is_asked and address.strip():
        _look_up(address, reader)
    if problem := st.session_state.get(PROBLEM):
        draw_problem(problem)
    offer: Offer | None = st.session_state.get(OFFER)
    if offer:
        _draw_offer(offer, reader, queue)


def start_arriving(jobs: Sequence[Job]) -> None:
    """Begin to fetch files, and show how far that is."""
    clear_link()
    st.session_state[ARRIVING] = Arriving(jobs)
    st.rerun()


def take_arrived() -> list[Upload]:
    """Return the files that were fetched, and draw why others were not."""
    arriving: Arriving | None = st.session_state.get(ARRIVING)
    if arriving is None:
        return []
    if arriving.failure:
        draw_problem(arriving.failure)
    if arriving.arrived is None:
        return []
    for one in arriving.arrived.refused:
        draw_notice(f"<b>{draw_name(one.source)}</b>: {escape(one.reason)}", "problem")
    return list(arriving.arrived.uploads)


def is_arriving() -> bool:
    """Whether files are being fetched for this session."""
    arriving: Arriving | None = st.session_state.get(ARRIVING)
    return arriving is not None and not arriving.is_done


@st.fragment(run_every=0.5)
def draw_arriving() -> None:
    """Draw how far the fetching is, until it is done."""
    if not is_arriving():
        st.rerun()
    step = st.session_state[ARRIVING].step
    st.progress((step.done + step.share) / max(1, step.total))
    st.text(f"{step.done + 1} of {step.total} · {strip_bidi(step.name)}")
    st.caption("Nothing is added yet: what comes is shown first.")


def clear_link() -> None:
    """Forget the link, what it offers and what was fetched."""
    for key in (OFFER, ARRIVING, PROBLEM, SHOWN_ITEMS):
        st.session_state.pop(key, None)


def _look_up(address: str, reader: LinkReader) -> None:
    """Open a link; the one thing that it leads to is fetched at once."""
    clear_link()
    with st.spinner("Looking it up"):
        try:
            offer = reader.open(address)
        except KBError as error:
            st.session_state[PROBLEM] = error
            return
    if len(offer.items) == 1 and offer.kind != "feed" and not offer.notes:
        start_arriving([job_of_item(offer.items[0], reader)])
    st.session_state[OFFER] = offer


def _draw_offer(offer: Offer, reader: LinkReader, queue: UploadQueue) -> None:
    kept = find_kept(queue.folder)
    new = [item for item in offer.items if reader.can_fetch(item) and not is_kept(item, kept)]
    published = [item for item in new if item.transcript][:MOST_FILES]
    counted = f"{count_of(len(offer.items), 'item')}, {len(new):,} to be had and not added yet"
    st.html(f'<p><b>{draw_name(offer.title)}</b><br><span class="meta">{counted}</span></p>')
    for note in offer.notes:
        draw_notice(escape(note))
    is_all = len(published) > 1 and st.checkbox(f"Choose all {len(published):,} with a transcript that are new")
    shown = st.session_state.setdefault(SHOWN_ITEMS, SHOWN)
    with st.container(key="offer", gap="small"):
        chosen = [
            item
            for number, item in enumerate(offer.items[:shown])
            if _draw_item(number, item, describe_state(item, reader, kept), can_choose=item in new and not is_all)
        ]
    if len(offer.items) > shown and st.button(f"Show {min(SHOWN, len(offer.items) - shown)} more", type="tertiary"):
        st.session_state[SHOWN_ITEMS] = shown + SHOWN
        st.rerun()
    wanted = published if is_all else chosen
    if wanted and st.button(f"Fetch {len(wanted):,}", type="primary"):
        start_arriving([job_of_item(item, reader) for item in wanted])


def _draw_item(number: int, item: Item, state: str, *, can_choose: bool) -> bool:
    """Draw an item with a box to choose it. Its title stands apart: a label would be read as Markdown."""
    day = f"{item.day:%-d %B %Y} · " if item.day else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        is_chosen = st.checkbox(
            f"Choose item {number + 1}",
            label_visibility="collapsed",
            disabled=not can_choose,
            key=f"add.item.{st.session_state['add.batch']}.{item.key}.{number}",
        )
        title = draw_name(item.title) if can_choose else f'<span class="meta">{draw_name(item.title)}</span>'
        st.html(f'<span>{title}<br><span class="meta">{day}{escape(state)}</span></span>')
    return is_chosen and can_choose
