"""Run the carried model, a BERT of six layers, over texts laid end to end: no text is padded to another's length.

The weights' hash is checked by whoever opens them, so that what is computed here is known to be what was published.
Where the processor multiplies bfloat16, many texts go through layers shortened to it, at twice to three times the
speed: sums, residuals and norms stay in 32 bits, and the mean cosine to the exact vectors is above .9999.
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

from kb.arrays import Vectors
from kb.embedding.adapter import merge_adapter

if TYPE_CHECKING:
    from torch import Tensor

# Rows go through the layers in multiples of this many: torch keeps memory for every number of rows that it has met,
# which took 0.3 MB a passage. Few rows are left as they are, since they would wait for the others.
ROWS_STEP, ROWS_FEW = 128, 512
SHORT_PRODUCTS = ("avx512_bf16", "amx_bf16")  # what processors call it that multiply bfloat16


@dataclass(frozen=True, slots=True)
class Dense:
    """A linear layer."""

    weight: Tensor  # (out, in)
    bias: Tensor  # (out,)

    def __call__(self, rows: Tensor) -> Tensor:
        """Shape (rows, in) to (rows, out), as short as the weights are."""
        return functional.linear(rows.to(self.weight.dtype), self.weight, self.bias)

    def to_bfloat16(self) -> Dense:
        """The same in bfloat16."""
        return Dense(self.weight.bfloat16(), self.bias.bfloat16())


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer normalisation."""

    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, rows: Tensor) -> Tensor:
        """The same shape as it gets."""
        return functional.layer_norm(rows, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the model's layers."""

    qkv: Dense  # queries, keys and values in one
    attention_output: Dense
    norm: Norm
    intermediate: Dense
    output: Dense
    last_norm: Norm

    def to_bfloat16(self) -> Layer:
        """The same with products in bfloat16."""
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
        """Read a folder's config.json and model.safetensors, and add the adapter's weights."""
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
        """The same model with its products in bfloat16."""
        layers = [layer.to_bfloat16() for layer in self.layers]
        return MiniLM(self._words, self._positions, self._norm, layers, self.heads)

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        return self._words.shape[1]

    @torch.inference_mode()
    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """Of each text's word pieces, special ones included, their vectors: shape (word pieces, dimensions)."""
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
        """What goes into the first layer, the texts laid end to end."""
        pieces = torch.tensor([piece for text in texts for piece in text])
        places = torch.cat([torch.arange(len(text)) for text in texts])
        return self._norm(self._words[pieces] + self._positions[places])

    def _mix(self, attended: Tensor, lengths: list[int]) -> Tensor:
        """Self-attention, each text within itself; from shape (word pieces, 3 x dimensions)."""
        mixed = []
        for text in torch.split(attended, lengths):
            queries, keys, values = text.view(1, len(text), 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            heads = functional.scaled_dot_product_attention(queries, keys, values)
            mixed.append(heads[0].transpose(0, 1).flatten(1))
        return torch.cat(mixed)


def supports_bfloat16() -> bool:
    """Whether this processor has instructions for bfloat16; without them it is slower than 32 bits, not faster."""
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
