"""Score how well the interviews answer a question, and map the score to a coverage level."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import Scores, TokenSimilarities
from kb.model import CoverageLevel
from kb.retrieval.entities import MOST_NAMES
from kb.text.words import SPOKEN_WORD, content_words

HIT, SOFTNESS = 0.5, 0.15  # midpoint and width of the sigmoid that maps cosines to matches
PIECE_LOSS = 1.5  # a word split into k pieces counts k ** -.5 of a whole one: the model knows less of its meaning
SENTENCE_SHARE = 0.5  # weight of the best sentence, added to the best passage
NEAR, NEAR_SHARE = 3, 0.4  # number of passages nearest to the whole question, and the weight of their mean cosine
# A mean over few word pieces is more often high by chance than a mean over many.
LENGTH_GAIN = 0.45  # for each e-fold of the question's word pieces
SHORTEST = 12  # word pieces; a shorter question names a theme, and answers to themes use many other words
UNKNOWN_LOSS = 0.5  # if the question names a person or thing that no interview mentions
KNOWN_GAIN = 0.15  # if it names an interviewed leader
# Words match by chance in passages about something else; the judge of relevance looks at whole passages.
JUDGED_BEST, JUDGED_SHARE = 3, 0.08  # number of passages likeliest to answer, and the weight of their mean log odds

SHARES = (SENTENCE_SHARE, NEAR, NEAR_SHARE, LENGTH_GAIN, SHORTEST, UNKNOWN_LOSS, KNOWN_GAIN, JUDGED_BEST, JUDGED_SHARE)
FEW_WORDS = 2  # with fewer content words, coverage is at most thin

POSSESSIVE = re.compile(r"['’]s$")
TITLE_CASE = 0.5  # with a larger share of capitalised words, capitals do not mark names


@dataclass(frozen=True, slots=True)
class Asked:
    """Features of a question besides how well its words are matched."""

    words: int  # its word pieces, including names: these have been matched already
    nearness: float  # cosine of the whole question to the nearest passages
    is_known: bool  # names an interviewed leader or their company
    is_unknown: bool  # names a person or thing that no interview mentions


@dataclass(frozen=True, slots=True)
class Calibration:
    """Minimum score of each coverage level."""

    near: float
    thin: float
    partial: float
    strong: float

    def judge(self, score: float) -> CoverageLevel:
        """Return the coverage level of a score."""
        levels: tuple[tuple[float, CoverageLevel], ...] = (
            (self.strong, "strong"),
            (self.partial, "partial"),
            (self.thin, "thin"),
            (self.near, "near"),
        )
        return next((level for floor, level in levels if score >= floor), "none")


def soften(matches: TokenSimilarities) -> TokenSimilarities:
    """Map cosines to degrees of a match, 0 to 1."""
    found: TokenSimilarities = 1.0 / (1.0 + np.exp((HIT - matches) / SOFTNESS))
    return found


def weigh_words(weights: Scores, spans: Sequence[tuple[int, int]]) -> Scores:
    """Reweight word pieces for coverage: a word split into several pieces does not count more than a whole word.

    Adjacent pieces belong to one word; the weights sum to 1.
    """
    starts = np.array([start for start, _ in spans])
    ends = np.array([end for _, end in spans])
    word_of = np.cumsum(np.concatenate([[False], starts[1:] != ends[:-1]]))
    lost = weights / np.bincount(word_of)[word_of] ** PIECE_LOSS
    by_word: Scores = (lost / max(float(lost.sum()), 1e-9)).astype(np.float32)
    return by_word


def measure_nearness(found: Sequence[tuple[int, float]]) -> float:
    """Return the mean cosine of the nearest places; `found` holds places with cosines, nearest first."""
    return float(np.mean([cosine for _, cosine in found[:NEAR]])) if found else 0.0


def answerability_score(
    passages: TokenSimilarities, sentences: TokenSimilarities, weights: Scores, asked: Asked
) -> float:
    """Score how well the passages answer a question.

    `passages` holds the best cosine of each question word piece in each passage, shape (word pieces, passages);
    `sentences` holds the same for the sentences of the top passages.
    """
    best_passage = float((weights @ soften(passages)).max(initial=0.0))
    best_sentence = float((weights @ soften(sentences)).max(initial=0.0))
    found = best_passage + SENTENCE_SHARE * best_sentence + NEAR_SHARE * asked.nearness
    named = KNOWN_GAIN * asked.is_known - UNKNOWN_LOSS * asked.is_unknown
    return found + LENGTH_GAIN * math.log(max(SHORTEST, asked.words)) + named


def judged_score(odds: Scores) -> float:
    """Return what the judge of relevance adds to the score of a question, by its log odds of passages that answer."""
    best = np.sort(odds)[::-1][:JUDGED_BEST]
    return JUDGED_SHARE * float(best.mean()) if len(best) else 0.0


def find_unknown(question: str, knows: Callable[[str], bool]) -> tuple[str, ...]:
    """Find names in a question, recognised by capitals, that no interview mentions according to `knows`.

    Only the first MOST_NAMES are looked up.
    """
    words = [POSSESSIVE.sub("", found.group()) for found in SPOKEN_WORD.finditer(question)]
    capitals = [word for word in words if word[0].isupper()]
    if len(capitals) > TITLE_CASE * len(words):
        return ()
    names = [word for word in words[1:] if word[0].isupper() and len(word) > 1 and not word.isupper()]
    return tuple(name for name in list(dict.fromkeys(names))[:MOST_NAMES] if not knows(name))


def soften_level(level: CoverageLevel, question: str, *, is_placed: bool, is_touched: bool = False) -> CoverageLevel:
    """Adjust the level: a very short question is at most thin.

    A question that `is_placed` (names an interviewed leader, or clearly asks about a theme) is at least near; one that
    `is_touched` (clearly asks about a theme that several interviews are likely to speak to), at least thin.
    """
    if is_touched and level in ("none", "near"):
        return "thin"
    is_short = len(content_words(question)) < FEW_WORDS
    if is_short and level in ("strong", "partial"):
        return "thin"
    if is_short and level == "near" and not is_placed:
        return "none"
    return "near" if level == "none" and is_placed else level
