"""Group sentences by what they say: beginnings far apart, the rest to the nearest, a label of their own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from kb.arrays import Vectors
from kb.stopwords import CHATTER, STOPWORDS

SENTENCES_A_GROUP = 3  # about; fewer sentences than twice this are one group
MOST_GROUPS = 4
DISTANCE_SHARE = 0.5  # how much being far from the groups there are counts against scoring well
LABEL_WORDS = 3
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
UNTELLING = STOPWORDS | CHATTER
SHORT = 4  # letters; shorter words make no label


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
    """A few words for each group of texts: those that most of them hold and the other groups seldom.

    A word that stands in one text only speaks for nobody else; '' where no other is left.
    """
    asked = {_fold(word) for word in WORD.findall(question)}
    held = [_count_words(texts) for texts in groups]
    everywhere = sum(held, Counter())
    labels = []
    for texts, words in zip(groups, held, strict=True):
        shared = [word for word, count in words.items() if count > 1 and word not in asked]
        shared.sort(key=lambda word: (-(words[word] ** 2) / everywhere[word], -len(word), word))
        labels.append(", ".join(_spell(word, texts) for word in shared[:LABEL_WORDS]))
    return labels


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


def _count_words(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each word stands that could be part of a label."""
    words: Counter[str] = Counter()
    for text in texts:
        telling = {word for word in WORD.findall(text.replace("’", "'")) if len(word) >= SHORT}
        words.update({_fold(word) for word in telling if word.lower() not in UNTELLING})
    return words


def _fold(word: str) -> str:
    """A word without case and without the ending of the plural."""
    plain = word.casefold().replace("’", "'").removesuffix("'s")
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") and len(plain) > SHORT else plain


def _spell(folded: str, texts: Iterable[str]) -> str:
    """The spelling in which a word stands most often."""
    found = Counter(word.lower() for text in texts for word in WORD.findall(text) if _fold(word) == folded)
    spelt: str = found.most_common(1)[0][0]
    return spelt.replace("’", "'").removesuffix("'s")
