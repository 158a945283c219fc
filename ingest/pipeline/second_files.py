"""Two files of one talk are one interview: the better one is read, the other kept as a second source of it."""

from __future__ import annotations

from pathlib import Path

from ingest.files import SourceFile
from ingest.pipeline.known_interviews import GONE, KnownInterviews, Twin, rate
from ingest.pipeline.same_talk import is_one_interview
from kb.knowledge_base import KnowledgeBase
from kb.model import Transcript
from kb.storage.second_sources import SecondSource, find_source
from kb.storage.source_desk import list_existing
from kb.storage.source_file import is_gone

SAME_TALK = "it holds the same talk as {}: keep one of the two files, or all of it is found twice"
KEPT = "the same talk as {}, which is read; --keep-both makes it an interview of its own"
READ_INSTEAD = "read instead of {}, which stays a second source of the same interview"
TOOK_OVER = "its first file is gone: the interview is read from this one now"


class SecondFiles:
    """Decides whether a file that was read is an interview, or a second source of one."""

    def __init__(self, knowledge_base: KnowledgeBase, interviews: KnownInterviews) -> None:
        self._knowledge_base = knowledge_base
        self._interviews = interviews
        self._sources = knowledge_base.second_sources.all()
        self._generation = knowledge_base.generation()

    def find(self, path: str) -> tuple[str, SecondSource] | None:
        """Find the interview of which a file is a second source, and what is noted of it."""
        return find_source(self._sources, path)

    def settle(self, source: SecondSource, transcript: Transcript, twin: Twin | None) -> str | None:
        """Keep a file as a second source, and return the interview's id; None if the file is to be written.

        Where it is better than the file that was read so far, that one becomes the second source. The caller holds off
        other writers until it has written.
        """
        if self._knowledge_base.generation() != self._generation:  # another process has written meanwhile
            self._interviews.look_again()
            own = self._interviews.find_own(source.path, source.sha256)
            twin = self._interviews.find_twin(source.path, own, transcript) if own is None else None
        found = self._locate(twin.path) if twin and twin.is_likely_one else None
        if found is None:
            return None
        interview_id, path, known = found
        if not self._interviews.may_be(known.interview, transcript.interview):
            return None
        if not is_one_interview(transcript, known):
            return None
        is_left, name = is_gone(Path(path)), known.interview.source
        if rate(transcript) > (GONE if is_left else rate(known)):
            self._knowledge_base.second_sources.switch(interview_id, source.path, name="" if is_left else name)
            return None
        self._knowledge_base.second_sources.add(interview_id, source)
        return interview_id

    def release(self, interview_id: str) -> list[SourceFile]:
        """Forget the second sources of an interview that has changed, and list them: they may hold another talk."""
        there = list_existing(self._knowledge_base.second_sources.of(interview_id))
        for one in there:
            self._knowledge_base.second_sources.forget(one.path)
        return [SourceFile(Path(one.path), one.name) for one in there]

    def note_written(self) -> None:
        """Note that all that was written until now was written by this run."""
        self._generation = self._knowledge_base.generation()

    def _locate(self, path: str) -> tuple[str, str, Transcript] | None:
        """Find the interview of a file: its id, the file that it is read from, and its transcript."""
        origins = self._knowledge_base.origins()
        second = self._knowledge_base.second_sources.find(path)
        interview_id = origins[path][0] if path in origins else second[0] if second else None
        if interview_id is None:
            return None
        known = self._knowledge_base.transcript(interview_id)
        return interview_id, self._knowledge_base.mends.origin(interview_id).path, known
