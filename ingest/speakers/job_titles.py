"""Tell a line that is a job title, or the name of a firm, from speech."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.speakers.vocabulary import FIRM, OFFICE, PARTICLES, TITLE_WORDS

TITLE_LENGTH = 16  # words
CAPITALS_SHARE = 0.7  # of the words of a title
FIRMS = ("Inc.", "Co.", "Ltd.", "Corp.", "L.P.")


def is_title(text: str) -> bool:
    """Whether a line is a job title, not speech: 'Chief Executive Officer, Acme Inc.'"""
    if not text or text[-1] in "?!," or (text[-1] == "." and not text.endswith(FIRMS)):
        return False
    words = text.split()
    return len(words) <= TITLE_LENGTH and _are_capitals(words) and TITLE_WORDS.search(text) is not None


def _are_capitals(words: Sequence[str]) -> bool:
    """Whether nearly all words begin as those of a title do; most lines of speech fail at their first words."""
    capitals = len(words)
    for word in words:
        if not (word[0].isupper() or word[0] in "&-–—(" or word.lower() in PARTICLES):
            capitals -= 1
            if capitals < CAPITALS_SHARE * len(words):
                return False
    return True


def is_firm(text: str) -> bool:
    """Whether a line names a firm and nobody's office: 'Hollis & Co, Research Division'."""
    return is_title(text) and FIRM.search(text) is not None and not OFFICE.search(text)
