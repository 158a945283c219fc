"""Run the carried model, a BERT of six layers, over texts laid end to end: nothing is padded.

The weights' hash is checked by whoever opens them, so that what is computed here is known to be what was published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

Linear = Callable[["Tensor"], "Tensor"]  # (word pieces, in) -> (word pieces, out)


@dataclass(frozen=True, slots=True)
class Dense:
    """A linear layer."""

    weight: Tensor  # (out, in)
    bias: Tensor  # (out,)

    def __call__(self, rows: Tensor) -> Tensor:
        """Shape (rows, in) to (rows, out)."""
        return functional.linear(rows, self.weight, self.bias)


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

    attend: Linear  # queries, keys and values in one
    project: Linear
    norm: Norm
    widen: Linear
    narrow: Linear
    last_norm: Norm


class MiniLM:
    """The model's weights and its forward pass."""

    def __init__(self, words: Tensor, positions: Tensor, norm: Norm, layers: Sequence[Layer], heads: int) -> None:
        self._words = words
        self._positions = positions
        self._norm = norm
        self._layers = tuple(layers)
        self._heads = heads

    @classmethod
    def load(cls, folder: Path, make_linear: Callable[[Tensor, Tensor], Linear] = Dense) -> MiniLM:
        """Read a folder's config.json and model.safetensors."""
        from safetensors.torch import load_file

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        epsilon = config["layer_norm_eps"]
        layers = [
            _read_layer(weights, f"encoder.layer.{number}", epsilon, make_linear)
            for number in range(config["num_hidden_layers"])
        ]
        # All texts are of the one type, so that its vector belongs to every position.
        positions = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        words, norm = weights["embeddings.word_embeddings.weight"], _read_norm(weights, "embeddings.LayerNorm", epsilon)
        return cls(words, positions, norm, layers, config["num_attention_heads"])

    @torch.inference_mode()
    def run(self, texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """Of each text's word pieces, special ones included, their vectors: shape (word pieces, dimensions)."""
        lengths = [len(pieces) for pieces in texts]
        pieces = torch.tensor([piece for text in texts for piece in text])
        places = torch.cat([torch.arange(length) for length in lengths])
        rows = self._norm(self._words[pieces] + self._positions[places])
        for layer in self._layers:
            rows = layer.norm(layer.project(self._mix(layer.attend(rows), lengths)) + rows)
            rows = layer.last_norm(layer.narrow(functional.gelu(layer.widen(rows))) + rows)
        return list(rows.split(lengths))

    def _mix(self, attended: Tensor, lengths: Sequence[int]) -> Tensor:
        """Self-attention, each text within itself; from shape (word pieces, 3 x dimensions)."""
        mixed = []
        for text in attended.split(lengths):
            queries, keys, values = text.view(1, len(text), 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            heads = functional.scaled_dot_product_attention(queries, keys, values)
            mixed.append(heads[0].transpose(0, 1).flatten(1))
        return torch.cat(mixed)


def _read_layer(
    weights: Mapping[str, Tensor], name: str, epsilon: float, make_linear: Callable[[Tensor, Tensor], Linear]
) -> Layer:
    def read(*parts: str) -> Linear:
        weight, bias = (torch.cat([weights[f"{name}.{part}.{kind}"] for part in parts]) for kind in ("weight", "bias"))
        return make_linear(weight, bias)

    return Layer(
        attend=read("attention.self.query", "attention.self.key", "attention.self.value"),
        project=read("attention.output.dense"),
        norm=_read_norm(weights, f"{name}.attention.output.LayerNorm", epsilon),
        widen=read("intermediate.dense"),
        narrow=read("output.dense"),
        last_norm=_read_norm(weights, f"{name}.output.LayerNorm", epsilon),
    )


def _read_norm(weights: Mapping[str, Tensor], name: str, epsilon: float) -> Norm:
    return Norm(weights[f"{name}.weight"], weights[f"{name}.bias"], epsilon)
