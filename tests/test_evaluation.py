"""The measures of retrieval: worked out by hand, and against the scorer that the project is held to."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SHARED

from kb.cli.to_json import evaluation_to_json
from kb.errors import BadQuestion
from kb.model import Excerpt, Feedback
from kb.retrieval.evaluation import Asked, Gold, Question, evaluate, keep_latest, make_question, read_questions

QUOTE = "nobody who has shared a table needs a speech"


def ask(number: int, *shown: tuple[str, str], gold: tuple[Gold, ...], coverage: float = 0.0) -> Asked:
    question = Question(f"q-{number}", "question", "?", gold)
    excerpts = tuple(Excerpt(source, text) for source, text in shown)
    return Asked(question, excerpts, coverage > 0.5, coverage, 0.1 * number)


def write_gold(file: str, quote: str) -> str:
    return json.dumps({"id": "1", "query": "Who?", "gold": [{"file": file, "quote": quote}]})


def test_a_passage_counts_when_it_holds_half_of_the_quotations_runs_in_its_file() -> None:
    gold = (Gold("soup.md", QUOTE),)
    found = evaluate(
        [
            ask(1, ("soup.md", f"Well, *{QUOTE.title()}*, she said."), gold=gold),
            ask(2, ("steel.md", QUOTE), ("a/soup.md", "[00:12] who has shared a table needs a\nspeech"), gold=gold),
            ask(3, ("steel.md", QUOTE), ("soup.md", "a table needs a speech"), gold=gold),
        ]
    ).overall
    assert found is not None
    assert found.within == pytest.approx({1: 1 / 3, 3: 2 / 3, 5: 2 / 3, 10: 2 / 3})
    assert found.mrr == pytest.approx((1 + 1 / 2 + 0) / 3)


@pytest.mark.parametrize("quote", ["", " ", "[00:12] **[laughs]**", "…"])
def test_a_gold_quotation_without_a_word_is_in_no_passage(quote: str) -> None:
    found = evaluate([ask(1, ("soup.md", QUOTE), gold=(Gold("soup.md", quote),))]).overall
    assert found is not None
    assert found.within[10] == found.recall == 0


def test_recall_counts_interviews_and_words_count_what_was_read() -> None:
    gold = (Gold("soup.md", QUOTE), Gold("steel.md", "the crews hold the pen"))
    found = evaluate([ask(1, ("x.md", "word " * 600), ("soup.md", QUOTE), gold=gold)]).overall
    assert found is not None
    assert found.recall == 0.5
    assert found.within_words == {500: 0.0, 1000: 1.0}


def test_coverage_is_judged_by_rank_and_by_threshold() -> None:
    gold = (Gold("soup.md", QUOTE),)
    found = evaluate(
        [
            ask(1, gold=gold, coverage=0.9),
            ask(2, gold=gold, coverage=0.4),
            ask(3, gold=(), coverage=0.6),
            ask(4, gold=(), coverage=0.4),
        ]
    )
    assert found.auroc == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert found.answered == 0.5
    assert found.refused == 0.5


def test_what_cannot_be_measured_is_left_out() -> None:
    found = evaluate([ask(1, gold=())])
    assert found.overall is None
    assert found.auroc is None
    assert found.p50 is None
    assert evaluation_to_json(found) == {"overall": {"refused": 1.0}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("", "holds no question"),
        ("not json", "line 1: each line must be a JSON object"),
        ('{"id": 1, "query": "x"}', "line 1: each line must be a JSON object"),
        ('{"id": 1, "query": "x", "gold": ["y"]}', "line 1: each line must be a JSON object"),
        ("[]", "line 1: each line must be a JSON object"),
        (write_gold("soup.md", ""), "line 1: a gold quotation must name a file and hold a word of it"),
        (write_gold("soup.md", "[00:12] …"), "line 1: a gold quotation must name a file and hold a word of it"),
        (write_gold(" ", "soup"), "line 1: a gold quotation must name a file and hold a word of it"),
    ],
)
def test_a_file_that_holds_no_questions_is_one_clear_line(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "questions.jsonl"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(BadQuestion, match=message) as caught:
        read_questions(path)
    assert "\n" not in str(caught.value)


def test_a_helpful_answer_becomes_a_question_whose_gold_is_what_it_quoted() -> None:
    quotations = (Excerpt("soup.md", QUOTE), Excerpt("soup.md", QUOTE))
    feedback = Feedback("2024-05-04T10:00:00+00:00", "Who cares?", True, (), quotations)
    assert make_question(feedback, 7) == {
        "id": "fb-007",
        "type": "feedback",
        "query": "Who cares?",
        "gold": [{"file": "soup.md", "quote": QUOTE}],
    }


def test_the_last_thumb_for_a_question_counts() -> None:
    first = Feedback("1", "Who cares?", True, (), ())
    other = Feedback("2", "Why?", True, (), ())
    last = Feedback("3", "who cares? ", False, (), ())
    assert keep_latest([first, other, last]) == [last, other]


def test_the_figures_are_those_of_the_scorer(tmp_path: Path) -> None:
    scorer, path = SHARED / "eval" / "score.py", SHARED / "eval" / "founders_questions.jsonl"
    if not scorer.exists():
        pytest.skip("the scorer is not beside the project (../shared/eval/score.py)")
    run = make_run(read_questions(path))
    rows = [
        {
            "id": asked.question.id,
            "results": [{"source": one.source, "text": one.text} for one in asked.shown],
            "covered": asked.is_covered,
            "coverage": asked.coverage,
            "seconds": asked.seconds,
        }
        for asked in run
    ]
    answers = tmp_path / "run.jsonl"
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, str(scorer), str(path), str(answers), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs, ours = json.loads(done.stdout), evaluation_to_json(evaluate(run))
    assert ours.keys() == theirs.keys()
    assert 0.2 < theirs["ALL"]["S@5"] < 0.95
    for kind, figures in theirs.items():
        assert ours[kind] == pytest.approx(figures), kind


def make_run(questions: list[Question]) -> list[Asked]:
    """A run with golden passages, parts of them, and others, at random ranks."""
    rng = random.Random(5)
    every = [gold for question in questions for gold in question.gold]
    run = []
    for question in questions:
        chosen = rng.sample(every, 12) + rng.sample(question.gold, rng.randint(0, len(question.gold)))
        rng.shuffle(chosen)
        shown = tuple(Excerpt(f"talks/{gold.file}", _cut(gold.quote, rng)) for gold in chosen)
        run.append(Asked(question, shown, rng.random() < 0.7, round(rng.random(), 1), rng.random()))
    return run


def _cut(quote: str, rng: random.Random) -> str:
    words = quote.split()
    first = rng.randint(0, len(words) // 2)
    return "“[12:01] " + " ".join(words[first:]) + "” " + "and so on " * rng.randint(0, 90)
