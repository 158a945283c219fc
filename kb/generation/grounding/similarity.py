"""Compare claims with passages by the similarity of their token vectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import TokenSimilarities
from kb.embedding.protocol import Embedder, TextEmbedding
from kb.text.sentences import sentence_spans


class ClaimMatcher:
    """Compares claims with passage texts; each text is encoded once, always in the same way."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._claims: dict[str, TextEmbedding] = {}
        self._texts: dict[str, TextEmbedding] = {}

    def read(self, texts: Iterable[str]) -> None:
        """Encode passage texts in one batch, ahead of the first claim."""
        new = [text for text in dict.fromkeys(texts) if text.strip() and text not in self._texts]
        self._texts.update(zip(new, self._embedder.encode_passages(new), strict=True))

    def match(self, claim: str, text: str) -> TokenSimilarity:
        """Score how well each sentence of the text matches each word piece of the claim."""
        if not claim.strip() or not text.strip():
            return TokenSimilarity((), np.zeros((0, 0), dtype=np.float32))
        self.read([text])
        said, there = self._encode_claim(claim), self._texts[text]
        columns = [_best(said, there, *span) for span in sentence_spans(text)]
        return TokenSimilarity(said.spans, np.stack(columns, axis=1))

    def _encode_claim(self, claim: str) -> TextEmbedding:
        if claim not in self._claims:
            self._claims[claim] = self._embedder.encode_query(claim)
        return self._claims[claim]


def _best(said: TextEmbedding, there: TextEmbedding, start: int, end: int) -> TokenSimilarities:
    rows = [row for row, span in enumerate(there.spans) if start <= span[0] < end]
    if not rows:
        return np.zeros(len(said.tokens), dtype=np.float32)
    best: TokenSimilarities = (said.tokens @ there.tokens[rows].T).max(axis=1)
    return best


@dataclass(frozen=True, slots=True)
class TokenSimilarity:
    """How well each sentence of a text matches each word piece of a claim."""

    spans: tuple[tuple[int, int], ...]  # of each word piece in the claim: characters, end exclusive
    scores: TokenSimilarities  # (word pieces, sentences): cosine of the best match

    def of(self, start: int, end: int) -> float:
        """Score how well the text matches a slice of the claim; 0 if there is nothing to compare."""
        rows = [row for row, (first, last) in enumerate(self.spans) if first < end and start < last]
        return float(self.scores[rows].max(axis=1).mean()) if rows and self.scores.shape[1] else 0.0

    def best_sentence(self) -> int:
        """Return the index of the sentence that is most similar to the whole claim."""
        return int(self.scores.mean(axis=0).argmax()) if self.scores.size else 0
