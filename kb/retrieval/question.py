"""Read a question: refuse what cannot be asked."""

from __future__ import annotations

import re

from kb.embedding.protocol import DEFAULT_NAME
from kb.errors import BadQuestion

MAX_QUESTION = 2_000  # characters
WORD = re.compile(r"[^\W_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def check_question(text: str, *, reads_english_only: bool) -> None:
    """BadQuestion where there is nothing to ask."""
    if not text.strip():
        raise BadQuestion("There is no question; type one, such as: How do leaders ignite shared passion?")
    if len(text) > MAX_QUESTION:
        raise BadQuestion(f"The question has {len(text):,} characters; shorten it to {MAX_QUESTION:,} or fewer")
    if not WORD.search(text):
        raise BadQuestion("The question holds no words; ask in words, such as: How do leaders ignite shared passion?")
    if reads_english_only and not LATIN.search(text):
        raise BadQuestion(
            f"The model {DEFAULT_NAME} reads English only; ask in English, or set KB_EMBED_MODEL to another model"
        )
