"""A quotation of a pack: verified words with their place, their speaker, and a line of reference."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.answering.attribution import format_place, link_at, list_position
from kb.exports.entry import INVENTED
from kb.exports.xml_text import UNWRITABLE, clean_xml
from kb.model import Citation, Interview, Leader, Span
from kb.quotes.collections.refinding import KeptQuotation
from kb.text.display import BIDI, CONTROL, strip_bidi

LONGEST_LINE = 200  # characters of a name, a title or a heading on a page
LONGEST_LINK = 1_000
SPACE = re.compile(r"[\s\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class PackQuotation:
    """Words of a leader, as they stood when the plan was made."""

    interview: Interview
    speaker: str
    span: Span
    quote: str
    start: float | None = None  # seconds
    start_is_exact: bool = False
    page: int | None = None

    @property
    def id(self) -> str:
        """Interview, turn and characters: the same words have the same id."""
        return f"{self.interview.id}:{self.span.turn}:{self.span.start}-{self.span.end}"

    @property
    def is_plain(self) -> bool:
        """Whether a page can show the words as they stand: they hold nothing that acts on it, or that XML forbids."""
        return not (BIDI.search(self.quote) or CONTROL.search(self.quote) or UNWRITABLE.search(self.quote))

    @property
    def leader(self) -> Leader:
        """Who says it, with role and company if the card gives them."""
        return self.interview.leader(self.speaker) or Leader(self.speaker)

    @property
    def name(self) -> str:
        """The speaker's name, on one line."""
        return tidy(self.speaker)

    @property
    def position(self) -> str:
        """Role, company and year, as far as they are known, on one line."""
        leader, card = self.leader, self.interview
        year = str(card.date.year) if card.date else card.when
        return ", ".join(tidy(part) for part in (*list_position(leader), year) if part)

    @property
    def place(self) -> str:
        """'12:01', 'after 12:01', 'p. 3' or ''."""
        return format_place(self)

    @property
    def link(self) -> str:
        """The recording at that second, or the page; '' if there is no address that can be used."""
        link = SPACE.sub("", CONTROL.sub("", link_at(self.interview, self.start) or ""))
        return link if len(link) <= LONGEST_LINK else ""

    @property
    def where(self) -> str:
        """Title, show, date and place, on one line."""
        card = self.interview
        known = (tidy(card.title), tidy(card.show or ""), card.when, self.place)
        return ", ".join(part for part in known if part)

    @property
    def source(self) -> str:
        """Title, show, date and place, and whether the interview is invented, on one line."""
        return f"{self.where}, {INVENTED}" if self.interview.sample else self.where

    @property
    def reference(self) -> str:
        """Who, where and when, with the address, on one line."""
        who = ", ".join(filter(None, (self.name, self.position)))
        return " ".join(filter(None, (f"{who}.", f"{self.source}.", self.link)))


def from_citation(citation: Citation) -> PackQuotation:
    """Take over a citation of an answer."""
    return PackQuotation(
        interview=citation.interview,
        speaker=citation.passage.speaker,
        span=Span(citation.turn, citation.start_offset, citation.end_offset),
        quote=citation.quote,
        start=citation.start,
        start_is_exact=citation.start_is_exact,
        page=citation.page,
    )


def from_kept(kept: KeptQuotation) -> PackQuotation | None:
    """Take over a quotation of a collection; None where its words do not stand in their interview any more."""
    if not kept.is_verbatim or kept.found is None:
        return None
    found = kept.found
    return PackQuotation(
        interview=found.interview,
        speaker=found.place.turn.speaker or "",
        span=found.place.span,
        quote=found.quote,
        start=found.start,
        start_is_exact=found.start_is_exact,
        page=found.page,
    )


def tidy(text: str, most: int = LONGEST_LINE) -> str:
    """Bring a text on one line, without what acts on its surroundings, and cut it where it is too long."""
    line = SPACE.sub(" ", clean_xml(CONTROL.sub(" ", strip_bidi(text)))).strip()
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
