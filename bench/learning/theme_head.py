"""Train the head that predicts which themes a passage speaks to.

Each tagged passage is a bag of windows of one to three sentences; its score for a theme is that of its best window
(Andrews et al., Support vector machines for multiple-instance learning, NIPS 2002). If the tag names the sentences
that answer, the window around them is the best.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.learning.data import Data
from kb.embedding.arrays import Scores, Vectors, normalise
from kb.embedding.embedder import open_embedder
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.maxsim import list_windows
from kb.retrieval.theme_head import SCALE, WEIGHTS, ThemeHead
from kb.storage.token_file import StoredEmbedding
from kb.storage.token_store import TokenStore

HIDDEN, DROPPED = 384, 0.3
EPOCHS, BATCH, RATE, DECAY = 8, 128, 2e-3, 0.05
RIGHT_WEIGHT = 4.0  # of a theme that a passage speaks to, against 1 for one that it does not
SPAN_WEIGHT = 0.3  # of finding the sentences that answer, relative to predicting the themes
TOGETHER = 256  # texts through the model at once


@dataclass(frozen=True, slots=True)
class Bag:
    """A passage's windows."""

    windows: Vectors  # (windows, dimensions)
    spans: Sequence[tuple[int, int]]  # the first and last sentence of each, from 1
    whole: Vectors  # (dimensions,)


class Network(nn.Module):
    """The network that is trained, before it becomes a ThemeHead."""

    def __init__(self, dimensions: int, themes: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(2 * dimensions, HIDDEN)
        self.out = nn.Linear(HIDDEN, themes)
        self.direct = nn.Linear(2 * dimensions, themes, bias=False)
        nn.init.constant_(self.out.bias, -3.5)

    def forward(self, known: Tensor) -> Tensor:
        """Compute log odds, shape (windows, themes)."""
        known = known * SCALE
        inside = functional.dropout(functional.relu(self.hidden(known)), DROPPED, self.training)
        odds: Tensor = self.out(inside) + self.direct(known)
        return odds


def encode(data: Data, passage_ids: Iterable[str]) -> dict[str, StoredEmbedding]:
    """Encode these passages as the product keeps them. Raises ModelMissing when the model is not installed."""
    ids = list(passage_ids)
    embedder = open_embedder()
    store = TokenStore.open(Path(), is_bundled_model=True)
    found: dict[str, StoredEmbedding] = {}
    for first in range(0, len(ids), TOGETHER):
        some = ids[first : first + TOGETHER]
        texts = [data.passages[one].text for one in some]
        found.update(zip(some, store.quantize(texts, embedder.encode_passages(texts)), strict=True))
        print(f"{len(found):,} of {len(ids):,} passages read", end="\r", file=sys.stderr)
    print(file=sys.stderr)
    return found


def make_bag(stored: StoredEmbedding) -> Bag:
    """Make windows as the product does, and list which sentences each holds."""
    sums = np.concatenate([np.zeros((1, stored.codes.shape[1])), np.cumsum(stored.codes.astype(np.float32), axis=0)])
    at = np.concatenate([[0], np.cumsum(stored.sentences)]).astype(int)
    firsts, ends = list_windows(at)
    windows = (sums[at[ends]] - sums[at[firsts]]).astype(np.float32)
    spans = list(zip((firsts + 1).tolist(), ends.tolist(), strict=True))
    return Bag(normalise(windows), spans, normalise(sums[-1].astype(np.float32)))


def learn(data: Data, bags: Mapping[str, Bag], learnt_from: Iterable[str], seed: int = 0) -> ThemeHead:
    """Train a head on these passages."""
    ids = [one for one in learnt_from if one in bags]
    themes = {theme.id: place for place, theme in enumerate(load_lexicon())}
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    dimensions = len(bags[ids[0]].whole)
    network = Network(dimensions, len(themes))
    steps = EPOCHS * len(ids) // BATCH
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.1)
    for step in range(steps):
        if step % (len(ids) // BATCH) == 0:
            order = draw.permutation(len(ids))
        chosen = [ids[place] for place in order[np.arange(BATCH) + step % (len(ids) // BATCH) * BATCH]]
        known, owners = join_bags([bags[one] for one in chosen])
        odds = network(torch.from_numpy(known))
        best = odds.new_full((BATCH, len(themes)), -1e9).scatter_reduce(
            0, torch.from_numpy(owners)[:, None].expand_as(odds), odds, "amax"
        )
        right = torch.zeros(BATCH, len(themes))
        for row, one in enumerate(chosen):
            for theme in data.tags[one]:
                right[row, themes[theme]] = 1
        loss = functional.binary_cross_entropy_with_logits(best, right, pos_weight=torch.tensor(RIGHT_WEIGHT))
        pointed = _point(data, chosen, bags, odds, owners, themes)
        torch.autograd.backward(loss + SPAN_WEIGHT / len(themes) * pointed)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
    return _to_head(network, themes)


def judge(head: ThemeHead, bags: Sequence[Bag]) -> Scores:
    """Compute the log odds that passages speak to each theme, shape (passages, themes)."""
    known, owners = join_bags(bags)
    width = known.shape[1] // 2
    odds = head.judge(known[:, :width], known[:, width:], list(head.places))
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    best: Scores = np.maximum.reduceat(odds, firsts, axis=1).T
    return best


def join_bags(bags: Sequence[Bag]) -> tuple[Vectors, np.ndarray]:
    """Join windows with their passages, shape (windows, 2 x dimensions), and give the number of each window's bag."""
    owners = np.repeat(np.arange(len(bags)), [len(one.windows) for one in bags])
    wholes = np.stack([one.whole for one in bags])
    return np.concatenate([np.concatenate([one.windows for one in bags]), wholes[owners]], axis=1), owners


def save(head: ThemeHead, path: Path) -> None:
    """Write a head as the product reads it, in 16 bits."""
    weights = {name: getattr(head, name).astype(np.float16) for name in WEIGHTS}
    np.savez(path, themes=np.array(list(head.places)), **weights)


def _point(
    data: Data,
    chosen: Sequence[str],
    bags: Mapping[str, Bag],
    odds: Tensor,
    owners: np.ndarray,
    themes: Mapping[str, int],
) -> Tensor:
    """Compute how badly the windows around the named sentences are separated from others: a mean cross entropy."""
    losses = []
    starts = np.searchsorted(owners, np.arange(len(chosen) + 1))
    for row, one in enumerate(chosen):
        spans = np.array(bags[one].spans)
        for theme, (_, *named) in data.tags[one].items():
            if len(named) != 2 or len(spans) < 2:
                continue
            shared = np.minimum(spans[:, 1], named[1]) - np.maximum(spans[:, 0], named[0]) + 1
            joined = np.maximum(spans[:, 1], named[1]) - np.minimum(spans[:, 0], named[0]) + 1
            overlap = np.maximum(shared, 0) / joined
            if overlap.max() > 0:
                wanted = torch.from_numpy((overlap**2 / (overlap**2).sum()).astype(np.float32))
                windows = odds[starts[row] : starts[row + 1], themes[theme]]
                losses.append(-(wanted * functional.log_softmax(windows, 0)).sum())
    return torch.stack(losses).mean() if losses else torch.zeros(())


def _to_head(network: Network, themes: Mapping[str, int]) -> ThemeHead:
    return ThemeHead(
        themes,
        hidden=network.hidden.weight.detach().numpy(),
        hidden_bias=network.hidden.bias.detach().numpy(),
        out=network.out.weight.detach().numpy(),
        direct=network.direct.weight.detach().numpy(),
        bias=network.out.bias.detach().numpy(),
    )
