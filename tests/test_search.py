"""Ranking, by literals."""

from kb.search import rank_passages, scale


def test_what_both_legs_find_beats_what_one_finds() -> None:
    ranked = rank_passages(dense=[("a", 0.9), ("b", 0.8), ("c", 0.1)], keyword=[("b", 7.0), ("d", 2.0)])
    assert [passage_id for passage_id, _ in ranked][:2] == ["b", "a"]


def test_equal_scores_go_by_id() -> None:
    assert [passage_id for passage_id, _ in rank_passages([("z", 0.5), ("y", 0.5)], [])] == ["y", "z"]


def test_no_legs_no_hits() -> None:
    assert rank_passages([], []) == []


def test_scores_are_scaled_to_their_ranking() -> None:
    assert scale([("a", 3.0), ("b", 2.0), ("c", 1.0)]) == {"a": 1.0, "b": 0.5, "c": 0.0}
