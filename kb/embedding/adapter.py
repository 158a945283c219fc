"""Low-rank weights (LoRA) that adapt the bundled model to questions about leadership.

They are added to the model's weights on loading, so that it is as fast as before (LoRA, Hu et al. 2021,
https://arxiv.org/abs/2106.09685). ADAPTER.md describes the data, the licence and the figures.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import ModelMissing

if TYPE_CHECKING:
    from torch import Tensor

CARRIED = Path(__file__).with_name("adapter.safetensors")
SHA256 = "8f6c666ec58b89bf63bcb429e4e0458ff2b7131729e44f3b3860f22022194033"
DOWN, UP = ".down", ".up"  # for a weight (out, in): (rank, in) and (out, rank); their product is added to it


def merge_adapter(weights: dict[str, Tensor], path: Path = CARRIED, sha256: str = SHA256) -> dict[str, Tensor]:
    """Add the adapter to the model's weights, by name.

    Raises ModelMissing when the file cannot be read, fails its checksum or belongs to another model.
    """
    from safetensors.torch import load

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"The adapter {path} cannot be read: {error.strerror}; reinstall the package") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelMissing(
            f"The adapter {path} is not the one that was measured (SHA-256 {found[:12]}, expected {sha256[:12]});"
            " reinstall the package"
        )
    parts = load(content)
    names = [name.removesuffix(DOWN) for name in parts if name.endswith(DOWN)]
    if missing := next((name for name in names if name not in weights), None):
        raise ModelMissing(f"The adapter {path} is for another model: that one has {missing}, this one has not")
    changed = {name: weights[name] + parts[name + UP].float() @ parts[name + DOWN].float() for name in names}
    return {**weights, **changed}
