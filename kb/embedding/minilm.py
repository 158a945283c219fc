"""Run the bundled model, a six-layer BERT, over concatenated texts, without padding.

The caller checks the hash of the weights, so that they are known to be the published ones. If the processor supports
bfloat16, the layers' products can be computed in it, two to three times as fast: sums, residuals and norms stay in 32
bits, and the mean cosine to the exact vectors is above .9999.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file
from torch.nn import functional

from kb.embedding.adapter import merge_adapter
from kb.embedding.arrays import Vectors

if TYPE_CHECKING:
    from torch import Tensor

# Rows are padded to a multiple of this many: torch keeps memory for every number of rows it has seen, which took 0.3 MB
# a passage. Small inputs are not padded, since that would slow them down.
ROWS_STEP, ROWS_FEW = 128, 512
SHORT_PRODUCTS = ("avx512_bf16", "amx_bf16")  # CPU features that mean native bfloat16 products


@dataclass(frozen=True, slots=True)
class Dense:
    """A linear layer."""

    weight: Tensor  # (out, in)
    bias: Tensor  # (out,)

    def __call__(self, rows: Tensor) -> Tensor:
        """Apply the layer in the precision of its weights: shape (rows, in) to (rows, out)."""
        return functional.linear(rows.to(self.weight.dtype), self.weight, self.bias)

    def to_bfloat16(self) -> Dense:
        """Convert the layer to bfloat16."""
        return Dense(self.weight.bfloat16(), self.bias.bfloat16())


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer normalisation."""

    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, rows: Tensor) -> Tensor:
        """Normalise rows; the shape stays the same."""
        return functional.layer_norm(rows, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class Layer:
    """A transformer layer."""

    qkv: Dense  # queries, keys and values combined
    attention_output: Dense
    norm: Norm
    intermediate: Dense
    output: Dense
    last_norm: Norm

    def to_bfloat16(self) -> Layer:
        """Convert the products of the layer to bfloat16."""
        products = {
            name: getattr(self, name).to_bfloat16() for name in ("qkv", "attention_output", "intermediate", "output")
        }
        return replace(self, **products)


class MiniLM:
    """The model's weights and its forward pass."""

    def __init__(self, words: Tensor, positions: Tensor, norm: Norm, layers: Sequence[Layer], heads: int) -> None:
        self._words = words
        self._positions = positions
        self._norm = norm
        self.layers = tuple(layers)
        self.heads = heads

    @classmethod
    def load(cls, folder: Path, *, is_adapted: bool = True) -> MiniLM:
        """Load config.json and model.safetensors of a folder, and add the adapter. Raises ModelMissing."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        if is_adapted:
            weights = merge_adapter(weights)
        epsilon = config["layer_norm_eps"]
        words, positions, types = (
            weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position", "token_type")
        )
        norm = _read_norm(weights, "embeddings.LayerNorm", epsilon)
        numbers = range(config["num_hidden_layers"])
        layers = [_read_layer(weights, f"encoder.layer.{number}", epsilon) for number in numbers]
        return cls(words, positions + types[0], norm, layers, config["num_attention_heads"])

    def to_bfloat16(self) -> MiniLM:
        """Convert the products of the model to bfloat16."""
        layers = [layer.to_bfloat16() for layer in self.layers]
        return MiniLM(self._words, self._positions, self._norm, layers, self.heads)

    @property
    def width(self) -> int:
        """Dimensions of its vectors."""
        return self._words.shape[1]

    @torch.inference_mode()
    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """Compute the vectors of each text's word pieces, special ones included: shape (word pieces, dimensions)."""
        lengths = [len(pieces) for pieces in texts]
        missing = -sum(lengths) % ROWS_STEP if sum(lengths) > ROWS_FEW else 0
        if missing:
            return self.run([*texts, [0] * missing])[:-1]
        rows = self.embed(texts)
        for layer in self.layers:
            rows = layer.norm(layer.attention_output(self._mix(layer.qkv(rows), lengths)) + rows)
            rows = layer.last_norm(layer.output(functional.gelu(layer.intermediate(rows))) + rows)
        return [text.numpy() for text in torch.split(rows, lengths)]

    @torch.inference_mode()
    def embed(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Compute the input of the first layer, texts concatenated."""
        pieces = torch.tensor([piece for text in texts for piece in text])
        places = torch.cat([torch.arange(len(text)) for text in texts])
        return self._norm(self._words[pieces] + self._positions[places])

    def _mix(self, attended: Tensor, lengths: list[int]) -> Tensor:
        """Self-attention within each text; input shape (word pieces, 3 x dimensions)."""
        mixed = []
        for text in torch.split(attended, lengths):
            queries, keys, values = text.view(1, len(text), 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            heads = functional.scaled_dot_product_attention(queries, keys, values)
            mixed.append(heads[0].transpose(0, 1).flatten(1))
        return torch.cat(mixed)


def supports_bfloat16() -> bool:
    """Whether this processor has bfloat16 instructions; without them bfloat16 is slower than 32 bits."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in SHORT_PRODUCTS)


def _read_layer(weights: Mapping[str, Tensor], name: str, epsilon: float) -> Layer:
    def read(*parts: str) -> Dense:
        return Dense(*(torch.cat([weights[f"{name}.{part}.{kind}"] for part in parts]) for kind in ("weight", "bias")))

    return Layer(
        qkv=read("attention.self.query", "attention.self.key", "attention.self.value"),
        attention_output=read("attention.output.dense"),
        norm=_read_norm(weights, f"{name}.attention.output.LayerNorm", epsilon),
        intermediate=read("intermediate.dense"),
        output=read("output.dense"),
        last_norm=_read_norm(weights, f"{name}.output.LayerNorm", epsilon),
    )


def _read_norm(weights: Mapping[str, Tensor], name: str, epsilon: float) -> Norm:
    return Norm(weights[f"{name}.weight"], weights[f"{name}.bias"], epsilon)
