"""Notice that two files hold the same talk: captions and a transcript, a copy under another name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from difflib import SequenceMatcher
from heapq import nsmallest
from itertools import islice
from zlib import crc32

from kb.model import Interview, Transcript
from kb.text.numbers import SCALES, TENS, UNITS, extract_numbers

WORD = re.compile(r"[^\W_]+")
RUN = 4  # words that are compared at once
SKETCH = 200  # hashes kept of a talk
ENOUGH = 30  # hashes; a talk with fewer is too short to tell
ALIKE = 0.2  # of the hashes; where every eighth word differs a third is shared, by two talks of one person a hundredth
MOST_WORDS = 60_000  # of a talk that are looked at
MOST_CHARACTERS = 6 * MOST_WORDS  # in which numbers are looked for
# Of two files that are one interview either will do: they have nearly the same words from the beginning to the end.
# Two talks with one introduction share nothing later on, two with the same questions nothing of the answers.
SHORTEST = 200  # words; a shorter talk is too short to be sure that it is not a second one on the same matter
SAME_LENGTH = 0.75  # of the longer one, that the shorter must have: else it is a part
NEARLY_ALL = 0.45  # of the runs of four words; where every sixth word differs as much is shared
WINDOW = 20  # words, about two sentences
STRANGE = 0.1  # of the runs in a window; fewer are shared only where other words stand
FEW = 0.125  # of the windows may be strange: an advertisement, a trailer
# Who gives a speech again, in another town or for another quarter, changes numbers, dates and names.
# Who transcribes one again hears other words too, and few numbers wrongly.
ENOUGH_FACTS = 3  # that each talk alone has; fewer may be corrections
HALF = 0.5  # of the numbers, that two transcriptions of one talk share
SMALL = 10  # numbers below are written in too many ways: 'a couple', 'once'
SPELLED_ALIKE = 0.7  # of two names, by which one may be the other misheard
MOST_NAMES = 60  # compared
NUMBER_WORDS = frozenset({*UNITS, *TENS, *SCALES})

Sketch = frozenset[int]


def sketch(transcript: Transcript) -> Sketch:
    """Sketch the words of a talk: the smallest hashes of all its short runs of words."""
    return frozenset(nsmallest(SKETCH, set(_hash_runs(transcript))))


def is_same_talk(one: Sketch, other: Sketch) -> bool:
    """Whether two sketches are of the same talk."""
    if min(len(one), len(other)) < ENOUGH:
        return False
    union = nsmallest(SKETCH, one | other)  # a sketch of both talks together
    return sum(hashed in one and hashed in other for hashed in union) >= ALIKE * len(union)


def may_be_same(one: Interview, other: Interview) -> bool:
    """Whether two interviews may be one, by their leaders and their days."""
    shares_leader = not one.leaders or not other.leaders or bool({*one.leader_names} & {*other.leader_names})
    return shares_leader and (one.date is None or other.date is None or one.date == other.date)


def is_one_interview(one: Transcript, other: Transcript) -> bool:
    """Whether two transcripts are of one interview, so that nothing is lost if only one of them is kept."""
    mine, theirs = _hash_runs(one), _hash_runs(other)
    shorter, longer = sorted((len(mine), len(theirs)))
    if shorter < max(SHORTEST, SAME_LENGTH * longer):
        return False
    if not (_lies_within(mine, frozenset(theirs)) and _lies_within(theirs, frozenset(mine))):
        return False
    return not _tell_other_facts(one, other)


def _tell_other_facts(one: Transcript, other: Transcript) -> bool:
    """Whether two talks in nearly the same words tell of other numbers, dates and people: a speech held again."""
    mine, theirs = (extract_numbers(" ".join(_spoken(talk))[:MOST_CHARACTERS]) for talk in (one, other))
    large, others = ({number for number in numbers if number >= SMALL} for numbers in (mine, theirs))
    fewer, more = sorted((large, others), key=len)
    if len(fewer) >= ENOUGH_FACTS and sum(_is_told(number, more) for number in fewer) < HALF * len(fewer):
        return True
    words, others_words = _words_of(one), _words_of(other)
    here, there = _differ(words, others_words), _differ(others_words, words)
    names = [*_names_without(words, here, there)], [*_names_without(others_words, there, here)]
    numbers = _numbers_without(mine, theirs), _numbers_without(theirs, mine)
    told = [len(found) + count for found, count in zip(names, numbers, strict=True)]
    known = {*names[0], *names[1]}
    ordinary = sum(count for word, count in (here + there).items() if word not in known and not _is_number(word))
    return min(told) >= ENOUGH_FACTS and ordinary <= sum(told)


def _differ(one: Sequence[str], other: Sequence[str]) -> Counter[str]:
    """Count the words that a talk has more often than another."""
    return Counter(word.casefold() for word in one) - Counter(word.casefold() for word in other)


def _names_without(words: Sequence[str], here: Counter[str], there: Counter[str]) -> Iterator[str]:
    """Yield the names of a talk that the other has not, in no spelling; a name is never written small."""
    capital = {word.casefold() for word in words if word[0].isupper()}
    small = {word for word in words if word[0].islower()}
    spelled = [word for word in there if word[0].isalpha()][:MOST_NAMES]
    for word in [word for word in here if word in capital and word not in small][:MOST_NAMES]:
        if not any(SequenceMatcher(None, word, other).ratio() >= SPELLED_ALIKE for other in spelled):
            yield word


def _numbers_without(numbers: Set[float], others: Set[float]) -> int:
    return sum(not _is_told(number, others) for number in numbers)


def _is_told(number: float, others: Set[float]) -> bool:
    """Whether a number is among others, also a year in two halves: nineteen ninety-eight."""
    return number in others or (number == int(number) and {float(number // 100), float(number % 100)} <= others)


def _is_number(word: str) -> bool:
    return word[0].isdigit() or word in NUMBER_WORDS


def _lies_within(runs: Sequence[int], others: frozenset[int]) -> bool:
    """Whether the words of a talk stand in another one too, nearly all, and in each part."""
    held = [run in others for run in runs]
    windows = [held[first : first + WINDOW] for first in range(0, len(held), WINDOW)]
    strange = sum(sum(window) < STRANGE * len(window) for window in windows)
    return sum(held) >= NEARLY_ALL * len(held) and strange <= FEW * len(windows)


def _hash_runs(transcript: Transcript) -> list[int]:
    """Hash each run of words of a talk, in order."""
    words = [word.casefold() for word in _words_of(transcript)]
    return [crc32(" ".join(words[first : first + RUN]).encode()) for first in range(len(words) - RUN + 1)]


def _words_of(transcript: Transcript) -> list[str]:
    """Return the first words of a talk, as they are written."""
    return [*islice((found[0] for text in _spoken(transcript) for found in WORD.finditer(text)), MOST_WORDS)]


def _spoken(transcript: Transcript) -> Iterator[str]:
    return (turn.text for turn in transcript.turns if turn.kind == "talk")
