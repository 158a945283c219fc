"""Groups of sentences and their labels, by literals."""

import numpy as np

from kb.themes import group_sentences, label_groups

SHIPS, SOUP = [1.0, 0.1], [0.1, 1.0]


def test_sentences_that_say_the_same_are_one_group_the_strongest_first() -> None:
    vectors = np.array([SOUP, SHIPS, SOUP, SHIPS, SHIPS, SOUP], dtype=np.float32)
    assert group_sentences(vectors, [0.5, 0.9, 0.8, 0.3, 0.4, 0.1]) == [[1, 4, 3], [2, 0, 5]]


def test_a_few_sentences_are_one_group() -> None:
    assert group_sentences(np.array([SOUP, SHIPS], dtype=np.float32), [0.1, 0.2]) == [[1, 0]]
    assert group_sentences(np.zeros((0, 2), dtype=np.float32), []) == []


def test_every_sentence_is_in_one_group() -> None:
    vectors = np.random.default_rng(5).standard_normal((12, 8)).astype(np.float32)
    groups = group_sentences(vectors, list(np.linspace(0.2, 0.9, 12)))
    assert 1 < len(groups) <= 4
    assert sorted(number for group in groups for number in group) == list(range(12))


def test_a_label_is_of_words_that_a_group_shares_and_the_others_do_not() -> None:
    ships = ["The harbour trusted our ships.", "Ships wait in every harbour, always.", "A ship is a promise."]
    soup = ["Volunteers cook soup.", "Nobody pays the volunteers; they eat soup.", "Soup again."]
    assert label_groups([ships, soup], "What do volunteers do?") == ["ships, harbour", "soup"]


def test_a_group_that_shares_no_words_has_no_label() -> None:
    assert label_groups([["Nurses decide."], ["Engines fail."]], "why") == ["", ""]
