"""What the knowledge base asks of an embedding model, and what a model gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kb.arrays import Pieces, Vectors

DEFAULT_NAME = "all-MiniLM-L6-v2"  # the bundled model


class Embedder(Protocol):
    """What the knowledge base asks of an embedding model."""

    @property
    def name(self) -> str:
        """The name a person knows the model by."""

    @property
    def fingerprint(self) -> str:
        """Tells these weights from any others."""

    def encode_query(self, text: str) -> TextEmbedding:
        """One text, computed exactly, whatever else is encoded."""

    def encode_passages(
        self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None
    ) -> list[TextEmbedding]:
        """Many texts, each as fast as this machine can, in the order given.

        `on_encoded` is told after each batch how many more are done; what it raises ends the encoding.
        """

    def count_tokens(self, text: str) -> int:
        """How much of the model's window a text fills, in word pieces."""

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Where in a text each word piece stands that `encode` makes a vector of: characters, end exclusive."""


class Runner(Protocol):
    """A way to compute the carried model."""

    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """Of each text's word pieces, special ones included, their vectors: shape (word pieces, dimensions)."""


@dataclass(frozen=True, slots=True)
class TextEmbedding:
    """What one pass through the model makes of a text."""

    vector: Vectors  # (dimensions,): the text as a whole
    tokens: Vectors  # (word pieces, dimensions): each word piece in its context; special ones are left out
    pieces: Pieces  # (word pieces,)
    spans: tuple[tuple[int, int], ...]  # of each word piece in the text: characters, end exclusive
