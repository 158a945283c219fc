"""Score what a pipeline found, with the measures of kb.retrieval.evaluation, as the tables of the benches show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

from bench.peers import Found
from bench.rows import write_rows
from kb.model import Excerpt
from kb.retrieval.evaluation import Asked as Measured
from kb.retrieval.evaluation import Figures, Question, evaluate

MEASURES = ("S@1", "S@5", "S@10", "MRR", "W1000")

Measures = tuple[float, ...]  # in the order of MEASURES, 0..1


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what one pipeline found, and how long it took."""

    question: Question
    found: Found
    seconds: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Measures of a run over some questions; NaN if none of the questions has gold."""

    measures: Measures
    kinds: dict[str, Measures]  # by type of question, of those with gold
    auroc: float | None  # of coverage; None if the pipeline does not report it
    answered: float | None  # share of the questions with gold; None if the pipeline never refuses
    refused: float | None  # share of those without


def score_run(run: Sequence[Asked]) -> Scores:
    """Score the questions of a run."""
    figures = evaluate([_to_measured(asked) for asked in run])
    tells_coverage = all(asked.found.coverage is not None for asked in run)
    refuses = all(asked.found.covered is not None for asked in run)
    return Scores(
        measures=_pick_measures(figures.overall),
        kinds={kind: _pick_measures(some) for kind, some in figures.kinds.items()},
        auroc=figures.auroc if tells_coverage else None,
        answered=figures.answered if refuses else None,
        refused=figures.refused if refuses else None,
    )


def split_halves(run: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Split the questions into those with an even number in their id, and those with an odd one."""
    even = [asked for asked in run if _number(asked.question.id) % 2 == 0]
    odd = [asked for asked in run if _number(asked.question.id) % 2]
    return even, odd


def write_run(path: Path, run: Iterable[Asked]) -> None:
    """Write a run as `kb batch` prints it, one JSON object per line."""
    write_rows(path, map(_to_row, run))


def _to_measured(asked: Asked) -> Measured:
    found = asked.found
    shown = tuple(Excerpt(one.source, one.text) for one in found.results)
    return Measured(asked.question, shown, bool(found.covered), found.coverage or 0.0, asked.seconds)


def _pick_measures(figures: Figures | None) -> Measures:
    if figures is None:
        return (nan,) * len(MEASURES)
    return (*(figures.within[rank] for rank in (1, 5, 10)), figures.mrr, figures.within_words[1000])


def _to_row(asked: Asked) -> dict[str, Any]:
    found = asked.found
    row = {
        "id": asked.question.id,
        "results": [{"source": one.source, "text": one.text} for one in found.results],
        "coverage": found.coverage,
        "covered": found.covered,
        "seconds": asked.seconds,
    }
    return {key: value for key, value in row.items() if value is not None}


def _number(question_id: str) -> int:
    return int("".join(filter(str.isdigit, question_id)) or 0)
