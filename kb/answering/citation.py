"""Cite words of a transcript, checked against their turn."""

from __future__ import annotations

from collections.abc import Callable

from kb.errors import UnfoundQuote
from kb.model import Citation, Hit, Turn


def cite(hit: Hit, start: int, end: int, number: int, turn: Callable[[str, int], Turn]) -> Citation:
    """Cite a slice of a passage; `turn` returns a turn by interview id and index.

    Raises UnfoundQuote when the slice is not exactly in its turn or belongs to another speaker; ValueError when it
    crosses two turns.
    """
    passage = hit.passage
    span = passage.locate(start, end)
    source = turn(passage.interview_id, span.turn)
    quote = passage.text[start:end]
    if source.text[span.start : span.end] != quote or source.speaker != passage.speaker:
        raise UnfoundQuote(f"{passage.id} does not hold {quote!r} at {span.start} to {span.end} of turn {span.turn}")
    mark = source.mark_at(span.start)
    has_own_time = mark is not None and mark.start is not None
    return Citation(
        number=number,
        passage=passage,
        interview=hit.interview,
        turn=span.turn,
        start_offset=span.start,
        end_offset=span.end,
        quote=quote,
        start=mark.start if mark and has_own_time else source.start if source.start is not None else passage.start,
        start_is_exact=has_own_time or source.start is not None,
        page=mark.page if mark and mark.page is not None else source.page,
    )
