"""Find pinned words again after their interview was read again, renamed, changed or removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from kb.model import Interview, Leader, Transcript, Turn
from kb.quotes.alignment import align
from kb.quotes.desk import FoundQuotation
from kb.quotes.turn_index import Place, TurnIndex
from kb.quotes.word_sequence import split_words
from kb.storage.anchor import Anchor
from kb.storage.catalog import Catalog
from kb.storage.collection_table import Pin

State = Literal["verbatim", "moved", "changed", "gone"]

NEAR = 0.5  # share of the words, in order, that a turn must hold to be what became of a quotation


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of chosen words, and where they stand now."""

    state: State
    found: FoundQuotation | None  # of changed words: what stands there now
    is_removed: bool = False  # their interview is gone


@dataclass(frozen=True, slots=True)
class KeptQuotation:
    """A pin, and where its words stand now."""

    pin: Pin
    state: State
    found: FoundQuotation | None  # of a changed quotation: what stands there now
    is_removed: bool = False  # its interview is gone

    @property
    def quote(self) -> str:
        """The words as they were pinned."""
        return self.pin.quote

    @property
    def is_verbatim(self) -> bool:
        """Whether the words stand in their interview today, said by the same person."""
        return self.state in ("verbatim", "moved")

    @property
    def words_now(self) -> str:
        """What a changed quotation reads now; '' for others."""
        return self.found.quote if self.found and self.state == "changed" else ""

    @property
    def warning(self) -> str:
        """What became of the words, in one line; '' if they stand in their interview as they were pinned."""
        if self.state == "gone":
            what = "Its interview has been removed" if self.is_removed else "Its interview no longer holds these words"
            return f"{what}; the quotation is kept as it was."
        if not self.words_now:
            return ""
        if self.words_now == self.quote and self.found:
            return f"The transcript now gives these words to {self.found.place.turn.speaker or 'nobody'}."
        return f"The transcript has changed since; now it reads: “{self.words_now}”"

    @property
    def interview(self) -> Interview:
        """The interview; of one that is gone, what the pin remembers."""
        pin = self.pin
        remembered = Interview(pin.interview_id, pin.title, source=pin.source, sample=pin.sample)
        return self.found.interview if self.found else remembered

    @property
    def leader(self) -> Leader:
        """Who said it, with role and company if the card gives them."""
        name = self.pin.speaker or "Not named"
        return self.interview.leader(name) or Leader(name)

    @property
    def start(self) -> float | None:
        """Seconds from the beginning of the recording, if they are known."""
        return self.found.start if self.found else None

    @property
    def start_is_exact(self) -> bool:
        """Whether the time was given in this turn."""
        return bool(self.found and self.found.start_is_exact)

    @property
    def page(self) -> int | None:
        """The page, counted from 1, if it is known."""
        return self.found.page if self.found else None


def refind(catalog: Catalog, pins: Sequence[Pin]) -> list[KeptQuotation]:
    """Find each pin: at its place, else by its words in its interview, else the words that resemble it most."""
    found = find_standings(catalog, pins)
    return [KeptQuotation(pin, one.state, one.found, one.is_removed) for pin, one in zip(pins, found, strict=True)]


def find_standings(catalog: Catalog, anchors: Sequence[Anchor]) -> list[Standing]:
    """Find words that people chose: at their place, else in their interview, else what resembles them most."""
    with catalog.database.snapshot():
        shelf = _Shelf(catalog)
        return [_refind_one(shelf, one) for one in anchors]


class _Shelf:
    """The interviews as of one moment, each read once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._cards = catalog.interviews()
        self._talks: dict[str, _Talk] = {}

    def list_own(self, pin: Anchor) -> list[_Talk]:
        """List the interviews that can be that of a pin: of the same file, of the same id."""
        same_file = [card.id for card in self._cards if card.source_hash == pin.source_hash]
        same_id = [card.id for card in self._cards if card.id == pin.interview_id]
        ordered = sorted(same_file, key=lambda one: one != pin.interview_id)
        return [self._open(one) for one in dict.fromkeys([*ordered, *same_id])]

    def list_namesakes(self, pin: Anchor) -> list[_Talk]:
        """List the interviews with the title of a pin's: a file that was renamed and changed at once."""
        return [self._open(card.id) for card in self._cards if card.title == pin.title]

    def _open(self, interview_id: str) -> _Talk:
        if interview_id not in self._talks:
            self._talks[interview_id] = _Talk(self._catalog.transcript(interview_id))
        return self._talks[interview_id]


class _Talk:
    """An interview, whose words are indexed if they are needed."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript

    @cached_property
    def index(self) -> TurnIndex:
        return TurnIndex([self.transcript])

    def place(self, turn: Turn, start: int, end: int) -> FoundQuotation:
        """Locate a slice of a turn, with the last time given at or before it."""
        place = Place(self.transcript.interview, turn, start, end)
        mark = turn.mark_at(start)
        page = mark.page if mark and mark.page is not None else turn.page
        seconds = mark.start if mark and mark.start is not None else turn.start
        is_exact = seconds is not None
        earlier = (one for other in reversed(self.transcript.turns[: turn.index]) for one in _last_time(other))
        return FoundQuotation(place, next(earlier, None) if seconds is None else seconds, is_exact, page, is_exact=True)


def _refind_one(shelf: _Shelf, pin: Anchor) -> Standing:
    own = shelf.list_own(pin)
    for talk in own:
        if here := _find_in_place(talk, pin):
            is_same = talk.transcript.interview.id == pin.interview_id
            return Standing("verbatim" if is_same else "moved", here)
    for talk in own or shelf.list_namesakes(pin):
        if elsewhere := _find_words(talk, pin):
            is_same = elsewhere.place.turn.speaker == pin.speaker
            if is_same or own:
                return Standing("moved" if is_same else "changed", elsewhere)
    for talk in own:
        if near := _find_nearest(talk, pin):
            return Standing("changed", near)
    return Standing("gone", None, is_removed=not own)


def _find_in_place(talk: _Talk, pin: Anchor) -> FoundQuotation | None:
    turns = talk.transcript.turns
    turn = turns[pin.turn] if pin.turn < len(turns) else None
    if turn is None or turn.speaker != pin.speaker or turn.text[pin.start_offset : pin.end_offset] != pin.quote:
        return None
    return talk.place(turn, pin.start_offset, pin.end_offset)


def _find_words(talk: _Talk, pin: Anchor) -> FoundQuotation | None:
    """Find the same words, character for character: those of the same speaker first, then the nearest."""
    holding = [turn for turn in talk.transcript.turns if pin.quote in turn.text]
    if not holding:
        return None
    turn = min(holding, key=lambda one: (one.speaker != pin.speaker, abs(one.index - pin.turn)))
    starts = [at for at in range(len(turn.text)) if turn.text.startswith(pin.quote, at)]
    start = min(starts, key=lambda at: abs(at - pin.start_offset))
    return talk.place(turn, start, start + len(pin.quote))


def _find_nearest(talk: _Talk, pin: Anchor) -> FoundQuotation | None:
    """Find the words that most resemble those that were pinned, if they are near enough."""
    index = talk.index
    ids = index.look_up(split_words(pin.quote).words)
    size = 3 if len(ids) > 3 else 2
    near = [one for one in align(index, ids, index.find_segments(ids, size)) if one.share >= NEAR]
    if not near:
        return None
    place = index.place(near[0].position, near[0].length)
    text, start, end = place.turn.text, place.start, place.end
    while start and not text[start - 1].isspace():  # with the marks that belong to the first and the last word
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return talk.place(place.turn, start, end)


def _last_time(turn: Turn) -> Iterator[float]:
    times = [mark.start for mark in turn.marks if mark.start is not None]
    yield from times[-1:] or ([turn.start] if turn.start is not None else [])
