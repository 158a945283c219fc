"""Turn drafted questions with quotations into a question set that holds places, and no words of the interviews."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.inputs import add_corpus_options, find_corpus, require
from bench.questions.places import Place, locate_quote
from bench.questions.reader import QUESTIONS, read_texts
from bench.rows import write_rows
from kb.errors import BadQuestion, KBError
from kb.retrieval.evaluation import Gold, JsonLine, read_lines

SINGLE = ("specific", "speaker", "quote")  # answered in a place or two
THEME = "multi"  # answered by several interviews; lines with the same query are one question
UNANSWERABLE = "unanswerable"
TYPES = (*SINGLE, THEME, UNANSWERABLE)
FEWEST = 3  # interviews that a theme needs
FORM = f'with "type" ({", ".join(TYPES)}), "query" and "gold", a list of "file" and "quote"'
SET_FORM = 'with "id" that ends in a number, "type" and "query"'


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as a person writes it."""

    kind: str
    text: str
    gold: tuple[Gold, ...]

    @property
    def key(self) -> str:
        """The text without case and extra spaces, the same for both copies of a question."""
        return " ".join(self.text.casefold().split())


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the set. If drafts have problems, print a line for each on standard error, write nothing and return 2."""
    parser = argparse.ArgumentParser(prog="python -m bench.questions.make", description=__doc__)
    parser.add_argument("drafts", nargs="+", type=Path, metavar="DRAFT.jsonl")
    parser.add_argument("--out", type=Path, default=QUESTIONS, metavar="FILE.jsonl", help="keeps the ids it has")
    add_corpus_options(parser)
    options = parser.parse_args(arguments)
    try:
        texts = read_texts(find_corpus(options.corpus))
        drafts = merge_themes(draft for path in options.drafts for draft in read_drafts(path))
        known = read_ids(options.out)
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    kept = [draft for draft in drafts if not is_thin(draft)]
    problems = list(find_problems(kept, texts))
    if problems:
        print(*(f"bench: {problem}" for problem in problems), sep="\n", file=sys.stderr)
        return 2
    rows = make_rows(kept, texts, known)
    write_rows(options.out, rows)
    print(f"{options.out}: {len(rows)} questions; {len(drafts) - len(kept)} themes with too few interviews left out")
    return 0


def read_drafts(path: Path) -> Iterator[Draft]:
    """Read drafted questions, one JSON object per line. Raises MissingInput, or BadQuestion when a line is none."""
    require(path, "DRAFT.jsonl")
    yield from map(_to_draft, read_lines(path, FORM))


def merge_themes(drafts: Iterable[Draft]) -> list[Draft]:
    """Sort drafts by type, and merge themes with the same query into one with the gold of all."""
    merged: dict[object, Draft] = {}
    for number, draft in enumerate(drafts):
        key = draft.key if draft.kind == THEME else number
        known = merged.get(key, replace(draft, gold=()))
        merged[key] = replace(known, gold=tuple(dict.fromkeys(known.gold + draft.gold)))
    return sorted(merged.values(), key=lambda draft: TYPES.index(draft.kind))


def is_thin(draft: Draft) -> bool:
    """Whether a draft is a theme that too few interviews speak to."""
    return draft.kind == THEME and len({gold.file for gold in draft.gold}) < FEWEST


def find_problems(drafts: Sequence[Draft], texts: Mapping[str, str]) -> Iterator[str]:
    """Yield what has to be repaired, one line each."""
    seen: set[str] = set()
    for draft in drafts:
        if draft.key in seen:
            yield f"Two questions are the same; leave one out: {draft.text!r}"
        if bool(draft.gold) == (draft.kind == UNANSWERABLE):
            yield f"A question needs gold unless it is {UNANSWERABLE}: {draft.text!r}"
        seen.add(draft.key)
        for gold in draft.gold:
            try:
                locate_quote(gold.file, texts.get(gold.file, ""), gold.quote)
            except BadQuestion as error:
                yield str(error)


def make_rows(drafts: Sequence[Draft], texts: Mapping[str, str], known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Make the lines of the set; a known question keeps its id, others get the numbers after the highest one."""
    highest = max((int(one.rpartition("-")[2]) for one in known.values()), default=0)
    fresh = (f"ft-{number:03}" for number in range(highest + 1, highest + 1 + len(drafts)))
    return [
        {
            "id": known.get(draft.key) or next(fresh),
            "type": draft.kind,
            "query": draft.text,
            "gold": [asdict(_locate(gold, texts)) for gold in draft.gold],
        }
        for draft in drafts
    ]


def read_ids(path: Path) -> dict[str, str]:
    """Read the ids of a set, by question; none where there is no set yet. Raises BadQuestion when a line is none."""
    has_lines = path.is_file() and path.stat().st_size
    return dict(map(_to_id, read_lines(path, SET_FORM))) if has_lines else {}


def _locate(gold: Gold, texts: Mapping[str, str]) -> Place:
    return locate_quote(gold.file, texts[gold.file], gold.quote)


def _to_id(line: JsonLine) -> tuple[str, str]:
    """Return a question's key and its id; the number in it is what new ids are counted from."""
    row = line.read()
    try:
        question_id, key = str(row["id"]), Draft(str(row["type"]), str(row["query"]), ()).key
        int(question_id.rpartition("-")[2])
    except (ValueError, KeyError) as error:
        raise line.refuse() from error
    return key, question_id


def _to_draft(line: JsonLine) -> Draft:
    row = line.read()
    try:
        kind, text = str(row["type"]), str(row["query"]).strip()
        gold = tuple(Gold(str(one["file"]), str(one["quote"])) for one in row["gold"])
    except (KeyError, TypeError) as error:
        raise line.refuse() from error
    if kind not in TYPES or not text:
        raise line.refuse()
    return Draft(kind, text, gold)


if __name__ == "__main__":
    sys.exit(main())
