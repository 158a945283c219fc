"""Train the attention of the lexicon's themes over the words of a passage.

If a reader named the sentences that answer, the theme is taught to attend to them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.learning.data import Data, Target
from kb.embedding.arrays import Scores
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.theme_attention import ThemeAttention
from kb.retrieval.theme_head import SCALE
from kb.storage.token_file import StoredEmbedding

HEADS, KEYS, VALUES, HIDDEN = 4, 64, 128, 256
DROPPED = 0.3
EPOCHS, BATCH, RATE, DECAY = 6, 64, 2e-3, 0.05
ALIKE = 16  # batches whose passages are sorted by length: padding costs time
MOST_ROWS = 320  # of a passage that is learnt from
RIGHT_WEIGHT = 4.0  # of a theme that a passage speaks to, against 1 for one that it does not
SPAN_WEIGHT = 0.3  # of attending to the sentences that answer, relative to predicting the themes


class Network(nn.Module):
    """The network that is trained, before it becomes a ThemeAttention."""

    def __init__(self, dimensions: int, themes: int) -> None:
        super().__init__()
        self.key = nn.Linear(dimensions, KEYS)
        self.value = nn.Linear(dimensions, VALUES)
        self.query = nn.Parameter(torch.randn(themes, HEADS, KEYS) * 0.3)
        self.out = nn.Parameter(torch.randn(themes, HEADS * VALUES) * 0.02)
        self.hidden = nn.Linear(dimensions, HIDDEN)
        self.whole = nn.Linear(HIDDEN, themes)
        nn.init.constant_(self.whole.bias, -3.5)

    def forward(self, tokens: Tensor, is_there: Tensor) -> tuple[Tensor, Tensor]:
        """Compute log odds, shape (passages, themes), and the attention, shape (passages, rows, themes, heads).

        `tokens` has shape (passages, rows, dimensions), with rows of length SCALE, and zeros where none is there.
        """
        passages, rows, _ = tokens.shape
        queries = self.query.flatten(0, 1)
        fit = (torch.tanh(self.key(tokens)) @ queries.T).masked_fill(~is_there[:, :, None], -1e4)
        attention = torch.softmax(fit, 1)
        found = torch.bmm(attention.transpose(1, 2), functional.relu(self.value(tokens)))
        found = functional.dropout(found, DROPPED, self.training).view(passages, len(self.out), -1)
        means = functional.normalize(tokens.sum(1), dim=-1) * SCALE
        inside = functional.dropout(functional.relu(self.hidden(means)), DROPPED, self.training)
        odds: Tensor = (found * self.out).sum(-1) + self.whole(inside)
        return odds, attention.view(passages, rows, len(self.out), HEADS)


def learn(
    data: Data, stored: Mapping[str, StoredEmbedding], learnt_from: Iterable[str], seed: int = 0
) -> ThemeAttention:
    """Train on these passages; about ten minutes for 35,000 on two cores."""
    ids = [one for one in learnt_from if len(stored[one].codes)]
    themes = {theme.id: place for place, theme in enumerate(load_lexicon())}
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    network = Network(stored[ids[0]].codes.shape[1], len(themes))
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * (len(ids) // BATCH) + 1
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for epoch in range(EPOCHS):
        for chosen in _draw_batches(ids, stored, draw):
            odds, attention = network(*_pad([stored[one] for one in chosen]))
            right = torch.zeros_like(odds)
            targets = [data.list_targets(one) for one in chosen]
            for row, wanted in enumerate(targets):
                right[row, [themes[theme] for theme in wanted]] = torch.tensor([one.chance for one in wanted.values()])
            weight = torch.tensor(RIGHT_WEIGHT)
            loss = functional.binary_cross_entropy_with_logits(odds, right, pos_weight=weight)
            astray = _measure_astray(attention, targets, [stored[one] for one in chosen], themes)
            torch.autograd.backward(loss + SPAN_WEIGHT / len(themes) * astray)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {float(loss.detach()):.4f}", file=sys.stderr)
    return _to_attention(network, themes)


def judge(attention: ThemeAttention, stored: Sequence[StoredEmbedding]) -> Scores:
    """Compute the log odds that passages speak to each theme, shape (passages, themes)."""
    codes = np.concatenate([one.codes for one in stored])
    offsets = np.cumsum([0, *[len(one.codes) for one in stored]])
    odds: Scores = attention.judge(codes, offsets, list(attention.places)).T
    return odds


def save(attention: ThemeAttention, path: Path) -> None:
    """Write the weights as the product reads them, in 16 bits."""
    names = [name for name in ThemeAttention.__dataclass_fields__ if name != "places"]
    weights = {name: getattr(attention, name).astype(np.float16) for name in names}
    np.savez(path, themes=np.array(list(attention.places)), **weights)


def _draw_batches(
    ids: Sequence[str], stored: Mapping[str, StoredEmbedding], draw: np.random.Generator
) -> Iterator[list[str]]:
    """Yield batches of an epoch, each of passages of similar length, in any order."""
    mixed = [ids[place] for place in draw.permutation(len(ids))]
    batches: list[list[str]] = []
    for first in range(0, len(mixed), BATCH * ALIKE):
        alike = sorted(mixed[first : first + BATCH * ALIKE], key=lambda one: len(stored[one].codes))
        batches += [alike[at : at + BATCH] for at in range(0, len(alike) // BATCH * BATCH, BATCH)]
    for place in draw.permutation(len(batches)):
        yield batches[place]


def _pad(some: Sequence[StoredEmbedding]) -> tuple[Tensor, Tensor]:
    """Join token vectors, shape (passages, rows, dimensions), and tell which rows are there."""
    rows = [torch.from_numpy(one.codes[:MOST_ROWS].astype(np.float32)) for one in some]
    tokens = nn.utils.rnn.pad_sequence(rows, batch_first=True)
    is_there = torch.arange(tokens.shape[1]) < torch.tensor([len(one) for one in rows])[:, None]
    return functional.normalize(tokens, dim=-1) * SCALE, is_there


def _measure_astray(
    attention: Tensor,
    targets: Sequence[Mapping[str, Target]],
    stored: Sequence[StoredEmbedding],
    themes: Mapping[str, int],
) -> Tensor:
    """Compute how much attention lies beside the named sentences: a mean negative logarithm of what lies on them."""
    losses = []
    for row, (wanted, one) in enumerate(zip(targets, stored, strict=True)):
        begins = np.cumsum([0, *one.sentences])
        last = len(begins) - 1
        for theme, target in wanted.items():
            if not target.sentences or last < 2:
                continue
            first, end = (int(begins[min(at, last)]) for at in (target.sentences[0] - 1, target.sentences[1]))
            end = min(end, attention.shape[1])
            if first < end and end - first < len(one.codes):
                losses.append(-torch.log(attention[row, first:end, themes[theme]].sum(0) + 1e-3).mean())
    return torch.stack(losses).mean() if losses else torch.zeros(())


def _to_attention(network: Network, themes: Mapping[str, int]) -> ThemeAttention:
    weights = {name: one.detach().numpy() for name, one in network.named_parameters()}
    return ThemeAttention(
        themes,
        key=weights["key.weight"],
        key_bias=weights["key.bias"],
        value=weights["value.weight"],
        value_bias=weights["value.bias"],
        query=weights["query"],
        out=weights["out"].reshape(len(themes), HEADS, -1),
        hidden=weights["hidden.weight"],
        hidden_bias=weights["hidden.bias"],
        whole=weights["whole.weight"],
        bias=weights["whole.bias"],
    )
