"""Rows of the catalog to values, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kb.model import Excerpt, Feedback, Interview, Leader, Mark, Passage, Span, Transcript, Turn
from kb.storage.database import Row, Transaction
from kb.storage.schema import COLUMNS

SELECT_PASSAGES = f"SELECT {', '.join(COLUMNS['passages'])} FROM passages"


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


def _insert_interview(transaction: Transaction, transcript: Transcript, origin: Origin) -> None:
    interview = transcript.interview
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    transaction.insert(
        "interviews",
        COLUMNS["interviews"],
        [
            (
                interview.id, origin.path, origin.ingest_key, interview.title, interview.host, interview.show,
                interview.date.isoformat() if interview.date else None, interview.year,
                int(interview.year_is_approximate), interview.url, interview.media_url, interview.licence,
                interview.source, interview.source_hash, interview.language, int(interview.sample), words,
            )
        ],
    )  # fmt: skip
    transaction.insert(
        "leaders",
        COLUMNS["leaders"],
        [
            (interview.id, position, one.name, one.role, one.company, one.sector, one.qualifies, one.evidence)
            for position, one in enumerate(interview.leaders)
        ],
    )


def _insert_turns(transaction: Transaction, transcript: Transcript) -> None:
    transaction.insert(
        "turns",
        COLUMNS["turns"],
        [
            (
                transcript.interview.id, turn.index, turn.speaker, turn.role, turn.text, turn.start, turn.page,
                json.dumps([(mark.offset, mark.start, mark.page) for mark in turn.marks]), turn.kind, turn.confidence,
            )
            for turn in transcript.turns
        ],
    )  # fmt: skip


def _insert_passages(transaction: Transaction, passages: Sequence[Passage], headers: Sequence[str]) -> None:
    transaction.insert(
        "passages",
        COLUMNS["passages"][1:],
        [
            (
                passage.id, passage.interview_id,
                json.dumps([(part.turn, part.start, part.end) for part in passage.parts]),
                passage.speaker, passage.text, passage.question, header,
                passage.start, int(passage.start_is_exact), passage.page,
            )
            for passage, header in zip(passages, headers, strict=True)
        ],
    )  # fmt: skip


def _to_interview(row: Row, leaders: tuple[Leader, ...]) -> Interview:
    return Interview(
        id=row["id"],
        title=row["title"],
        leaders=leaders,
        host=row["host"],
        show=row["show"],
        date=date.fromisoformat(row["date"]) if row["date"] else None,
        year=row["year"],
        year_is_approximate=bool(row["year_is_approximate"]),
        url=row["url"],
        media_url=row["media_url"],
        licence=row["licence"],
        source=row["source"],
        source_hash=row["source_hash"],
        language=row["language"],
        sample=bool(row["sample"]),
    )


def _to_turn(row: Row) -> Turn:
    return Turn(
        index=row["number"],
        speaker=row["speaker"],
        role=row["role"],
        text=row["text"],
        start=row["start"],
        page=row["page"],
        marks=tuple(Mark(*values) for values in json.loads(row["marks"])),
        kind=row["kind"],
        confidence=row["confidence"],
    )


def _to_passage(row: Row) -> Passage:
    return Passage(
        id=row["id"],
        interview_id=row["interview_id"],
        parts=tuple(Span(*values) for values in json.loads(row["parts"])),
        speaker=row["speaker"],
        text=row["text"],
        question=row["question"],
        start=row["start"],
        start_is_exact=bool(row["start_is_exact"]),
        page=row["page"],
    )


def _to_feedback(row: Row) -> Feedback:
    return Feedback(
        at=row["at"],
        question=row["question"],
        is_helpful=bool(row["is_helpful"]),
        hits=tuple(Excerpt(*values) for values in json.loads(row["hits"])),
        quotations=tuple(Excerpt(*values) for values in json.loads(row["quotations"])),
    )
