"""Draw collections and the quotations that are kept in them."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from kb.answering.attribution import format_place
from kb.pages.cards import (
    badge,
    draw_name,
    draw_recording,
    draw_speaker,
    interview_address,
    join_parts,
    show_and_date,
)
from kb.pages.copying import draw_copy_quoted, name_controls
from kb.pages.quote_cards import draw_marks, draw_role
from kb.quotes.collections.refinding import KeptQuotation
from kb.storage.collection_table import Collection


def draw_collection(collection: Collection) -> str:
    """An entry of a list: the name leads to the collection."""
    address = escape(f"collections?{urlencode({'id': collection.id})}")
    number = f"{collection.pins:,} quotation{'' if collection.pins == 1 else 's'}"
    return (
        f'<article class="entry"><h2><a href="{address}">{draw_name(collection.name)}</a></h2>'
        f'<p class="meta">{number}</p></article>'
    )


def draw_kept(kept: KeptQuotation) -> str:
    """A card: the words as they were pinned, whose they are, where, what became of them, tags and note."""
    card = kept.interview
    source = join_parts(draw_name(card.title), show_and_date(card), escape(format_place(kept)))
    pin, place = kept.pin, kept.found.place if kept.found and kept.is_verbatim else None
    role, marks = (draw_role(place.turn), draw_marks(place)) if place else ("", "")
    tags = "".join(f'<span class="badge">{draw_name(tag)}</span>' for tag in pin.tags)
    note = f'<p class="note-text" dir="auto">{escape(pin.note)}</p>' if pin.note else ""
    warning = f'<p class="warning" role="note"><b>{escape(kept.warning)}</b></p>' if kept.warning else ""
    return (
        f'<article class="card quotation kept {kept.state}"{name_controls(kept.quote)}>'
        f'<blockquote class="said" dir="auto">{escape(kept.quote)}</blockquote>'
        f'<p>{draw_speaker(kept.leader)}{role}</p>{marks}<p class="meta">{badge(card)}{source}</p>{warning}'
        f"{f'<p>{tags}</p>' if tags else ''}{note}<footer>{_draw_links(kept)}</footer></article>"
    )


def _draw_links(kept: KeptQuotation) -> str:
    if not kept.found:
        return ""
    place = kept.found.place
    whole = f'<a href="{interview_address(place.interview.id, place.span)}">Open in interview</a>'
    return f"{draw_copy_quoted(kept) if kept.is_verbatim else ''}{whole}{draw_recording(place.interview, kept.start)}"
