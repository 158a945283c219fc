"""Of which themes passages speak, by attention: literals; and that what the package carries is whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb.embedding.token_codes import DIMENSIONS
from kb.errors import ModelMissing
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.theme_attention import ThemeAttention, load_theme_attention
from kb.retrieval.theme_head import SCALE

ALONG, ACROSS = [100, 0], [0, 100]


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def make_attention(looks_for: float) -> ThemeAttention:
    """One theme looks for words that point across, another for none; both are told by words that point across."""
    return ThemeAttention(
        {"crews": 0, "rent": 1},
        key=array([0, 1]),
        key_bias=array([0])[0],
        value=array([0, 1]),
        value_bias=array([0])[0],
        query=np.array([[[looks_for]], [[0]]], dtype=np.float32),
        out=np.array([[[1]], [[1]]], dtype=np.float32),
        hidden=array([1, 0]),
        hidden_bias=array([0])[0],
        whole=array([0], [0]),
        bias=array([-2, -3])[0],
    )


def judge(attention: ThemeAttention, *passages: list[list[int]]) -> np.ndarray:
    rows = [row for passage in passages for row in passage]
    offsets = np.cumsum([0, *map(len, passages)])
    return attention.judge(np.array(rows, dtype=np.int8).reshape(-1, 2), offsets, ["rent", "crews"])


def test_a_theme_hears_the_words_that_it_looks_for_among_others() -> None:
    (rent,), (crews,) = judge(make_attention(20), [ALONG, ACROSS, ALONG, ALONG])
    assert crews == pytest.approx(SCALE - 2)  # all of its attention is on one word of four
    assert rent == pytest.approx(SCALE / 4 - 3)


def test_a_passage_is_judged_by_its_own_words_and_one_without_any_by_none() -> None:
    alone, beside = judge(make_attention(20), [ACROSS]), judge(make_attention(20), [], [ALONG], [ACROSS], [])
    assert np.allclose(beside[:, 2], alone[:, 0])
    assert np.allclose(beside[:, [0, 3]], [[-3, -3], [-2, -2]])
    assert judge(make_attention(20), [], []).shape == (2, 2)


def test_what_sentences_add_is_what_their_passage_has() -> None:
    attention, rows = make_attention(20), np.array([ALONG, ACROSS, ALONG, ALONG], dtype=np.int8)
    rent, crews = attention.weigh_sentences(rows, np.array([0, 1, 1, 2, 4]), np.array([0, 4]), ["rent", "crews"])
    assert crews == pytest.approx([0, 0, SCALE, 0])
    assert rent == pytest.approx([0, 0, SCALE / 4, 0])
    assert attention.weigh_sentences(rows[:0], np.array([0, 0]), np.array([0, 1]), ["rent"]).tolist() == [[0]]


def test_sentences_of_several_passages_are_weighed_as_those_of_each_alone() -> None:
    attention, rows = make_attention(20), np.array([ALONG, ACROSS, ALONG, ALONG, ACROSS], dtype=np.int8)
    offsets, firsts = np.array([0, 1, 3, 3, 5]), np.array([0, 2, 3, 4])  # the second passage has no words
    together = attention.weigh_sentences(rows, offsets, firsts, ["rent", "crews"])
    first = attention.weigh_sentences(rows[:3], np.array([0, 1, 3]), np.array([0, 2]), ["rent", "crews"])
    last = attention.weigh_sentences(rows[3:], np.array([0, 2]), np.array([0, 1]), ["rent", "crews"])
    assert np.allclose(together, np.concatenate([first, np.zeros((2, 1)), last], axis=1))


def test_strong_attention_is_finite() -> None:
    assert np.isfinite(judge(make_attention(1e4), [ALONG, ACROSS], [ALONG])).all()


def test_what_is_carried_knows_every_theme_and_fits_the_vectors() -> None:
    carried = load_theme_attention()
    assert list(carried.places) == [theme.id for theme in load_lexicon()]
    assert carried.key.shape[1] == carried.value.shape[1] == carried.hidden.shape[1] == DIMENSIONS
    assert len(carried.query) == len(carried.out) == len(carried.whole) == len(carried.bias) == len(carried.places)


@pytest.mark.parametrize("content", [b"", b"PK broken", b"[]"])
def test_broken_weights_are_one_line_that_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(ModelMissing, match=r"^The theme attention .*x\.npz cannot be read: .*; reinstall the package$"):
        load_theme_attention(tmp_path / "x.npz")
