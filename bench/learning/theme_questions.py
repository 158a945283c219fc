"""Compute the vectors of the lexicon's questions with the bundled model, and write them into the package."""

from __future__ import annotations

import sys

import numpy as np

from kb.embedding.carried_model import BundledEmbedder, find_bundled_model
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.theme_match import list_asked
from kb.retrieval.theme_questions import CARRIED, write_theme_questions


def main() -> int:
    """Write the file, and tell its size."""
    embedder = BundledEmbedder(find_bundled_model(), way="exact")
    texts = [text for _, text in list_asked(load_lexicon())]
    vectors = np.stack([one.vector for one in embedder.encode_passages(texts)])
    write_theme_questions(texts, vectors, embedder.fingerprint)
    print(f"{len(texts):,} questions, {CARRIED.stat().st_size:,} bytes: {CARRIED}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
