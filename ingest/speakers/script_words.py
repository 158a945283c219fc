"""Count words and questions in any script: Chinese and Japanese write no spaces, and ask with other signs."""

from __future__ import annotations

import re

IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]")
SIGNS_A_WORD = 2  # a Chinese word has one or two signs
MARKS = "?？؟⁇՞"  # question marks of any script
ASKING_SIGNS = "吗嗎呢か"  # in the endings that ask without one
ASKING = re.compile(r"[吗嗎呢][。．.]|(?:です|ます|でしょう|ました|ません)か[。．.]")


def count_words(text: str) -> int:
    """Count words as spaces separate them; of scripts without spaces, two signs are a word."""
    spaced = text.count(" ") + 1
    return spaced if text.isascii() else spaced + len(IDEOGRAPHS.findall(text)) // SIGNS_A_WORD


def count_questions(text: str) -> int:
    """Count the questions of a text."""
    if text.isascii():
        return text.count("?")
    endings = len(ASKING.findall(text)) if any(sign in text for sign in ASKING_SIGNS) else 0
    return sum(map(text.count, MARKS)) + endings
