"""A script: the lines of a file, with what the format itself says about time, page and speaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """A run of text that the format keeps together: a caption, a paragraph, a line of a page, an utterance."""

    text: str
    start: float | None = None  # seconds from the beginning
    page: int | None = None  # counts from 1
    speaker: str | None = None  # only where the format has a field for it; a label inside the text stays there
    heading: bool = False  # the format marks this line as a heading


@dataclass(frozen=True, slots=True)
class Script:
    """All lines of a file in reading order, before the speakers are identified."""

    format: str  # short name of the file format: "vtt", "markdown", "pdf"
    lines: tuple[Line, ...]
    card: Mapping[str, object] = field(default_factory=dict)  # facts the file states about itself, keys in lower case
    warnings: tuple[str, ...] = ()
