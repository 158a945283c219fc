"""Normalise text for comparison: quotes, dashes, spaces and case; map matches back to the exact source slice."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

QUOTES = "\"'“”„‟‘’‚‛«»‹›〝〞〟＂「」『』❝❞❛❜′″`´"
TOKEN = re.compile(
    rf"(?P<dash>\s*[-‐‑‒–—―−]+\s*)|(?P<dots>\s*(?:…|\.(?:\s?\.)+)\s*)|(?P<quote>[{QUOTES}]+)|(?P<space>\s+)"
    r"|(?P<nothing>[*_\u00ad\u200b-\u200f\u2060\ufeff]+)|(?P<other>.)",
    re.DOTALL,
)
SAME = {"dash": "-", "dots": "... ", "quote": "'", "space": " ", "nothing": ""}


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A normalised text, with the source position of each character."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]  # exclusive

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a slice of the normalised text to the source."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> NormalisedText:
    """Unify typographic marks, dashes, white space and case; the words stay the same."""
    characters = [(character, *found.span()) for found in TOKEN.finditer(text) for character in _fold_token(found)]
    return NormalisedText(
        text="".join(character for character, _, _ in characters),
        starts=tuple(start for _, start, _ in characters),
        ends=tuple(end for _, _, end in characters),
    )


def find_slice(wanted: str, within: NormalisedText, after: int = 0) -> tuple[int, int] | None:
    """Find whole words in a text, from source offset `after` on; None if they are not there."""
    needle = normalise(wanted).text.strip()
    at = within.text.find(needle, bisect_left(within.starts, after)) if needle else -1
    while at >= 0:
        if _is_whole(within.text, at, at + len(needle)):
            return within.source_span(at, at + len(needle))
        at = within.text.find(needle, at + 1)
    return None


def find_near_slice(wanted: str, within: NormalisedText) -> tuple[int, int, float]:
    """Find the slice of whole words most similar to the wanted ones; returns start, end and similarity, 0 to 100."""
    needle = normalise(wanted).text.strip(" '")
    found = fuzz.partial_ratio_alignment(needle, within.text) if needle and within.text else None
    if not found or found.dest_end <= found.dest_start:
        return 0, 0, 0.0
    start, end = _widen(within.text, found.dest_start, found.dest_end)
    if start == end:
        return 0, 0, 0.0
    return (*within.source_span(start, end), fuzz.ratio(needle, within.text[start:end]))


def _fold_token(found: re.Match[str]) -> Iterator[str]:
    kind = found.lastgroup or "other"
    return iter(SAME[kind] if kind in SAME else unicodedata.normalize("NFKC", found.group()).casefold())


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a slice begins and ends at word boundaries."""
    begins = start == 0 or not (text[start].isalnum() and text[start - 1].isalnum())
    ends = end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())
    return begins and ends


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a slice to whole words, without punctuation or spaces at its ends."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    while start > 0 and _is_inside_word(text, start - 1):
        start -= 1
    while end < len(text) and _is_inside_word(text, end):
        end += 1
    return start, end


def _is_inside_word(text: str, at: int) -> bool:
    if text[at].isalnum():
        return True
    return text[at] in "'-" and 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
