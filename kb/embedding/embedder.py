"""Open the embedding model that the settings name."""

from __future__ import annotations

from functools import cache

from kb.embedding.carried_model import BundledEmbedder, find_bundled_model
from kb.embedding.protocol import Embedder
from kb.embedding.sentence_transformer import SentenceTransformerEmbedder


@cache
def open_embedder(model: str | None = None) -> Embedder:
    """Open the named model, else the bundled one; cached. Only a hub name is downloaded. Raises ModelMissing."""
    if model is None:
        return BundledEmbedder(find_bundled_model())
    return SentenceTransformerEmbedder(model, model)
