"""Turn drafted questions with quotations into a question set that holds places, and no words of the interviews."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.inputs import add_corpus_options, find_corpus, require
from bench.questions.places import Place, locate_quote
from bench.questions.reader import QUESTIONS, read_texts
from kb.errors import BadQuestion, KBError
from kb.evaluation import Gold

SINGLE = ("specific", "speaker", "quote")  # answered in a place or two
THEME = "multi"  # answered by several interviews; lines with the same query are one question
UNANSWERABLE = "unanswerable"
TYPES = (*SINGLE, THEME, UNANSWERABLE)
FEWEST = 3  # interviews that a theme needs
FORM = f'each line must have "type" ({", ".join(TYPES)}), "query" and "gold", a list of "file" and "quote"'


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
    options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(f"{options.out}: {len(rows)} questions; {len(drafts) - len(kept)} themes with too few interviews left out")
    return 0


def read_drafts(path: Path) -> Iterator[Draft]:
    """Read drafted questions, one JSON object per line. Raises MissingInput, or BadQuestion when a line is none."""
    require(path, "DRAFT.jsonl")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            yield _read_draft(line, f"{path}, line {number}")


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
    """Read the ids of an existing set, by question."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    rows = [json.loads(line) for line in lines]
    return {Draft(row["type"], row["query"], ()).key: row["id"] for row in rows}


def _locate(gold: Gold, texts: Mapping[str, str]) -> Place:
    return locate_quote(gold.file, texts[gold.file], gold.quote)


def _read_draft(line: str, where: str) -> Draft:
    try:
        row: Any = json.loads(line)
        kind, text = str(row["type"]), str(row["query"]).strip()
        gold = tuple(Gold(str(one["file"]), str(one["quote"])) for one in row["gold"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadQuestion(f"{where}: {FORM}") from error
    if kind not in TYPES or not text:
        raise BadQuestion(f"{where}: {FORM}")
    return Draft(kind, text, gold)


if __name__ == "__main__":
    sys.exit(main())
