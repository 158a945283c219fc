"""Ranking, by literals."""

import numpy as np

from kb.arrays import Encoded, Segment, Shelf
from kb.search import NEIGHBOUR_LOSS, group_matches, order, score_shelf, weigh_pieces, widen_matches

QUERY = "why did Ada cry?"


def make_query() -> Encoded:
    spans = ((0, 3), (4, 7), (8, 11), (12, 15), (15, 16))
    return Encoded(np.zeros(2, np.float32), np.zeros((5, 2), np.float32), np.arange(5, dtype=np.int32), spans)


def make_shelf(interview_id: str, sentences_a_passage: list[int]) -> Shelf:
    passages = np.cumsum([0, *sentences_a_passage])
    empty = np.zeros(0, np.int32)
    segment = Segment(f"{interview_id}.npy", np.arange(passages[-1] + 1), passages, empty, empty)
    return Shelf(interview_id, tuple(f"{interview_id}:{place}" for place in range(len(sentences_a_passage))), segment)


def test_rare_words_count_more_and_names_and_punctuation_nothing() -> None:
    weights = weigh_pieces(make_query(), QUERY, [(8, 11)], {0: 90, 1: 90, 3: 2}, passages=100)
    assert weights[2] == weights[4] == 0
    assert weights[3] > weights[0] == weights[1] > 0
    assert np.isclose(weights.sum(), 1.0)


def test_a_question_of_names_alone_still_counts_them() -> None:
    weights = weigh_pieces(make_query(), QUERY, [(0, 15)], {}, passages=100)
    assert weights[2] > 0


def test_a_passage_takes_the_best_of_its_sentences() -> None:
    matches = np.array([[0.1, 0.9, 0.4]], dtype=np.float32)
    assert np.allclose(group_matches(matches, np.array([0, 2, 3])), [[0.9, 0.4]])


def test_neighbours_lend_their_matches_at_a_loss() -> None:
    matches = np.array([[0.9, 0.1, 0.1, 0.1]], dtype=np.float32)
    first, second = NEIGHBOUR_LOSS
    assert np.allclose(widen_matches(matches), [[0.9, 0.9 - first, 0.9 - second, 0.1]])
    assert np.allclose(widen_matches(matches[:, :1]), [[0.9]])


def test_named_people_come_first_then_the_best_then_the_id() -> None:
    weights = np.array([1.0], dtype=np.float32)
    one = score_shelf(make_shelf("b", [1, 1]), np.array([[0.8, 0.8]], np.float32), weights, frozenset())
    two = score_shelf(make_shelf("a", [1]), np.array([[0.2]], np.float32), weights, frozenset({"a"}))
    assert [ranked.passage_id for ranked in order([*one, *two])] == ["a:0", "b:0", "b:1"]


def test_the_sentences_of_a_passage_keep_their_own_scores() -> None:
    weights = np.array([0.5, 0.5], dtype=np.float32)
    matches = np.array([[1.0, 0.0, 0.4], [0.5, 0.2, 0.4]], dtype=np.float32)
    first, second = score_shelf(make_shelf("a", [2, 1]), matches, weights, frozenset())
    assert np.allclose(first.sentences, [0.75, 0.1])
    assert np.allclose(second.sentences, [0.4])
