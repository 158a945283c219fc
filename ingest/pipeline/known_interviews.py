"""What a run asks about interviews that the knowledge base holds: who leads them, and whether one is the same talk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from ingest.pipeline.same_talk import Sketch, is_same_talk, may_be_same, sketch
from kb.errors import UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Transcript
from kb.storage.mending import Mending
from kb.storage.source_file import is_gone

MOST_COMPARED = 30  # interviews of one leader with which a new one is compared
HALF = 0.5  # of the words, that must have a name or a time

Worth = tuple[bool, ...]
GONE: Worth = ()  # a file that is gone is worth less than any other


@dataclass(frozen=True, slots=True)
class Talk:
    """What is compared of a talk, by the file that it was read from."""

    path: str
    interview: Interview
    sketch: Sketch
    worth: Worth


@dataclass(frozen=True, slots=True)
class Twin:
    """Another file with the same talk."""

    path: str
    source: str
    worth: Worth
    is_likely_one: bool  # either file may do for the interview: `is_one_interview` tells


class KnownInterviews:
    """The interviews that were there when a run began, read when they are asked for, and those that it has read."""

    def __init__(self, knowledge_base: KnowledgeBase) -> None:
        self._knowledge_base = knowledge_base
        self._read: dict[str, Talk] = {}  # by path, of files that this run has read
        self._known: dict[str, Talk] = {}  # by id

    def list_candidates(self, interview_id: str | None) -> tuple[str, ...] | None:
        """List who may be the leader of an interview that has none; None if it has one."""
        known = self._interviews.get(interview_id or "")
        if known is None or known.leaders:
            return None
        transcript = self._transcript(known.id)
        return list_candidates(transcript) if transcript else None

    def find_own(self, path: str, sha256: str) -> str | None:
        """Find the interview that was read from a file, also if the file has a new name; None if there is none."""
        if found := self._origins.get(path):
            return found[0]
        gone = (one.id for one in self._interviews.values() if one.source_hash == sha256 and self._is_gone(one.id))
        return next(gone, None)

    def find_twin(self, path: str, own_id: str | None, transcript: Transcript) -> Twin | None:
        """Find another file with the same talk, the best if there are several, and remember this one.

        `own_id` is the interview that was read from this file before, if there is one.
        """
        card = transcript.interview
        others = (one for one in self._interviews.values() if one.id != own_id and self._paths.get(one.id) != path)
        similar = [one.id for one in islice((one for one in others if self.may_be(one, card)), MOST_COMPARED)]
        mine = Talk(path, card, sketch(transcript), rate(transcript))
        stored = [talk for talk in map(self._talk, similar) if talk and talk.path not in self._read]
        read = [
            talk for talk in self._read.values() if talk.path != path and self._paths.get(own_id or "") != talk.path
        ]
        self._read[path] = mine
        twins = [self._compare(mine, talk) for talk in (*read, *stored) if is_same_talk(mine.sketch, talk.sketch)]
        return max(twins, key=lambda twin: (twin.is_likely_one, twin.worth), default=None)

    def may_be(self, known: Interview, card: Interview) -> bool:
        """Whether a file's card may be that of an interview, whose facts a person may have changed."""
        mending = self._mends.get(known.id)
        return may_be_same(known, mending.apply_to_card(card) if mending else card)

    def look_again(self) -> None:
        """Ask the knowledge base anew: another process has written to it."""
        for name in ("_interviews", "_origins", "_paths", "_mends"):
            self.__dict__.pop(name, None)

    def _compare(self, mine: Talk, other: Talk) -> Twin:
        is_likely_one = self.may_be(other.interview, mine.interview)
        return Twin(other.path, other.interview.source, other.worth, is_likely_one)

    def _talk(self, interview_id: str) -> Talk | None:
        if interview_id not in self._known and (transcript := self._transcript(interview_id)):
            worth = GONE if self._is_gone(interview_id) else rate(transcript)
            path = self._paths.get(interview_id, "")
            self._known[interview_id] = Talk(path, transcript.interview, sketch(transcript), worth)
        return self._known.get(interview_id)

    def _is_gone(self, interview_id: str) -> bool:
        """Whether the file of an interview is gone: it may have been given another name."""
        path = self._paths.get(interview_id)
        return path is not None and is_gone(Path(path))

    @cached_property
    def _interviews(self) -> dict[str, Interview]:
        return {interview.id: interview for interview in self._knowledge_base.interviews()}

    @cached_property
    def _origins(self) -> dict[str, tuple[str, str]]:
        return self._knowledge_base.origins()

    @cached_property
    def _mends(self) -> dict[str, Mending]:
        return self._knowledge_base.mends.all()

    @cached_property
    def _paths(self) -> dict[str, str]:
        return {interview_id: path for path, (interview_id, _) in self._origins.items()}

    def _transcript(self, interview_id: str) -> Transcript | None:
        try:
            return self._knowledge_base.transcript(interview_id)
        except UnknownInterview:  # another process has removed it meanwhile
            return None


def rate(transcript: Transcript) -> Worth:
    """Rate a reading of a talk: a known leader counts most, then names, then times."""
    talk = [turn for turn in transcript.turns if turn.kind == "talk"]
    named = sum(len(turn.text) for turn in talk if turn.speaker)
    timed = sum(len(turn.text) for turn in talk if turn.start is not None or any(one.start for one in turn.marks))
    whole = max(1, sum(len(turn.text) for turn in talk))
    return has_leader(transcript), named >= HALF * whole, timed >= HALF * whole


def list_candidates(transcript: Transcript) -> tuple[str, ...]:
    """List the named speakers who may be the leader: most words first, hosts last."""
    words: Counter[str] = Counter()
    hosts = set()
    for turn in transcript.turns:
        if turn.speaker:
            words[turn.speaker] += len(turn.text.split())
            hosts |= {turn.speaker} if turn.role == "host" else set()
    return tuple(sorted(words, key=lambda name: (name in hosts, -words[name])))


def has_leader(transcript: Transcript) -> bool:
    """Whether somebody is known to be interviewed."""
    return any(turn.role == "leader" for turn in transcript.turns)
