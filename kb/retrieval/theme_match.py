"""Match a question to the themes that it asks about: none, one or a few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Vectors
from kb.embedding.protocol import TextEmbedding
from kb.retrieval.lexicon import Theme

NEAR = 0.6  # cosine to a theme's nearest question from which on a question may ask about it
SURE = 0.75  # from which on it surely does; questions about one matter lie below NEAR, four of five
CLOSE = 0.08  # how much less than the best theme another may be, to be asked about too
MOST = 2  # themes of one question
SHARPNESS = 0.05  # cosine by which a theme lies behind to weigh 1/e of the best

Encoder = Callable[[Sequence[str]], list[TextEmbedding]]


@dataclass(frozen=True, slots=True)
class Weighted:
    """A theme of a question; the weights of all add up to 1."""

    theme: Theme
    weight: float
    nearness: float  # cosine of the question to the theme's nearest question

    @property
    def certainty(self) -> float:
        """How surely the question asks about a theme at all, 0 to 1."""
        return min(1.0, max(0.0, (self.nearness - NEAR) / (SURE - NEAR)))


class ThemeMatcher:
    """Holds the themes' questions as vectors, and their voices as they are needed; all threads share it."""

    def __init__(self, themes: Sequence[Theme], encode: Encoder) -> None:
        self._themes = tuple(themes)
        self._encode = encode
        self._lock = threading.Lock()
        self._loaded: tuple[Vectors, np.ndarray] | None = None
        self._voices: dict[str, list[TextEmbedding]] = {}

    def warm(self) -> None:
        """Encode the themes' questions, so that the first question does not wait for that."""
        self._load()

    def match(self, vector: Vectors) -> list[Weighted]:
        """The themes that a question of this vector, shape (dimensions,), asks about, nearest first."""
        if not self._themes:
            return []
        vectors, owners = self._load()
        nearness = np.full(len(self._themes), -1.0, dtype=np.float32)
        np.maximum.at(nearness, owners, vectors @ vector)
        best = np.argsort(-nearness, kind="stable")[:MOST]
        kept = [place for place in best if nearness[place] >= max(NEAR, nearness[best[0]] - CLOSE)]
        weights = np.exp((nearness[kept] - nearness[best[0]]) / SHARPNESS)
        return [
            Weighted(self._themes[place], float(weight / weights.sum()), float(nearness[place]))
            for place, weight in zip(kept, weights, strict=True)
        ]

    def voices(self, theme: Theme) -> list[TextEmbedding]:
        """A theme's sentences through the model, once a process."""
        with self._lock:
            if theme.id not in self._voices:
                self._voices[theme.id] = self._encode(theme.voices)
            return self._voices[theme.id]

    def _load(self) -> tuple[Vectors, np.ndarray]:
        """All ways to ask as vectors, and the number of the theme that each is of."""
        with self._lock:
            if self._loaded is None:
                asked = [
                    (number, text) for number, one in enumerate(self._themes) for text in (one.name, *one.questions)
                ]
                vectors = np.stack([one.vector for one in self._encode([text for _, text in asked])])
                self._loaded = vectors, np.array([number for number, _ in asked])
            return self._loaded
