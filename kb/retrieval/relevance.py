"""Judge how likely a passage answers, from what the search knows of it: learnt from graded passages.

A logistic regression over a few features: late interaction and nearness as a whole; whether the passage speaks to the
theme that the question asks about; and of the passage alone, whether it says anything that one could quote.
RELEVANCE.md tells the data, the licence and the figures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kb.arrays import Scores, Vectors

CARRIED = Path(__file__).with_name("relevance.json")
# Without anything learnt: the share of each feature, in standard deviations, and what the mean passage gets.
BLEND, BLEND_BIAS = {"late": 0.9, "dense": 0.2, "theme": 0.4}, -2.0
# Log odds by a theme's sentences, where nobody tagged passages: from the mean cosine to the best few of them.
VOICE_SLOPE, VOICE_MIDDLE = 12.0, 0.62
BEST_VOICES = 4  # of the sentences of a theme, those that a passage is nearest to


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of some passages, each an array of shape (passages,)."""

    late: Scores  # late interaction with the question, shared words and neighbours included
    dense: Scores  # cosine to the question as a whole
    theme: Scores  # log odds that it speaks to the theme; 0 without a theme
    worth: Scores  # log odds that it can be quoted on leading at all

    def stack(self) -> Vectors:
        """Shape (passages, features)."""
        return np.stack([getattr(self, name) for name in FEATURES], axis=1).astype(np.float32)


FEATURES = ("late", "dense", "theme", "worth")


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression over the features as they are."""

    weights: Vectors  # (features,)
    bias: float

    def judge(self, features: Vectors) -> Scores:
        """Log odds, shape (passages,)."""
        odds: Scores = features @ self.weights + self.bias
        return odds


@dataclass(frozen=True, slots=True)
class Judge:
    """What was learnt."""

    of_theme: Logistic
    of_matter: Logistic
    worth: Logistic  # over a passage's vector

    def judge(self, features: Features, certainty: float) -> Scores:
        """The log odds that each passage answers, shape (passages,).

        `certainty` tells how surely the question asks about a theme, 0 to 1: between both, both have their say.
        """
        known = features.stack()
        odds: Scores = certainty * self.of_theme.judge(known) + (1 - certainty) * self.of_matter.judge(known)
        return odds


@cache
def load_judge(path: Path = CARRIED) -> Judge:
    """What the package carries."""
    read = json.loads(path.read_text(encoding="utf-8"))
    return Judge(
        of_theme=_read(read["of_theme"]),
        of_matter=_read(read["of_matter"]),
        worth=_read(read["worth"]),
    )


def blend(features: Features) -> Scores:
    """Log odds where nothing was learnt, as with another embedding model: how far each stands above the others."""
    odds = np.full(len(features.late), BLEND_BIAS, dtype=np.float32)
    for name, share in BLEND.items():
        values = getattr(features, name)
        odds += share * (values - values.mean()) / max(float(values.std()), 1e-6)
    return odds


def judge_voices(cosines: Vectors) -> Scores:
    """Log odds that each passage speaks to a theme, by its cosines to the theme's sentences, (sentences, passages)."""
    odds: Scores = (VOICE_SLOPE * (best_mean(cosines) - VOICE_MIDDLE)).astype(np.float32)
    return odds


def best_mean(scores: Vectors, most: int = BEST_VOICES) -> Scores:
    """Of each column the mean of its largest values; 0 without rows."""
    if not len(scores):
        return np.zeros(scores.shape[1], dtype=np.float32)
    count = min(most, len(scores))
    mean: Scores = np.partition(scores, len(scores) - count, axis=0)[-count:].mean(axis=0)
    return mean


def _read(values: dict[str, Any]) -> Logistic:
    return Logistic(np.array(values["weights"], dtype=np.float32), float(values["bias"]))
