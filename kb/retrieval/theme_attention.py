"""Classify passages by the themes of the lexicon: each theme attends to the words that speak of it.

Learnt from tagged passages, over the token vectors of a passage, with attention for each label (Mullenbach et al.,
Explainable Prediction of Medical Codes from Clinical Text, NAACL 2018). RELEVANCE.md describes the data, the licence
and the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Offsets, QuantizedTokens, Scores, Vectors, normalise
from kb.retrieval.theme_head import SCALE, read_weights

CARRIED = Path(__file__).with_name("theme_attention.npz")
WEIGHTS = ("key", "key_bias", "value", "value_bias", "query", "out", "hidden", "hidden_bias", "whole", "bias")


@dataclass(frozen=True, slots=True)
class ThemeAttention:
    """The weights of the network; the input is the token vectors of passages."""

    places: Mapping[str, int]  # theme id -> output index
    key: Vectors  # (keys, dimensions)
    key_bias: Scores
    value: Vectors  # (values, dimensions)
    value_bias: Scores
    query: Vectors  # (themes, heads, keys): what a theme looks for
    out: Vectors  # (themes, heads, values): what it makes of what it finds
    hidden: Vectors  # (hidden, dimensions), over the mean token vector
    hidden_bias: Scores
    whole: Vectors  # (themes, hidden)
    bias: Scores  # (themes,)

    def judge(self, codes: QuantizedTokens, offsets: Offsets, theme_ids: Sequence[str]) -> Scores:
        """Compute the log odds that each passage is about each of these themes, shape (themes, passages).

        `offsets`, shape (passages + 1,), say where each passage begins in `codes`; one without rows speaks of nothing.
        """
        chosen = [self.places[one] for one in theme_ids]
        odds = np.repeat(self.bias[chosen, np.newaxis], len(offsets) - 1, axis=1)
        filled = np.flatnonzero(np.diff(offsets))
        if not len(filled):
            return odds
        starts = offsets[:-1][filled]
        tokens = normalise(codes.astype(np.float32)) * np.float32(SCALE)
        added = self._attend(tokens, starts, chosen)
        means = normalise(np.add.reduceat(tokens, starts, axis=0)) * np.float32(SCALE)
        inside = np.maximum(means @ self.hidden.T + self.hidden_bias, 0)
        odds[:, filled] += np.add.reduceat(added, starts, axis=0).T + self.whole[chosen] @ inside.T
        return odds

    def weigh_sentences(
        self, codes: QuantizedTokens, offsets: Offsets, firsts: Offsets, theme_ids: Sequence[str]
    ) -> Scores:
        """Compute what each sentence adds to the log odds of its passage, shape (themes, sentences).

        `offsets`, shape (sentences + 1,), say where each sentence begins in `codes`; one without rows adds nothing.
        `firsts`, shape (passages + 1,), are the first sentence of each passage, and the number of sentences.
        """
        chosen = [self.places[one] for one in theme_ids]
        weighed = np.zeros((len(chosen), len(offsets) - 1), dtype=np.float32)
        filled = np.flatnonzero(np.diff(offsets))
        if len(filled):
            tokens = normalise(codes.astype(np.float32)) * np.float32(SCALE)
            begins = offsets[firsts]
            added = self._attend(tokens, begins[:-1][np.diff(begins) > 0], chosen)
            weighed[:, filled] = np.add.reduceat(added, offsets[:-1][filled], axis=0).T
        return weighed

    def _attend(self, tokens: Vectors, starts: Offsets, chosen: Sequence[int]) -> Vectors:
        """Compute what each word adds to the log odds of its passage, shape (rows, themes)."""
        lengths = np.diff(starts, append=len(tokens))
        attention = np.tanh(tokens @ self.key.T + self.key_bias) @ np.concatenate(self.query[chosen]).T
        attention -= np.repeat(np.maximum.reduceat(attention, starts, axis=0), lengths, axis=0)
        np.exp(attention, out=attention)
        attention /= np.repeat(np.add.reduceat(attention, starts, axis=0), lengths, axis=0)
        attention *= np.maximum(tokens @ self.value.T + self.value_bias, 0) @ np.concatenate(self.out[chosen]).T
        added: Vectors = attention.reshape(len(tokens), len(chosen), -1).sum(axis=2)
        return added


@cache
def load_theme_attention(path: Path = CARRIED) -> ThemeAttention:
    """Load the bundled weights. Raises ModelMissing when they cannot be read."""
    places, weights = read_weights(path, WEIGHTS, "The theme attention")
    return ThemeAttention(places, **weights)
