"""Estimate the log odds that a passage answers a question, learnt from graded passages.

Logistic regression over a few features: late interaction, cosine of the whole texts, whether the passage is about the
theme of the question, and whether the passage itself is quotable. RELEVANCE.md describes the data, the licence and the
figures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kb.embedding.arrays import Scores, Vectors

CARRIED = Path(__file__).with_name("relevance.json")
# Fallback without a learnt model: weight of each standardised feature, and log odds of the mean passage.
BLEND, BLEND_BIAS = {"late": 0.9, "dense": 0.2, "theme": 0.4}, -2.0
# Log odds of a theme without tagged passages: linear in the mean cosine to its best few sentences.
VOICE_SLOPE, VOICE_MIDDLE = 12.0, 0.62
BEST_VOICES = 4  # number of a theme's sentences nearest to a passage that are averaged


@dataclass(frozen=True, slots=True)
class Features:
    """Features of passages, each of shape (passages,)."""

    late: Scores  # late-interaction score, with keyword bonus and neighbour smoothing
    dense: Scores  # cosine of the mean token vectors of question and passage
    theme: Scores  # log odds that it is about the theme; 0 without a theme
    worth: Scores  # log odds that it can be quoted on leadership at all

    def stack(self) -> Vectors:
        """Stack the features: shape (passages, features)."""
        return np.stack([getattr(self, name) for name in FEATURES], axis=1).astype(np.float32)


FEATURES = ("late", "dense", "theme", "worth")


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression over unscaled features."""

    weights: Vectors  # (features,)
    bias: float

    def judge(self, features: Vectors) -> Scores:
        """Compute log odds, shape (passages,)."""
        odds: Scores = features @ self.weights + self.bias
        return odds


@dataclass(frozen=True, slots=True)
class Judge:
    """The learnt models."""

    of_theme: Logistic
    of_matter: Logistic
    worth: Logistic  # over a passage's mean token vector

    def judge(self, features: Features, certainty: float) -> Scores:
        """Compute the log odds that each passage answers, shape (passages,).

        `certainty`, 0 to 1, says how likely the question asks about a theme; it interpolates between the two models.
        """
        known = features.stack()
        odds: Scores = certainty * self.of_theme.judge(known) + (1 - certainty) * self.of_matter.judge(known)
        return odds


@cache
def load_judge(path: Path = CARRIED) -> Judge:
    """Load the bundled models."""
    read = json.loads(path.read_text(encoding="utf-8"))
    return Judge(
        of_theme=_read(read["of_theme"]),
        of_matter=_read(read["of_matter"]),
        worth=_read(read["worth"]),
    )


def blend(features: Features) -> Scores:
    """Compute fallback log odds without a learnt model, as for other embedding models, from standardised features."""
    odds = np.full(len(features.late), BLEND_BIAS, dtype=np.float32)
    for name, share in BLEND.items():
        values = getattr(features, name)
        odds += share * (values - values.mean()) / max(float(values.std()), 1e-6)
    return odds


def judge_voices(cosines: Vectors) -> Scores:
    """Compute the log odds of a theme from cosines to the theme's sentences, shape (sentences, passages)."""
    odds: Scores = (VOICE_SLOPE * (best_mean(cosines) - VOICE_MIDDLE)).astype(np.float32)
    return odds


def best_mean(scores: Vectors, most: int = BEST_VOICES) -> Scores:
    """Return the mean of the largest values of each column; 0 without rows."""
    if not len(scores):
        return np.zeros(scores.shape[1], dtype=np.float32)
    count = min(most, len(scores))
    mean: Scores = np.partition(scores, len(scores) - count, axis=0)[-count:].mean(axis=0)
    return mean


def _read(values: dict[str, Any]) -> Logistic:
    return Logistic(np.array(values["weights"], dtype=np.float32), float(values["bias"]))
