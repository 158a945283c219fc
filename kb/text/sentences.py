"""Split spoken text into sentences by offsets, so that every slice stays verbatim."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Initials and titles whose full stop does not end a sentence; matched at the end of a candidate.
ABBREVIATION = re.compile(
    r"(?<![^\s(\"“'‘])(?:[A-HJ-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|e\.g|i\.e|approx|Gen|Sen|Rep|Gov|Capt|Lt|Col|a\.m|p\.m"
    r"|U\.S|U\.K|U\.N)\.$"
)
NUMBER = re.compile(r"(?<![^\s(\"“'‘])(?:No|Nos|p|pp|vol|approx)\.$", re.I)  # before a number: "No. 7"
PAUSE = re.compile(r"(?:\.\.+|…)$")  # a pause, not the end of a sentence
# An end mark, closing quotes or brackets, white space, and a character that can open a sentence. A run of end marks or
# of spaces is looked at from its beginning alone: transcripts hold long ones.
BOUNDARY = re.compile(
    r"(?<![.!?…])[.!?…]++[\"”’')\]]*+(\s++)(?=[\"“‘'(\[¿¡—–-]*[A-Z0-9À-ÖØ-Þ])"
    r"|((?<![ \t])[ \t]*+\n\s*\n[ \t]*)|(?<=[。！？])()"
)
TAIL = 24  # characters checked before an end mark; no abbreviation is longer
WORD = re.compile(r"\S+")
# Chinese and Japanese have no spaces between words.
UNSPACED = re.compile(
    "[\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
UNSPACED_WORD = 2  # average characters per word in Chinese and Japanese


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, without surrounding white space; a paragraph ends a sentence."""
    return [span for span in (_strip(text, *cut) for cut in _cuts(text)) if span[0] < span[1]]


def count_words(text: str) -> int:
    """Count words: runs of non-space characters, or pairs of Chinese or Japanese characters."""
    unspaced = 0 if text.isascii() else len(UNSPACED.findall(text))
    if not unspaced:
        return len(text.split())
    others = WORD.findall(UNSPACED.sub(" ", text))
    return -(-unspaced // UNSPACED_WORD) + sum(any(map(str.isalnum, one)) for one in others)


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for boundary in BOUNDARY.finditer(text):
        space = boundary.group(1) or boundary.group(2) or ""
        is_paragraph = space.count("\n") > 1
        end = boundary.end() - len(space)
        if not is_paragraph and _goes_on(text[max(start, end - TAIL) : end], text[boundary.end() : boundary.end() + 1]):
            continue
        yield start, end
        start = boundary.end()
    yield start, len(text)


def _goes_on(before: str, after: str) -> bool:
    """Whether an end mark does not end the sentence: after a title, an initial, "No." before a number, or a pause."""
    is_number = after.isdigit() and NUMBER.search(before)
    return bool(is_number or PAUSE.search(before) or ABBREVIATION.search(before))


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
