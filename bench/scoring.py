"""Score a run with the scorer that lies beside the questions; nothing of it is repeated here."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.inputs import MissingInput, Question
from bench.peers import Found

MEASURES = ("S@1", "S@5", "S@10", "MRR", "W1000")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what one pipeline found, and how long it took."""

    question: Question
    found: Found
    seconds: float


@dataclass(frozen=True, slots=True)
class Scores:
    """What the scorer says of a run over some questions."""

    measures: tuple[float, ...]  # in the order of MEASURES, 0..1
    auroc: float | None  # of coverage; None where the pipeline does not tell it


def score_run(scorer: Path, run: Sequence[Asked]) -> Scores:
    """Scores over the questions of this run."""
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = Path(folder) / "questions.jsonl", Path(folder) / "run.jsonl"
        _write_lines(questions, (asked.question for asked in run))
        write_run(answers, run)
        command = [sys.executable, str(scorer), str(questions), str(answers), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingInput(f"The scorer {scorer} failed: {done.stderr.strip() or done.returncode}")
    figures = json.loads(done.stdout)
    return Scores(tuple(figures["ALL"][name] for name in MEASURES), figures["overall"].get("AUROC"))


def split_halves(run: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """The questions with an even number in their id, and those with an odd one."""
    even = [asked for asked in run if _number(asked.question["id"]) % 2 == 0]
    odd = [asked for asked in run if _number(asked.question["id"]) % 2]
    return even, odd


def write_run(path: Path, run: Iterable[Asked]) -> None:
    """A run as the scorer reads it."""
    _write_lines(path, map(_to_row, run))


def _to_row(asked: Asked) -> dict[str, Any]:
    found = asked.found
    row = {
        "id": asked.question["id"],
        "results": [{"source": one.source, "text": one.text} for one in found.results],
        "coverage": found.coverage,
        "covered": found.covered,
        "seconds": asked.seconds,
    }
    return {key: value for key, value in row.items() if value is not None}


def _number(question_id: str) -> int:
    return int("".join(filter(str.isdigit, question_id)) or 0)


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
