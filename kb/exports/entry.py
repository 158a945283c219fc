"""A kept quotation as an entry of an export: its words checked against their turn, its place, its note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kb.answering.attribution import format_place, link_at, list_position
from kb.errors import UnfoundQuote
from kb.model import Interview, Leader, Span, Transcript
from kb.quotes.collections.refinding import KeptQuotation
from kb.storage.collection_table import Collection
from kb.text.display import strip_bidi

INVENTED = "invented sample interview"

Opener = Callable[[str], Transcript]  # returns an interview with all its turns, by its id


@dataclass(frozen=True, slots=True)
class Entry:
    """A quotation with all that an export tells of it."""

    number: int  # counts from 1
    pin_id: str
    quote: str
    speaker: str
    position: str  # role and company
    interview: Interview
    place: str  # '12:01', 'p. 3' or ''
    link: str  # to the recording at that second, or to the page; '' if there is none
    tags: tuple[str, ...]
    note: str
    added: str  # date and time in ISO 8601, UTC
    warning: str  # what became of the words, if they do not stand there any more
    span: Span | None  # where they stand; None if they do not

    @property
    def where(self) -> str:
        """Title, show, date and place in the recording."""
        card = self.interview
        known = (card.title, card.show, card.when, self.place, INVENTED if card.sample else None)
        return ", ".join(strip_bidi(part) for part in known if part)

    @property
    def who(self) -> str:
        """Who said it, with role and company."""
        return ", ".join(filter(None, (self.speaker, self.position)))


@dataclass(frozen=True, slots=True)
class Sheaf:
    """A collection, ready to be written."""

    collection: Collection
    entries: tuple[Entry, ...]
    transcripts: dict[str, Transcript]  # of the quotations that stand in their interview, by id


def gather(collection: Collection, kept: Sequence[KeptQuotation], open_transcript: Opener) -> Sheaf:
    """Check each quotation against its turn, character for character, and gather what an export tells.

    Raises UnfoundQuote when a quotation is not in its turn, UnknownInterview when its interview was removed meanwhile.
    """
    wanted = dict.fromkeys(one.found.interview.id for one in kept if one.is_verbatim and one.found)
    transcripts = {interview_id: open_transcript(interview_id) for interview_id in wanted}
    entries = tuple(_make_entry(number, one, transcripts) for number, one in enumerate(kept, 1))
    return Sheaf(replace(collection, pins=len(entries)), entries, transcripts)


def _make_entry(number: int, kept: KeptQuotation, transcripts: dict[str, Transcript]) -> Entry:
    leader = kept.leader
    return Entry(
        number=number,
        pin_id=kept.pin.id,
        quote=kept.quote,
        speaker=strip_bidi(leader.name),
        position=_describe_position(leader),
        interview=kept.interview,
        place=format_place(kept),
        link=link_at(kept.interview, kept.start) or "",
        tags=tuple(map(strip_bidi, kept.pin.tags)),
        note=kept.pin.note,
        added=kept.pin.added,
        warning=kept.warning,
        span=_check(kept, transcripts),
    )


def _check(kept: KeptQuotation, transcripts: dict[str, Transcript]) -> Span | None:
    if not kept.is_verbatim or kept.found is None:
        return None
    span = kept.found.place.span
    turns = transcripts[kept.found.interview.id].turns
    words = turns[span.turn].text[span.start : span.end] if span.turn < len(turns) else ""
    if words != kept.quote:
        raise UnfoundQuote(f"{kept.interview.id} does not hold {kept.quote!r} in turn {span.turn}; export it again")
    return span


def _describe_position(leader: Leader) -> str:
    return ", ".join(strip_bidi(part) for part in list_position(leader))
