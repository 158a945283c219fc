"""Ask a question about a theme in other wordings too: those in which the lexicon asks about the theme."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb.arrays import PassageIndices, Scores
from kb.retrieval.index import Index
from kb.retrieval.maxsim import match_runs
from kb.retrieval.question import EncodedQuery, Question
from kb.retrieval.ranking import list_runs, number_runs, smooth_with_neighbours
from kb.retrieval.relevance import best_mean

SHARE = 0.5  # of the other wordings in a score
SURE = 1 / 3  # certainty that a question asks about a theme from which on they have their whole share
BEST = 2  # a theme's wordings that fit a passage, or a sentence, best count


def list_wordings(question: Question) -> list[EncodedQuery]:
    """List the questions that the lexicon asks about each of the question's themes; none if it is surely specific."""
    return [one for theme in question.themes for one in theme.wordings] if question.certainty else []


def add_wordings(question: Question, scores: Scores, worded: Sequence[Scores]) -> Scores:
    """Blend the scores of passages, or of sentences, with those of the other wordings: one alone matches by chance.

    `worded` holds the scores of each wording that `list_wordings` lists, of the same shape.
    """
    if not worded or not len(scores):
        return scores
    share = SHARE * min(1.0, question.certainty / SURE)
    ends = np.cumsum([len(theme.wordings) for theme in question.themes])[:-1]
    best = np.stack([best_mean(one, BEST) for one in np.split(np.stack(worded), ends)])
    blended: Scores = (1 - share) * scores + share * (question.theme_weights @ best)
    return blended


def add_wordings_to_passages(
    question: Question, seen: PassageIndices, scores: Scores, losses: Sequence[float], index: Index
) -> Scores:
    """Blend the late-interaction scores of passages, in any order; `losses` as in `smooth_with_neighbours`."""
    by_place = np.argsort(seen)
    ordered = seen[by_place]
    runs = number_runs(ordered, index.part_of)
    rows = list_runs(ordered, runs, index)
    worded = [
        one.weights @ smooth_with_neighbours(match_runs(one.codes, *rows), runs, losses)
        for one in list_wordings(question)
    ]
    blended = np.empty_like(scores)
    blended[by_place] = add_wordings(question, scores[by_place], worded)
    return blended
