"""Project token vectors and quantize them to 8 bits, for storage and comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kb.embedding.arrays import QuantizedTokens, Vectors, normalise
from kb.embedding.protocol import TextEmbedding

DIMENSIONS = 64  # of 384: ranking quality is the same from 64 to 128, and lower below 64
LEVELS = 127  # maximum of a signed byte
CARRIED = Path(__file__).with_name("projection.npy")  # projection of the bundled model, learnt with its adapter


def drop_punctuation(encoded: TextEmbedding, text: str) -> TextEmbedding:
    """Keep only word pieces with a letter or a digit: punctuation matches everything and carries no information."""
    kept = pick_words(encoded.spans, text)
    spans = tuple(encoded.spans[place] for place in kept)
    return TextEmbedding(encoded.vector, encoded.tokens[kept], encoded.pieces[kept], spans)


def pick_words(spans: Sequence[tuple[int, int]], text: str) -> list[int]:
    """Return the indices of the word pieces with a letter or a digit; all indices if there are none."""
    picked = [place for place, (start, end) in enumerate(spans) if any(map(str.isalnum, text[start:end]))]
    return picked or list(range(len(spans)))


def fit_projection(tokens: Vectors, dimensions: int = DIMENSIONS) -> Vectors:
    """Fit the main directions of token vectors, not centred, shape (dimensions, model's dimensions)."""
    second_moment = tokens.T.astype(np.float64) @ tokens
    _, directions = np.linalg.eigh(second_moment)
    projection: Vectors = directions[:, ::-1][:, :dimensions].T.astype(np.float32)
    return projection


def encode_codes(tokens: Vectors, projection: Vectors) -> QuantizedTokens:
    """Project, normalise and quantize token vectors to signed bytes."""
    codes: QuantizedTokens = np.rint(normalise(tokens @ projection.T) * LEVELS).astype(np.int8)
    return codes


def round_rows(rows: Vectors) -> QuantizedTokens:
    """Quantize rows to signed bytes, each scaled by its largest value: lengths are lost, directions are kept."""
    largest = np.maximum(np.abs(rows).max(axis=-1, keepdims=True), 1e-12)
    codes: QuantizedTokens = np.rint(rows * (LEVELS / largest)).astype(np.int8)
    return codes


def sum_up(codes: QuantizedTokens) -> Vectors:
    """Average rows into one vector, shape (dimensions,), of length 1; zeros if there are no rows."""
    return normalise(normalise(codes.astype(np.float32)).sum(axis=0))
