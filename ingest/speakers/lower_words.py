"""Count how often the words of labels occur as everyday words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.script import Line
from ingest.speakers.labels import Shape
from ingest.speakers.vocabulary import PARTICLES
from kb.text.words import WORD

FEW = 30  # words that are looked for one by one; for more, all are counted at once
SAMPLE = 400_000  # characters in which words in lower case are counted
SIGNED = frozenset(("colon", "chevron", "timed", "bracket"))  # labels with a sign of their own
GLIMPSE = 4_000  # characters that show whether a file is all in capitals
STOPS = ".,?!"  # around a word
SHOUTED = 0.8  # share of capitals among the letters, above which capitals mean nothing


class LowerWords:
    """How often each word occurs in lower case: counted when it is asked for, as most files need to know of few."""

    def __init__(self, lines: Sequence[Line], labels: Mapping[tuple[Shape, str], int]) -> None:
        self._lines = lines
        self._labels = labels
        self._found: dict[str, int] = {}

    def __getitem__(self, word: str) -> int:
        if word not in self._found:
            self._found[word] = self._count(word) if word[:1].islower() and self._labels else 0
        return self._found[word]

    @cached_property
    def _sample(self) -> _Sample:
        return _Sample.of(self._lines)

    @cached_property
    def _within_labels(self) -> Counter[str]:
        """Of the words of labels that have a sign of their own, how often each is part of one."""
        counted: Counter[str] = Counter()
        for (shape, folded), count in self._labels.items():
            if shape in SIGNED:
                counted.update(dict.fromkeys(label_words(folded), count))
        return counted

    @cached_property
    def _all(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for token, count in self._sample.tokens.items():
            for word in _words_of(token):
                counted[word] += count
        return counted

    def _count(self, word: str) -> int:
        """Count a word. Labels begin with capitals; where all are capitals, what is in labels is taken away."""
        if len(self._found) >= FEW:
            return self._all[word] - (self._within_labels[word] if self._sample.is_shouted else 0)
        found = sum(
            count * _words_of(token).count(word) for token, count in self._sample.tokens.items() if word in token
        )
        return found - self._within_labels[word] if self._sample.is_shouted else found


@dataclass(frozen=True, slots=True)
class _Sample:
    """The beginning of a text: how often each of its pieces between blanks occurs."""

    tokens: Counter[str]  # in lower case, if the text is all in capitals
    is_shouted: bool

    @classmethod
    def of(cls, lines: Sequence[Line]) -> _Sample:
        texts: list[str] = []
        room = SAMPLE
        for line in lines:
            texts.append(line.text[:room])
            room -= len(line.text)
            if room <= 0:
                break
        text = "\n".join(texts)
        is_shouted = _is_shouted(text[:GLIMPSE]) and _is_shouted(text[len(text) // 2 :][:GLIMPSE])
        return cls(Counter((text.lower() if is_shouted else text).split()), is_shouted)


def _words_of(token: str) -> Sequence[str]:
    bare = token.strip(STOPS)
    return (bare,) if bare.isalnum() else WORD.findall(token)


def _is_shouted(text: str) -> bool:
    return sum(map(str.isupper, text)) > SHOUTED * max(1, sum(map(str.isalpha, text)))


def label_words(name: str) -> list[str]:
    """Return the words of a label, without particles."""
    return [word for word in WORD.findall(name.casefold()) if word not in PARTICLES or len(word) == 1]
