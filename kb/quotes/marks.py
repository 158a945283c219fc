"""Marks of a quotation's context: what a reader should know before it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.quotes.turn_index import Place
from kb.quotes.word_sequence import split_words
from kb.text.sentences import sentence_spans

CUT, SPONSOR, TEASER, MACHINE = "cut inside a sentence", "sponsor read", "teaser", "machine transcript"
MEANING = {
    CUT: "The sentence begins before these words, or goes on after them.",
    SPONSOR: "Read out as an advertisement.",
    TEASER: "A cold open: these words are said again later, in their place.",
    MACHINE: "A program wrote the words down: words and names may be misheard.",
}


def list_marks(place: Place) -> list[str]:
    """List the marks of a quotation, keys of `MEANING`."""
    return list(_find_marks(place))


def list_shared_marks(places: Sequence[Place]) -> list[str]:
    """List the marks that all places of the same words have: one without them can be printed."""
    found = [list_marks(one) for one in places]
    return [mark for mark in MEANING if found and all(mark in marks for marks in found)]


def _find_marks(place: Place) -> Iterator[str]:
    if _is_cut(place):
        yield CUT
    if place.turn.kind == "sponsor":
        yield SPONSOR
    if place.turn.kind == "teaser":
        yield TEASER
    if place.interview.transcribed_by:
        yield MACHINE


def _is_cut(place: Place) -> bool:
    """Whether words of the same sentence stand before or after."""
    text = place.turn.text
    for start, end in sentence_spans(text):
        if start < place.end and place.start < end:
            before, after = text[start : max(start, place.start)], text[min(end, place.end) : end]
            if split_words(before).words or split_words(after).words:
                return True
    return False
