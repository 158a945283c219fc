"""Compare what several leaders, companies, sectors or years say to one question, each at the same depth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count

from kb.errors import BadQuestion
from kb.model import Answer, Coverage, Dimension, Facets, Query, Sentence

MIN_COLUMNS, MAX_COLUMNS = 2, 4
DEPTH = 3  # sentences of each, at most


def list_values(facets: Facets, by: Dimension) -> tuple[str, ...]:
    """What can be set side by side."""
    offered = {"leader": facets.leaders, "company": facets.companies, "sector": facets.sectors, "year": facets.years}
    return tuple(facet.value for facet in offered[by])


def check_columns(by: Dimension, values: Sequence[str], offered: Collection[str]) -> None:
    """BadQuestion unless two to four different values are there to be compared."""
    unknown = [value for value in values if value not in offered]
    if unknown:
        raise BadQuestion(f"No interview has the {by} {', '.join(unknown)}; choose among: {_list_some(offered)}")
    if not MIN_COLUMNS <= len(set(values)) <= MAX_COLUMNS or len(set(values)) < len(values):
        raise BadQuestion(f"Name two to four different values of {by} to compare; {len(set(values))} given")


def narrow(query: Query, by: Dimension, value: str) -> Query:
    """The query for one of them alone."""
    if by == "leader":
        return replace(query, leaders=(value,))
    if by == "company":
        return replace(query, companies=(value,))
    if by == "sector":
        return replace(query, sectors=(value,))
    return replace(query, years=(int(value),))


def line_up(query: Query, by: Dimension, values: Sequence[str], answers: Sequence[Answer]) -> Comparison:
    """As many sentences of each as the one with the fewest has; none where nothing is said."""
    depth = min([DEPTH, *(len(answer.sentences) for answer in answers if answer.is_covered)])
    numbers = count(1)
    columns = []
    for value, answer in zip(values, answers, strict=True):
        said = tuple(_renumber(sentence, next(numbers)) for sentence in answer.sentences[:depth])
        columns.append(Column(value, answer.coverage, said))
    return Comparison(query, by, tuple(columns))


def describe_column(column: Column) -> str:
    """How much speaks to the question there: '3 passages by 2 leaders'."""
    if not column.sentences:
        return "Nothing on this."
    passages, leaders = column.coverage.passages, column.coverage.leaders
    return f"{passages:,} passage{'s' * (passages != 1)} by {leaders:,} leader{'s' * (leaders != 1)}"


def _renumber(sentence: Sentence, number: int) -> Sentence:
    """Its citation under the number that it has among all columns."""
    return replace(sentence, citations=tuple(replace(one, number=number) for one in sentence.citations))


def _list_some(offered: Collection[str]) -> str:
    shown = list(offered)[:8]
    return ", ".join(shown) + (", ..." if len(offered) > len(shown) else "")


@dataclass(frozen=True, slots=True)
class Column:
    """What one of several says to a question; no sentences means: nothing."""

    value: str  # the leader, company, sector or year
    coverage: Coverage
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What several say to one question, side by side, in equally many sentences; citations count through them all."""

    query: Query
    by: Dimension
    columns: tuple[Column, ...]
