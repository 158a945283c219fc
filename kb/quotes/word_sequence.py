"""Split a text into words that are compared: case, apostrophes, hyphens and punctuation do not count."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# A number keeps its separators, and a sign that changes what it says is a word of its own. A soft hyphen is not seen.
WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’‘ʼ`´\xad][^\W\d_]+)*|[%$€£¥&+]")
APOSTROPHES = str.maketrans({**dict.fromkeys("’‘ʼ`´", "'"), "\xad": ""})


@dataclass(frozen=True, slots=True)
class WordSequence:
    """The words of a text, folded, with their places in it; three lists of one length."""

    words: tuple[str, ...]
    starts: tuple[int, ...]  # characters
    ends: tuple[int, ...]  # characters, exclusive

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.words)


def split_words(text: str) -> WordSequence:
    """Split a text into folded words."""
    found = list(WORD.finditer(text))
    return WordSequence(
        tuple(_fold(one.group()) for one in found),
        tuple(one.start() for one in found),
        tuple(one.end() for one in found),
    )


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower().replace(",", "").replace("`", "'")
    return unicodedata.normalize("NFKC", word.translate(APOSTROPHES)).casefold().replace(",", "")
