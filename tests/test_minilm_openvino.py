"""The extra `fast`: as near to the exact vectors as it promises, and never in the way where it cannot be used."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import kb.embedding.carried_model
from kb.embedding.arrays import Vectors
from kb.embedding.carried_model import BundledEmbedder, find_bundled_model
from kb.embedding.minilm import supports_bfloat16
from kb.embedding.sentence_transformer import SentenceTransformerEmbedder

needs_fast = pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="the extra is not installed: pip install '.[fast]'"
)
TEXTS = [
    "Nobody who has shared a table with a neighbour needs a speech about purpose.",
    "I stood on the loading dock at six in the morning and told every shift myself, with the numbers on a board. " * 6,
    "",
    "soup 日本 😀 [SEP] bread",
    "word " * 400,
]


def test_the_carried_model_makes_what_sentence_transformers_makes_of_it() -> None:
    exact = BundledEmbedder(find_bundled_model(), way="exact", is_adapted=False).encode_passages(TEXTS)
    published = SentenceTransformerEmbedder("published", str(find_bundled_model())).encode_passages(TEXTS)
    for ours, theirs in zip(exact, published, strict=True):
        assert ours.pieces.tolist() == theirs.pieces.tolist()
        assert np.allclose(ours.vector, theirs.vector, atol=1e-5)
        assert np.allclose(ours.tokens, theirs.tokens, atol=1e-4)


def test_a_word_piece_keeps_its_place_in_the_text_behind_an_unknown_sign() -> None:
    (encoded, _) = BundledEmbedder(find_bundled_model(), way="exact").encode_passages(["soup 😀 bread", ""])
    assert [("soup 😀 bread")[start:end] for start, end in encoded.spans] == ["soup", "bread"]


class Crooked:
    """A way to compute the model that is wrong."""

    def __init__(self, _: object) -> None: ...

    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        return [np.eye(len(text), 384, dtype=np.float32) for text in texts]


class Broken(Crooked):
    """One that this machine cannot run."""

    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        raise RuntimeError("no such\ninstruction")


@pytest.mark.parametrize(
    ("accelerator", "reason"),
    [(Crooked, "its vectors are too far from the exact ones"), (Broken, "no such instruction")],
)
def test_what_is_wrong_or_broken_gives_way_to_torch_with_one_line(
    accelerator: type[Crooked], reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = type(sys)("kb.embedding.minilm_openvino")
    module.AcceleratedMiniLM = accelerator  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kb.embedding.minilm_openvino", module)
    monkeypatch.setattr(kb.embedding.carried_model, "ACCELERATOR", "json")  # a package that is there
    exact = BundledEmbedder(find_bundled_model(), way="exact").encode_passages(TEXTS)
    made = BundledEmbedder(find_bundled_model()).encode_passages(TEXTS)
    assert all(one.vector @ other.vector > 0.9999 for one, other in zip(made, exact, strict=True))
    (line,) = caplog.messages
    assert reason in line
    assert "torch takes its place" in line


@pytest.mark.skipif(not supports_bfloat16(), reason="this processor has no instructions for bfloat16")
def test_torch_shortens_products_where_the_processor_can_and_stays_true() -> None:
    exact = BundledEmbedder(find_bundled_model(), way="exact").encode_passages(TEXTS)
    short = BundledEmbedder(find_bundled_model(), way="torch").encode_passages(TEXTS)
    for one, other in zip(short, exact, strict=True):
        assert one.vector @ other.vector > 0.9999
        assert not len(one.tokens) or (one.tokens * other.tokens).sum(axis=1).min() > 0.999
    assert not np.array_equal(short[1].vector, exact[1].vector)  # else nothing was shortened


def test_a_processor_without_short_products_computes_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: {"avx2": True})
    exact = BundledEmbedder(find_bundled_model(), way="exact").encode_passages(TEXTS)
    made = BundledEmbedder(find_bundled_model(), way="torch").encode_passages(TEXTS)
    assert all(np.array_equal(one.vector, other.vector) for one, other in zip(made, exact, strict=True))


@needs_fast
def test_vectors_of_the_extra_may_lie_beside_the_exact_ones(caplog: pytest.LogCaptureFixture) -> None:
    exact = BundledEmbedder(find_bundled_model(), way="exact").encode_passages(TEXTS)
    fast = BundledEmbedder(find_bundled_model()).encode_passages(TEXTS)
    assert not caplog.messages
    for one, other in zip(fast, exact, strict=True):
        assert one.pieces.tolist() == other.pieces.tolist()
        assert one.spans == other.spans
        assert one.vector @ other.vector > 0.99
        assert not len(one.tokens) or (one.tokens * other.tokens).sum(axis=1).mean() > 0.99
    assert not np.array_equal(fast[1].vector, exact[1].vector)  # else it would be torch that made both


@needs_fast
def test_one_text_alone_is_computed_exactly() -> None:
    exact = BundledEmbedder(find_bundled_model(), way="exact").encode_passages(TEXTS[:1])
    assert np.array_equal(BundledEmbedder(find_bundled_model()).encode_passages(TEXTS[:1])[0].vector, exact[0].vector)


@needs_fast
def test_the_extra_leaves_nothing_in_the_home_folder_and_tells_nobody(tmp_path: Path) -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise SystemExit('a connection')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from kb.embedding.carried_model import BundledEmbedder, find_bundled_model as f\n"
        "BundledEmbedder(f()).encode_passages(['two', 'texts'])\n"
        "print('openvino' in sys.modules, any(name.startswith('openvino_telemetry.') for name in sys.modules))\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["True", "False"]
    assert list(tmp_path.iterdir()) == []
