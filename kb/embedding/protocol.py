"""Interfaces of embedding models, and the embedding of a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kb.embedding.arrays import Pieces, Vectors

DEFAULT_NAME = "all-MiniLM-L6-v2"  # the bundled model


class Embedder(Protocol):
    """Interface of an embedding model. Loading it raises ModelMissing when it cannot be used."""

    @property
    def name(self) -> str:
        """Display name of the model."""

    @property
    def fingerprint(self) -> str:
        """Identifier of these exact weights."""

    def encode_query(self, text: str) -> TextEmbedding:
        """Encode one text exactly; the result does not depend on other texts."""

    def encode_passages(
        self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None
    ) -> list[TextEmbedding]:
        """Encode texts as fast as this machine can; results are in input order.

        `on_encoded` is called after each batch with its number of texts; an exception in it stops the encoding.
        """

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of a text, without special ones."""

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the character offsets, end exclusive, of each word piece that gets a vector."""


class Runner(Protocol):
    """An implementation of the bundled model."""

    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """Compute the vectors of each text's word pieces, special ones included: shape (word pieces, dimensions)."""


@dataclass(frozen=True, slots=True)
class TextEmbedding:
    """The embedding of a text: one vector, and one vector for each word piece."""

    vector: Vectors  # (dimensions,): the whole text
    tokens: Vectors  # (word pieces, dimensions): each word piece in context, without special ones
    pieces: Pieces  # (word pieces,)
    spans: tuple[tuple[int, int], ...]  # character offsets of each word piece, end exclusive
