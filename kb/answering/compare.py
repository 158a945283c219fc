"""Compare the answers of several leaders, companies, sectors or years to one question, up to the same depth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count

from kb.answering.brief import count_shown
from kb.errors import BadQuestion
from kb.model import Answer, Coverage, Dimension, Facets, Query, Sentence
from kb.text.display import mark_word

MIN_COLUMNS, MAX_COLUMNS = 2, 4
DEPTH = 3  # maximum sentences in a column
SHOWN = 8  # values that a message names
NOTHING = "Says nothing on this in these interviews."


def list_values(facets: Facets, by: Dimension) -> tuple[str, ...]:
    """List the values of a dimension that can be compared. Raises BadQuestion when there is no such dimension."""
    offered = {"leader": facets.leaders, "company": facets.companies, "sector": facets.sectors, "year": facets.years}
    if by not in offered:
        raise BadQuestion(
            f"Interviews cannot be compared by '{mark_word(str(by))}'; choose among: {', '.join(offered)}"
        )
    return tuple(facet.value for facet in offered[by])


def check_columns(by: Dimension, values: Sequence[str], offered: Collection[str]) -> None:
    """Check the values to compare. Raises BadQuestion unless they are two to four different known values."""
    unknown = [value for value in values if value not in offered]
    if unknown:
        raise BadQuestion(f"No interview has the {by} {_list_some(unknown)}; choose among: {_list_some(offered)}")
    if not MIN_COLUMNS <= len(set(values)) <= MAX_COLUMNS or len(set(values)) < len(values):
        raise BadQuestion(f"Name two to four different values of {by} to compare; {len(set(values))} given")


def narrow(query: Query, by: Dimension, value: str) -> Query:
    """Limit the query to one value."""
    if by == "leader":
        return replace(query, leaders=(value,))
    if by == "company":
        return replace(query, companies=(value,))
    if by == "sector":
        return replace(query, sectors=(value,))
    return replace(query, years=(int(value),))


def line_up(query: Query, by: Dimension, values: Sequence[str], answers: Sequence[Answer]) -> Comparison:
    """Build the comparison: as many sentences in a column as there are good ones, up to DEPTH in each."""
    numbers = count(1)
    columns = []
    for value, answer in zip(values, answers, strict=True):
        said = tuple(_renumber(sentence, next(numbers)) for sentence in answer.sentences[:DEPTH])
        columns.append(Column(value, count_shown(answer.coverage, said), said))
    return Comparison(query, by, tuple(columns))


def describe_column(column: Column) -> str:
    """Describe how much a column quotes: '3 passages by 2 leaders'."""
    if not column.sentences:
        return NOTHING
    passages, leaders = column.coverage.passages, column.coverage.leaders
    return f"{passages:,} passage{'s' * (passages != 1)} by {leaders:,} leader{'s' * (leaders != 1)}"


def _renumber(sentence: Sentence, number: int) -> Sentence:
    """Number the citations of a sentence through all columns."""
    return replace(sentence, citations=tuple(replace(one, number=number) for one in sentence.citations))


def _list_some(offered: Collection[str]) -> str:
    shown = list(offered)[:SHOWN]
    return ", ".join(map(mark_word, shown)) + (", ..." if len(offered) > len(shown) else "")


@dataclass(frozen=True, slots=True)
class Column:
    """The answer for one value; without sentences, there is none."""

    value: str  # the leader, company, sector or year
    coverage: Coverage
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Answers to one question side by side; citations are numbered across columns."""

    query: Query
    by: Dimension
    columns: tuple[Column, ...]
