"""What the adapter and the judge were learnt from: whole, of the lexicon's themes, and without the words of others."""

import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.learning.data import Passage, cut_parts
from kb.model import PART_BREAK
from kb.retrieval.lexicon import load_lexicon

FOLDER = Path(__file__).parent.parent / "bench" / "learning"
THEMES = {theme.id for theme in load_lexicon()}


NAME = re.compile(r"(?:[LP]\d+|[a-z]+/[\w.-]+\.md:\d+)(?:@\d+\+\d+)?(?:&[LP]\d+(?:@\d+\+\d+)?)*")


def read(name: str) -> Iterator[dict[str, Any]]:
    (path,) = FOLDER.glob(f"{name}.jsonl*")
    opening = lzma.open if path.suffix == ".xz" else open
    with opening(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_tags_and_invented_answers_are_of_the_lexicons_themes() -> None:
    assert {theme for row in read("tags") for theme in row["themes"]} <= THEMES
    assert {row["theme"] for row in read("invented")} == THEMES
    assert all(row["questions"] and row["passages"] and row["decoys"] for row in read("invented"))


def test_grades_and_worth_are_within_their_scales() -> None:
    assert {grade for row in read("grades") for grade in row["grades"].values()} == {0, 1, 2, 3}
    assert {known[0] for row in read("tags") for known in row["themes"].values()} == {2, 3}
    assert {len(known) for row in read("tags") for known in row["themes"].values()} == {1, 3}
    assert {row["worth"] for row in read("questions")} == {0, 1, 2}
    assert all(bool(row["questions"]) == (row["worth"] > 0) for row in read("questions"))


@pytest.mark.parametrize("name", ["questions", "tags", "specific"])
def test_passages_are_named_once_and_not_carried_along(name: str) -> None:
    rows = list(read(name))
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(NAME.fullmatch(row["id"]) for row in rows)
    assert not any(set(row) & {"text", "line", "span"} for row in rows)


def test_parts_of_answers_and_of_turns_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "podcast").mkdir()
    talk = "**Host:** How? \\[00:14\\]\n\n**Ada Vance:** We let crews plan. \\[laughs\\] Then we sailed.\n"
    (tmp_path / "podcast" / "one.md").write_text(talk, encoding="utf-8")
    answers = {"P1": Passage("P1", "one.md", "", "a b c d"), "P2": Passage("P2", "one.md", "", "e f")}
    names = ["P1@1+2", "P1@3+1&P2", "podcast/one.md:1@0+4"]
    found = {one.id: one.text for one in cut_parts(names, answers, tmp_path)}
    assert found == dict(zip(names, ["b c", f"d{PART_BREAK}e f", "We let crews plan."], strict=True))
