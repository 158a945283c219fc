"""Groups of sentences and their labels, by literals."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from kb.embed import Embedder
from kb.themes import Worded, group_sentences, label_groups
from kb.tokens import TokenStore

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


Label = Callable[[Sequence[Sequence[str]], str], list[str]]


@pytest.fixture
def label(embedder: Embedder, tmp_path: Path) -> Label:
    """Labels by vectors of the real model."""
    store = TokenStore.open(tmp_path, is_carried_model=True)

    def read(text: str) -> Worded:
        (encoded,) = embedder.encode([text])
        spans = embedder.place_pieces(text)
        assert len(spans) == len(encoded.tokens)
        return Worded(text, spans, store.project(encoded.tokens).astype(np.float32))

    return lambda groups, question: label_groups(
        [[read(text) for text in texts] for texts in groups], question, read(question).vector()
    )


def test_a_label_is_the_phrase_nearest_to_what_its_group_says(label: Label) -> None:
    ships = ["Nobody expected patience; a harbour, stormy as ever.", "Ships wait in the stormy harbour, always."]
    soup = ["Volunteers were patient; vegetable soup is better.", "They stir vegetable soup."]
    first, second = label([ships, soup], "What do volunteers do?")
    assert (first, second) == ("stormy harbour", "stir vegetable soup")


def test_a_label_says_more_than_the_question_did(label: Label) -> None:
    groups = [["Sharing passions is a vegetable soup."], ["Shared passion is a stormy harbour."]]
    assert label(groups, "How is passion shared?") == ["vegetable soup", "stormy harbour"]


def test_two_groups_have_two_labels(label: Label) -> None:
    groups = [["A stormy harbour."], ["A stormy harbour, a vegetable soup."], ["A stormy harbour."]]
    assert label(groups, "why") == ["stormy harbour", "vegetable soup", ""]


def test_a_label_ends_at_a_mark_and_begins_and_ends_with_words_that_tell(label: Label) -> None:
    assert label([["Nurses, engines: it is so."], ["It was what it was."]], "why") == ["", ""]
    assert label([["Vegetable soup doesn't wait."], ["Stormy harbours won't."]], "why") == [
        "Vegetable soup",
        "Stormy harbours",
    ]


def test_a_single_telling_word_is_no_label(label: Label) -> None:
    assert label([["Nurses!"], ["It fails."]], "why") == ["", ""]


def test_a_label_does_not_end_before_the_noun_that_it_belongs_to(label: Label) -> None:
    assert label([["Eleven tired people waited."], ["Eleven stormy ships."]], "why") == ["", "Eleven stormy ships"]
