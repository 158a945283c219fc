"""Read questions whose gold is quotations, or places that are looked up in the interviews."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bench.inputs import COLLECTION, MissingInput, find_corpus, read_text, require
from bench.questions.places import Place, read_slice
from ingest.files import list_files
from kb.retrieval.evaluation import Gold, JsonLine, Question, read_gold, read_lines

QUESTIONS = Path(__file__).with_name("founders-talk.jsonl")
FORM = 'with "id", "query" and "gold", a list of "file" and "quote", or of places'


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions that can be measured with these interviews, and counts of what cannot."""

    questions: tuple[Question, ...]
    places: int = 0  # in the file
    missing: int = 0  # of them: the words are now different, or the interview is missing
    left_out: int = 0  # questions that lost all their gold

    def describe_missing(self) -> str:
        """Describe the missing places in a line; empty if every place is unchanged."""
        if not self.missing:
            return ""
        return (
            f"{self.missing} of {self.places} gold places are not in these interviews (edited or missing files); "
            f"questions left out: {self.left_out}"
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the file."""

    id: str
    kind: str
    text: str
    gold: tuple[Gold | Place, ...]


def read_questions(path: Path, folder: Path | None = None) -> QuestionSet:
    """Read questions, their places as quotations from the interviews in the folder, else from the fetched ones.

    Prints on standard error how many places are missing. Raises BadQuestion when the file holds no questions,
    MissingInput when the file, its interviews, or all of its places are missing.
    """
    rows = _read_rows(path)
    has_places = any(isinstance(gold, Place) for row in rows for gold in row.gold)
    found = _resolve(rows, read_texts(find_corpus(folder)) if has_places else {})
    if found.missing and found.missing == found.places:
        raise MissingInput(
            f"None of the {found.places} gold places of {path} is in these interviews; "
            f"run: kb-ingest fetch {COLLECTION} (or pass --questions FILE)"
        )
    if found.missing:
        print(f"bench: {found.describe_missing()}", file=sys.stderr, flush=True)
    return found


def read_queries(path: Path) -> list[str]:
    """Read the wording of each question; needs no interviews. Raises BadQuestion or MissingInput for the file."""
    return [row.text for row in _read_rows(path)]


def _resolve(rows: Sequence[_Row], texts: Mapping[str, str]) -> QuestionSet:
    """Turn places into quotations; count places with other words, and leave out questions that lose all their gold."""
    questions = [Question(row.id, row.kind, row.text, _find_gold(row, texts)) for row in rows]
    kept = [question for question, row in zip(questions, rows, strict=True) if question.gold or not row.gold]
    given, found = sum(len(row.gold) for row in rows), sum(len(question.gold) for question in questions)
    return QuestionSet(
        questions=tuple(kept),
        places=sum(isinstance(gold, Place) for row in rows for gold in row.gold),
        missing=given - found,
        left_out=len(questions) - len(kept),
    )


def _find_gold(row: _Row, texts: Mapping[str, str]) -> tuple[Gold, ...]:
    quoted = (_to_quotation(gold, texts) if isinstance(gold, Place) else gold for gold in row.gold)
    return tuple(gold for gold in quoted if gold)


def _to_quotation(place: Place, texts: Mapping[str, str]) -> Gold | None:
    quote = read_slice(place, texts.get(place.file, ""))
    return Gold(place.file, quote) if quote else None


def read_texts(folder: Path) -> dict[str, str]:
    """Read the text of each interview, by the name of its file. Raises UnreadableFile when the folder is missing."""
    return {PurePosixPath(file.source).name: read_text(file.path) for file in list_files([folder])}


def _read_rows(path: Path) -> list[_Row]:
    require(path, "--questions")
    return list(map(_to_row, read_lines(path, FORM)))


def _to_row(line: JsonLine) -> _Row:
    row = line.read()
    try:
        gold = tuple(_read_gold(one, line.place) for one in row["gold"])
        return _Row(str(row["id"]), str(row.get("type", "question")), str(row["query"]), gold)
    except (ValueError, KeyError, TypeError) as error:
        raise line.refuse() from error


def _read_gold(row: Mapping[str, Any], where: str) -> Gold | Place:
    if "quote" in row:
        return read_gold(row, where)
    return Place(str(row["file"]), int(row["start"]), int(row["end"]), str(row["sha256"]))
