"""Rank passages: match word pieces, weigh them, widen to neighbours, lift the best sentence, put named people first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Encoded, Matches, Offsets, Scores, Shelf
from kb.model import Hit, Interview, Passage

BASE_WEIGHT = 2.0  # added to every word piece's rarity, so that common words keep a say
# What a match loses that stands one, two passages away: an answer's words are often spread over its neighbours.
NEIGHBOUR_LOSS = (0.15, 0.18)
SENTENCE_SHARE = 0.5  # of a passage's score, what its best sentence adds


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage's place in the ranking."""

    shelf: Shelf
    place: int  # on the shelf
    score: float
    is_named: bool  # the question names its leader or company
    sentences: Scores  # (sentences of the passage,)

    @property
    def passage_id(self) -> str:
        """The passage."""
        return self.shelf.passage_ids[self.place]


def weigh_pieces(
    query: Encoded, text: str, named: Iterable[tuple[int, int]], frequency: Mapping[int, int], passages: int
) -> Scores:
    """How much each of the query's word pieces counts, in all 1: rare ones more; names and punctuation nothing.

    Once a name has led to an interview, it is only noise inside it. Where nothing else is left, names count.
    """
    rarity = [math.log((passages + 1) / (frequency.get(int(piece), 0) + 0.5)) for piece in query.pieces]
    is_word = np.array([any(map(str.isalnum, text[start:end])) for start, end in query.spans])
    inside = [any(start < to and end > begin for begin, to in named) for start, end in query.spans]
    weights = (np.array(rarity) + BASE_WEIGHT) * is_word
    without_names = weights * ~np.array(inside, dtype=bool)
    kept = without_names if without_names.any() else weights
    scores: Scores = (kept / max(float(kept.sum()), 1e-9)).astype(np.float32)
    return scores


def group_matches(matches: Matches, offsets: Offsets) -> Matches:
    """From sentences to passages: the best match in any of its sentences."""
    grouped: Matches = np.maximum.reduceat(matches, offsets[:-1], axis=1)
    return grouped


def widen_matches(matches: Matches) -> Matches:
    """Let each passage of an interview use its neighbours' matches, at a loss."""
    widened = matches.copy()
    for distance, loss in enumerate(NEIGHBOUR_LOSS, 1):
        if matches.shape[1] <= distance:
            break
        np.maximum(widened[:, distance:], matches[:, :-distance] - loss, out=widened[:, distance:])
        np.maximum(widened[:, :-distance], matches[:, distance:] - loss, out=widened[:, :-distance])
    return widened


def score_shelf(shelf: Shelf, matches: Matches, weights: Scores, named: frozenset[str]) -> list[Ranked]:
    """Score an interview's passages from the matches in its sentences."""
    offsets = shelf.segment.passages
    sentences: Scores = weights @ matches
    passages = weights @ widen_matches(group_matches(matches, offsets))
    best = np.maximum.reduceat(sentences, offsets[:-1])
    scores = passages + SENTENCE_SHARE * best
    is_named = shelf.interview_id in named
    return [
        Ranked(shelf, place, float(score), is_named, sentences[offsets[place] : offsets[place + 1]])
        for place, score in enumerate(scores)
    ]


def order(ranked: Iterable[Ranked]) -> list[Ranked]:
    """Named people's passages first, then the best; what differs by less than the arithmetic's noise goes by id."""
    return sorted(ranked, key=lambda one: (not one.is_named, -round(one.score, 5), one.passage_id))


def make_hits(
    ranked: Sequence[Ranked],
    *,
    passages: Callable[[Sequence[str]], Mapping[str, Passage]],
    interviews: Mapping[str, Interview],
) -> list[Hit]:
    """Passages with their scores; one that the catalog does not know any more is passed over."""
    known = passages([one.passage_id for one in ranked])
    return [
        Hit(
            passage=known[one.passage_id],
            interview=interviews[one.shelf.interview_id],
            score=one.score,
            why=("named", "words") if one.is_named else ("words",),
        )
        for one in ranked
        if one.passage_id in known
    ]
