"""Classify text by the themes of the lexicon: a small network over token vectors, learnt from tagged passages.

Its input is a window of a few sentences and the passage that contains it; the best window decides for the passage.
RELEVANCE.md describes the data, the licence and the figures.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Scores, Vectors
from kb.errors import ModelMissing

CARRIED = Path(__file__).with_name("theme_head.npz")
WEIGHTS = ("hidden", "hidden_bias", "out", "direct", "bias")
SCALE = 8.0  # input scale: vectors of length 1 have small entries


@dataclass(frozen=True, slots=True)
class ThemeHead:
    """The weights of the network; the input is a window's mean token vector, then its passage's."""

    places: Mapping[str, int]  # theme id -> output index
    hidden: Vectors  # (hidden, 2 x dimensions)
    hidden_bias: Scores
    out: Vectors  # (themes, hidden)
    direct: Vectors  # (themes, 2 x dimensions)
    bias: Scores  # (themes,)

    def judge(self, windows: Vectors, passages: Vectors, theme_ids: Sequence[str]) -> Scores:
        """Compute the log odds that each window is about each of these themes, shape (themes, windows).

        `windows` and `passages` have shape (windows, dimensions), with rows of length 1.
        """
        rows = [self.places[one] for one in theme_ids]
        known = np.concatenate([windows, passages], axis=1) * np.float32(SCALE)
        inside = np.maximum(known @ self.hidden.T + self.hidden_bias, 0)
        odds: Scores = self.out[rows] @ inside.T + self.direct[rows] @ known.T + self.bias[rows, np.newaxis]
        return odds


@cache
def load_theme_head(path: Path = CARRIED) -> ThemeHead:
    """Load the bundled theme head. Raises ModelMissing when it cannot be read."""
    places, weights = read_weights(path, WEIGHTS, "The theme head")
    return ThemeHead(places, **weights)


def read_weights(path: Path, names: Sequence[str], what: str) -> tuple[dict[str, int], dict[str, Vectors]]:
    """Read the places of themes, by id, and the weights with these names.

    Raises ModelMissing, with the name of what it is, when they cannot be read.
    """
    try:
        with np.load(path) as read:
            weights = {name: read[name].astype(np.float32) for name in names}
            places = {str(name): place for place, name in enumerate(read["themes"])}
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ModelMissing(f"{what} {path} cannot be read: {error}; reinstall the package") from error
    return places, weights
