"""Choose the words of a passage that can be quoted: its best sentence and what that needs to be understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Scores
from kb.model import Passage
from kb.text.sentences import UNSPACED, count_words, sentence_spans
from kb.text.words import SPOKEN_WORD

MIN_WORDS, MAX_WORDS = 8, 85
MOST_SENTENCES = 6
# What each sentence after the best one adds, and each one before it: the point of a spoken answer follows its opening.
AFTER_GAIN, BEFORE_GAIN = (0.03, 0.02, 0.01, 0.0, 0.0), (-0.005, -0.02, -0.03, -0.06, -0.06)
SHORT, SHORT_LOSS = 20, 0.02  # words; fewer seldom stand alone
LEAN_LOSS = 0.1  # begins with a word that stands for something not shown
OPENER_LOSS = 0.03  # begins with "And", "But", "So": its thought began before
QUESTION_LOSS = 0.1  # ends with the leader's own question, which somebody else answers
BROKEN_LOSS = 0.08  # holds "--", a mark without its partner, or ends without an end mark
LONG_LOSS = 0.15  # a single sentence of more than MAX_WORDS
CHAT_LOSS = 0.3  # thanks, greetings, assent
TELLING = 4  # words that carry meaning; a sentence with fewer is chat

# A word that stands for something said before, unless it only points ahead ("that's why" does not).
LEANING = re.compile(
    r"[\"“‘'(\[]*"
    r"(?:(?:and|but|so|because|or|also|then|plus|well|yeah|yes|no|now|like|i mean|you know|i think)\b[,.]? ?)*"
    r"(?:it|it['’](?:s|d|ll)|that|that['’](?:s|d|ll)|this|these|those|they|they['’](?:re|ve|d|ll)|them|he|he['’]s|she"
    r"|she['’]s|his|her|their|which|such|there['’]s that|the (?:same|other|former|latter|second|third))\b",
    re.I,
)
OPENER = re.compile(r"[\"“‘'(\[]*(?:and|but|so|or|because|also|then|plus|nor)\b", re.I)
# Assent and fillers before the sentence proper: "Yeah, so, I mean, ". What follows is quoted without them; "and",
# "but", "so" alone only before whoever acts, since "so many" or "but for her" would say something else.
FILLER = re.compile(
    r"(?:(?:yeah|yes|yep|yup|oh|well|okay|ok|right|sure|so|and|but|now|look|i mean|you know|exactly|absolutely|totally"
    r"|definitely)(?:,|\.\.\.|…)\s+|(?:and|but|so)\s+(?=(?:i|i['’]\w+|we|we['’]\w+|you|you['’]\w+|our|my|your|people"
    r"|the|when|if|what)\b))+(?=[\"“A-Za-z])",
    re.I,
)
CHAT = re.compile(
    r"(?i)\b(?:thank(?:s| you)|appreciate it|good question|great question|welcome|my pleasure|nice to|happy to be here"
    r"|for having me|see you|congrat\w*|cheers|bye)\b|\[(?:laugh|music|applause|cross)\w*[^\]]*\]"
)
UNHEARD = re.compile(r"(?i)\[(?:unintelligible|inaudible|unclear|indistinct|crosstalk|\?)")
END = re.compile(r"[.!?。！？][\"”’')\]]*$")
PAIRS = (("(", ")"), ("[", "]"), ("“", "”"))


@dataclass(frozen=True, slots=True)
class Window:
    """A slice of a passage within one turn."""

    start: int  # characters into the passage
    end: int
    score: float  # larger is better
    leans: bool  # it begins with a word that stands for something not shown


def choose_window(passage: Passage, scores: Scores, most_words: int = MAX_WORDS) -> Window | None:
    """The best words to quote of a passage, so many at most; None where all of it is chat.

    `scores` tells of each sentence how well it answers, shape (sentences,); sentences beyond them are only context.
    """
    return max(_list_windows(passage, scores, most_words), key=lambda window: window.score, default=None)


def is_chat(sentence: str) -> bool:
    """Whether a sentence is assent, thanks or filler."""
    words = max(len(SPOKEN_WORD.findall(sentence)), count_words(sentence) if UNSPACED.search(sentence) else 0)
    return words < TELLING or (CHAT.search(sentence) is not None and words < 3 * TELLING)


def is_broken(text: str) -> bool:
    """Whether words cannot be printed as they stand: broken off, or with a mark without its partner."""
    uneven = text.count('"') % 2 or any(text.count(one) != text.count(other) for one, other in PAIRS)
    return bool(uneven) or "--" in text or UNHEARD.search(text) is not None or END.search(text) is None


def leans(text: str) -> bool:
    """Whether a text begins with a word that stands for something said before it."""
    return LEANING.match(text) is not None


def _list_windows(passage: Passage, scores: Scores, most_words: int) -> Iterator[Window]:
    text = passage.text
    spans = sentence_spans(text)
    known = np.full(len(spans), float(scores.min()) if len(scores) else 0.0)
    known[: len(scores)] = scores[: len(spans)]
    known[[is_chat(text[start:end]) for start, end in spans]] = -np.inf
    for first, last in _list_runs(passage, spans):
        inside = known[first : last + 1]
        if inside.max() == -np.inf:
            continue
        start, end = _skip_filler(text, spans[first][0], spans[last][1]), spans[last][1]
        words = count_words(text[start:end])
        if words < MIN_WORDS or (words > most_words and first != last):
            continue
        yield _weigh(text, start, end, inside, [text[one:other] for one, other in spans[first : last + 1]])


def _weigh(text: str, start: int, end: int, scores: Scores, sentences: Sequence[str]) -> Window:
    """A window with its worth: the best sentence's score, and what comes along."""
    best = int(np.argmax(scores))
    after, before = len(scores) - 1 - best, best
    quote = text[start:end]
    does_lean = leans(quote)
    worth = (
        float(scores[best])
        + sum(AFTER_GAIN[:after])
        + sum(BEFORE_GAIN[:before])
        - LEAN_LOSS * does_lean
        - OPENER_LOSS * (not does_lean and OPENER.match(quote) is not None)
        - SHORT_LOSS * (count_words(quote) < SHORT)
        - QUESTION_LOSS * quote.endswith("?")
        - BROKEN_LOSS * is_broken(quote)
        - CHAT_LOSS * (is_chat(sentences[0]) or is_chat(sentences[-1]))
        - LONG_LOSS * (count_words(quote) > MAX_WORDS) * (len(scores) == 1)
    )
    return Window(start, end, worth, does_lean)


def _list_runs(passage: Passage, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First and last sentence of every run of a few sentences within one paragraph of one turn."""
    for first in range(len(spans)):
        for last in range(first, min(first + MOST_SENTENCES, len(spans))):
            if last > first and "\n" in passage.text[spans[last - 1][1] : spans[last][0]]:
                break
            yield first, last


def _skip_filler(text: str, start: int, end: int) -> int:
    """Where a quotation begins once assent and fillers before its first words are left out."""
    filler = FILLER.match(text, start, end)
    return filler.end() if filler else start
