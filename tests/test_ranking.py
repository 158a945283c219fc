"""Ranking, by literals."""

from collections.abc import Set

import numpy as np

from kb.embedding.protocol import TextEmbedding
from kb.model import Interview, Leader, Query
from kb.retrieval.filters import filter_interviews
from kb.retrieval.ranking import (
    KEYWORD_BONUS,
    KEYWORD_FLOOR,
    NEIGHBOUR_LOSS,
    drop_spans,
    idf_token_weights,
    keyword_bonus,
    number_runs,
    order,
    smooth_with_neighbours,
)

QUERY = "why did Ada cry?"
ONE = Interview("talk", "Talk", (Leader("Ada Vance", company="Vance & Co"),), year=2020)
OTHER = Interview("other", "Other", (Leader("Bo Lind", company="Lind; Lind Labs", sector="Rail"),), year=2021)


def make_query() -> TextEmbedding:
    spans = ((0, 3), (4, 7), (8, 11), (12, 15), (15, 16))
    return TextEmbedding(np.zeros(2, np.float32), np.zeros((5, 2), np.float32), np.arange(5, dtype=np.int32), spans)


def flags(*values: int) -> np.ndarray:
    return np.array(values, dtype=bool)


def test_rare_words_count_more_and_names_and_punctuation_nothing() -> None:
    weights = idf_token_weights(make_query(), QUERY, [(8, 11)], {0: 90, 1: 90, 3: 2}, passages=100)
    assert weights[2] == weights[4] == 0
    assert weights[3] > weights[0] == weights[1] > 0
    assert np.isclose(weights.sum(), 1.0)


def test_without_frequencies_all_words_count_alike() -> None:
    weights = idf_token_weights(make_query(), QUERY, [], None, passages=100)
    assert weights.tolist() == [0.25, 0.25, 0.25, 0.25, 0]


def test_a_question_of_names_alone_still_counts_them() -> None:
    weights = idf_token_weights(make_query(), QUERY, [(0, 15)], {}, passages=100)
    assert weights[2] > 0
    assert drop_spans("Ada Vance?", [(0, 9)]) == "Ada Vance?"
    assert drop_spans("Ada on hiring", [(0, 3)]).split() == ["on", "hiring"]


def test_neighbours_of_the_same_interview_lend_their_matches_at_a_loss() -> None:
    matches = np.array([[0.9, 0.1, 0.1, 0.1]], dtype=np.float32)
    first, second = NEIGHBOUR_LOSS
    assert np.allclose(smooth_with_neighbours(matches, np.array([0, 0, 0, 0])), [[0.9, 0.9 - first, 0.9 - second, 0.1]])
    assert np.allclose(smooth_with_neighbours(matches, np.array([0, 0, 1, 1])), [[0.9, 0.9 - first, 0.1, 0.1]])
    assert np.allclose(smooth_with_neighbours(matches[:, ::-1], np.array([0, 1, 1, 1]))[0, :2], [0.1, 0.9 - second])
    assert np.allclose(smooth_with_neighbours(matches[:, :1], np.array([0])), [[0.9]])


def test_only_a_passage_that_holds_most_of_the_words_gains() -> None:
    gained = keyword_bonus([(0, 1.0), (1, 5 / 6), (2, KEYWORD_FLOOR), (3, 0.1)], 5)
    assert np.allclose(gained, [KEYWORD_BONUS, KEYWORD_BONUS / 2, 0, 0, 0])


def test_named_people_come_first_then_the_best_then_the_earliest() -> None:
    scores = np.array([0.8, 0.8000001, 0.2, 0.9], dtype=np.float32)
    assert order(scores, flags(0, 0, 1, 0), 9).tolist() == [2, 3, 0, 1]
    assert order(scores, flags(0, 0, 0, 0), 2).tolist() == [3, 0]


def test_a_run_ends_where_a_passage_is_missing_or_an_interview_begins() -> None:
    interview_of = np.array([0, 0, 0, 0, 1, 1, 1])
    assert number_runs(np.array([0, 1, 3, 4, 5]), interview_of).tolist() == [0, 0, 1, 2, 2]
    assert number_runs(np.array([], dtype=np.int64), interview_of).tolist() == []


def test_filters_add_up_and_their_values_are_alternatives() -> None:
    def within(**filters: tuple[object, ...]) -> Set[str] | None:
        return filter_interviews(Query("q", **filters), [ONE, OTHER])  # type: ignore[arg-type]

    assert within() is None
    assert within(leaders=("bo lind", "ADA VANCE")) == {"talk", "other"}
    assert within(companies=("Lind Labs",), years=(2021,)) == {"other"}
    assert within(sectors=("Rail",), years=(1999,)) == frozenset()
    assert within(sources=("other",)) == {"other"}
