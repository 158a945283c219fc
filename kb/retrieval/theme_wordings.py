"""Score passages for a theme also in the wordings in which the lexicon asks about it, and by sentences in a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb.embedding.arrays import PassageIndices, Scores, TokenSimilarities
from kb.retrieval.index import Index
from kb.retrieval.maxsim import WINDOW, match_runs
from kb.retrieval.question import EncodedQuery, Question
from kb.retrieval.ranking import UNSEEN, list_runs, number_runs, smooth_with_neighbours
from kb.retrieval.relevance import best_mean

SHARE = 0.5  # of the other wordings in a score
SURE = 1 / 3  # certainty that a question asks about a theme from which on they have their whole share
BEST = 2  # a theme's wordings that fit a passage, or a sentence, best count
CLOSENESS = 3.0  # log odds for a cosine of 1
MIDDLE = 0.57  # mean score of the first passages of a theme question by their best sentences in a row


def list_wordings(question: Question) -> list[EncodedQuery]:
    """List the questions that the lexicon asks about each of the question's themes; none if it is surely specific."""
    return [one for theme in question.themes for one in theme.wordings] if question.certainty else []


def add_wordings(question: Question, scores: Scores, worded: Sequence[Scores]) -> Scores:
    """Blend the scores of passages, or of sentences, with those of the other wordings: one alone matches by chance.

    `worded` holds the scores of each wording that `list_wordings` lists, of the same shape.
    """
    if not worded or not len(scores):
        return scores
    share = SHARE * _sureness(question)
    ends = np.cumsum([len(theme.wordings) for theme in question.themes])[:-1]
    best = np.stack([best_mean(one, BEST) for one in np.split(np.stack(worded), ends)])
    blended: Scores = (1 - share) * scores + share * (question.theme_weights @ best)
    return blended


def weigh_closeness(
    question: Question, matches: Sequence[Sequence[TokenSimilarities]], worded: Sequence[Sequence[TokenSimilarities]]
) -> Scores:
    """Return what to add to the log odds of passages, shape (passages,): more where sentences in a row match well.

    In a long passage each word may match in another place. `matches` and `worded` hold, for each passage, the matches
    of its sentences with each of the question's variants, and of `list_wordings`.
    """
    if not question.themes or not matches:
        return np.zeros(len(matches), dtype=np.float32)
    own = np.mean(_match_closely(question.variants, matches), axis=0)
    close = add_wordings(question, own, _match_closely(list_wordings(question), worded))
    added: Scores = (CLOSENESS * _sureness(question) * (close - MIDDLE)).astype(np.float32)
    return added


def _match_closely(wordings: Sequence[EncodedQuery], matches: Sequence[Sequence[TokenSimilarities]]) -> list[Scores]:
    """Score each passage by its best WINDOW sentences in a row, for each wording, shape (passages,)."""
    return [_score_windows(one.weights, [found[number] for found in matches]) for number, one in enumerate(wordings)]


def _score_windows(weights: Scores, matches: Sequence[TokenSimilarities]) -> Scores:
    sentences = [found.shape[1] for found in matches]
    joined = np.concatenate(matches, axis=1)
    owners = np.repeat(np.arange(len(matches)), sentences)
    windows = joined.copy()
    for step in range(1, WINDOW):
        following = np.where(owners[step:] == owners[:-step], joined[:, step:], UNSEEN)
        np.maximum(windows[:, :-step], following, out=windows[:, :-step])
    best: Scores = np.maximum.reduceat(weights @ windows, np.cumsum([0, *sentences[:-1]]))
    return best


def _sureness(question: Question) -> float:
    return min(1.0, question.certainty / SURE)


def add_wordings_to_passages(
    question: Question, seen: PassageIndices, scores: Scores, losses: Sequence[float], index: Index
) -> Scores:
    """Blend the late-interaction scores of passages, in any order; `losses` as in `smooth_with_neighbours`."""
    wordings = list_wordings(question)
    if not wordings:
        return scores
    by_place = np.argsort(seen)
    ordered = seen[by_place]
    runs = number_runs(ordered, index.part_of)
    matched = match_runs([one.codes for one in wordings], *list_runs(ordered, runs, index))
    smoothed = [smooth_with_neighbours(found, runs, losses) for found in matched]
    worded = [one.weights @ found for one, found in zip(wordings, smoothed, strict=True)]
    blended = np.empty_like(scores)
    blended[by_place] = add_wordings(question, scores[by_place], worded)
    return blended
