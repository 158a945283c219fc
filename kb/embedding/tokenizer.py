"""Shared helpers of the embedders: tokenizers, file hashes, torch threads."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer


def use_threads(count: int) -> None:
    """Set the number of torch threads: for one question, a second thread costs more than it gains."""
    import torch

    torch.set_num_threads(count)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_tokenizer(file: Path) -> Tokenizer:
    """Load the tokenizer of a `tokenizer.json`, without truncation or padding."""
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def copy_tokenizer(model: SentenceTransformer) -> Tokenizer:
    """Copy the tokenizer of a loaded model, without truncation or padding."""
    from copy import deepcopy

    tokenizer: Tokenizer = deepcopy(model.tokenizer.backend_tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
