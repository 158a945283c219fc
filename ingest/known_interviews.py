"""What a run asks about interviews that the knowledge base holds: who leads them, and whether one is the same talk."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import islice
from pathlib import Path

from ingest.same_talk import TalksSeen, may_be_same
from kb.errors import UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Transcript
from kb.storage.source_file import is_gone

MOST_COMPARED = 30  # interviews of one leader with which a new one is compared


class KnownInterviews:
    """The interviews that were there when a run began, read when they are asked for."""

    def __init__(self, knowledge_base: KnowledgeBase) -> None:
        self._knowledge_base = knowledge_base
        self._seen = TalksSeen()

    def list_candidates(self, interview_id: str | None) -> tuple[str, ...] | None:
        """List who may be the leader of an interview that has none; None if it has one."""
        known = self._interviews.get(interview_id or "")
        if known is None or known.leaders:
            return None
        transcript = self._read(known.id)
        return list_candidates(transcript) if transcript else None

    def find_same_talk(self, path: str, known_id: str | None, transcript: Transcript) -> str | None:
        """Return the source of another file with the same talk; None if there is none.

        `known_id` is the interview that was read from this file before, if there is one.
        """
        card = transcript.interview
        others = (one for one in self._interviews.values() if one.id != known_id and one.id not in self._gone)
        similar = (one.id for one in others if may_be_same(one, card))
        compared = {one: self._read(one) for one in islice(similar, MOST_COMPARED)}
        return self._seen.find_same(path, transcript, {one: known for one, known in compared.items() if known})

    @cached_property
    def _interviews(self) -> dict[str, Interview]:
        return {interview.id: interview for interview in self._knowledge_base.interviews()}

    @cached_property
    def _gone(self) -> frozenset[str]:
        """The interviews whose file is gone: it may have been given another name."""
        origins = self._knowledge_base.origins()
        return frozenset(interview_id for path, (interview_id, _) in origins.items() if is_gone(Path(path)))

    def _read(self, interview_id: str) -> Transcript | None:
        try:
            return self._knowledge_base.transcript(interview_id)
        except UnknownInterview:  # another process has removed it meanwhile
            return None


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
