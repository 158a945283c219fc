"""The quote desk: check the quotations of a draft, find quotations, search words in all transcripts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

from kb.errors import StoreUnavailable, UnknownInterview
from kb.generation.grounding.markup import find_quotations
from kb.model import Citation, Interview, Leader, Query, Role, Span, Transcript, Turn
from kb.quotes.alignment import align
from kb.quotes.draft import DraftQuotation, Paragraph, read_quotations
from kb.quotes.hyphens import settle_hyphens
from kb.quotes.judgement import Judgement, judge
from kb.quotes.turn_index import Place, TurnIndex
from kb.quotes.word_search import WordPlaces, find_words
from kb.quotes.word_sequence import split_words
from kb.retrieval.filters import filter_interviews
from kb.retrieval.question import check_typed
from kb.storage.catalog import Catalog
from kb.text.sentences import sentence_spans

REMEMBERED = 0.6  # share of a line's words, in order, that a turn must hold for the line to be that turn's
REMEMBERED_WORDS = 4  # minimum words of such a line
REPEATED_WORDS = 6  # minimum words of what is said again on purpose; shorter words recur by chance
MOST_REPEATS = 20

Passes = Callable[[Place], bool]  # whether a place is a leader's, within the filters


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """A quotation of a draft with its judgement."""

    quotation: DraftQuotation
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A draft with all its quotations judged."""

    paragraphs: tuple[Paragraph, ...]  # as they were read: places of quotations count in these
    quotations: tuple[CheckedQuotation, ...]


@dataclass(frozen=True, slots=True)
class FoundQuotation:
    """A quotation to print, cut at the ends of sentences."""

    place: Place
    start: float | None  # seconds: the last time given at or before its first word
    start_is_exact: bool
    page: int | None
    is_exact: bool  # holds the words that were searched, in their order
    also: tuple[Place, ...] = ()  # where the same words are said again: a teaser, the same talk twice

    @property
    def quote(self) -> str:
        """The words, verbatim."""
        return self.place.text

    @property
    def interview(self) -> Interview:
        """The interview in which they are said."""
        return self.place.interview

    @property
    def leader(self) -> Leader:
        """Who says them, with role and company if the card gives them."""
        return self.place.leader


class Kept(Protocol):
    """Words that were quoted before, with their place and their speaker."""

    @property
    def interview(self) -> Interview:
        """The interview in which they were said."""

    @property
    def span(self) -> Span:
        """Their place."""

    @property
    def quote(self) -> str:
        """The words, verbatim."""

    @property
    def speaker(self) -> str:
        """Who said them."""


class QuoteDesk:
    """Checks and finds quotations in the words of all turns, hosts' too; shared by all threads."""

    def __init__(self, catalog: Catalog, find_citations: Callable[[Query], list[Citation]]) -> None:
        self._catalog = catalog
        self._find_citations = find_citations
        self._index: tuple[int, TurnIndex] | None = None
        self._building = threading.Lock()

    def check(self, paragraphs: Sequence[Paragraph]) -> list[CheckedQuotation]:
        """Judge each quotation of a draft. Raises StoreUnavailable when there is no interview to check against."""
        return list(self.check_draft(paragraphs).quotations)

    def check_draft(self, paragraphs: Sequence[Paragraph]) -> CheckedDraft:
        """Judge a draft as `check` does, and return it with its paragraphs as they were read."""
        index = self._load()
        if not index.turns:
            raise StoreUnavailable("There is no interview to check against; run: kb-ingest FOLDER")
        speakers = {turn.speaker for _, turn in index.turns if turn.speaker}
        settled = settle_hyphens(paragraphs, index.knows)
        checked = (
            CheckedQuotation(one, judge(index, one.text, one.attributed_to))
            for one in read_quotations(settled, speakers)
        )
        return CheckedDraft(tuple(settled), tuple(checked))

    def find(self, query: Query) -> list[FoundQuotation]:
        """Find quotations of leaders, best first: an exact phrase in quotation marks, a line half remembered, a theme.

        A phrase in quotation marks finds only turns that hold exactly its words. Raises BadQuestion.
        """
        check_typed(query.text)
        index = self._load()
        allowed = self._allowed(query)

        def passes(place: Place) -> bool:
            return place.turn.role == "leader" and _passes(place.interview, place.turn, query, allowed)

        phrases = _phrases(query.text)
        if phrases:
            found = _find_phrases(index, phrases, passes)
        else:
            found = chain(_find_remembered(index, query.text, passes), self._find_cited(query))
        return [_add_repeats(index, one, passes) for one in _fold(found, query.limit)]

    def search_words(
        self, query: Query, role: Role | None = None, *, first: int = 0, most: int | None = None
    ) -> WordPlaces:
        """Find each place where somebody says these words, by interview and turn. Raises BadQuestion.

        All are counted; `most` of them are shown, from `first` on, counted from 0.
        """
        check_typed(query.text)
        allowed = self._allowed(query)

        def passes(interview: Interview, turn: Turn) -> bool:
            return _passes(interview, turn, query, allowed) and role in (None, turn.role)

        return find_words(self._load(), query.text, passes, first, most)

    def cite(self, query: Query) -> list[Citation]:
        """Quote from each passage that answers the part that answers best, best first. Raises BadQuestion."""
        return self._find_citations(query)

    def verify(self, kept: Sequence[Kept]) -> list[Transcript | None]:
        """Read the interview of each quotation as it is stored now.

        None where the interview is gone, the words are not at their place character for character, or a leader of that
        name does not say them.
        """
        with self._catalog.database.snapshot():
            stored = {one: self._read(one) for one in dict.fromkeys(one.interview.id for one in kept)}
        return [
            found if found and _stands(one, found) else None for one in kept for found in [stored[one.interview.id]]
        ]

    def _read(self, interview_id: str) -> Transcript | None:
        with suppress(UnknownInterview):
            return self._catalog.transcript(interview_id)
        return None

    def _find_cited(self, query: Query) -> Iterator[FoundQuotation]:
        """Yield what answers the query; an interview that was removed meanwhile is left out."""
        for citation in self._find_citations(query):
            with suppress(UnknownInterview):
                yield _from_citation(citation, self._catalog)

    def _allowed(self, query: Query) -> frozenset[str] | None:
        within = filter_interviews(query, self._catalog.interviews())
        return None if within is None else frozenset(within)

    def _load(self) -> TurnIndex:
        """Index the turns of the latest generation; readers of one that is there wait for nobody."""
        known = self._index
        if known is not None and known[0] == self._catalog.generation():
            return known[1]
        with self._building, self._catalog.database.snapshot():
            generation = self._catalog.generation()
            if self._index is None or self._index[0] != generation:
                transcripts = (self._catalog.transcript(one.id) for one in self._catalog.interviews())
                self._index = generation, TurnIndex(transcripts)
            return self._index[1]


def _stands(kept: Kept, stored: Transcript) -> bool:
    span = kept.span
    turn = stored.turns[span.turn] if 0 <= span.turn < len(stored.turns) else None
    if turn is None or turn.role != "leader" or turn.speaker != kept.speaker:
        return False
    return bool(kept.quote) and turn.text[span.start : span.end] == kept.quote


def _phrases(text: str) -> list[tuple[str, ...]]:
    """Return the phrases in quotation marks, as words."""
    found = (split_words(text[one.inner_start : one.inner_end]).words for one in find_quotations(text))
    return [words for words in found if words]


def _find_phrases(index: TurnIndex, phrases: Sequence[tuple[str, ...]], passes: Passes) -> Iterator[FoundQuotation]:
    """Yield quotations around the longest phrase whose turns hold all phrases."""
    longest = max(phrases, key=len)
    for position in index.find_run(index.look_up(longest)):
        place = index.place(position, len(longest))
        bounds = index.bounds(index.turn_at(position))
        holds_all = all(index.find_run(index.look_up(words), bounds) for words in phrases)
        if holds_all and passes(place):
            yield _to_quotation(place, is_exact=True)


def _find_remembered(index: TurnIndex, text: str, passes: Passes) -> Iterator[FoundQuotation]:
    """Yield the places that hold most words of a line, in their order."""
    words = split_words(text).words
    if len(words) < REMEMBERED_WORDS:
        return
    ids = index.look_up(words)
    for found in align(index, ids, index.find_segments(ids)):
        is_near = found.matched >= REMEMBERED * len(ids) and found.share >= REMEMBERED
        place = index.place(found.position, found.length)
        if is_near and passes(place):
            yield _to_quotation(place, is_exact=found.matched == len(ids) == found.length)


def _passes(interview: Interview, turn: Turn, query: Query, allowed: frozenset[str] | None) -> bool:
    if allowed is not None and interview.id not in allowed:
        return False
    return not query.leaders or turn.speaker in query.leaders or turn.role != "leader"


def _to_quotation(place: Place, *, is_exact: bool) -> FoundQuotation:
    """Widen a place to whole sentences, and find its time and page."""
    spans = [one for one in sentence_spans(place.turn.text) if one[0] < place.end and one[1] > place.start]
    wide = replace(place, start=min(spans[0][0], place.start), end=max(spans[-1][1], place.end)) if spans else place
    mark = wide.turn.mark_at(wide.start)
    start = mark.start if mark and mark.start is not None else wide.turn.start
    page = mark.page if mark and mark.page is not None else wide.turn.page
    return FoundQuotation(wide, start, start is not None, page, is_exact)


def _from_citation(citation: Citation, catalog: Catalog) -> FoundQuotation:
    turn = catalog.turn(citation.passage.interview_id, citation.turn)
    place = Place(citation.interview, turn, citation.start_offset, citation.end_offset)
    return FoundQuotation(place, citation.start, citation.start_is_exact, citation.page, is_exact=False)


def _fold(found: Iterable[FoundQuotation], most: int) -> list[FoundQuotation]:
    """Return the first quotations; of those that share their place, or their words, one."""
    kept: dict[tuple[str, ...], FoundQuotation] = {}
    in_turn: dict[tuple[str, int], list[Place]] = {}
    for one in found:
        here = in_turn.setdefault((one.interview.id, one.place.turn.index), [])
        words = split_words(one.quote).words
        if words in kept or any(_overlaps(one.place, other) for other in here):
            continue
        here.append(one.place)
        kept[words] = one
        if len(kept) >= most:
            break
    return list(kept.values())


def _add_repeats(index: TurnIndex, found: FoundQuotation, passes: Passes) -> FoundQuotation:
    """Add where the same words are said again; of a teaser, the place in the talk comes first."""
    ids = index.look_up(split_words(found.quote).words)
    if len(ids) < REPEATED_WORDS:
        return found
    places = [index.place(position, len(ids)) for position in index.find_run(ids)]
    again = [one for one in places if not _overlaps(one, found.place) and passes(one)][:MOST_REPEATS]
    if found.place.turn.kind == "teaser" and (talk := next((one for one in again if one.turn.kind == "talk"), None)):
        others = [one for one in again if one is not talk]
        return replace(_to_quotation(talk, is_exact=found.is_exact), also=(found.place, *others))
    return replace(found, also=tuple(again))


def _overlaps(one: Place, other: Place) -> bool:
    is_same_turn = (one.interview.id, one.turn.index) == (other.interview.id, other.turn.index)
    return is_same_turn and one.start < other.end and other.start < one.end
