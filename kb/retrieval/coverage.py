"""Gauge how surely the interviews speak to a question, and judge it by what they score on questions from elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Scores, TokenSimilarities
from kb.model import CoverageLevel
from kb.text.words import SPOKEN_WORD, content_words

HIT, SOFTNESS = 0.5, 0.15  # a word piece counts as found from about this cosine on, and how gently that sets in
PIECE_LOSS = 1.5  # a word that the model knows only in k pieces counts k ** -.5 of a whole one: so much less it means
SENTENCE_SHARE = 0.5  # what the best single sentence adds to the best passage
NEAR, NEAR_SHARE = 3, 0.4  # passages nearest to the question as a whole, and what their mean cosine adds
# A mean over few word pieces is high by chance more often than one over many.
LENGTH_GAIN = 0.45  # for each e-fold of the question's word pieces
SHORTEST = 12  # word pieces; what is shorter is a theme, and themes are answered by many words that differ from it
UNKNOWN_LOSS = 0.5  # where the question names somebody or something that no interview mentions
KNOWN_GAIN = 0.05  # where it names somebody who is interviewed

SHARES = (SENTENCE_SHARE, NEAR, NEAR_SHARE, LENGTH_GAIN, SHORTEST, UNKNOWN_LOSS, KNOWN_GAIN)
FEW_WORDS = 2  # words that carry meaning, below which no answer is called more than thin

POSSESSIVE = re.compile(r"['’]s$")
TITLE_CASE = 0.5  # share of capitals from which on a capital means nothing


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question besides how well its words are matched."""

    words: int  # its word pieces, names included: whoever is named has been found
    nearness: float  # of the question as a whole to the passages nearest to it
    is_known: bool  # it names somebody who is interviewed, or a company of theirs
    is_unknown: bool  # it names somebody or something that no interview mentions


@dataclass(frozen=True, slots=True)
class Calibration:
    """From which score on the interviews speak to a question: nearly, thinly, in part, strongly."""

    near: float
    thin: float
    partial: float
    strong: float

    def judge(self, score: float) -> CoverageLevel:
        """The level of a score."""
        levels: tuple[tuple[float, CoverageLevel], ...] = (
            (self.strong, "strong"),
            (self.partial, "partial"),
            (self.thin, "thin"),
            (self.near, "near"),
        )
        return next((level for floor, level in levels if score >= floor), "none")


def soften(matches: TokenSimilarities) -> TokenSimilarities:
    """Cosines as degrees of being found, 0 to 1."""
    found: TokenSimilarities = 1.0 / (1.0 + np.exp((HIT - matches) / SOFTNESS))
    return found


def weigh_words(weights: Scores, spans: Sequence[tuple[int, int]]) -> Scores:
    """The weights of word pieces as coverage uses them: a word in several pieces counts hardly more than a whole one.

    Pieces that touch each other are of one word; in all the weights are 1.
    """
    starts = np.array([start for start, _ in spans])
    ends = np.array([end for _, end in spans])
    word_of = np.cumsum(np.concatenate([[False], starts[1:] != ends[:-1]]))
    lost = weights / np.bincount(word_of)[word_of] ** PIECE_LOSS
    by_word: Scores = (lost / max(float(lost.sum()), 1e-9)).astype(np.float32)
    return by_word


def measure_nearness(found: Sequence[tuple[int, float]]) -> float:
    """How near a question as a whole comes to the nearest of some places with their cosine, nearest first."""
    return float(np.mean([cosine for _, cosine in found[:NEAR]])) if found else 0.0


def answerability_score(
    passages: TokenSimilarities, sentences: TokenSimilarities, weights: Scores, asked: Asked
) -> float:
    """How surely some passages speak to a question.

    `passages` is how well each of the question's word pieces is matched in each of them, shape (word pieces, passages);
    `sentences` the same for the sentences of those that rank first.
    """
    best_passage = float((weights @ soften(passages)).max(initial=0.0))
    best_sentence = float((weights @ soften(sentences)).max(initial=0.0))
    found = best_passage + SENTENCE_SHARE * best_sentence + NEAR_SHARE * asked.nearness
    named = KNOWN_GAIN * asked.is_known - UNKNOWN_LOSS * asked.is_unknown
    return found + LENGTH_GAIN * math.log(max(SHORTEST, asked.words)) + named


def find_unknown(question: str, knows: Callable[[str], bool]) -> tuple[str, ...]:
    """Names in a question, told by a capital inside a sentence, that no interview mentions (`knows`)."""
    words = [POSSESSIVE.sub("", found.group()) for found in SPOKEN_WORD.finditer(question)]
    capitals = [word for word in words if word[0].isupper()]
    if len(capitals) > TITLE_CASE * len(words):
        return ()
    names = [word for word in words[1:] if word[0].isupper() and len(word) > 1 and not word.isupper()]
    return tuple(name for name in dict.fromkeys(names) if not knows(name))


def soften_level(level: CoverageLevel, question: str, *, is_placed: bool) -> CoverageLevel:
    """The level as it is told: a question of a word or two is never surely answered.

    One that `is_placed`, which names somebody interviewed or surely asks about a theme, is at least near.
    """
    is_short = len(content_words(question)) < FEW_WORDS
    if is_short and level in ("strong", "partial"):
        return "thin"
    if is_short and level == "near" and not is_placed:
        return "none"
    return "near" if level == "none" and is_placed else level
