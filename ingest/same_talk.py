"""Notice that two files hold the same talk: captions and a transcript, a copy under another name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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

Sketch = frozenset[int]


@dataclass(slots=True)
class TalksSeen:
    """Sketches of the talks that a run has read or looked up, by the file's path or the interview's id."""

    _read: dict[str, tuple[str, Sketch]] = field(default_factory=dict)  # path -> source and sketch
    _known: dict[str, tuple[str, Sketch]] = field(default_factory=dict)  # id -> source and sketch

    def find_same(self, path: str, transcript: Transcript, known: Mapping[str, Transcript]) -> str | None:
        """Return the source of another file with the same talk, and remember this one.

        `known` are transcripts of the knowledge base by id that may hold the talk.
        """
        for other_id, other in known.items():
            if other_id not in self._known:
                self._known[other_id] = (other.interview.source, sketch(other))
        mine = sketch(transcript)
        others = [*self._read.values(), *(self._known[other_id] for other_id in known)]
        self._read[path] = (transcript.interview.source, mine)
        return next((source for source, theirs in others if is_same_talk(mine, theirs)), None)


def sketch(transcript: Transcript) -> Sketch:
    """Sketch the words of a talk: the smallest hashes of all its short runs of words."""
    spoken = (turn.text for turn in transcript.turns if turn.kind == "talk")
    words = [*islice((found[0].casefold() for text in spoken for found in WORD.finditer(text)), MOST_WORDS)]
    runs = {crc32(" ".join(words[first : first + RUN]).encode()) for first in range(len(words) - RUN + 1)}
    return frozenset(nsmallest(SKETCH, runs))


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
