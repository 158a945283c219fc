"""Cover the words of a quotation with the runs that stand somewhere, the longest first."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import replace
from heapq import heapify, heappop, heappush

from kb.quotes.turn_index import Segment


def cover(segments: Sequence[Segment], shortest: int) -> list[Segment]:
    """Cover words with the longest runs first; runs that overlap are cut. In the order of the quotation."""
    waiting = [(-one.length, number, one) for number, one in enumerate(segments)]
    heapify(waiting)
    taken: list[Segment] = []  # by their first word; none overlaps another
    while waiting:
        _, number, longest = heappop(waiting)
        if longest.length < shortest:
            break
        # A run is cut when it is looked at, not at each choice: there may be thousands of both.
        cut = _cut_all(longest, taken)
        if cut == longest:
            insort(taken, longest, key=lambda one: one.start)
        elif cut:
            heappush(waiting, (-cut.length, number, cut))
    return taken


def _cut_all(segment: Segment, taken: Sequence[Segment]) -> Segment | None:
    """Cut from a run the words that others have taken."""
    # Those that were taken are no shorter: one of them may reach into each end, or lie over the whole.
    place = bisect_right(taken, segment.start, key=lambda one: one.start)
    left: Segment | None = segment
    for one in taken[max(0, place - 1) : place + 1]:
        left = _cut(left, one) if left else None
    return left


def _cut(segment: Segment, taken: Segment) -> Segment | None:
    """Cut from a run the words that another one has taken."""
    if segment.end <= taken.start or segment.start >= taken.end:
        return segment
    before, after = taken.start - segment.start, segment.end - taken.end
    if max(before, after) <= 0:
        return None
    if before >= after:
        return replace(segment, length=before)
    moved = taken.end - segment.start
    return Segment(taken.end, after, segment.position + moved)
