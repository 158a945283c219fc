"""Buttons that copy a quotation with its reference, as plain and as rich text in one press."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kb.answering.attribution import Quotable, format_attribution, format_place, link_at, list_position
from kb.quotes.styles import Reference
from kb.text.display import mark_line, strip_bidi

NAMED = 40  # characters of a quotation in the name of its button


def draw_copy(label: str, which: str, plain: str, rich: str = "") -> str:
    """A button that copies a text; `which` says in its name what of the page that is."""
    html = f' data-html="{escape(rich)}"' if rich else ""
    name = escape(f"{label}: {strip_bidi(which)}")
    return f'<button type="button" class="copy" data-copy="{escape(plain)}"{html} aria-label="{name}">{label}</button>'


def draw_copy_quoted(quoted: Quotable, reference: Reference | None = None) -> str:
    """A button that copies a quotation with its attribution, or with the reference by a style."""
    which = ", ".join(filter(None, (name_words(quoted.quote), quoted.leader.name, format_place(quoted))))
    if reference is None:
        return draw_copy("Copy with attribution", which, format_attribution(quoted), write_rich([quoted]))
    parts = filter(None, (f"“{quoted.quote}” {reference.in_text}", reference.entry))
    rich = f"<p>{_quote(quoted)} {escape(reference.in_text)}</p><p>{escape(reference.entry)}</p>"
    return draw_copy("Copy with reference", which, "\n\n".join(parts), rich.removesuffix("<p></p>"))


def write_rich(quoted: Sequence[Quotable]) -> str:
    """Quotations with their attributions as rich text, each a paragraph."""
    return "".join(f"<p>{_quote(one)} {_attribute(one)}</p>" for one in quoted)


def name_words(text: str) -> str:
    """The first words of a text, to tell it from others."""
    line = " ".join(text.split())
    return line if len(line) <= NAMED else f"{line[:NAMED].rpartition(' ')[0] or line[:NAMED]}…"


def name_controls(text: str) -> str:
    """An attribute that names the controls below a card, by the first words of a text."""
    return f' data-names="{escape(mark_line(name_words(text)))}"'


def _quote(quoted: Quotable) -> str:
    return f"“{'<br>'.join(map(escape, quoted.quote.split(chr(10))))}”"


def _attribute(quoted: Quotable) -> str:
    leader, card = quoted.leader, quoted.interview
    position = "".join(f", {_clean(part)}" for part in list_position(leader))
    where = "".join(f", {_clean(part)}" for part in (card.show, card.when) if part)
    place, address = format_place(quoted), link_at(card, quoted.start)
    at = f'<a href="{escape(address)}">{escape(place or "Recording")}</a>' if address else escape(place)
    sample = " [invented sample interview]" if card.sample else ""
    title = f"<i>{_clean(card.title)}</i>{where}."
    return f"— <b>{_clean(leader.name)}</b>{position}. {title}{f' {at}' if at else ''}{sample}"


def _clean(text: str) -> str:
    return escape(strip_bidi(text))
