"""Match a question to the themes it asks about: none, one or a few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import Vectors
from kb.embedding.protocol import TextEmbedding
from kb.retrieval.lexicon import Theme
from kb.retrieval.theme_questions import key_of

NEAR = 0.6  # minimum cosine to a theme's nearest question for a match
SURE = 0.75  # cosine of a certain match; four of five specific questions are below NEAR
CLOSE = 0.08  # maximum cosine difference of a further theme to the best one
MOST = 2  # maximum themes of a question
SHARPNESS = 0.05  # a theme this much below the best one in cosine gets 1/e of its weight

Encoder = Callable[[Sequence[str]], list[TextEmbedding]]


@dataclass(frozen=True, slots=True)
class Weighted:
    """A matched theme; the weights of a question's themes sum to 1."""

    theme: Theme
    weight: float
    nearness: float  # cosine of the question to the theme's nearest question

    @property
    def certainty(self) -> float:
        """Certainty that the question asks about a theme at all, 0 to 1."""
        return min(1.0, max(0.0, (self.nearness - NEAR) / (SURE - NEAR)))


class ThemeMatcher:
    """Caches the vectors of the themes' questions, and of their words when needed; shared by all threads."""

    def __init__(self, themes: Sequence[Theme], encode: Encoder, carried: Mapping[int, Vectors] | None = None) -> None:
        """`carried` are vectors that are known ahead, as `load_theme_questions` returns them."""
        self._themes = tuple(themes)
        self._encode = encode
        self._carried = carried or {}
        self._lock = threading.Lock()
        self._loaded: tuple[Vectors, np.ndarray] | None = None
        self._encoded: dict[Sequence[str], list[TextEmbedding]] = {}

    def warm(self) -> None:
        """Encode the themes' questions ahead of the first question."""
        self._load()

    def match(self, vector: Vectors) -> list[Weighted]:
        """Return the themes of a question, nearest first; its vector has shape (dimensions,)."""
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

    def questions(self, theme: Theme) -> list[TextEmbedding]:
        """Return the encoded questions of a theme; encoded once per process."""
        return self._encode_once(theme.questions)

    def voices(self, theme: Theme) -> list[TextEmbedding]:
        """Return the encoded sentences of a theme; encoded once per process."""
        return self._encode_once(theme.voices)

    def _encode_once(self, texts: Sequence[str]) -> list[TextEmbedding]:
        with self._lock:
            if texts not in self._encoded:
                self._encoded[texts] = self._encode(texts)
            return self._encoded[texts]

    def _load(self) -> tuple[Vectors, np.ndarray]:
        """Return the vectors of all theme names and questions, and the theme index of each."""
        with self._lock:
            if self._loaded is None:
                asked = list_asked(self._themes)
                vectors = self._find_vectors([text for _, text in asked])
                self._loaded = vectors, np.array([number for number, _ in asked])
            return self._loaded

    def _find_vectors(self, texts: Sequence[str]) -> Vectors:
        """Look up the vectors of texts, and encode those that are not known."""
        keys = {text: key_of(text) for text in texts}
        known = {text: self._carried[key] for text, key in keys.items() if key in self._carried}
        missing = [text for text in keys if text not in known]
        encoded = self._encode(missing) if missing else []
        known |= {text: one.vector for text, one in zip(missing, encoded, strict=True)}
        return np.stack([known[text] for text in texts])


def list_asked(themes: Sequence[Theme]) -> list[tuple[int, str]]:
    """List the names and the questions of themes, each with the place of its theme."""
    return [(place, text) for place, one in enumerate(themes) for text in (one.name, *one.questions)]
