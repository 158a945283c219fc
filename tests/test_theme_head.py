"""Which themes words speak to, by literals; and that what the package carries is whole."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bench.learning.theme_head import make_bag
from kb.embedding.protocol import Embedder
from kb.embedding.token_codes import DIMENSIONS
from kb.errors import ModelMissing
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.maxsim import window_vectors
from kb.retrieval.theme_head import SCALE, ThemeHead, load_theme_head
from kb.storage.token_store import TokenStore

ALONG, ACROSS = [1.0, 0.0], [0.0, 1.0]


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_the_odds_are_those_of_a_window_beside_its_passage() -> None:
    head = ThemeHead(
        {"crews": 0, "rent": 1},
        hidden=array([1, 0, 0, 0]),  # sees the window's first entry
        hidden_bias=array([-4])[0],
        out=array([2], [0]),
        direct=array([0, 0, 0, 0], [0, 0, 0, 1]),  # sees the passage's second entry
        bias=array([-1, -2])[0],
    )
    odds = head.judge(array(ALONG, ACROSS), array(ACROSS, ALONG), ["rent", "crews"])
    assert odds.tolist() == [[SCALE - 2, -2], [2 * (SCALE - 4) - 1, -1]]


def test_the_carried_head_knows_every_theme_and_no_other() -> None:
    head = load_theme_head()
    assert list(head.places) == [theme.id for theme in load_lexicon()]
    assert head.hidden.shape[1] == head.direct.shape[1] == 2 * DIMENSIONS
    assert len(head.out) == len(head.direct) == len(head.bias) == len(head.places)


def test_the_windows_that_it_sees_are_those_that_it_learnt_from(embedder: Embedder, tmp_path: Path) -> None:
    texts = [
        "We gave every crew its own week. Nobody asked us first. It was the best thing we did for the harbour.",
        "Yes. No. I left the helm to my first mate and slept for six hours below the deck.",
        "Yes.",
    ]
    store = TokenStore.open(tmp_path, is_bundled_model=True)
    kept = store.quantize(texts, embedder.encode_passages(texts))
    file = store.load(store.write(kept))
    bags = [make_bag(one) for one in kept]
    assert [len(one.windows) for one in bags] == [5, 3, 1]
    vectors, firsts = window_vectors([(file, place) for place in range(len(bags))])
    assert firsts.tolist() == [0, 5, 8, 9]
    assert np.allclose(vectors, np.concatenate([bag.windows for bag in bags]), atol=1e-5)


def zip_of(name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, b"no array")
    return held.getvalue()


def one_array() -> bytes:
    held = io.BytesIO()
    np.save(held, np.zeros(3))
    return held.getvalue()


@pytest.mark.parametrize("content", [b"", b"PK broken", b"[]", one_array(), zip_of("hidden"), zip_of("hidden.npy")])
def test_a_broken_head_is_one_line_that_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "head.npz").write_bytes(content)
    with pytest.raises(ModelMissing, match=r"^The theme head .*head\.npz cannot be read: .*; reinstall the package$"):
        load_theme_head(tmp_path / "head.npz")
