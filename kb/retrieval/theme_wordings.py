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

SHARE = 0.5  # of the other wordings in the score of a passage
SURE = 1 / 3  # certainty that a question asks about a theme from which on they have their whole share
BEST = 2  # a theme's wordings that fit a passage best count


def add_wordings(
    question: Question, seen: PassageIndices, scores: Scores, losses: Sequence[float], index: Index
) -> Scores:
    """Blend the late-interaction scores of passages with those of the themes' own questions, shape (seen,).

    One wording matches by chance what none of the others does. `losses` as in `smooth_with_neighbours`; `seen` may be
    in any order.
    """
    share = SHARE * min(1.0, question.certainty / SURE)
    if not share or not len(seen):
        return scores
    by_place = np.argsort(seen)
    ordered = seen[by_place]
    runs = number_runs(ordered, index.part_of)
    rows = list_runs(ordered, runs, index)

    def score(one: EncodedQuery) -> Scores:
        scored: Scores = one.weights @ smooth_with_neighbours(match_runs(one.codes, *rows), runs, losses)
        return scored

    worded = [best_mean(np.stack([score(one) for one in theme.wordings]), BEST) for theme in question.themes]
    others = np.empty_like(scores)
    others[by_place] = question.theme_weights @ np.stack(worded)
    blended: Scores = (1 - share) * scores + share * others
    return blended
