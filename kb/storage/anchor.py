"""Words that a person chose in an interview, with all that finds them again and tells of them when they are gone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Chosen words; it refers to no interview in the tables, and outlives that."""

    interview_id: str
    source_hash: str  # SHA-256 of the file's bytes, hexadecimal
    source: str  # path of the file, relative to the folder that was ingested
    title: str
    sample: bool
    turn: int
    start_offset: int  # characters into that turn's text
    end_offset: int  # exclusive
    quote: str
    speaker: str | None
    added: str  # date and time in ISO 8601, UTC
