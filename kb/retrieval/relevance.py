"""Judge how likely a passage answers, from what the search knows of it: learnt from graded passages.

A logistic regression over a few features: of late interaction and of whole vectors, in the question's own words and in
those of leaders who speak of its themes; and of the passage alone, whether it says anything that one could quote.
RELEVANCE.md tells the data, the licence and the figures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kb.arrays import Scores, Vectors

CARRIED = Path(__file__).with_name("relevance.json")
BEST_VOICES = 4  # of the sentences of a theme, those that a passage is nearest to


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of some passages, each an array of shape (passages,)."""

    late: Scores  # late interaction with the question, shared words and neighbours included
    dense: Scores  # cosine to the question as a whole
    voices: Scores  # mean late interaction with the best of the theme's sentences; 0 without a theme
    voices_dense: Scores  # mean cosine to the best of them
    theme: Scores  # log odds that it speaks to the theme, by passages that people tagged
    worth: Scores  # log odds that it can be quoted on leading at all

    def stack(self) -> Vectors:
        """Shape (passages, features)."""
        return np.stack([getattr(self, name) for name in FEATURES], axis=1).astype(np.float32)


FEATURES = ("late", "dense", "voices", "voices_dense", "theme", "worth")


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
    themes: Mapping[str, Logistic]  # by the theme's id, over a passage's vector

    def judge(self, features: Features, *, is_theme: bool) -> Scores:
        """The log odds that each passage answers, shape (passages,)."""
        return (self.of_theme if is_theme else self.of_matter).judge(features.stack())


@cache
def load_judge(path: Path = CARRIED) -> Judge:
    """What the package carries."""
    read = json.loads(path.read_text(encoding="utf-8"))
    return Judge(
        of_theme=_read(read["of_theme"]),
        of_matter=_read(read["of_matter"]),
        worth=_read(read["worth"]),
        themes={name: _read(one) for name, one in read["themes"].items()},
    )


def best_mean(scores: Vectors, most: int = BEST_VOICES) -> Scores:
    """Of each column the mean of its largest values; 0 without rows."""
    if not len(scores):
        return np.zeros(scores.shape[1], dtype=np.float32)
    count = min(most, len(scores))
    mean: Scores = np.partition(scores, len(scores) - count, axis=0)[-count:].mean(axis=0)
    return mean


def _read(values: dict[str, Any]) -> Logistic:
    return Logistic(np.array(values["weights"], dtype=np.float32), float(values["bias"]))
