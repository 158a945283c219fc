"""Measure how well questions with known answers are found, in the usual measures of retrieval."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from kb.errors import BadQuestion
from kb.model import Excerpt, Feedback
from kb.text.words import WORD

RUN = 5  # words of a run
FOUND = 0.5  # of a gold quotation's runs that a passage must hold
DEPTH = 10  # passages that count for MRR and R@10
RANKS = (1, 3, 5, 10)
BUDGETS = (500, 1000)  # words shown

NOTES = re.compile(r"\\?\[[^\]]*\]|\(\d{1,2}:\d\d(?::\d\d)?\)|[*_`>#\\]")  # times in brackets, Markdown

Runs = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Gold:
    """Words that answer a question, and the file that holds them."""

    file: str
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and where it is answered; no gold means that the interviews do not answer it."""

    id: str
    kind: str
    text: str
    gold: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """A question to be answered, with the id that its file gives it."""

    id: object  # whatever JSON holds; None: the file gives none
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back, best first."""

    question: Question
    shown: tuple[Excerpt, ...]
    is_covered: bool
    coverage: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Measures over some questions that have an answer, each from 0 to 1."""

    questions: int
    within: dict[int, float]  # rank -> share of questions answered by then
    mrr: float
    recall: float  # mean share of a question's interviews among the first 10 passages
    within_words: dict[int, float]  # words shown -> share of questions answered by then


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures of each kind of question, of all together, and of the coverage."""

    kinds: dict[str, Figures]
    overall: Figures | None  # None: no question has an answer
    auroc: float | None  # None: it takes questions with and without an answer
    answered: float | None  # share of the questions with an answer
    refused: float | None  # share of the questions without one
    p50: float | None  # seconds; None: it takes two questions
    p95: float | None


def read_questions(path: Path) -> list[Question]:
    """An evaluation set, one JSON object a line: id, type, query, and gold as file and quote. Raises BadQuestion."""
    return [
        _to_question(line) for line in _read_lines(path, 'with "id", "query" and "gold", a list of "file" and "quote"')
    ]


def read_batch(path: Path) -> list[BatchQuestion]:
    """Questions to be answered, one JSON object a line: query, and id if there is one. Raises BadQuestion."""
    return list(map(_to_batch_question, _read_lines(path, 'with "query", and "id" if you like')))


def make_question(feedback: Feedback, number: int) -> dict[str, Any]:
    """An answer that a reader found helpful as a line of an evaluation set: its quotations are the gold."""
    gold = dict.fromkeys((quotation.source, quotation.text) for quotation in feedback.quotations)
    return {
        "id": f"fb-{number:03}",
        "type": "feedback",
        "query": feedback.question,
        "gold": [{"file": source, "quote": text} for source, text in gold],
    }


def keep_latest(feedback: Sequence[Feedback]) -> list[Feedback]:
    """The last word on each question, in the order of asking."""
    return list({one.question.strip().casefold(): one for one in feedback}.values())


def evaluate(run: Sequence[Asked]) -> Evaluation:
    """All measures of a run."""
    answerable = [asked for asked in run if asked.question.gold]
    unanswerable = [asked for asked in run if not asked.question.gold]
    kinds = dict.fromkeys(asked.question.kind for asked in answerable)
    cuts = quantiles([asked.seconds for asked in run], n=20, method="inclusive") if len(run) > 1 else None
    return Evaluation(
        kinds={kind: _measure([one for one in answerable if one.question.kind == kind]) for kind in kinds},
        overall=_measure(answerable) if answerable else None,
        auroc=_auroc([one.coverage for one in answerable], [one.coverage for one in unanswerable]),
        answered=_share([one.is_covered for one in answerable]),
        refused=_share([not one.is_covered for one in unanswerable]),
        p50=cuts[9] if cuts else None,
        p95=cuts[18] if cuts else None,
    )


def _read_lines(path: Path, form: str) -> list[_Line]:
    """The lines of a file of questions that are not empty; `form` tells what each must hold."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except OSError as error:
        raise BadQuestion(
            f"The questions {path} cannot be read: {error.strerror}; give a file of JSON lines in UTF-8"
        ) from error
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        raise BadQuestion(f"The questions {path} are not in UTF-8, line {number}; save the file as UTF-8") from error
    # Not by splitlines: what it breaks at may stand inside a JSON string.
    found = [
        _Line(one, f"{path}, line {number}", form) for number, one in enumerate(text.split("\n"), 1) if one.strip()
    ]
    if not found:
        raise BadQuestion(f"The file {path} holds no question; give one JSON object a line, {form}")
    return found


def _to_question(line: _Line) -> Question:
    row = line.read()
    try:
        gold = tuple(Gold(str(one["file"]), str(one["quote"])) for one in row["gold"])
        return Question(str(row["id"]), str(row.get("type", "question")), _read_query(row), gold)
    except (KeyError, TypeError) as error:
        raise line.refuse() from error


def _to_batch_question(line: _Line) -> BatchQuestion:
    row = line.read()
    try:
        return BatchQuestion(row.get("id"), _read_query(row))
    except (KeyError, TypeError) as error:
        raise line.refuse() from error


def _read_query(row: dict[str, Any]) -> str:
    query = row["query"]
    if not isinstance(query, str):
        raise TypeError(query)
    return query


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a file of questions."""

    text: str
    place: str  # the file and the number of the line, for messages
    form: str  # what it must hold

    def read(self) -> dict[str, Any]:
        """Its JSON object; BadQuestion where it is none."""
        try:
            row = json.loads(self.text)
            json.dumps(row, ensure_ascii=False).encode()  # half a character, which JSON lets through, is none
        except (ValueError, RecursionError) as error:
            raise self.refuse() from error
        if not isinstance(row, dict):
            raise self.refuse()
        return row

    def refuse(self) -> BadQuestion:
        """What is wrong with it."""
        return BadQuestion(f"{self.place}: each line must be a JSON object {self.form}")


def _measure(run: Sequence[Asked]) -> Figures:
    ranks = [_find_rank(asked) for asked in run]
    words = [_count_words(asked, rank) for asked, rank in zip(run, ranks, strict=True)]
    return Figures(
        questions=len(run),
        within={limit: mean(rank is not None and rank <= limit for rank in ranks) for limit in RANKS},
        mrr=mean(1 / rank if rank is not None and rank <= DEPTH else 0.0 for rank in ranks),
        recall=mean(map(_recall, run)),
        within_words={limit: mean(one is not None and one <= limit for one in words) for limit in BUDGETS},
    )


def _find_rank(asked: Asked) -> int | None:
    """Rank, from 1, of the first passage that holds an answer."""
    ranks = (rank for rank, shown in enumerate(asked.shown, 1) if _files_found(shown, asked.question))
    return next(ranks, None)


def _count_words(asked: Asked, rank: int | None) -> int | None:
    """Words shown up to and with the first passage that holds an answer."""
    return None if rank is None else sum(len(shown.text.split()) for shown in asked.shown[:rank])


def _recall(asked: Asked) -> float:
    wanted = {gold.file for gold in asked.question.gold}
    found = {file for shown in asked.shown[:DEPTH] for file in _files_found(shown, asked.question)}
    return len(found) / len(wanted)


def _files_found(shown: Excerpt, question: Question) -> set[str]:
    return {gold.file for gold in question.gold if _holds(shown, gold)}


def _holds(shown: Excerpt, gold: Gold) -> bool:
    """Whether a passage comes from the gold's file and has at least half of its runs of words."""
    if gold.file.lower() not in shown.source.lower():
        return False
    wanted = _fold_words(gold.quote)
    size = max(1, min(RUN, len(wanted)))
    runs = _list_runs(wanted, size)
    return len(runs & _list_runs(_fold_words(shown.text), size)) >= FOUND * len(runs)


def _fold_words(text: str) -> list[str]:
    return WORD.findall(NOTES.sub(" ", html.unescape(text)).lower().replace("’", "'"))


def _list_runs(words: Sequence[str], size: int) -> Runs:
    return frozenset(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Chance that an answerable question scores above an unanswerable one; a tie counts half."""
    if not positive or not negative:
        return None
    return mean(1.0 if high > low else 0.5 if high == low else 0.0 for high in positive for low in negative)


def _share(flags: Sequence[bool]) -> float | None:
    return mean(flags) if flags else None
