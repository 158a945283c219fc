"""Group sentences by what they say: beginnings far apart, the rest to the nearest, a label in their own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np

from kb.arrays import Vectors, normalise
from kb.stopwords import CHATTER, STOPWORDS
from kb.words import stem

SENTENCES_A_GROUP = 3  # about; fewer sentences than twice this are one group
MOST_GROUPS = 4
DISTANCE_SHARE = 0.5  # how much being far from the groups there are counts against scoring well
LABEL_WORDS = 5  # at most
PHRASES = 20  # of a group that are looked at for a label
QUESTION_SHARE, OTHERS_SHARE = 0.5, 0.3  # what nearness to the question adds, and nearness to the other groups takes
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
UNTELLING = STOPWORDS | CHATTER
TOKEN = re.compile(rf"{WORD.pattern}|[^\W_]+|[^\w\s]")
JOINTS = frozenset("a and for in of our the their to with your".split())  # may stand inside a label
# Say too little to end a label, but what stands right before one hangs in the air: "eleven tired" (people).
HEADS = frozenset("business companies company days leader leaders life people person team teams work world".split())
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


def label_groups(
    groups: Sequence[Sequence[str]],
    vectors: Sequence[Vectors],
    question: str,
    embed: Callable[[Sequence[str]], Vectors],
) -> list[str]:
    """For each group of sentences, strongest first, a few words as they stand in one of them; '' where none tell.

    Of the phrases that say more than the question did, the one nearest to what the group says: `vectors` are those of
    its sentences, shape (sentences, dimensions), and `embed` makes such of any texts.
    """
    asked = {stem(word.lower()) for word in WORD.findall(question)}
    phrases = [list(islice(_list_phrases(texts, asked), PHRASES)) for texts in groups]
    texts = list(dict.fromkeys([question, *chain.from_iterable(phrases)]))
    vector_of = dict(zip(texts, embed(texts), strict=True)) if len(texts) > 1 else {}
    sums = np.stack([some.sum(axis=0) for some in vectors])
    labels: list[str] = []
    for own, some in zip(sums, phrases, strict=True):
        free = [phrase for phrase in some if phrase not in labels]
        others = OTHERS_SHARE * normalise(sums.sum(axis=0) - own)
        wanted = normalise(own) - others + QUESTION_SHARE * vector_of[question] if free else own
        labels.append(max(free, key=lambda phrase: float(vector_of[phrase] @ wanted), default=""))
    return labels


def _list_phrases(texts: Iterable[str], asked: Collection[str]) -> Iterator[str]:
    """Words in a row without a mark between them that begin and end well, at least one of them not of the question."""
    for text in texts:
        found = list(TOKEN.finditer(text))
        for first in range(len(found)):
            for last in range(first + 1, min(len(found), first + LABEL_WORDS)):
                words = [one.group().lower().replace("’", "'") for one in found[first : last + 1]]
                if not all(_is_telling(word) or word in JOINTS for word in words):
                    break
                follows = found[last + 1].group().lower() if last + 1 < len(found) else ""
                is_whole = _is_telling(words[0]) and _is_telling(words[-1]) and follows not in HEADS
                if is_whole and any(stem(word) not in asked for word in words if _is_telling(word)):
                    yield text[found[first].start() : found[last].end()]


def _is_telling(word: str) -> bool:
    return len(word) >= SHORT and word not in UNTELLING and bool(WORD.fullmatch(word))


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
