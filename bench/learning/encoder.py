"""The bundled model with low-rank weights to train, and its late interaction."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from bench.learning.data import Data
from bench.learning.theme_head import Network
from kb.embedding.carried_model import find_bundled_model
from kb.embedding.token_codes import fit_projection
from kb.retrieval.lexicon import load_lexicon

RANK = 48  # of the low-rank weights
SIZES = ((28, 14), (56, 28))  # word pieces of the windows whose themes are predicted, and of the step to the next one
PASSAGE_PIECES = 192
FITTED = 2_000  # passages that the projection is fitted on before it is trained
ADAPTED = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class LowRank(nn.Module):
    """A linear layer with low-rank weights added to its own, which can be left out."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(RANK, layer.in_features) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, RANK))
        self.is_on = True

    def forward(self, rows: Tensor) -> Tensor:
        """Map rows of shape (..., in) to (..., out)."""
        own: Tensor = self.layer(rows)
        if not self.is_on:
            return own
        return own + 2 * functional.linear(functional.linear(rows, self.down), self.up)


@dataclass(frozen=True, slots=True)
class Read:
    """Texts that were encoded."""

    rows: Tensor  # (texts, pieces, projected dimensions): of length 1, zeros for what is no word
    is_word: Tensor  # (texts, pieces)
    pieces: Tensor  # (texts, pieces)
    whole: Tensor  # (texts, dimensions): the model's vector, of length 1


class Encoder:
    """The model, the projection of its token vectors, how rare each word piece is, and a network for the themes."""

    def __init__(self, data: Data, device: str) -> None:
        folder = find_bundled_model()
        self._device = device
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._model = AutoModel.from_pretrained(folder, attn_implementation="sdpa").eval().requires_grad_(False)
        self.adapted = dict(self._adapt())
        self._model.to(device)
        self._rarity = self._measure_rarity([one.text for one in data.passages.values()]).to(device)
        self.fitted = self._fit_projection([one.text for one in list(data.passages.values())[:FITTED]])
        self.projection = nn.Parameter(self.fitted.clone())
        self.network = Network(len(self.projection), len(load_lexicon())).to(device)

    def parameters(self) -> list[nn.Parameter]:
        """Return the trained parameters of the adapter, without the projection."""
        return [parameter for one in self.adapted.values() for parameter in (one.down, one.up)]

    @contextmanager
    def published(self) -> Iterator[None]:
        """Encode as the published model does, inside the block."""
        self._switch(is_on=False)
        try:
            with torch.no_grad():
                yield
        finally:
            self._switch(is_on=True)

    def read(self, texts: Sequence[str], most: int) -> Read:
        """Encode texts, cut to at most `most` word pieces."""
        return self.encode([self.cut(text, most) for text in texts])

    def cut(self, text: str, most: int) -> list[int]:
        """Split a text into word pieces, with the special ones around them."""
        pieces: list[int] = self._tokenizer(text, truncation=True, max_length=most)["input_ids"]
        return pieces

    def encode(self, texts: Sequence[Sequence[int]]) -> Read:
        """Encode texts given as word pieces."""
        longest = max(map(len, texts))
        pieces = torch.tensor([[*one, *[0] * (longest - len(one))] for one in texts], device=self._device)
        lengths = torch.tensor(list(map(len, texts)), device=self._device)
        is_there = torch.arange(longest, device=self._device) < lengths[:, None]
        with torch.autocast(self._device, dtype=torch.bfloat16):
            hidden = self._model(input_ids=pieces, attention_mask=is_there).last_hidden_state
        hidden = hidden.float()
        is_on = next(iter(self.adapted.values())).is_on
        projection = self.projection if is_on else self.fitted
        is_word = is_there & (self._rarity[pieces] > 0)
        rows = functional.normalize(functional.normalize(hidden, dim=-1) @ projection.T, dim=-1)
        whole = functional.normalize((hidden * is_there[..., None]).sum(1), dim=-1)
        return Read(rows * is_word[..., None], is_word, pieces, whole)

    def compare(self, asked: Read, said: Read) -> tuple[Tensor, Tensor]:
        """Compute late interaction and cosine of every question with every text, each of shape (questions, texts)."""
        weights = self._rarity[asked.pieces]
        weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-6)
        cosines = torch.einsum("qid,pjd->qpij", asked.rows.bfloat16(), said.rows.bfloat16())
        best = cosines.masked_fill(~said.is_word[None, :, None, :], -1).amax(-1).float()
        return (best * weights[:, None]).sum(-1), asked.whole @ said.whole.T

    def tell_themes(self, said: Read) -> Tensor:
        """Compute the log odds that texts speak to each theme, by their best window, shape (texts, themes)."""
        sums = functional.pad(said.rows.cumsum(1), (0, 0, 1, 0))
        longest, lengths = said.rows.shape[1], said.is_word.sum(1)
        spans = [(at, min(at + size, longest)) for size, step in SIZES for at in range(0, max(1, longest - 8), step)]
        windows = functional.normalize(torch.stack([sums[:, end] - sums[:, at] for at, end in spans], 1), dim=-1)
        wholes = functional.normalize(sums[:, -1], dim=-1)[:, None].expand_as(windows)
        is_empty = torch.stack([lengths <= (at + 8 if at else 0) for at, _ in spans], 1)
        odds: Tensor = self.network(torch.cat([windows, wholes], -1))
        return odds.masked_fill(is_empty[..., None], -1e4).amax(1)

    def _adapt(self) -> Iterator[tuple[str, LowRank]]:
        for number, layer in enumerate(self._model.encoder.layer):
            for name in ADAPTED:
                adapted = LowRank(layer.get_submodule(name))
                layer.set_submodule(name, adapted)
                yield f"encoder.layer.{number}.{name}.weight", adapted

    def _switch(self, *, is_on: bool) -> None:
        for one in self.adapted.values():
            one.is_on = is_on

    @torch.no_grad()
    def _fit_projection(self, texts: Sequence[str]) -> Tensor:
        """Fit the main directions of the published model's token vectors."""
        rows: list[np.ndarray] = []
        for first in range(0, len(texts), 64):
            cut = [self.cut(text, PASSAGE_PIECES) for text in texts[first : first + 64]]
            for pieces in cut:
                hidden = self._model(input_ids=torch.tensor([pieces], device=self._device)).last_hidden_state[0]
                rows.append(functional.normalize(hidden[1:-1].float(), dim=-1).cpu().numpy())
        return torch.from_numpy(fit_projection(np.concatenate(rows))).to(self._device)

    def _measure_rarity(self, texts: Sequence[str]) -> Tensor:
        """Compute each word piece's log odds of being rare, as the product's ranking does; 0 for punctuation marks."""
        size = len(self._tokenizer)
        held = torch.zeros(size)
        for one in self._tokenizer(list(texts), truncation=True, max_length=PASSAGE_PIECES)["input_ids"]:
            held[list(set(one))] += 1
        pieces = self._tokenizer.convert_ids_to_tokens(list(range(size)))
        special = self._tokenizer.all_special_ids
        is_word = [bool(re.search(r"[^\W_]", piece)) and place not in special for place, piece in enumerate(pieces)]
        return (torch.log((len(texts) + 1) / (held + 0.5)) + 2) * torch.tensor(is_word)
