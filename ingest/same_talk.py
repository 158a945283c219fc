"""Notice that two files hold the same talk: captions and a transcript, a copy under another name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from heapq import nsmallest
from itertools import islice
from zlib import crc32

from kb.model import Interview, Transcript

WORD = re.compile(r"[^\W_]+")
RUN = 4  # words that are compared at once
SKETCH = 200  # hashes kept of a talk
ENOUGH = 30  # hashes; a talk with fewer is too short to tell
ALIKE = 0.2  # of the hashes; where every eighth word differs a third is shared, by two talks of one person a hundredth
MOST_WORDS = 60_000  # of a talk that are looked at
# Of two files that are one interview either will do: they have nearly the same words from the beginning to the end.
# Two talks with one introduction share nothing later on, two with the same questions nothing of the answers.
SHORTEST = 200  # words; a shorter talk is too short to be sure that it is not a second one on the same matter
SAME_LENGTH = 0.75  # of the longer one, that the shorter must have: else it is a part
NEARLY_ALL = 0.45  # of the runs of four words; where every sixth word differs as much is shared
WINDOW = 20  # words, about two sentences
STRANGE = 0.1  # of the runs in a window; fewer are shared only where other words stand
FEW = 0.125  # of the windows may be strange: an advertisement, a trailer

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
    return _lies_within(mine, frozenset(theirs)) and _lies_within(theirs, frozenset(mine))


def _lies_within(runs: Sequence[int], others: frozenset[int]) -> bool:
    """Whether the words of a talk stand in another one too, nearly all, and in each part."""
    held = [run in others for run in runs]
    windows = [held[first : first + WINDOW] for first in range(0, len(held), WINDOW)]
    strange = sum(sum(window) < STRANGE * len(window) for window in windows)
    return sum(held) >= NEARLY_ALL * len(held) and strange <= FEW * len(windows)


def _hash_runs(transcript: Transcript) -> list[int]:
    """Hash each run of words of a talk, in order."""
    spoken = (turn.text for turn in transcript.turns if turn.kind == "talk")
    words = [*islice((found[0].casefold() for text in spoken for found in WORD.finditer(text)), MOST_WORDS)]
    return [crc32(" ".join(words[first : first + RUN]).encode()) for first in range(len(words) - RUN + 1)]
