"""The token vectors of a framework's phrasings: they find the sentences in which a passage shows a behaviour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import QuantizedTokens, Scores
from kb.embedding.protocol import TextEmbedding
from kb.lens.framework import Behaviour
from kb.retrieval.maxsim import match_sentences
from kb.storage.token_file import TokenFile
from kb.text.stopwords import FUNCTION_WORDS

FUNCTION_WEIGHT = 0.2  # of a word such as "the" or "with", against 1


@dataclass(frozen=True, slots=True)
class Voice:
    """What a behaviour, or one side of a matter, sounds like: its phrasings, one after the other."""

    codes: QuantizedTokens  # (word pieces, projected dimensions)
    weights: Scores  # (word pieces,): those of a phrasing sum to 1
    firsts: tuple[int, ...]  # first word piece of each phrasing

    def match(self, file: TokenFile, place: int) -> Scores:
        """Return the best match of a phrasing in each sentence of a passage, shape (sentences,)."""
        matched = match_sentences([self.codes], [(file, place)])[0][0] * self.weights[:, np.newaxis]
        best: Scores = np.add.reduceat(matched, self.firsts, axis=0).max(axis=0)
        return best


class Voices:
    """Encodes phrasings once; shared by all threads."""

    def __init__(
        self,
        encode: Callable[[Sequence[str]], list[TextEmbedding]],
        project: Callable[[np.ndarray], QuantizedTokens],
    ) -> None:
        self._encode = encode
        self._project = project
        self._known: dict[str, Voice] = {}
        self._lock = threading.Lock()

    def of(self, behaviour: Behaviour) -> Voice:
        """Return what a behaviour sounds like. Raises ModelMissing or StoreUnavailable."""
        return self.of_texts(behaviour.id, (behaviour.description, *behaviour.phrasings))

    def of_texts(self, key: str, texts: Sequence[str]) -> Voice:
        """Return what the texts of a key sound like. Raises ModelMissing or StoreUnavailable."""
        with self._lock:
            if key not in self._known:
                self._known[key] = self._make(texts)
            return self._known[key]

    def _make(self, texts: Sequence[str]) -> Voice:
        encoded = self._encode(texts)
        return Voice(
            np.concatenate([self._project(one.tokens) for one in encoded]),
            np.concatenate([_weigh(one, text) for one, text in zip(encoded, texts, strict=True)]),
            tuple(np.cumsum([0, *(len(one.tokens) for one in encoded[:-1])]).tolist()),
        )


def _weigh(encoded: TextEmbedding, text: str) -> Scores:
    words = [text[start:end].lower() for start, end in encoded.spans]
    weights = np.array([_weigh_word(word) for word in words], dtype=np.float32)
    return weights / max(float(weights.sum()), 1e-6)


def _weigh_word(word: str) -> float:
    if not any(map(str.isalnum, word)):
        return 0.0
    return FUNCTION_WEIGHT if word in FUNCTION_WORDS else 1.0
