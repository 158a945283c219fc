"""Vectors of the lexicon's questions, computed ahead: encoding them takes seconds, before the first answer.

`python -m bench.learning.theme_questions` writes them anew when the lexicon or the bundled model has changed.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Vectors, normalise
from kb.errors import ModelMissing

CARRIED = Path(__file__).with_name("theme_questions.npz")


@cache
def load_theme_questions(fingerprint: str, path: Path = CARRIED) -> Mapping[int, Vectors]:
    """Load the vectors of one model, by the key of their text; none if they are of another model.

    Raises ModelMissing when the file cannot be read.
    """
    try:
        with path.open("rb") as file, np.load(file) as read:
            if str(read["fingerprint"]) != fingerprint:
                return {}
            return dict(zip(read["keys"].tolist(), normalise(read["vectors"].astype(np.float32)), strict=True))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ModelMissing(f"The theme questions {path} cannot be read: {error}; reinstall the package") from error


def write_theme_questions(texts: Iterable[str], vectors: Vectors, fingerprint: str, path: Path = CARRIED) -> None:
    """Write the vectors of texts, in 16 bits."""
    keys = np.array([key_of(text) for text in texts], dtype=np.uint64)
    np.savez(path, fingerprint=np.array(fingerprint), keys=keys, vectors=vectors.astype(np.float16))


def key_of(text: str) -> int:
    """Return the first 64 bits of the SHA-256 of a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
