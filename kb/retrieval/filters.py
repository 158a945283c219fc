"""Apply the filters of a query to interviews, and list the filter values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kb.model import Facet, Facets, Interview, Query
from kb.text.display import strip_remarks


def filter_interviews(query: Query, interviews: Iterable[Interview]) -> frozenset[str] | None:
    """Return the ids of the interviews that pass the query's filters; None if there are no filters."""
    if not query.is_filtered:
        return None
    return frozenset(interview.id for interview in interviews if matches(interview, query))


def matches(interview: Interview, query: Query) -> bool:
    """Whether an interview passes the query's filters; one without a year passes none of years."""
    places = (interview.id, interview.source, interview.collection, interview.show, interview.source.rsplit("/", 1)[0])
    return (
        _has_any(query.leaders, interview.leader_names)
        and _has_any(list(map(strip_remarks, query.companies)), _list_companies(interview))
        and _has_any(query.sectors, [leader.sector for leader in interview.leaders])
        and _has_any(query.sources, places)
        and (not query.years or interview.year in query.years)
    )


def _has_any(wanted: Sequence[str], values: Iterable[str | None]) -> bool:
    """Whether any wanted value is present, ignoring case; True if nothing is wanted."""
    folded = {value.casefold() for value in values if value}
    return not wanted or any(one.casefold() in folded for one in wanted)


def list_facets(interviews: Sequence[Interview]) -> Facets:
    """Count the interviews of each filter value."""
    leaders = [(interview, leader) for interview in interviews for leader in interview.leaders]
    return Facets(
        leaders=_count((leader.name, interview.id) for interview, leader in leaders),
        companies=_count((company, one.id) for one in interviews for company in _list_companies(one)),
        sectors=_count((leader.sector, interview.id) for interview, leader in leaders),
        years=_count((str(interview.year or ""), interview.id) for interview in interviews),
        sources=_count((interview.collection, interview.id) for interview in interviews),
    )


def _list_companies(interview: Interview) -> list[str]:
    """List the companies of the leaders by name alone."""
    return [strip_remarks(company) for leader in interview.leaders for company in leader.companies]


def _count(pairs: Iterable[tuple[str | None, str]]) -> tuple[Facet, ...]:
    """Count distinct interviews of each value, most frequent value first."""
    found: dict[str, set[str]] = {}
    for value, interview_id in pairs:
        if value:
            found.setdefault(value, set()).add(interview_id)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0].casefold()))
    return tuple(Facet(value, len(interview_ids)) for value, interview_ids in ordered)
