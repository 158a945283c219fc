"""Token vectors as they are stored and compared: projected, rounded to 8 bits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kb.arrays import QuantizedTokens, Vectors, normalise
from kb.embedding.protocol import TextEmbedding

DIMENSIONS = 64  # of 384: ranking is flat from 64 to 128, and falls below
LEVELS = 127  # of a signed byte
CARRIED = Path(__file__).with_name("projection.npy")  # of the carried model; made by bench/projection.py


def drop_punctuation(encoded: TextEmbedding, text: str) -> TextEmbedding:
    """The word pieces that hold a letter or a digit; full stops match everything and tell nothing."""
    kept = pick_words(encoded.spans, text)
    spans = tuple(encoded.spans[place] for place in kept)
    return TextEmbedding(encoded.vector, encoded.tokens[kept], encoded.pieces[kept], spans)


def pick_words(spans: Sequence[tuple[int, int]], text: str) -> list[int]:
    """Numbers of the word pieces that hold a letter or a digit; of all where none does."""
    picked = [place for place, (start, end) in enumerate(spans) if any(map(str.isalnum, text[start:end]))]
    return picked or list(range(len(spans)))


def fit_projection(tokens: Vectors, dimensions: int = DIMENSIONS) -> Vectors:
    """The directions in which token vectors vary most, not centred, shape (dimensions, model's dimensions)."""
    second_moment = tokens.T.astype(np.float64) @ tokens
    _, directions = np.linalg.eigh(second_moment)
    projection: Vectors = directions[:, ::-1][:, :dimensions].T.astype(np.float32)
    return projection


def encode_codes(tokens: Vectors, projection: Vectors) -> QuantizedTokens:
    """Project, bring to length 1, round to signed bytes."""
    codes: QuantizedTokens = np.rint(normalise(tokens @ projection.T) * LEVELS).astype(np.int8)
    return codes


def round_rows(rows: Vectors) -> QuantizedTokens:
    """Rows rounded to signed bytes, each by its own largest value: lengths are lost, directions stay."""
    largest = np.maximum(np.abs(rows).max(axis=-1, keepdims=True), 1e-12)
    codes: QuantizedTokens = np.rint(rows * (LEVELS / largest)).astype(np.int8)
    return codes


def sum_up(codes: QuantizedTokens) -> Vectors:
    """What rows say as a whole, shape (dimensions,), of length 1; 0 for none."""
    return normalise(normalise(codes.astype(np.float32)).sum(axis=0))
