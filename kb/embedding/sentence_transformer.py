"""Any other sentence-transformers model, by folder or hub name."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.embedding.arrays import normalise
from kb.embedding.protocol import TextEmbedding
from kb.embedding.tokenizer import copy_tokenizer, hash_file, load_tokenizer, use_threads
from kb.errors import ModelMissing

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)

BATCH = 32  # texts per call of sentence-transformers


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded at the first use. Loading raises ModelMissing when it fails."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.fingerprint = f"{name}:{_hash_weights(source)}"
        self._source = source
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._tokenizer: Tokenizer | None = None

    def encode_query(self, text: str) -> TextEmbedding:
        """Encode one text on one thread; text beyond the model's window is ignored."""
        return self._encode([text], 1)[0]

    def encode_passages(
        self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None
    ) -> list[TextEmbedding]:
        """Encode texts on all cores; results are in input order, text beyond the model's window is ignored."""
        return self._encode(texts, os.cpu_count() or 1, on_encoded)

    def _encode(
        self, texts: Sequence[str], threads: int, on_encoded: Callable[[int], None] | None = None
    ) -> list[TextEmbedding]:
        model = self._load_model()
        use_threads(threads)
        encoded: dict[int, TextEmbedding] = {}
        # Texts of similar length share a batch, so that little padding is needed.
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for first in range(0, len(by_length), BATCH):
            batch = by_length[first : first + BATCH]
            features: Any = model.encode([texts[index] for index in batch], output_value=None, show_progress_bar=False)
            special = set(model.tokenizer.all_special_ids)
            for index, feature in zip(batch, features, strict=True):
                encoded[index] = _to_encoded(feature, special, self._list_spans(texts[index], special))
            if on_encoded:
                on_encoded(len(batch))
        return [encoded[index] for index in range(len(texts))]

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of a text, without special ones."""
        return len(self._load_tokenizer().encode(text, add_special_tokens=False).ids)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the character offsets, end exclusive, of all word pieces, also beyond the model's window."""
        return self._load_tokenizer().encode(text, add_special_tokens=False).offsets

    def _list_spans(self, text: str, special: set[int]) -> list[tuple[int, int]]:
        """List the character offsets of the word pieces that `_to_encoded` keeps: unknown characters are special."""
        found = self._load_tokenizer().encode(text, add_special_tokens=False)
        return [span for piece, span in zip(found.ids, found.offsets, strict=True) if piece not in special]

    def _load_model(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = _load_sentence_transformer(self._source)
            return self._model

    def _load_tokenizer(self) -> Tokenizer:
        """Load the tokenizer from its own file if the folder has one, else with the model."""
        if self._tokenizer is None:
            file = Path(self._source) / "tokenizer.json"
            self._tokenizer = load_tokenizer(file) if file.is_file() else copy_tokenizer(self._load_model())
        return self._tokenizer


def _to_encoded(feature: Mapping[str, Any], special: set[int], spans: Sequence[tuple[int, int]]) -> TextEmbedding:
    pieces = feature["input_ids"].numpy().astype(np.int32)
    is_kept = (feature["attention_mask"].numpy() > 0) & ~np.isin(pieces, list(special))
    return TextEmbedding(
        vector=normalise(feature["sentence_embedding"].float().numpy()),
        tokens=normalise(feature["token_embeddings"].float().numpy()[is_kept]),
        pieces=pieces[is_kept],
        spans=tuple(spans[: int(is_kept.sum())]),
    )


def _hash_weights(source: str) -> str:
    """Hash the weights of a folder; a hub name is unhashed, since nothing is downloaded yet."""
    weights = sorted([*Path(source).glob("*.safetensors"), *Path(source).glob("pytorch_model*.bin")])
    if not weights:
        return "unhashed"
    return hashlib.sha256("".join(map(hash_file, weights)).encode()).hexdigest()


def _load_sentence_transformer(source: str) -> SentenceTransformer:
    is_folder = Path(source).is_dir()
    if is_folder:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(source, device="cpu", local_files_only=is_folder)
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        failure = ModelMissing(f"No model could be loaded from {source!r}; set KB_EMBED_MODEL to a folder: {reason}")
        raise failure.logged(log, error) from error
