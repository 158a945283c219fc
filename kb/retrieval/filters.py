"""Choose the interviews that a query's filters let through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kb.model import Interview, Query


def filter_interviews(query: Query, interviews: Iterable[Interview]) -> frozenset[str] | None:
    """Ids of the interviews within the query's filters; None when it has none."""
    if not query.is_filtered:
        return None
    return frozenset(interview.id for interview in interviews if _matches(interview, query))


def _matches(interview: Interview, query: Query) -> bool:
    places = (interview.id, interview.source, interview.collection, interview.show, interview.source.rsplit("/", 1)[0])
    return (
        _has_any(query.leaders, interview.leader_names)
        and _has_any(query.companies, [company for leader in interview.leaders for company in leader.companies])
        and _has_any(query.sectors, [leader.sector for leader in interview.leaders])
        and _has_any(query.sources, places)
        and (not query.years or interview.year in query.years)
    )


def _has_any(wanted: Sequence[str], values: Iterable[str | None]) -> bool:
    """Case aside; nothing wanted lets everything through."""
    folded = {value.casefold() for value in values if value}
    return not wanted or any(one.casefold() in folded for one in wanted)
