"""Score answers by files of judged passages and sentences, each with the scorer in the same folder."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.figures import format_table
from bench.inputs import MissingInput
from bench.rows import write_rows
from bench.shown import Answered
from kb.retrieval.evaluation import JsonLine, Question, read_lines

THEME_SCORER, ANSWER_SCORER = "score_themes.py", "score_answers.py"
SEARCH = ("nDCG@10", "P@10", "R@20", "unjudged")
SHOWN = ("shown", "refused", "good", "off", "first", "leaders")
ANSWERS = ("shown", "words", "share2", "share0", "first2", "lead2", "answered", "refused")
# The pipeline before: the sentences of forty passages compete, and twelve are shown. Measured at 68860fd.
BEFORE = {
    "search": {"nDCG@10": 0.264, "P@10": 0.273, "R@20": 0.350, "unjudged": 0.0},
    "shown": {"shown": 11.5, "refused": 0.044, "good": 0.203, "off": 0.362, "first": 0.333, "leaders": 1.91},
    "judged": {
        "shown": 10.8,
        "words": 365,
        "share2": 0.09,
        "share0": 0.73,
        "first2": 0.24,
        "lead2": 0.22,
        "answered": 0.81,
        "refused": 1.0,
    },
}

Row = dict[str, Any]


def read_judged(path: Path, scorer: str) -> list[Question]:
    """Read the questions of a judged file.

    Raises MissingInput when the file or its scorer is missing, BadQuestion when a line is not a question.
    """
    for needed in (path, path.with_name(scorer)):
        if not needed.is_file():
            raise MissingInput(f"There is no {needed}; give a judged file with {scorer} beside it")
    return list(map(_to_question, read_lines(path, 'with "id" and "query"')))


def report_themes(runs: Mapping[str, Sequence[Answered]], themes: Path) -> str:
    """Format how well themes are found, and how well answers to them are chosen; runs are by the pipeline's name.

    Raises MissingInput when the scorer fails.
    """
    search = [["before (68860fd)", *(f"{BEFORE['search'][name]:.3f}" for name in SEARCH)]]
    shown = [["before (68860fd)", *(f"{BEFORE['shown'][name]:.2f}" for name in SHOWN)]]
    for name, run in runs.items():
        figures = score_themes(run, themes)
        search.append([name, *(f"{figures['search'][measure]:.3f}" for measure in SEARCH)])
        shown.append([name, *(f"{figures['answers'][measure]:.2f}" for measure in SHOWN)])
    tables = (("Finding judged themes", SEARCH, search), ("Answers to judged themes", SHOWN, shown))
    return "\n\n".join(f"{title}:\n\n{format_table([title, *names], rows)}" for title, names, rows in tables)


def report_answers(runs: Mapping[str, Sequence[Answered]], judged: Path) -> str:
    """Format how good the sentences of answers are, all of them judged; runs are by the pipeline's name.

    Raises MissingInput when the scorer fails.
    """
    title = "Answers whose every sentence was judged"
    rows = [["before (68860fd)", *(_format(BEFORE["judged"][name]) for name in ANSWERS)]]
    for name, run in runs.items():
        figures = score_answers(run, judged)["ALL"]
        rows.append([name, *(_format(figures[measure]) for measure in ANSWERS)])
    return f"{title}:\n\n{format_table([title, *ANSWERS], rows)}"


def score_themes(run: Sequence[Answered], themes: Path) -> Row:
    """Score a run with the scorer of themes. Raises MissingInput when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        found, shown = Path(folder) / "found.jsonl", Path(folder) / "shown.jsonl"
        write_rows(found, map(to_found, run))
        write_rows(shown, map(to_shown, run))
        return _score(themes.with_name(THEME_SCORER), themes, found, "--answers", shown)


def score_answers(run: Sequence[Answered], judged: Path) -> Row:
    """Score a run with the scorer of answers. Raises MissingInput when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / "shown.jsonl"
        write_rows(shown, map(to_shown, run))
        return _score(judged.with_name(ANSWER_SCORER), judged, shown)


def to_found(answered: Answered) -> Row:
    """Convert to the passages that `kb batch` prints."""
    results = [{"source": one.source, "text": one.text} for one in answered.results]
    return {"id": answered.question.id, "results": results}


def to_shown(answered: Answered) -> Row:
    """Convert to the answer that `kb ask --json` prints, with the question's id."""
    return {"id": answered.question.id, **answered.answer}


def _to_question(line: JsonLine) -> Question:
    row = line.read()
    try:
        return Question(str(row["id"]), str(row.get("type", "theme")), str(row["query"]), ())
    except KeyError as error:
        raise line.refuse() from error


def _score(scorer: Path, *arguments: object) -> Row:
    command = [sys.executable, str(scorer), *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingInput(f"The scorer {scorer} failed: {done.stderr.strip() or done.returncode}")
    figures: Row = json.loads(done.stdout)
    return figures


def _format(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
