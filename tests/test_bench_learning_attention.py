"""What a theme attends to is learnt from tags: which passages speak of it, and which of their sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.learning import theme_attention
from bench.learning.data import Data, Passage
from bench.learning.theme_attention import judge, learn, save
from kb.embedding.token_codes import DIMENSIONS
from kb.retrieval.theme_attention import load_theme_attention
from kb.storage.token_file import StoredEmbedding

HARBOUR, SHARES = "layoffs", "sharing-rewards"  # themes of the lexicon
PASSAGES, ROWS = 96, 12


def make_passage(draw: np.random.Generator, theme: str) -> StoredEmbedding:
    """Three sentences of four words at random; a theme has a word of its own in the second."""
    rows = draw.normal(0, 1, (ROWS, DIMENSIONS))
    if theme:
        rows[5] = 0
        rows[5, 0 if theme == HARBOUR else 1] = 10
    codes = (rows / np.linalg.norm(rows, axis=1, keepdims=True) * 127).astype(np.int8)
    nothing = np.zeros(1, dtype=np.float32)
    return StoredEmbedding(nothing, codes, (4, 4, 4), np.zeros(0, dtype=np.int32))


def test_themes_are_told_by_their_words_and_by_the_sentence_that_holds_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(theme_attention, "BATCH", 8)
    monkeypatch.setattr(theme_attention, "EPOCHS", 30)
    draw = np.random.default_rng(0)
    kinds = [[HARBOUR, SHARES, ""][number % 3] for number in range(PASSAGES)]
    stored = {f"P{number}": make_passage(draw, kind) for number, kind in enumerate(kinds)}
    tags = {f"P{number}": {kind: (3, 2, 2)} if kind else {} for number, kind in enumerate(kinds)}
    passages = {name: Passage(name, "talk.md", "", "") for name in stored}
    data = Data(passages, themes=(), specific=(), graded=(), tags=tags, invented=())
    save(learn(data, stored, stored), tmp_path / "attention.npz")
    learnt = load_theme_attention(tmp_path / "attention.npz")
    harbour, shares, neither = judge(learnt, [make_passage(draw, kind) for kind in (HARBOUR, SHARES, "")])
    one, other = learnt.places[HARBOUR], learnt.places[SHARES]
    assert harbour[one] > 0 > harbour[other]
    assert shares[other] > 0 > shares[one]
    assert max(neither[[one, other]]) < min(harbour[one], shares[other])
    codes, offsets = make_passage(draw, HARBOUR).codes, np.array([0, 4, 8, 12])
    added = learnt.weigh_sentences(codes, offsets, np.array([0, 3]), [HARBOUR])[0]
    assert added.argmax() == 1
