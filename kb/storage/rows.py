"""Rows of the catalog to values, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from kb.model import Excerpt, Feedback, Interview, Leader, Mark, Passage, Span, Transcript, Turn


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an interview came from, and what decides whether it must be read again."""

    path: str  # of the file, absolute
    ingest_key: str  # hash of the file's bytes, of its row in the metadata table and of the reading rules


@dataclass(frozen=True, slots=True)
class Source:
    """The file that an interview was read from."""

    interview_id: str
    path: str  # absolute
    sha256: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Sizes of the catalog."""

    interviews: int
    samples: int
    leaders: int
    turns: int
    passages: int
    words: int


def from_interview(transcript: Transcript, origin: Origin, passages: int) -> dict[str, Any]:
    """The row of an interview; `passages` is their number."""
    interview = transcript.interview
    return {
        "id": interview.id,
        "path": origin.path,
        "ingest_key": origin.ingest_key,
        "title": interview.title,
        "host": interview.host,
        "show": interview.show,
        "date": interview.date.isoformat() if interview.date else None,
        "year": interview.year,
        "year_is_approximate": int(interview.year_is_approximate),
        "url": interview.url,
        "media_url": interview.media_url,
        "licence": interview.licence,
        "source": interview.source,
        "source_hash": interview.source_hash,
        "language": interview.language,
        "sample": int(interview.sample),
        "words": sum(len(turn.text.split()) for turn in transcript.turns),
        "turns": len(transcript.turns),
        "passages": passages,
    }


def from_leaders(interview: Interview) -> Iterator[dict[str, Any]]:
    """The rows of an interview's leaders."""
    for position, one in enumerate(interview.leaders):
        yield {
            "interview_id": interview.id,
            "position": position,
            "name": one.name,
            "role": one.role,
            "company": one.company,
            "sector": one.sector,
            "qualifies": one.qualifies,
            "evidence": one.evidence,
        }


def from_turns(transcript: Transcript) -> Iterator[dict[str, Any]]:
    """The rows of an interview's turns."""
    for turn in transcript.turns:
        yield {
            "interview_id": transcript.interview.id,
            "number": turn.index,
            "speaker": turn.speaker,
            "role": turn.role,
            "text": turn.text,
            "start": turn.start,
            "page": turn.page,
            "marks": json.dumps([(mark.offset, mark.start, mark.page) for mark in turn.marks]),
            "kind": turn.kind,
            "confidence": turn.confidence,
        }


def from_passages(passages: Sequence[Passage], headers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of passages, each with the header that it can be found by."""
    for passage, header in zip(passages, headers, strict=True):
        yield {
            "id": passage.id,
            "interview_id": passage.interview_id,
            "parts": json.dumps([(part.turn, part.start, part.end) for part in passage.parts]),
            "speaker": passage.speaker,
            "text": passage.text,
            "question": passage.question,
            "header": header,
            "start": passage.start,
            "start_is_exact": int(passage.start_is_exact),
            "page": passage.page,
        }


def from_feedback(feedback: Feedback) -> dict[str, Any]:
    """The row of a reader's thumb."""
    return {
        "at": feedback.at,
        "question": feedback.question,
        "is_helpful": int(feedback.is_helpful),
        "hits": _dump_excerpts(feedback.hits),
        "quotations": _dump_excerpts(feedback.quotations),
    }


def to_interview(row: Row[Any], leaders: tuple[Leader, ...]) -> Interview:
    """An interview's card."""
    return Interview(
        id=row.id,
        title=row.title,
        leaders=leaders,
        host=row.host,
        show=row.show,
        date=date.fromisoformat(row.date) if row.date else None,
        year=row.year,
        year_is_approximate=bool(row.year_is_approximate),
        url=row.url,
        media_url=row.media_url,
        licence=row.licence,
        source=row.source,
        source_hash=row.source_hash,
        language=row.language,
        sample=bool(row.sample),
    )


def to_leader(row: Row[Any]) -> Leader:
    """One leader of an interview."""
    return Leader(row.name, row.role, row.company, row.sector, row.qualifies, row.evidence)


def to_turn(row: Row[Any]) -> Turn:
    """One turn."""
    return Turn(
        index=row.number,
        speaker=row.speaker,
        role=row.role,
        text=row.text,
        start=row.start,
        page=row.page,
        marks=tuple(Mark(*values) for values in json.loads(row.marks)),
        kind=row.kind,
        confidence=row.confidence,
    )


def to_passage(row: Row[Any]) -> Passage:
    """One passage."""
    return Passage(
        id=row.id,
        interview_id=row.interview_id,
        parts=tuple(Span(*values) for values in json.loads(row.parts)),
        speaker=row.speaker,
        text=row.text,
        question=row.question,
        start=row.start,
        start_is_exact=bool(row.start_is_exact),
        page=row.page,
    )


def to_feedback(row: Row[Any]) -> Feedback:
    """A reader's thumb."""
    return Feedback(
        at=row.at,
        question=row.question,
        is_helpful=bool(row.is_helpful),
        hits=_load_excerpts(row.hits),
        quotations=_load_excerpts(row.quotations),
    )


def _dump_excerpts(excerpts: Sequence[Excerpt]) -> str:
    return json.dumps([(one.source, one.text) for one in excerpts], ensure_ascii=False)


def _load_excerpts(text: str) -> tuple[Excerpt, ...]:
    return tuple(Excerpt(*values) for values in json.loads(text))
