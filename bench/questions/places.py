"""Places in text files: a slice by its characters, with a hash of its words instead of the words themselves."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from kb.errors import BadQuestion

HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A slice of a file's text."""

    file: str
    start: int  # characters of the decoded text
    end: int
    sha256: str  # first digits of the slice's SHA-256, in UTF-8


def locate_quote(file: str, text: str, quote: str) -> Place:
    """Find the place of a quotation in the text of a file. Raises BadQuestion unless it occurs there exactly once."""
    count = text.count(quote) if quote else 0
    if count != 1:
        raise BadQuestion(f"{file} holds these words {count} times; quote words that it holds once: {quote!r}")
    start = text.index(quote)
    return Place(file, start, start + len(quote), hash_slice(quote))


def read_slice(place: Place, text: str) -> str | None:
    """Read the words at a place; None if they are now different."""
    words = text[place.start : place.end]
    return words if hash_slice(words) == place.sha256 else None


def hash_slice(words: str) -> str:
    """Hash the words of a place."""
    return sha256(words.encode()).hexdigest()[:HASH_DIGITS]
