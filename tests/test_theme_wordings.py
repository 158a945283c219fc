"""A question about a theme in the lexicon's wordings too, by literals."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from kb.embedding.token_codes import DIMENSIONS, LEVELS
from kb.retrieval.index import Index
from kb.retrieval.maxsim import Run
from kb.retrieval.question import EncodedQuery, Question
from kb.retrieval.theme_wordings import CLOSENESS, MIDDLE, SHARE, SURE, add_wordings_to_passages, weigh_closeness

AXES = (np.eye(DIMENSIONS) * LEVELS).astype(np.int8)
# Three passages of one interview, each of one word: it is the word of the axis with the passage's number.
INDEX = cast(
    Index,
    SimpleNamespace(
        part_of=np.zeros(3, dtype=np.int64),
        lengths=np.ones(3, dtype=np.int64),
        run=lambda first, passages: Run(AXES[first : first + passages], passages),
    ),
)
OWN = np.array([0.2, 0.4, 0.8], dtype=np.float32)
SEEN = np.array([2, 0, 1])


def ask(certainty: float, *axes: int) -> Question:
    """A question about one theme, which the lexicon asks in these words."""
    worded = [EncodedQuery(cast(Any, None), AXES[[axis]], np.ones(1, np.float32), OWN, 1) for axis in axes]
    themes = [SimpleNamespace(wordings=worded)] if axes else []
    weights = np.ones(len(themes), dtype=np.float32)
    return cast(
        Question, SimpleNamespace(certainty=certainty, themes=themes, theme_weights=weights, variants=[variant()])
    )


def test_a_passage_gains_what_the_two_wordings_that_fit_it_best_find_there() -> None:
    blended = add_wordings_to_passages(ask(1.0, 2, 2, 0, 0, 0), SEEN, OWN, (), INDEX)
    assert blended.tolist() == pytest.approx([0.5 * 0.2 + 0.5, 0.5 * 0.4 + 0.5, 0.5 * 0.8])
    assert add_wordings_to_passages(ask(1.0, 2, 1), SEEN, OWN, (), INDEX).tolist() == pytest.approx([0.35, 0.2, 0.65])


def test_neighbours_lend_their_matches_to_the_other_wordings_too() -> None:
    blended = add_wordings_to_passages(ask(1.0, 2), SEEN, OWN, (0.1, 0.3), INDEX)
    assert blended.tolist() == pytest.approx([0.6, 0.2 + 0.5 * 0.7, 0.4 + 0.5 * 0.9])


def test_the_less_surely_a_question_asks_about_the_theme_the_less_they_count() -> None:
    assert SHARE == 0.5
    assert add_wordings_to_passages(ask(0.0, 2), SEEN, OWN, (), INDEX).tolist() == OWN.tolist()
    assert add_wordings_to_passages(ask(0.0), SEEN, OWN, (), INDEX).tolist() == OWN.tolist()
    half = add_wordings_to_passages(ask(SURE / 2, 2), SEEN, OWN, (), INDEX)
    assert half.tolist() == pytest.approx([0.75 * 0.2 + 0.25, 0.3, 0.6])
    assert add_wordings_to_passages(ask(1.0, 2), SEEN[:0], OWN[:0], (), INDEX).tolist() == []


def test_a_passage_gains_where_sentences_in_a_row_match_not_where_they_lie_apart() -> None:
    question = ask(1.0, 0)
    together = matches([1, 0], [0, 1], [0, 0], [0, 0], [0, 0])
    apart = matches([1, 0], [0, 0], [0, 0], [0, 0], [0, 1])
    worded = [[np.array([[0.5] * 5], np.float32)]] * 2
    added = weigh_closeness(question, [[together], [apart]], worded)
    assert added.tolist() == pytest.approx(
        [CLOSENESS * (0.5 * 1.0 + 0.5 * 0.5 - MIDDLE), CLOSENESS * (0.5 * 0.5 + 0.5 * 0.5 - MIDDLE)]
    )


def test_sentences_of_another_passage_are_not_in_a_row_with_these() -> None:
    question = ask(1.0, 0)
    worded = [[np.array([[0.5]], np.float32)]] * 2
    added = weigh_closeness(question, [[matches([1, 0])], [matches([0, 1])]], worded)
    assert added.tolist() == pytest.approx([CLOSENESS * (0.5 - MIDDLE)] * 2)


def test_without_a_theme_no_passage_gains() -> None:
    question = ask(0.0)
    assert weigh_closeness(question, [[matches([1, 1])]], [[]]).tolist() == [0]


def variant() -> EncodedQuery:
    """A wording of two words that count alike."""
    return EncodedQuery(cast(Any, None), AXES[:2], np.full(2, 0.5, np.float32), OWN, 2)


def matches(*sentences: list[float]) -> np.ndarray:
    """How well the two words match in each sentence, shape (words, sentences)."""
    return np.array(sentences, dtype=np.float32).T
