"""The benches' figures: worked out by hand, and against the scorer that the project is held to."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from math import isnan
from pathlib import Path

import pytest
from conftest import SHARED

from bench import answers, quality
from bench.figures import format_share
from bench.inputs import MissingInput
from bench.judged import read_judged, score_themes
from bench.peers import Found, Result
from bench.questions.reader import read_questions
from bench.scoring import MEASURES, Asked, score_run, split_halves, write_run
from bench.shown import Answered, measure_answers
from kb.retrieval.evaluation import Gold, Question

TABLE = "nobody who has shared a table needs a speech"
PEN = "since the crews hold the pen we have had none"


def ask(number: int, kind: str, gold: dict[str, str], *found: tuple[str, str], coverage: float | None = 0.0) -> Asked:
    question = Question(f"ft-{number:03}", kind, "?", tuple(Gold(file, quote) for file, quote in gold.items()))
    results = tuple(Result(source, text) for source, text in found)
    return Asked(question, Found(results, coverage, None if coverage is None else coverage > 0.5), 0.01)


def show(number: int, gold: dict[str, str], *shown: tuple[str, str], covered: bool = True) -> Answered:
    question = Question(f"ft-{number:03}", "multi", "?", tuple(Gold(file, quote) for file, quote in gold.items()))
    citations = [{"source": source, "quote": text, "speaker": source} for source, text in shown]
    results = tuple(Result(source, text) for source, text in shown)
    return Answered(question, results, {"covered": covered, "citations": citations})


def test_measures_are_those_of_all_and_of_each_type() -> None:
    scores = score_run(
        [
            ask(1, "specific", {"soup.md": TABLE}, ("soup.md", TABLE), coverage=0.9),
            ask(2, "specific", {"soup.md": TABLE}, ("steel.md", TABLE), ("soup.md", TABLE), coverage=0.4),
            ask(3, "speaker", {"soup.md": TABLE}, ("soup.md", "word " * 1000), ("soup.md", TABLE), coverage=0.9),
            ask(4, "unanswerable", {}, ("soup.md", TABLE), coverage=0.4),
        ]
    )
    assert scores.measures == pytest.approx((1 / 3, 1, 1, (1 + 1 / 2 + 1 / 2) / 3, 2 / 3))
    assert scores.kinds == {"specific": (0.5, 1, 1, 0.75, 1), "speaker": (0, 1, 1, 0.5, 0)}
    assert scores.auroc == pytest.approx((1 + 0.5 + 1) / 3)
    assert (scores.answered, scores.refused) == pytest.approx((2 / 3, 1))


def test_a_pipeline_that_never_refuses_has_no_figures_of_coverage() -> None:
    run = [
        ask(1, "specific", {"soup.md": TABLE}, ("soup.md", TABLE), coverage=None),
        ask(2, "unanswerable", {}, coverage=None),
    ]
    scores = score_run(run)
    assert scores.measures[0] == 1
    assert (scores.auroc, scores.answered, scores.refused) == (None, None, None)


def test_what_cannot_be_measured_is_a_dash() -> None:
    scores = score_run([ask(1, "unanswerable", {})])
    assert all(map(isnan, scores.measures))
    assert [format_share(value) for value in (*scores.measures, scores.auroc, scores.refused)] == [*["–"] * 6, "1.000"]


def test_halves_go_by_the_number_of_the_question() -> None:
    even, odd = split_halves([ask(number, "specific", {}) for number in (1, 2, 3)])
    assert [one.question.id for one in even] == ["ft-002"]
    assert [one.question.id for one in odd] == ["ft-001", "ft-003"]


def test_the_figures_are_those_of_the_scorer(tmp_path: Path) -> None:
    scorer, path = SHARED / "eval" / "score.py", SHARED / "eval" / "founders_questions.jsonl"
    if not scorer.exists():
        pytest.skip("the scorer is not beside the project (../shared/eval/score.py)")
    run = make_run(list(read_questions(path).questions))
    write_run(tmp_path / "run.jsonl", run)
    command = [sys.executable, str(scorer), str(path), str(tmp_path / "run.jsonl"), "--json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = score_run(run)
    assert 0.2 < theirs["ALL"]["S@5"] < 0.95
    assert ours.measures == pytest.approx([theirs["ALL"][name] for name in MEASURES])
    for kind, measures in ours.kinds.items():
        assert measures == pytest.approx([theirs[kind][name] for name in MEASURES]), kind
    rest = theirs["overall"]
    assert (ours.auroc, ours.answered, ours.refused) == pytest.approx(
        (rest["AUROC"], rest["answered"], rest["refused"])
    )


def test_what_answers_show_is_measured_at_gold_places() -> None:
    gold = {"soup.md": TABLE, "steel.md": PEN}
    figures = measure_answers(
        [
            show(1, gold, ("soup.md", f"Well, {TABLE}."), ("soup.md", "and so on")),
            show(2, gold, ("soup.md", "something else entirely"), ("steel.md", PEN), ("soup.md", TABLE)),
            show(3, gold, ("soup.md", TABLE), covered=False),
            show(4, {}, ("soup.md", TABLE)),
            show(5, {}, covered=False),
        ]
    )
    assert (figures.first, figures.anywhere) == pytest.approx((1 / 3, 2 / 3))
    assert figures.recall == pytest.approx((1 / 2 + 2 / 2 + 0) / 3)
    assert (figures.refused, figures.rightly_refused) == pytest.approx((1 / 3, 0.5))
    assert (figures.shown, figures.words, figures.leaders) == (2.5, (13 + 22) / 2, 1.5)
    assert (figures.found, figures.found_recall) == pytest.approx((1, (1 / 2 + 1 + 1 / 2) / 3))


def test_a_judged_file_is_scored_by_the_scorer_beside_it(tmp_path: Path) -> None:
    judged = tmp_path / "mine.jsonl"
    judged.write_text('{"id": "d1", "query": "How do\u2028leaders eat?", "judged": []}\n', encoding="utf-8")
    with pytest.raises(MissingInput, match=r"There is no .*score_themes\.py; give a judged file with score_themes\.py"):
        read_judged(judged, "score_themes.py")
    (tmp_path / "score_themes.py").write_text(
        "import json, sys\nrow = json.loads(open(sys.argv[2]).read())\nprint(json.dumps({'found': row['results']}))\n"
    )
    (question,) = read_judged(judged, "score_themes.py")
    assert question == Question("d1", "theme", "How do\u2028leaders eat?", ())
    run = [Answered(question, (Result("soup.md", "Soup."),), {"covered": False, "citations": []})]
    assert score_themes(run, judged) == {"found": [{"source": "soup.md", "text": "Soup."}]}


def test_the_tables_name_each_type_and_each_half() -> None:
    class Peer:
        name = "**ours**"
        passages = 2_000

        def search(self, question: str) -> Found:
            raise AssertionError(question)

        def close(self) -> None:
            pass

    run = [
        ask(1, "specific", {"soup.md": TABLE}, ("soup.md", TABLE), coverage=0.9),
        ask(2, "multi", {"soup.md": TABLE}, ("steel.md", TABLE), coverage=0.9),
        ask(3, "unanswerable", {}, coverage=0.1),
    ]
    table = quality.report({"ours": quality.Built(Peer(), 9.0)}, {"ours": run})
    assert (
        "| **ours** | 0.500 | 0.500 | 0.500 | 0.500 | 0.500 | 1.000 | 1.000 | 1.000 | 10 | 10 | – | 2,000 | 9 |"
        in table
    )
    assert "|  | specific (1) | multi (1) |" in table
    assert "| **ours** | 1.00 / 1.00 / 1.00 | 0.00 / 0.00 / 0.00 |" in table
    assert "| **ours** | 0.00 / 1.00 |" in table


def test_the_table_of_answers_needs_no_judged_file() -> None:
    gold = [show(1, {"soup.md": TABLE}, ("soup.md", TABLE)), show(2, {}, covered=False)]
    table = answers.report([answers.Run("**ours**", {"gold": gold})], argparse.Namespace(themes=None, judged=None))
    assert table.startswith("1 theme questions, 1 that nobody answers; ")
    assert table.endswith("| **ours** | 1.00 | 1.00 | 1.0 | 9 | 1.0 | 1.00 | 1.00 | 1.00 | 0.00 | 1.00 |")


@pytest.mark.slow
def test_our_pipeline_is_measured_end_to_end(
    interviews_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "questions.jsonl"
    rows = [
        {
            "id": "q1",
            "type": "multi",
            "query": "How do you get volunteers to care about soup?",
            "gold": [{"file": "soup.md", "quote": "sit down and eat beside the people who come in"}],
        },
        {"id": "q2", "type": "unanswerable", "query": "How do you knead bread?", "gold": []},
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    arguments = ["--corpus", str(interviews_folder), "--questions", str(questions)]
    assert quality.main([*arguments, "--only", "ours", "--runs", str(tmp_path / "runs")]) == 0
    printed = capsys.readouterr().out
    assert "| **ours** | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 |" in printed
    assert "| **ours** | 1.00 / 1.00 / 1.00 |" in printed
    assert "| **all steps** | 1.000 |" in printed
    kept = [json.loads(line) for line in (tmp_path / "runs" / "ours.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in kept] == ["q1", "q2"]
    assert answers.main([*arguments, "--ours", "--keep", str(tmp_path / "kept")]) == 0
    printed = capsys.readouterr().out
    assert "1 theme questions, 1 that nobody answers" in printed
    assert "**ours** | 1.00 | 1.00 |" in printed
    assert len(list((tmp_path / "kept").glob("*-gold-shown.jsonl"))) == 4


def make_run(questions: list[Question]) -> list[Asked]:
    """A run with golden passages, parts of them, and others, at random ranks."""
    rng = random.Random(7)
    every = [gold for question in questions for gold in question.gold]
    run = []
    for question in questions:
        chosen = rng.sample(every, 12) + rng.sample(question.gold, rng.randint(0, len(question.gold)))
        rng.shuffle(chosen)
        results = tuple(Result(f"talks/{gold.file}", _cut(gold.quote, rng)) for gold in chosen)
        found = Found(results, coverage=round(rng.random(), 1), covered=rng.random() < 0.7)
        run.append(Asked(question, found, rng.random()))
    return run


def _cut(quote: str, rng: random.Random) -> str:
    words = quote.split()
    return " ".join(words[rng.randint(0, len(words) // 2) :]) + " and so on" * rng.randint(0, 90)
