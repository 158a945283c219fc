"""Read what Chroma answers: a damaged collection, or a server that is none of ours, may send anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.embedding.arrays import Vectors
from kb.errors import StoreUnavailable

SENT = "The vector store sends what this program has not written"
MEND = "run: kb doctor --repair"


def read_count(answered: Any) -> int:
    """Read a number of vectors. Raises StoreUnavailable."""
    if type(answered) is not int or answered < 0:
        raise _unusable("a number that counts nothing")
    return answered


def read_ids(answered: Mapping[str, Any]) -> list[str]:
    """Read the ids of an answer. Raises StoreUnavailable."""
    with _as_unusable():
        return _check_ids(list(answered["ids"]))


def read_rows(answered: Mapping[str, Any]) -> list[list[str]]:
    """Read the ids found for each of several vectors. Raises StoreUnavailable."""
    with _as_unusable():
        return [_check_ids(list(row)) for row in answered["ids"]]


def read_texts(answered: Mapping[str, Any]) -> dict[str, str]:
    """Read texts by id; a missing one is ''. Raises StoreUnavailable."""
    with _as_unusable():
        ids = _check_ids(list(answered["ids"]))
        texts = answered["documents"] or [None] * len(ids)
        return {one: text if isinstance(text, str) else "" for one, text in zip(ids, texts, strict=True)}


def read_vectors(answered: Mapping[str, Any]) -> dict[str, Vectors]:
    """Read vectors by id, shape (dimensions,); one that has no direction is left out. Raises StoreUnavailable."""
    with _as_unusable():
        ids = _check_ids(list(answered["ids"]))
        if not ids:
            return {}
        vectors = np.asarray(answered["embeddings"], dtype=np.float32)
        if vectors.ndim != 2:
            raise _unusable("vectors without dimensions")
        is_whole = has_direction(vectors)
        return {one: vector for one, vector, whole in zip(ids, vectors, is_whole, strict=True) if whole}


def read_nearest(answered: Mapping[str, Any], questions: int) -> list[list[tuple[str, float]]]:
    """Read ids with cosine similarity for each of several vectors. Raises StoreUnavailable."""
    with _as_unusable():
        found = [_read_row(*row) for row in zip(answered["ids"], answered["distances"], strict=True)]
    if len(found) != questions:
        raise _unusable(f"answers to {len(found)} questions of {questions}")
    return found


def has_direction(vectors: Vectors) -> NDArray[np.bool_]:
    """Whether each vector, shape (vectors, dimensions), has only numbers and is not zero."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.einsum("ij,ij->i", vectors, vectors)
    usable: NDArray[np.bool_] = np.isfinite(lengths) & (lengths > 0)
    return usable


def _read_row(ids: list[str], distances: list[float]) -> list[tuple[str, float]]:
    similarities = 1.0 - np.asarray(distances, dtype=np.float64)
    if not np.isfinite(similarities).all():
        raise _unusable("distances that are no numbers")
    return list(zip(_check_ids(ids), similarities.tolist(), strict=True))


def _check_ids(ids: list[str]) -> list[str]:
    if not all(isinstance(one, str) for one in ids):
        raise _unusable("ids that are no text")
    return ids


@contextmanager
def _as_unusable() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _unusable("rows of another form") from error


def _unusable(what: str) -> StoreUnavailable:
    return StoreUnavailable(f"{SENT}: {what}; {MEND}")
