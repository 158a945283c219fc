"""The adapter: added to the model's weights, checked by its hash, and none of another model's."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from kb.embedding import adapter
from kb.embedding.adapter import merge_adapter
from kb.embedding.carried_model import BundledEmbedder, find_bundled_model
from kb.errors import ModelMissing

NAME = "encoder.layer.5.output.dense.weight"


def write(folder: Path, name: str = NAME) -> tuple[Path, str]:
    path = folder / "adapter.safetensors"
    save_file({f"{name}.down": torch.ones(2, 3), f"{name}.up": torch.full((4, 2), 0.5)}, path)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_product_of_both_parts_is_added_and_the_rest_left(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    weights = {NAME: torch.zeros(4, 3), "other": torch.ones(1)}
    merged = merge_adapter(weights, path, sha256)
    assert torch.equal(merged[NAME], torch.ones(4, 3))
    assert torch.equal(merged["other"], torch.ones(1))
    assert torch.equal(weights[NAME], torch.zeros(4, 3))


def test_another_file_than_the_one_measured_is_refused(tmp_path: Path) -> None:
    path, _ = write(tmp_path)
    with pytest.raises(ModelMissing, match="is not the one that was measured"):
        merge_adapter({NAME: torch.zeros(4, 3)}, path)
    with pytest.raises(ModelMissing, match="cannot be read"):
        merge_adapter({}, tmp_path / "nowhere.safetensors")


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path, "decoder.weight")
    with pytest.raises(ModelMissing, match="is for another model"):
        merge_adapter({NAME: torch.zeros(4, 3)}, path, sha256)


def test_the_carried_adapter_is_small_and_changes_vectors_a_little() -> None:
    assert adapter.CARRIED.stat().st_size < 4_000_000
    folder = find_bundled_model()
    text = ["How do leaders ignite shared passion?"]
    (adapted,) = BundledEmbedder(folder, way="exact").encode_passages(text)
    (plain,) = BundledEmbedder(folder, way="exact", is_adapted=False).encode_passages(text)
    assert 0.3 < float(adapted.vector @ plain.vector) < 0.999
    assert np.array_equal(adapted.pieces, plain.pieces)


def test_stores_of_the_plain_model_are_not_mixed_with_those_of_the_adapted_one() -> None:
    folder = find_bundled_model()
    assert BundledEmbedder(folder).fingerprint != BundledEmbedder(folder, is_adapted=False).fingerprint
