"""Extract numbers from text, in digits or words: 25%, twenty-five, 2.5 million, $3m."""

from __future__ import annotations

import re
from collections.abc import Iterator

UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split()
    )
}
TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 10**12}
LETTERS = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "b": 1_000_000_000, "bn": 1_000_000_000}
SHARES = {"half": 0.5, "halves": 0.5, "third": 1 / 3, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25}
OTHER = {"dozen": 12, "dozens": 12, "couple": 2, "twice": 2, "double": 2, "doubled": 2, "triple": 3, "tripled": 3}
TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[^\W\d_]+")
LETTER = re.compile(r"(?i)(?:k|mn?|bn?)\b")


def extract_numbers(text: str) -> frozenset[float]:
    """Return all numbers in a text; a lone 'one' is left out, since it is usually a pronoun."""
    return frozenset(_read(text.lower()))


def _read(text: str) -> Iterator[float]:
    value: float | None = None  # value of the number words so far
    last = ""
    for found in TOKEN.finditer(text):
        word = found.group()
        if word == "and" and last in SCALES:
            continue
        amount = _amount(word, text[found.end() : found.end() + 3])
        if word in SCALES and (value is not None or last == "a"):
            value = _scale(1.0 if value is None else value, SCALES[word])
        elif amount is not None and value is not None and _continues(last, word, value):
            value += amount
        else:
            yield from _finish(value, last)
            value = amount
            if (word in SHARES and last in ("a", "the", "one")) or word in ("half", "halves", "thirds", "quarters"):
                yield SHARES[word]
        last = word
    yield from _finish(value, last)


def _amount(word: str, after: str) -> float | None:
    if word[0].isdigit():
        letter = LETTER.match(after)
        return float(word.replace(",", "")) * (LETTERS[letter.group().lower()] if letter else 1)
    for words in (UNITS, TENS, OTHER):
        if word in words:
            return float(words[word])
    return None


def _scale(value: float, scale: int) -> float:
    """Multiply by a scale word: all of 'two hundred thousand', only the end of 'a thousand two hundred'."""
    rest = value % 1_000 if value >= 1_000 and scale < 1_000 else value
    return value - rest + (rest or 1) * scale


def _continues(last: str, word: str, value: float) -> bool:
    """Whether a number word continues the number before it: twenty-five, two hundred and ten."""
    if word[0].isdigit():
        return False
    if last in TENS:
        return word in UNITS and 0 < UNITS[word] < 10
    return last in SCALES and (word in UNITS or word in TENS) and value >= 100


def _finish(value: float | None, last: str) -> Iterator[float]:
    if value is not None and not (value == 1 and last == "one"):
        yield value
