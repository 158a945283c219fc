"""Measure what answers to themes show, against gold places that are known to answer but are not all that do.

A quotation is in a gold place when it holds at least half of the 5-word runs of the gold words, as
kb.retrieval.evaluation requires of a passage. Gold is incomplete: a quotation elsewhere may be right, and is not
counted as wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import nan
from statistics import mean
from typing import Any

from bench.figures import format_share
from bench.peers import Result
from kb.model import Excerpt
from kb.retrieval.evaluation import Asked, Question, evaluate

COLUMNS = ("S@10", "R@10", "shown", "words", "leaders", "first", "any", "recall", "refused", "rightly")
DIGITS = {"words": 0, "shown": 1, "leaders": 1}  # of the columns that are not shares


@dataclass(frozen=True, slots=True)
class Answered:
    """What one pipeline found and showed for a question."""

    question: Question
    results: tuple[Result, ...]  # best first
    answer: dict[str, Any]  # as `kb ask --json` prints it

    @property
    def is_covered(self) -> bool:
        """Whether the pipeline answers; a refusal counts as nothing shown."""
        return bool(self.answer["covered"])

    @property
    def quotations(self) -> tuple[Excerpt, ...]:
        """The quotations that are shown, in order."""
        citations = self.answer["citations"] if self.is_covered else ()
        return tuple(Excerpt(one["source"], one["quote"]) for one in citations)

    @property
    def leaders(self) -> frozenset[str]:
        """The leaders who are quoted."""
        return frozenset(one["speaker"] for one in self.answer["citations"]) if self.is_covered else frozenset()


@dataclass(frozen=True, slots=True)
class ShownFigures:
    """Means over the theme questions, the last over those that nobody answers; in the order of COLUMNS."""

    found: float  # share with a gold place among the first ten passages
    found_recall: float  # share of a theme's gold interviews among the first ten passages
    shown: float  # quotations of an answer that is not refused
    words: float  # of those quotations
    leaders: float  # quoted in an answer that is not refused
    first: float  # share whose first quotation is in a gold place
    anywhere: float  # share with any quotation in a gold place
    recall: float  # share of a theme's gold interviews that are quoted at a gold place
    refused: float  # share refused, though interviews answer
    rightly_refused: float  # share of the questions without an answer that are refused

    def format(self) -> list[str]:
        """Format a cell for each column."""
        return [format_share(value, DIGITS.get(name, 2)) for name, value in asdict(self).items()]


def measure_answers(answered: Sequence[Answered]) -> ShownFigures:
    """Measure one pipeline, over questions with gold and without."""
    found = evaluate([_judge(one, _to_excerpts(one.results)) for one in answered])
    shown = evaluate([_judge(one, one.quotations) for one in answered])
    themes = [one for one in answered if one.question.gold and one.is_covered]
    return ShownFigures(
        found=found.overall.within[10] if found.overall else nan,
        found_recall=found.overall.recall if found.overall else nan,
        shown=_mean([len(one.quotations) for one in themes]),
        words=_mean([sum(len(quoted.text.split()) for quoted in one.quotations) for one in themes]),
        leaders=_mean([len(one.leaders) for one in themes]),
        first=shown.overall.within[1] if shown.overall else nan,
        anywhere=shown.overall.within[10] if shown.overall else nan,
        recall=shown.overall.recall if shown.overall else nan,
        refused=nan if shown.answered is None else 1 - shown.answered,
        rightly_refused=nan if shown.refused is None else shown.refused,
    )


def _judge(answered: Answered, excerpts: tuple[Excerpt, ...]) -> Asked:
    return Asked(answered.question, excerpts, answered.is_covered, coverage=0.0, seconds=0.0)


def _to_excerpts(results: Sequence[Result]) -> tuple[Excerpt, ...]:
    return tuple(Excerpt(one.source, one.text) for one in results)


def _mean(values: Sequence[float]) -> float:
    return mean(values) if values else nan
