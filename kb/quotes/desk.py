"""The quote desk: check the quotations of a draft, find quotations, search words in all transcripts."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from kb.errors import BadQuestion, StoreUnavailable, UnknownInterview
from kb.grounding.markup import find_quotations
from kb.model import Citation, Interview, Leader, Query, Role, Span, Transcript
from kb.quotes.alignment import align
from kb.quotes.draft import DraftQuotation, Paragraph, read_quotations
from kb.quotes.judgement import Judgement, judge
from kb.quotes.turn_index import Place, TurnIndex
from kb.quotes.word_sequence import split_words
from kb.retrieval.filters import filter_interviews
from kb.retrieval.question import check_typed
from kb.storage.catalog import Catalog
from kb.text.sentences import sentence_spans

REMEMBERED = 0.6  # share of a line's words, in order, that a turn must hold for the line to be that turn's
REMEMBERED_WORDS = 4  # minimum words of such a line
CONTEXT = 90  # characters shown before and after words that were searched


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """A quotation of a draft with its judgement."""

    quotation: DraftQuotation
    judgement: Judgement


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


@dataclass(frozen=True, slots=True)
class WordsFound:
    """Words that were searched, where somebody says them."""

    place: Place
    before: str
    after: str


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
        index = self._load()
        if not index.turns:
            raise StoreUnavailable("There is no interview to check against; run: kb-ingest FOLDER")
        speakers = {turn.speaker for _, turn in index.turns if turn.speaker}
        return [
            CheckedQuotation(one, judge(index, one.text, one.attributed_to))
            for one in read_quotations(paragraphs, speakers)
        ]

    def find(self, query: Query) -> list[FoundQuotation]:
        """Find quotations of leaders, best first: an exact phrase in quotation marks, a line half remembered, a theme.

        A phrase in quotation marks finds only turns that hold exactly its words. Raises BadQuestion.
        """
        check_typed(query.text)
        index = self._load()
        allowed = self._allowed(query)
        phrases = _phrases(query.text)
        if phrases:
            return _fold(_find_phrases(index, phrases, query, allowed))[: query.limit]
        remembered = list(_find_remembered(index, query, allowed))
        return _fold([*remembered, *self._find_cited(query)])[: query.limit]

    def search_words(self, query: Query, role: Role | None = None) -> list[WordsFound]:
        """Find each place where somebody says these words, by interview and turn. Raises BadQuestion."""
        check_typed(query.text)
        index = self._load()
        words = split_words(query.text).words
        if not words:
            raise BadQuestion("There is no word to search; type one")
        allowed = self._allowed(query)
        places = (index.place(position, len(words)) for position in index.find_run(index.look_up(words)))
        return [
            WordsFound(place, *_around(place))
            for place in places
            if _passes(place, query, allowed) and role in (None, place.turn.role)
        ]

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


def _find_phrases(
    index: TurnIndex, phrases: Sequence[tuple[str, ...]], query: Query, allowed: frozenset[str] | None
) -> Iterator[FoundQuotation]:
    """Yield quotations around the longest phrase whose turns hold all phrases."""
    longest = max(phrases, key=len)
    for position in index.find_run(index.look_up(longest)):
        place = index.place(position, len(longest))
        bounds = index.bounds(index.turn_at(position))
        holds_all = all(index.find_run(index.look_up(words), bounds) for words in phrases)
        if holds_all and place.turn.role == "leader" and _passes(place, query, allowed):
            yield _to_quotation(place, is_exact=True)


def _find_remembered(index: TurnIndex, query: Query, allowed: frozenset[str] | None) -> Iterator[FoundQuotation]:
    """Yield the places that hold most words of a line, in their order."""
    words = split_words(query.text).words
    if len(words) < REMEMBERED_WORDS:
        return
    ids = index.look_up(words)
    for found in align(index, ids, index.find_segments(ids)):
        is_near = found.matched >= REMEMBERED * len(ids) and found.share >= REMEMBERED
        place = index.place(found.position, found.length)
        if is_near and place.turn.role == "leader" and _passes(place, query, allowed):
            yield _to_quotation(place, is_exact=found.matched == len(ids) == found.length)


def _passes(place: Place, query: Query, allowed: frozenset[str] | None) -> bool:
    if allowed is not None and place.interview.id not in allowed:
        return False
    return not query.leaders or place.turn.speaker in query.leaders or place.turn.role != "leader"


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


def _fold(found: Iterable[FoundQuotation]) -> list[FoundQuotation]:
    """Fold quotations that share their place, or their words, into the first."""
    kept: dict[tuple[str, ...], FoundQuotation] = {}
    for one in found:
        if any(_overlaps(one.place, other.place) for other in kept.values()):
            continue
        words = split_words(one.place.text).words
        first = kept.get(words)
        kept[words] = replace(first, also=(*first.also, one.place)) if first else one
    return list(kept.values())


def _overlaps(one: Place, other: Place) -> bool:
    is_same_turn = (one.interview.id, one.turn.index) == (other.interview.id, other.turn.index)
    return is_same_turn and one.start < other.end and other.start < one.end


def _around(place: Place) -> tuple[str, str]:
    """Return the words before and after a place, cut at spaces."""
    text = place.turn.text
    before = text[max(0, place.start - CONTEXT) : place.start]
    after = text[place.end : place.end + CONTEXT]
    if place.start > CONTEXT:
        before = "…" + re.sub(r"^\S*", "", before)
    if place.end + CONTEXT < len(text):
        after = re.sub(r"\S*$", "", after) + "…"
    return before, after
