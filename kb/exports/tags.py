"""The tags of people, and other tables, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from kb.exports.tables import disarm
from kb.lens.framework import Framework
from kb.lens.tags import KeptTag

COLUMNS = (
    "person", "judgement", "behaviour", "name", "quotation", "speaker", "interview", "source", "turn", "start", "end",
    "added", "framework", "words now",
)  # fmt: skip


def write_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as CSV in UTF-8 with its signature; what could run gets an apostrophe before it."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([disarm(str(cell)) for cell in row] for row in (headers, *rows))
    return written.getvalue().encode("utf-8-sig")


def write_tags(kept: Iterable[KeptTag], framework: Framework) -> bytes:
    """Write tags, one a row, oldest first."""
    return write_table(COLUMNS, (_make_row(one, framework) for one in kept))


def _make_row(one: KeptTag, framework: Framework) -> tuple[object, ...]:
    tag, behaviour = one.tag, framework.behaviour(one.tag.label)
    is_own = not tag.framework
    judged = "own tag" if is_own else "shows" if tag.holds else "does not show"
    name = behaviour.name if behaviour and not is_own else tag.label
    return (
        tag.person,
        judged,
        "" if is_own else tag.label,
        name,
        tag.quote,
        tag.speaker or "",
        tag.title,
        tag.source,
        tag.turn,
        tag.start_offset,
        tag.end_offset,
        tag.added,
        tag.framework,
        one.standing.state,
    )
