"""Group sentences by what they say: beginnings far apart, the rest to the nearest, a label in their own words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Vectors, normalise
from kb.stopwords import CHATTER, STOPWORDS
from kb.words import stem

SENTENCES_A_GROUP = 3  # about; fewer sentences than twice this are one group
MOST_GROUPS = 4
DISTANCE_SHARE = 0.5  # how much being far from the groups there are counts against scoring well
LABEL_WORDS = 5  # at most
QUESTION_SHARE, OTHERS_SHARE = 0.5, 0.3  # what nearness to the question adds, and nearness to the other groups takes
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
UNTELLING = STOPWORDS | CHATTER
TOKEN = re.compile(rf"{WORD.pattern}|[^\W_]+|[^\w\s]")
JOINTS = frozenset("a and for in of our the their to with your".split())  # may stand inside a label
# Say too little to end a label, but what stands right before one hangs in the air: "eleven tired" (people).
HEADS = frozenset("business companies company days leader leaders life people person team teams work world".split())
SHORT = 4  # letters; shorter words make no label


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence with what each of its word pieces says there."""

    text: str
    spans: Sequence[tuple[int, int]]  # of each word piece in the text: characters, end exclusive
    rows: Vectors  # (word pieces, dimensions)

    def vector(self, start: int = 0, end: int | None = None) -> Vectors:
        """What some of its characters say as a whole, shape (dimensions,); 0 where the model read none of them."""
        last = len(self.text) if end is None else end
        inside = [place for place, (first, stop) in enumerate(self.spans) if start <= first and stop <= last]
        return normalise(self.rows[inside].sum(axis=0))


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


def label_groups(groups: Sequence[Sequence[Worded]], question: str, vector: Vectors) -> list[str]:
    """For each group of sentences a few words as they stand in one of them; '' where none tell.

    Of the phrases that say more than the question did, the one nearest to what the group says; `vector` is that of
    the question.
    """
    asked = {stem(word.lower()) for word in WORD.findall(question)}
    sums = np.stack([np.sum([one.vector() for one in group], axis=0) for group in groups])
    labels: list[str] = []
    for own, group in zip(sums, groups, strict=True):
        wanted = normalise(own) - OTHERS_SHARE * normalise(sums.sum(axis=0) - own) + QUESTION_SHARE * vector
        phrases = [(one, *span) for one in group for span in _list_phrases(one.text, asked)]
        nearness = {
            one.text[start:end]: float(one.vector(start, end) @ wanted)
            for one, start, end in phrases
            if one.text[start:end] not in labels
        }
        labels.append(max(nearness, key=lambda phrase: nearness[phrase], default=""))
    return labels


def _list_phrases(text: str, asked: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where words in a row without a mark between them begin and end well, at least one of them not of the question.

    Well is: with a word that tells, and no more such words right before or behind.
    """
    found = list(TOKEN.finditer(text))
    words = ["", *(one.group().lower().replace("’", "'") for one in found), ""]
    for first in range(len(found)):
        for last in range(first + 1, min(len(found), first + LABEL_WORDS)):
            before, *inside, behind = words[first : last + 3]
            if not all(_is_telling(word) or word in JOINTS for word in inside):
                break
            ends_well = _is_telling(inside[0]) and _is_telling(inside[-1]) and behind not in HEADS
            is_whole = ends_well and not _is_telling(before) and not _is_telling(behind)
            if is_whole and any(stem(word) not in asked for word in inside if _is_telling(word)):
                yield found[first].start(), found[last].end()


def _is_telling(word: str) -> bool:
    return len(word) >= SHORT and word not in UNTELLING and not word.endswith("n't") and bool(WORD.fullmatch(word))


def _centre(vectors: Vectors) -> Vectors:
    return normalise(vectors - vectors.mean(axis=0))


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
