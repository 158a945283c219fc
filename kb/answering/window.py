"""Choose the part of a passage to quote: the best sentence with the context it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np

from kb.embedding.arrays import PassageIndices, Scores
from kb.model import PART_BREAK, Passage
from kb.text.sentences import UNSPACED, count_words, sentence_spans
from kb.text.words import SPOKEN_WORD

MIN_WORDS, MAX_WORDS = 8, 85
MOST_SENTENCES = 8
ASIDE_LOSS = 0.03  # for each unit that a sentence before the best one scores below it
ROOMY = MAX_WORDS  # words; a larger window also takes what leads to the best sentence, and runs on over paragraphs
SHORT, SHORT_LOSS = 20, 0.02  # words; a shorter quotation rarely stands alone
LEAN_LOSS = 0.1  # begins with a pronoun whose antecedent is not shown
OPENER_LOSS = 0.03  # begins with "And", "But", "So": the thought began earlier
QUESTION_LOSS = 0.1  # ends with the leader's own question, which is not answered in the quotation
BROKEN_LOSS = 0.11  # contains "--" or an unpaired mark, or lacks an end mark
LONG_LOSS = 0.15  # a single sentence of more than MAX_WORDS
CHAT_LOSS = 0.3  # thanks, greetings, assent
TELLING = 4  # minimum words; a shorter sentence is chat

# A word that refers back to something said before, as in "that's why", or an answer without its verb: "I did, and ...".
LEANING = re.compile(
    r"[\"“‘'(\[]*"
    r"(?:(?:and|but|so|because|or|also|then|plus|well|yeah|yes|no|now|like|i mean|you know|i think)\b[,.]? ?)*"
    r"(?:it|it['’](?:s|d|ll)|that|that['’](?:s|d|ll)|this|these|those|they|they['’](?:re|ve|d|ll)|them|he|he['’]s|she"
    r"|she['’]s|his|her|their|which|such|there['’]s that|the (?:same|other|former|latter|second|third)"
    r"|(?:stuff|things?|something|anything|all|none|some|most) (?:like|of) (?:that|this)"
    r"|[\w'’-]+ (?:like|of) (?:those|these|them)"
    r"|(?:i|we|you) (?:did|do|have|had|was|were|am|are|will|would|could|can)(?:n['’]t| not)?(?=[,.]))\b",
    re.I,
)
OPENER = re.compile(r"[\"“‘'(\[]*(?:and|but|so|or|because|also|then|plus|nor)\b", re.I)
# Assent and fillers at the start: "Yeah, so, I mean, ". They are not quoted. A single "and", "but" or "so" is dropped
# only before a subject, since dropping it from "so many" or "but for her" would change the meaning.
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
class Gains:
    """Gain of each sentence after the best one, and before it; small, so that the best sentence decides.

    A sentence of another paragraph loses `elsewhere` for each unit that it scores below the best one.
    """

    after: tuple[float, ...]
    before: tuple[float, ...]
    elsewhere: float = 0.0


# A spoken answer makes its point after its opening: a short quotation begins near the best sentence.
TIGHT = Gains((0.03, 0.02, 0.01, 0.0, 0.0, 0.0, 0.0), (-0.005, -0.02, -0.03, -0.06, -0.06, -0.06, -0.06))
# With room, it shows the context of the best sentence. For a theme, another paragraph comes in if it nearly answers:
# of 543 quotations, 43% of the words are then such as a reader marked instead of 38%; 67% of these are shown, not 68%.
WIDE = Gains((0.03, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01), (0.02, 0.015, 0.01, 0.005, 0.0, -0.01, -0.01))
CLOSELY = replace(WIDE, elsewhere=0.3)


@dataclass(frozen=True, slots=True)
class Window:
    """A slice of a passage within one turn."""

    start: int  # characters into the passage
    end: int
    score: float  # larger is better
    leans: bool  # begins with a pronoun whose antecedent is not shown


def choose_window(
    passage: Passage, scores: Scores, most_words: int = MAX_WORDS, with_room: Gains = WIDE
) -> Window | None:
    """Choose the best part of a passage to quote, of at most `most_words`; None if all of it is chat.

    `scores` rate how well each sentence answers, shape (sentences,); sentences without a score serve only as context.
    `with_room` weighs the sentences of a window that may have more than ROOMY words.
    """
    gains = with_room if most_words > ROOMY else TIGHT
    return max(_list_windows(passage, scores, most_words, gains), key=lambda window: window.score, default=None)


def is_chat(sentence: str) -> bool:
    """Whether a sentence is assent, thanks or filler."""
    unspaced = 0 if sentence.isascii() or not UNSPACED.search(sentence) else count_words(sentence)
    words = max(len(SPOKEN_WORD.findall(sentence)), unspaced)
    return words < TELLING or (CHAT.search(sentence) is not None and words < 3 * TELLING)


def is_broken(text: str) -> bool:
    """Whether a text cannot be printed as it is: broken off, partly inaudible, or with an unpaired mark."""
    uneven = text.count('"') % 2 or any(text.count(one) != text.count(other) for one, other in PAIRS)
    return bool(uneven) or "--" in text or UNHEARD.search(text) is not None or END.search(text) is None


def leans(text: str) -> bool:
    """Whether a text begins with a word that refers back to something said before."""
    return LEANING.match(text) is not None


def _list_windows(passage: Passage, scores: Scores, most_words: int, gains: Gains) -> Iterator[Window]:
    text = passage.text
    spans = sentence_spans(text)
    known = np.full(len(spans), float(scores.min()) if len(scores) else 0.0)
    known[: len(scores)] = scores[: len(spans)]
    chat = [is_chat(text[start:end]) for start, end in spans]
    known[chat] = -np.inf
    breaks = np.cumsum([0, *["\n" in text[before[1] : after[0]] for before, after in pairwise(spans)]])
    for first, last in _list_runs(passage, spans, is_roomy=most_words > ROOMY):
        inside = known[first : last + 1]
        if inside.max() == -np.inf:
            continue
        start, end = _skip_filler(text, spans[first][0], spans[last][1]), spans[last][1]
        words = count_words(text[start:end])
        if words < MIN_WORDS or (words > most_words and first != last):
            continue
        worth, does_lean = _weigh(text[start:end], words, inside, gains)
        if gains.elsewhere:
            worth -= gains.elsewhere * _measure_elsewhere(inside, breaks[first : last + 1])
        yield Window(start, end, worth - CHAT_LOSS * (chat[first] or chat[last]), does_lean)


def _weigh(quote: str, words: int, scores: Scores, gains: Gains) -> tuple[float, bool]:
    """Score a window: the best sentence's score, plus gains and losses. Also return whether it leans."""
    best = int(np.argmax(scores))
    after, before = len(scores) - 1 - best, best
    does_lean = leans(quote)
    worth = (
        float(scores[best])
        + sum(gains.after[:after])
        + sum(gains.before[:before])
        - ASIDE_LOSS * float(sum(scores[best] - one for one in scores[:best] if one > -np.inf))
        - LEAN_LOSS * does_lean
        - OPENER_LOSS * (not does_lean and OPENER.match(quote) is not None)
        - SHORT_LOSS * (words < SHORT)
        - QUESTION_LOSS * quote.endswith("?")
        - BROKEN_LOSS * is_broken(quote)
        - LONG_LOSS * (words > MAX_WORDS) * (len(scores) == 1)
    )
    return worth, does_lean


def _measure_elsewhere(scores: Scores, paragraphs: PassageIndices) -> float:
    """Add up how far the sentences of other paragraphs score below the best one."""
    best = int(np.argmax(scores))
    others = scores[(paragraphs != paragraphs[best]) & (scores > -np.inf)]
    return float((scores[best] - others).sum())


def _list_runs(passage: Passage, spans: Sequence[tuple[int, int]], *, is_roomy: bool) -> Iterator[tuple[int, int]]:
    """Yield the first and last sentence of every short run within one paragraph or, where it is roomy, one turn."""
    between = [(before[1], after[0]) for before, after in pairwise(spans)]
    if is_roomy:
        lengths = (one.end - one.start + len(PART_BREAK) for one in passage.parts)
        turns_end = [past - len(PART_BREAK) for past in accumulate(lengths)]
        is_end = [any(start <= end <= stop for end in turns_end) for start, stop in between]
    else:
        is_end = ["\n" in passage.text[start:stop] for start, stop in between]
    for first in range(len(spans)):
        for last in range(first, min(first + MOST_SENTENCES, len(spans))):
            if last > first and is_end[last - 1]:
                break
            yield first, last


def _skip_filler(text: str, start: int, end: int) -> int:
    """Return the start of a quotation after leading assent and fillers."""
    filler = FILLER.match(text, start, end)
    return filler.end() if filler else start
