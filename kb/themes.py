"""Group sentences by what they say: beginnings far apart, the rest to the nearest, a label in their own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Vectors
from kb.stopwords import CHATTER, STOPWORDS

SENTENCES_A_GROUP = 3  # about; fewer sentences than twice this are one group
MOST_GROUPS = 4
DISTANCE_SHARE = 0.5  # how much being far from the groups there are counts against scoring well
LABEL_WORDS = 5  # at most
LENGTH_GAIN = 0.1  # a letter: longer words tell more
WORD_LOSS = 0.15  # each word beyond two
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
UNTELLING = STOPWORDS | CHATTER
TOKEN = re.compile(rf"{WORD.pattern}|[^\W_]+|[^\w\s]")
JOINTS = frozenset("a and for in of our the their to with your".split())  # may stand inside a label
SHORT = 4  # letters; shorter words make no label


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that could be a label."""

    text: str  # as they stand
    telling: tuple[str, ...]  # those that carry meaning, folded
    words: int


def group_sentences(vectors: Vectors, scores: Sequence[float]) -> list[list[int]]:
    """Numbers of the sentences of each group, the strongest group and in it the strongest sentence first.

    `vectors` has shape (sentences, dimensions). What all sentences share is taken out first: they answer one question.
    """
    count = min(MOST_GROUPS, len(scores) // SENTENCES_A_GROUP)
    strongest = sorted(range(len(scores)), key=lambda number: -scores[number])
    if count < 2:
        return [strongest] if strongest else []
    apart = _centre(vectors)
    seeds = _choose_seeds(apart, scores, strongest[0], count)
    nearest = np.argmax(apart @ apart[seeds].T, axis=1)
    nearest[seeds] = np.arange(len(seeds))
    groups = [[number for number in strongest if nearest[number] == place] for place in range(len(seeds))]
    return sorted(groups, key=lambda group: -max(scores[number] for number in group))


def label_groups(groups: Sequence[Sequence[str]], question: str) -> list[str]:
    """For each group of sentences, strongest first, a few words as they stand in the strongest that has any to tell.

    They say more than the question did. Words that others of the group hold too count more, and words of other groups
    less; '' where no words tell.
    """
    asked = {_fold(word) for word in WORD.findall(question)}
    held = [Counter(_fold(word) for text in texts for word in set(WORD.findall(text))) for texts in groups]
    everywhere = sum(held, Counter())
    return [
        _label(texts, {word: count**2 / everywhere[word] for word, count in words.items() if word not in asked})
        for texts, words in zip(groups, held, strict=True)
    ]


def _label(texts: Iterable[str], worth: Mapping[str, float]) -> str:
    """The phrase worth most of the first text that has one; `worth` is that of each word that tells anything new."""

    def weigh(phrase: Phrase) -> float:
        sum_of_words = sum(worth.get(word, 0.0) * (1 + LENGTH_GAIN * len(word)) for word in phrase.telling)
        return sum_of_words / (1 + WORD_LOSS * (phrase.words - 2))

    for text in texts:
        best = max(_list_phrases(text), key=weigh, default=None)
        if best and weigh(best) > 0:
            return best.text
    return ""


def _list_phrases(text: str) -> Iterator[Phrase]:
    """Words in a row without a mark between them, telling ones first and last, at least two of them telling."""
    found = list(TOKEN.finditer(text))
    for first in range(len(found)):
        for last in range(first + 1, min(len(found), first + LABEL_WORDS)):
            words = [one.group().lower().replace("’", "'") for one in found[first : last + 1]]
            if not all(_is_telling(word) or word in JOINTS for word in words):
                break
            if _is_telling(words[0]) and _is_telling(words[-1]):
                telling = tuple(_fold(word) for word in words if _is_telling(word))
                yield Phrase(text[found[first].start() : found[last].end()], telling, len(words))


def _is_telling(word: str) -> bool:
    return len(word) >= SHORT and word not in UNTELLING and bool(WORD.fullmatch(word))


def _centre(vectors: Vectors) -> Vectors:
    rest = vectors - vectors.mean(axis=0)
    centred: Vectors = rest / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-9)
    return centred


def _choose_seeds(vectors: Vectors, scores: Sequence[float], first: int, count: int) -> list[int]:
    """The strongest sentence, then those that score well and are far from all chosen before."""
    worth = np.asarray(scores) / max(scores)
    seeds = [first]
    while len(seeds) < count:
        nearness = (vectors @ vectors[seeds].T).max(axis=1)
        merit = worth - DISTANCE_SHARE * nearness
        merit[seeds] = -np.inf
        seeds.append(int(merit.argmax()))
    return seeds


def _fold(word: str) -> str:
    """A word without case and without the ending of the plural."""
    plain = word.casefold().replace("’", "'").removesuffix("'s")
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") and len(plain) > SHORT else plain
