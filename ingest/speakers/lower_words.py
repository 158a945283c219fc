"""Count how often the words of labels occur as everyday words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from ingest.script import Line
from ingest.speakers.labels import Shape
from ingest.speakers.vocabulary import PARTICLES
from kb.text.words import WORD

SAMPLE = 400_000  # characters in which words in lower case are counted
SIGNED = frozenset(("colon", "chevron", "timed", "bracket"))  # labels with a sign of their own
GLIMPSE = 4_000  # characters that show whether a file is all in capitals
STOPS = ".,?!"  # around a word
SHOUTED = 0.8  # share of capitals among the letters, above which capitals mean nothing


class LowerWords:
    """How often each word occurs in lower case: counted when it is first asked, as many files need not know."""

    def __init__(self, lines: Sequence[Line], labels: Mapping[tuple[Shape, str], int]) -> None:
        self._lines = lines
        self._labels = labels

    def __getitem__(self, word: str) -> int:
        return self._counted[word]

    @cached_property
    def _counted(self) -> Counter[str]:
        return count_lower_words(self._lines, self._labels) if self._labels else Counter()


def count_lower_words(lines: Sequence[Line], labels: Mapping[tuple[Shape, str], int]) -> Counter[str]:
    """Count each word's occurrences in lower case; labels begin with capitals, so they are not counted.

    In a file all in capitals, every word is counted that is in no label with a sign of its own.
    """
    texts: list[str] = []
    room = SAMPLE
    for line in lines:
        texts.append(line.text[:room])
        room -= len(line.text)
        if room <= 0:
            break
    sample = "\n".join(texts)
    is_shouted = _is_shouted(sample[:GLIMPSE]) and _is_shouted(sample[len(sample) // 2 :][:GLIMPSE])
    counted: Counter[str] = Counter()
    for token, count in Counter((sample.lower() if is_shouted else sample).split()).items():
        bare = token.strip(STOPS)
        for word in (bare,) if bare.isalnum() else WORD.findall(token):
            if word[0].islower():
                counted[word] += count
    for (shape, folded), count in labels.items() if is_shouted else ():
        counted.subtract(dict.fromkeys(label_words(folded), count) if shape in SIGNED else {})
    return counted


def _is_shouted(text: str) -> bool:
    return sum(map(str.isupper, text)) > SHOUTED * max(1, sum(map(str.isalpha, text)))


def label_words(name: str) -> list[str]:
    """Return the words of a label, without particles."""
    return [word for word in WORD.findall(name.casefold()) if word not in PARTICLES or len(word) == 1]
