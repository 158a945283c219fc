"""Rank passages: IDF token weights, neighbour smoothing, keyword bonus, named people first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import Offsets, PassageIndices, PassageMask, Scores, TokenSimilarities
from kb.embedding.protocol import TextEmbedding
from kb.retrieval.index import Index
from kb.retrieval.maxsim import Run

BASE_WEIGHT = 2.0  # added to the IDF of every word piece, so that common words keep some weight; 0 to 2 scored alike
# Penalty of a match one or two passages away: an answer's words are often spread over neighbouring passages.
NEIGHBOUR_LOSS = (0.15, 0.18)
KEYWORD_BONUS = 0.1  # bonus of a passage that holds all rare words of the question
# Minimum share of the words for a bonus. With a bonus for any shared word, late interaction ranks questions worse.
KEYWORD_FLOOR = 2 / 3
UNSEEN = -1.0  # similarity of a passage that was not compared: below any real cosine


@dataclass(frozen=True, slots=True)
class RankingConfig:
    """Steps of the ranking beyond MaxSim; each can be switched off or reweighted, to measure its effect."""

    idf: bool = True  # rare word pieces count more
    second_person: bool = True  # also ask a question about leaders in general as a host does: with "you"
    entity_boost: bool = True  # rank named people and companies first, and ignore their names in matching
    neighbour_smoothing: bool = True  # passages use the matches of their neighbours
    themes: bool = True  # match themes; judge passages by them, and search custom themes' sentences
    keyword_boost: bool = True  # add a bonus to passages that hold the question's rare words
    base_weight: float = BASE_WEIGHT
    neighbour_loss: tuple[float, ...] = NEIGHBOUR_LOSS
    keyword_bonus: float = KEYWORD_BONUS


def idf_token_weights(
    query: TextEmbedding,
    text: str,
    named: Iterable[tuple[int, int]],
    frequency: Mapping[int, int] | None,
    passages: int,
    base: float = BASE_WEIGHT,
) -> Scores:
    """Weight the query's word pieces by IDF, summing to 1; names and punctuation get 0.

    A name has already selected its interview and is only noise inside it; if nothing else is left, names count. Without
    `frequency`, the document frequency of each word piece, all words count the same.
    """
    held = [frequency.get(int(piece), 0) if frequency is not None else passages for piece in query.pieces]
    rarity = [math.log((passages + 1) / (count + 0.5)) for count in held]
    is_word = np.array([any(map(str.isalnum, text[start:end])) for start, end in query.spans])
    inside = [any(start < to and end > begin for begin, to in named) for start, end in query.spans]
    weights = (np.array(rarity) + base) * is_word
    without_names = weights * ~np.array(inside, dtype=bool)
    kept = without_names if without_names.any() else weights
    scores: Scores = (kept / max(float(kept.sum()), 1e-9)).astype(np.float32)
    return scores


def drop_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Blank out slices of a text; return the whole text if no word would be left."""
    pieces = list(text)
    for start, end in spans:
        pieces[start:end] = " " * (end - start)
    rest = "".join(pieces)
    return rest if any(map(str.isalnum, rest)) else text


def number_runs(places: PassageIndices, interview_of: PassageIndices) -> PassageIndices:
    """Number the runs of consecutive passages of one interview; `places` are in order."""
    is_first = np.diff(places, prepend=-2) != 1
    is_first[1:] |= np.diff(interview_of[places]) != 0
    runs: PassageIndices = np.cumsum(is_first) - 1
    return runs


def list_runs(places: PassageIndices, runs: PassageIndices, index: Index) -> tuple[list[Run], Offsets]:
    """Return the rows of passages, run by run, and the number of rows of each passage."""
    firsts = np.flatnonzero(np.diff(runs, prepend=-1))
    sizes = np.diff([*firsts, len(places)])
    found = [index.run(*one) for one in zip(places[firsts].tolist(), sizes.tolist(), strict=True)]
    return found, index.lengths[places]


def average(scores: Sequence[Scores]) -> Scores:
    """Return the mean of several score arrays."""
    mean: Scores = np.mean(scores, axis=0)
    return mean


def smooth_with_neighbours(
    matches: TokenSimilarities, run_of: PassageIndices, losses: Sequence[float] = NEIGHBOUR_LOSS
) -> TokenSimilarities:
    """Let each passage use the matches of its neighbours in the same run, at a penalty."""
    widened = matches.copy()
    for distance, loss in enumerate(losses, 1):
        is_near = run_of[distance:] == run_of[:-distance]
        from_before = np.where(is_near, matches[:, :-distance] - loss, UNSEEN)
        from_behind = np.where(is_near, matches[:, distance:] - loss, UNSEEN)
        np.maximum(widened[:, distance:], from_before, out=widened[:, distance:])
        np.maximum(widened[:, :-distance], from_behind, out=widened[:, :-distance])
    return widened


def add_neighbours(is_proposed: PassageMask) -> PassageMask:
    """Extend a mask to the neighbours whose matches the passages may use."""
    wider = is_proposed.copy()
    for distance in range(1, len(NEIGHBOUR_LOSS) + 1):
        wider[distance:] |= is_proposed[:-distance]
        wider[:-distance] |= is_proposed[distance:]
    return wider


def keyword_bonus(found: Iterable[tuple[int, float]], passages: int, most: float = KEYWORD_BONUS) -> Scores:
    """Return the keyword bonus of each passage; `found` holds places with shares of the question's words.

    It rises from KEYWORD_FLOOR to `most` when all words are held.
    """
    bonus: Scores = np.zeros(passages, dtype=np.float32)
    for place, share in found:
        bonus[place] = most * max(0.0, share - KEYWORD_FLOOR) / (1 - KEYWORD_FLOOR)
    return bonus


def order(scores: Scores, is_named: PassageMask, limit: int) -> PassageIndices:
    """Return the places of the best scores: named people first; scores equal up to numerical noise by place."""
    places: PassageIndices = np.lexsort((np.arange(len(scores)), -np.round(scores, 5), ~is_named))[:limit]
    return places
