"""Tokenizers as the embedders use them, the hash of a file of weights, and torch's threads."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer


def use_threads(count: int) -> None:
    """How many threads torch may use from here on: for one question a second one costs more than it brings."""
    import torch

    torch.set_num_threads(count)


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_tokenizer(file: Path) -> Tokenizer:
    """The tokenizer in a `tokenizer.json`, without truncation or padding."""
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def copy_tokenizer(model: SentenceTransformer) -> Tokenizer:
    """The tokenizer of a loaded model, without truncation or padding."""
    from copy import deepcopy

    tokenizer: Tokenizer = deepcopy(model.tokenizer.backend_tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
