"""Detect questions about a whole interview: 'summarise the interview with Ada Vance'."""

from __future__ import annotations

import re
from collections.abc import Sequence

SUMMARISE = re.compile(
    r"(?i)\b(?:summari[sz]e|summary|sum up|overview|main (?:points|ideas|messages?|takeaways?)"
    r"|key (?:points|takeaways?|ideas)"
    r"|takeaways|highlights|gist|in a nutshell|who is)\b"
)
ABOUT = re.compile(
    r"(?i)\bwhat (?:does|did|do) .* (?:talk|speak|say)(?: about)?\W*$|\bwhat is .* about\W*$|\btell me about\b"
)
FRAME = re.compile(
    r"(?i)\b(?:please|can|could|you|give|me|an?|the|of|with|from|by|and|for|to|in|at|interviews?|conversations?|talks?"
    r"|episodes?|what|does|did|do|is|about|say|said|talk|speak|tell|who|his|her|their|whole|full|short|brief|entire|all)\b"
)
MOST_BEFORE = 2  # maximum first names and titles before a known name
WORD = re.compile(r"[^\W\d_]{2,}")


def asks_for_overview(text: str, names: Sequence[tuple[int, int]]) -> bool:
    """Whether a question asks for everything a named leader says; `names` are character offsets, end exclusive.

    False for 'Summarise what Ada Vance says about pay', which asks about one topic.
    """
    if not names:
        return False
    rest = list(text)
    for start, end in names:
        rest[start:end] = " " * (end - start)
    left = "".join(rest)
    if not SUMMARISE.search(left) and not ABOUT.search(text):
        return False
    for start, _ in names:  # a first name or a title before the known name
        words = list(WORD.finditer(left, 0, start))[-MOST_BEFORE:]
        for word in words:
            is_name = word.group()[0].isupper() and not SUMMARISE.match(word.group()) and not FRAME.match(word.group())
            if is_name and word.start() > 0:
                left = left[: word.start()] + " " * len(word.group()) + left[word.end() :]
    return not WORD.search(FRAME.sub(" ", SUMMARISE.sub(" ", left)).replace("'s", " "))
