"""Rank passages: weigh word pieces, widen matches to neighbours, add shared words, put named people first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Offsets, PassageIndices, PassageMask, Scores, TokenSimilarities
from kb.embedding.protocol import TextEmbedding
from kb.retrieval.index import Index
from kb.retrieval.maxsim import Run

BASE_WEIGHT = 2.0  # added to every word piece's rarity, so that common words keep a say; 0 to 2 measured alike
# What a match loses that stands one, two passages away: an answer's words are often spread over its neighbours.
NEIGHBOUR_LOSS = (0.15, 0.18)
BM25_SHARE = 0.07  # what the passage that shares most words gains; flat from 0.03 to 0.1
UNSEEN = -1.0  # the match of a passage that was not looked at: below any cosine that is


@dataclass(frozen=True, slots=True)
class RankingConfig:
    """The steps of ranking beyond matching word pieces: each can be left out, or weighed otherwise, to be measured."""

    idf: bool = True  # rare word pieces count more
    second_person: bool = True  # a question about leaders is also put as a host puts it: with "you"
    entity_boost: bool = True  # named people and companies come first, and their names are dropped from the words
    neighbour_smoothing: bool = True  # passages use the matches of their neighbours
    themes: bool = True  # a question about a theme is also put as leaders speak of it, and judged
    bm25_boost: bool = True  # the words that a passage shares with the question count again
    base_weight: float = BASE_WEIGHT
    neighbour_loss: tuple[float, ...] = NEIGHBOUR_LOSS
    bm25_share: float = BM25_SHARE


def idf_token_weights(
    query: TextEmbedding,
    text: str,
    named: Iterable[tuple[int, int]],
    frequency: Mapping[int, int] | None,
    passages: int,
    base: float = BASE_WEIGHT,
) -> Scores:
    """How much each of the query's word pieces counts, in all 1: rare ones more; names and punctuation nothing.

    Once a name has led to an interview, it is only noise inside it. Where nothing else is left, names count. Without
    `frequency`, the number of passages that hold each word piece, all words count alike.
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
    """A text without some of its slices; the whole text where no word would be left."""
    pieces = list(text)
    for start, end in spans:
        pieces[start:end] = " " * (end - start)
    rest = "".join(pieces)
    return rest if any(map(str.isalnum, rest)) else text


def number_runs(places: PassageIndices, interview_of: PassageIndices) -> PassageIndices:
    """To each of these passages, in order, the number of its run: passages that follow each other in one interview."""
    is_first = np.diff(places, prepend=-2) != 1
    is_first[1:] |= np.diff(interview_of[places]) != 0
    runs: PassageIndices = np.cumsum(is_first) - 1
    return runs


def list_runs(places: PassageIndices, runs: PassageIndices, index: Index) -> tuple[list[Run], Offsets]:
    """The rows of passages in order, run by run, and how many each passage has."""
    firsts = np.flatnonzero(np.diff(runs, prepend=-1))
    sizes = np.diff([*firsts, len(places)])
    found = [index.run(*one) for one in zip(places[firsts].tolist(), sizes.tolist(), strict=True)]
    return found, index.lengths[places]


def average(scores: Sequence[Scores]) -> Scores:
    """The mean of several rows of scores."""
    mean: Scores = np.mean(scores, axis=0)
    return mean


def smooth_with_neighbours(
    matches: TokenSimilarities, run_of: PassageIndices, losses: Sequence[float] = NEIGHBOUR_LOSS
) -> TokenSimilarities:
    """Let each passage use the matches of its neighbours in the same run, at a loss."""
    widened = matches.copy()
    for distance, loss in enumerate(losses, 1):
        is_near = run_of[distance:] == run_of[:-distance]
        from_before = np.where(is_near, matches[:, :-distance] - loss, UNSEEN)
        from_behind = np.where(is_near, matches[:, distance:] - loss, UNSEEN)
        np.maximum(widened[:, distance:], from_before, out=widened[:, distance:])
        np.maximum(widened[:, :-distance], from_behind, out=widened[:, :-distance])
    return widened


def add_neighbours(is_proposed: PassageMask) -> PassageMask:
    """The passages to be compared, with those whose matches they may use."""
    wider = is_proposed.copy()
    for distance in range(1, len(NEIGHBOUR_LOSS) + 1):
        wider[distance:] |= is_proposed[:-distance]
        wider[:-distance] |= is_proposed[distance:]
    return wider


def bm25_bonus(found: Iterable[tuple[int, float]], passages: int, most: float = BM25_SHARE) -> Scores:
    """What the keyword leg adds to each passage; `found` are places with their BM25 score."""
    scores: Scores = np.zeros(passages, dtype=np.float32)
    for place, score in found:
        scores[place] = score
    best = float(scores.max(initial=0.0))
    return scores * np.float32(most / best) if best > 0 else scores


def order(scores: Scores, is_named: PassageMask, limit: int) -> PassageIndices:
    """Places of the best: named people's first; what differs by less than the arithmetic's noise, by place."""
    places: PassageIndices = np.lexsort((np.arange(len(scores)), -np.round(scores, 5), ~is_named))[:limit]
    return places
