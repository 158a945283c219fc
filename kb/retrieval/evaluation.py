"""Evaluate retrieval on questions with known answers: MRR, recall, success at rank, AUROC of coverage."""

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

RUN = 5  # words in a run
FOUND = 0.5  # share of a gold quotation's runs that a passage must contain
DEPTH = 10  # passages considered for MRR and R@10
RANKS = (1, 3, 5, 10)
BUDGETS = (500, 1000)  # numbers of words shown

NOTES = re.compile(r"\\?\[[^\]]*\]|\(\d{1,2}:\d\d(?::\d\d)?\)|[*_`>#\\]")  # times in brackets, Markdown

Runs = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Gold:
    """A quotation that answers a question, and its file."""

    file: str
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its gold quotations; without gold, the interviews do not answer it."""

    id: str
    kind: str
    text: str
    gold: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """A question to be answered, with its id in the file."""

    id: object  # any JSON value; None: the file gives no id
    text: str


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A line of a question file."""

    text: str
    place: str  # file and line number, for messages
    form: str  # what it must contain

    def read(self) -> dict[str, Any]:
        """Parse the line as a JSON object. Raises BadQuestion when it is not one."""
        try:
            row = json.loads(self.text)
            json.dumps(row, ensure_ascii=False).encode()  # JSON allows lone surrogates, UTF-8 does not
        except (ValueError, RecursionError) as error:
            raise self.refuse() from error
        if not isinstance(row, dict):
            raise self.refuse()
        return row

    def refuse(self) -> BadQuestion:
        """Return the error for this line."""
        return BadQuestion(f"{self.place}: each line must be a JSON object {self.form}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its results, best first."""

    question: Question
    shown: tuple[Excerpt, ...]
    is_covered: bool
    coverage: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Measures over a set of answerable questions, each from 0 to 1."""

    questions: int
    within: dict[int, float]  # rank -> share of questions answered within that rank
    mrr: float
    recall: float  # mean share of a question's gold files found among the first 10 passages
    within_words: dict[int, float]  # words shown -> share of questions answered within that many


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures of each kind of question, of all questions, and of the coverage decision."""

    kinds: dict[str, Figures]
    overall: Figures | None  # None: no question is answerable
    auroc: float | None  # None: needs questions with and without an answer
    answered: float | None  # share of the answerable questions that were answered
    refused: float | None  # share of the unanswerable questions that were refused
    p50: float | None  # seconds; None: needs two questions
    p95: float | None


def read_questions(path: Path) -> list[Question]:
    """Read an evaluation set of JSON lines: id, type, query, and gold as file and quote. Raises BadQuestion."""
    return [
        _to_question(line) for line in read_lines(path, 'with "id", "query" and "gold", a list of "file" and "quote"')
    ]


def read_batch(path: Path) -> list[BatchQuestion]:
    """Read questions to be answered from JSON lines: query, and optionally id. Raises BadQuestion."""
    return list(map(_to_batch_question, read_lines(path, 'with "query", and "id" if you like')))


def read_lines(path: Path, form: str) -> list[JsonLine]:
    """Read the non-empty lines of a question file; `form` describes what each must contain. Raises BadQuestion."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors write a byte order mark
    except OSError as error:
        raise BadQuestion(
            f"The questions {path} cannot be read: {error.strerror}; give a file of JSON lines in UTF-8"
        ) from error
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        raise BadQuestion(f"The questions {path} are not in UTF-8, line {number}; save the file as UTF-8") from error
    # Not splitlines: it also breaks at characters that are allowed inside a JSON string.
    found = [
        JsonLine(one, f"{path}, line {number}", form) for number, one in enumerate(text.split("\n"), 1) if one.strip()
    ]
    if not found:
        raise BadQuestion(f"The file {path} holds no question; give one JSON object a line, {form}")
    return found


def read_gold(row: Any, place: str) -> Gold:
    """Read a gold quotation from JSON.

    Raises BadQuestion, naming the place, when it has no file or no word, and KeyError or TypeError in another form.
    """
    gold = Gold(str(row["file"]), str(row["quote"]))
    if not gold.file.strip() or not _fold_words(gold.quote):
        raise BadQuestion(
            f'{place}: a gold quotation must name a file and hold a word of it; leave "gold" empty if nothing answers'
        )
    return gold


def make_question(feedback: Feedback, number: int) -> dict[str, Any]:
    """Convert a helpful answer to a line of an evaluation set, with its quotations as gold."""
    gold = dict.fromkeys((quotation.source, quotation.text) for quotation in feedback.quotations)
    return {
        "id": f"fb-{number:03}",
        "type": "feedback",
        "query": feedback.question,
        "gold": [{"file": source, "quote": text} for source, text in gold],
    }


def keep_latest(feedback: Sequence[Feedback]) -> list[Feedback]:
    """Keep the latest rating of each question, in the order of asking."""
    return list({one.question.strip().casefold(): one for one in feedback}.values())


def evaluate(run: Sequence[Asked]) -> Evaluation:
    """Compute all measures of a run."""
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


def _to_question(line: JsonLine) -> Question:
    row = line.read()
    try:
        gold = tuple(read_gold(one, line.place) for one in row["gold"])
        return Question(str(row["id"]), str(row.get("type", "question")), _read_query(row), gold)
    except (KeyError, TypeError) as error:
        raise line.refuse() from error


def _to_batch_question(line: JsonLine) -> BatchQuestion:
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
    """Return the rank, from 1, of the first passage that contains a gold quotation."""
    ranks = (rank for rank, shown in enumerate(asked.shown, 1) if _files_found(shown, asked.question))
    return next(ranks, None)


def _count_words(asked: Asked, rank: int | None) -> int | None:
    """Count the words shown up to and including the passage at this rank."""
    return None if rank is None else sum(len(shown.text.split()) for shown in asked.shown[:rank])


def _recall(asked: Asked) -> float:
    wanted = {gold.file for gold in asked.question.gold}
    found = {file for shown in asked.shown[:DEPTH] for file in _files_found(shown, asked.question)}
    return len(found) / len(wanted)


def _files_found(shown: Excerpt, question: Question) -> set[str]:
    return {gold.file for gold in question.gold if _holds(shown, gold)}


def _holds(shown: Excerpt, gold: Gold) -> bool:
    """Whether a passage is from the gold file and contains at least half of its word runs."""
    if gold.file.lower() not in shown.source.lower():
        return False
    wanted = _fold_words(gold.quote)
    size = max(1, min(RUN, len(wanted)))
    runs = _list_runs(wanted, size)
    return bool(runs) and len(runs & _list_runs(_fold_words(shown.text), size)) >= FOUND * len(runs)


def _fold_words(text: str) -> list[str]:
    return WORD.findall(NOTES.sub(" ", html.unescape(text)).lower().replace("’", "'"))


def _list_runs(words: Sequence[str], size: int) -> Runs:
    return frozenset(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Probability that an answerable question scores above an unanswerable one; a tie counts half."""
    if not positive or not negative:
        return None
    return mean(1.0 if high > low else 0.5 if high == low else 0.0 for high in positive for low in negative)


def _share(flags: Sequence[bool]) -> float | None:
    return mean(flags) if flags else None
