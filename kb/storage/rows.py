"""Convert values to catalog rows and back; columns have the names of the fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import Row, Table

from kb.model import PART_BREAK, Excerpt, Feedback, Interview, Leader, Mark, Passage, Span, Transcript, Turn
from kb.storage import schema
from kb.storage.damage import as_damage, check_page, check_time, damaged

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


def to_interview(row: Row[Any], leaders: tuple[Leader, ...], transcribed_by: str | None = None) -> Interview:
    """Convert a row to an interview."""
    return _to_value(Interview, row, leaders=leaders, transcribed_by=transcribed_by)


def to_leader(row: Row[Any]) -> Leader:
    """Convert a row to a leader."""
    return _to_value(Leader, row)


def to_turn(row: Row[Any]) -> Turn:
    """Convert a row to a turn. Raises StoreUnavailable when it is damaged."""
    where = f"turn {row.index} of {row.interview_id}"
    with as_damage(f"the marks of {where}"):
        marks = tuple(Mark(offset, start, page) for offset, start, page in row.marks)
    if not (_has_place(row) and all(map(_is_mark, marks))):
        raise damaged(f"times or pages of {where}")
    return _to_value(Turn, row, marks=marks)


def to_passage(row: Row[Any]) -> Passage:
    """Convert a row to a passage. Raises StoreUnavailable when it is damaged."""
    with as_damage(f"the parts of passage {row.id}"):
        parts = tuple(Span(turn, start, end) for turn, start, end in row.parts)
    if not (_has_place(row) and all(map(_is_span, parts)) and _measure(parts) == len(row.text)):
        raise damaged(f"passage {row.id} is not made of its parts")
    return _to_value(Passage, row, parts=parts)


def to_feedback(row: Row[Any]) -> Feedback:
    """Convert a row to a rating. Raises StoreUnavailable when it is damaged."""
    with as_damage(f"rating {row.number}"):
        hits, quotations = (
            tuple(Excerpt(source, text) for source, text in some) for some in (row.hits, row.quotations)
        )
    if not all(type(one.source) is type(one.text) is str for one in (*hits, *quotations)):
        raise damaged(f"rating {row.number}")
    return _to_value(Feedback, row, hits=hits, quotations=quotations)


def _has_place(row: Row[Any]) -> bool:
    return check_time(row.start) and check_page(row.page)


def _is_mark(mark: Mark) -> bool:
    return type(mark.offset) is int and mark.offset >= 0 and check_time(mark.start) and check_page(mark.page)


def _is_span(part: Span) -> bool:
    numbers = (part.turn, part.start, part.end)
    return all(type(number) is int for number in numbers) and part.turn >= 0 and 0 <= part.start <= part.end


def _measure(parts: Sequence[Span]) -> int:
    """Return the length of the text that these parts make; -1 if there are none."""
    return sum(part.end - part.start for part in parts) + len(PART_BREAK) * (len(parts) - 1) if parts else -1


def _to_value(kind: type[T], row: Row[Any], **changed: Any) -> T:
    """Build a dataclass from the columns with the names of its fields."""
    held = row._mapping
    return kind(**{one.name: held[one.name] for one in fields(kind) if one.name in held} | changed)  # type: ignore[arg-type]
