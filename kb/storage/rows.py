"""Convert values to catalog rows and back; columns have the names of the fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import Row, Table

from kb.model import Excerpt, Feedback, Interview, Leader, Mark, Passage, Span, Transcript, Turn
from kb.storage import schema

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of an interview, and the key that decides whether it must be read again."""

    path: str  # absolute path of the file
    ingest_key: str  # hash of the file's bytes, its row in the metadata table and the reading rules


@dataclass(frozen=True, slots=True)
class Source:
    """The source file of an interview."""

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


def to_row(value: Any, table: Table, **more: Any) -> dict[str, Any]:
    """Convert a value to a row of its table, with additional columns."""
    return {column.name: getattr(value, column.name) for column in table.c if hasattr(value, column.name)} | more


def from_interview(transcript: Transcript, origin: Origin, passages: int) -> dict[str, Any]:
    """Convert an interview to a row; `passages` is their number."""
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    counts = {"words": words, "turns": len(transcript.turns), "passages": passages}
    return to_row(transcript.interview, schema.interviews, **asdict(origin), **counts)


def from_leaders(interview: Interview) -> Iterator[dict[str, Any]]:
    """Convert the leaders of an interview to rows."""
    for position, one in enumerate(interview.leaders):
        yield to_row(one, schema.leaders, interview_id=interview.id, position=position)


def from_turns(transcript: Transcript) -> Iterator[dict[str, Any]]:
    """Convert the turns of an interview to rows."""
    for turn in transcript.turns:
        marks = [(mark.offset, mark.start, mark.page) for mark in turn.marks]
        yield to_row(turn, schema.turns, interview_id=transcript.interview.id, marks=marks)


def from_passages(passages: Sequence[Passage], headers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Convert passages to rows, each with its searchable header."""
    for passage, header in zip(passages, headers, strict=True):
        parts = [(part.turn, part.start, part.end) for part in passage.parts]
        yield to_row(passage, schema.passages, parts=parts, header=header)


def from_feedback(feedback: Feedback) -> dict[str, Any]:
    """Convert a rating to a row."""
    hits, quotations = ([(one.source, one.text) for one in some] for some in (feedback.hits, feedback.quotations))
    return to_row(feedback, schema.feedback, hits=hits, quotations=quotations)


def to_interview(row: Row[Any], leaders: tuple[Leader, ...]) -> Interview:
    """Convert a row to an interview."""
    return _to_value(Interview, row, leaders=leaders)


def to_leader(row: Row[Any]) -> Leader:
    """Convert a row to a leader."""
    return _to_value(Leader, row)


def to_turn(row: Row[Any]) -> Turn:
    """Convert a row to a turn."""
    return _to_value(Turn, row, marks=tuple(Mark(*values) for values in row.marks))


def to_passage(row: Row[Any]) -> Passage:
    """Convert a row to a passage."""
    return _to_value(Passage, row, parts=tuple(Span(*values) for values in row.parts))


def to_feedback(row: Row[Any]) -> Feedback:
    """Convert a row to a rating."""
    hits, quotations = (tuple(Excerpt(*values) for values in some) for some in (row.hits, row.quotations))
    return _to_value(Feedback, row, hits=hits, quotations=quotations)


def _to_value(kind: type[T], row: Row[Any], **changed: Any) -> T:
    """Build a dataclass from the columns with the names of its fields."""
    held = row._mapping
    return kind(**{one.name: held[one.name] for one in fields(kind) if one.name in held} | changed)  # type: ignore[arg-type]
