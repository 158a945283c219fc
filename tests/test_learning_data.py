"""What the adapter and the judge were learnt from: whole, of the lexicon's themes, and without the words of others."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.retrieval.lexicon import load_lexicon

FOLDER = Path(__file__).parent.parent / "bench" / "learning"
THEMES = {theme.id for theme in load_lexicon()}


def read(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_tags_and_invented_answers_are_of_the_lexicons_themes() -> None:
    assert {theme for row in read("tags") for theme in row["themes"]} <= THEMES
    assert {row["theme"] for row in read("invented")} == THEMES
    assert all(row["questions"] and row["passages"] and row["decoys"] for row in read("invented"))


def test_grades_and_worth_are_within_their_scales() -> None:
    assert {grade for row in read("grades") for grade in row["grades"].values()} == {0, 1, 2, 3}
    assert {row["worth"] for row in read("questions")} == {0, 1, 2}
    assert all(bool(row["questions"]) == (row["worth"] > 0) for row in read("questions"))


@pytest.mark.parametrize("name", ["questions", "tags", "specific"])
def test_passages_are_named_once_and_not_carried_along(name: str) -> None:
    rows = list(read(name))
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["id"][0] in "PL" and row["id"][1:].isdigit() for row in rows)
    assert not any(set(row) & {"text", "line", "span"} for row in rows)
