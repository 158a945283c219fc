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


def test_a_label_is_a_phrase_as_it_stands_in_one_of_the_sentences() -> None:
    ships = ["A harbour, stormy as ever.", "Ships wait in the stormy harbour, always."]
    soup = ["Volunteers like it; vegetable soup is better.", "They eat vegetable soup."]
    assert label_groups([ships, soup], "What do volunteers do?") == ["stormy harbour", "vegetable soup"]


def test_a_label_says_more_than_the_question_did() -> None:
    groups = [["Shared passion is a values system."], ["Shared passion is a stormy harbour."]]
    assert label_groups(groups, "What is shared passion?") == ["values system", "stormy harbour"]


def test_a_label_ends_at_a_mark_and_begins_and_ends_with_words_that_tell() -> None:
    assert label_groups([["Nurses, engines: it is so."], ["It was what it was."]], "why") == ["", ""]


def test_a_single_telling_word_is_no_label() -> None:
    assert label_groups([["Nurses!"], ["It fails."]], "why") == ["", ""]
