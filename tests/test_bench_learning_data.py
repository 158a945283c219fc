"""What the adapter and the judge were learnt from: whole, of the lexicon's themes, and without the words of others."""

import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.learning.data import CONFIRMED, Data, Passage, Target, cut_parts
from kb.lens.framework import SIDES, load_framework
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
    assert {theme for name in ("tags", "readings") for row in read(name) for theme in row["themes"]} <= THEMES
    assert {row["theme"] for row in read("invented")} == THEMES
    assert all(row["questions"] and row["passages"] and row["decoys"] for row in read("invented"))


def test_grades_and_worth_are_within_their_scales() -> None:
    assert {grade for row in read("grades") for grade in row["grades"].values()} == {0, 1, 2, 3}
    assert {known[0] for row in read("tags") for known in row["themes"].values()} == {2, 3}
    assert {len(known) for row in read("tags") for known in row["themes"].values()} == {1, 3}
    assert {known[0] for row in read("readings") for known in row["themes"].values()} == {0, 1, 2, 3}
    assert {len(known) for row in read("readings") for known in row["themes"].values()} == {1, 3}
    assert {row["id"] for row in read("readings")} <= {row["id"] for row in read("tags")}
    asked = list(read("asked"))
    assert {grade for row in asked for grade in row["grades"].values()} == {0, 1, 2, 3}
    assert len({row["question"] for row in asked}) == len(asked)
    assert all(NAME.fullmatch(passage) for row in asked for passage in row["grades"])
    assert {row["worth"] for row in read("questions")} == {0, 1, 2}
    assert all(bool(row["questions"]) == (row["worth"] > 0) for row in read("questions"))


@pytest.mark.parametrize("name", ["questions", "tags", "readings", "specific", "lens", "lens_found"])
def test_passages_are_named_once_and_not_carried_along(name: str) -> None:
    rows = list(read(name))
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(NAME.fullmatch(row["id"]) for row in rows)
    assert not any(set(row) & {"text", "line", "span"} for row in rows)


@pytest.mark.parametrize("name", ["lens", "lens_found"])
def test_labels_are_of_the_frameworks_behaviours(name: str) -> None:
    behaviours = {one.id for one in load_framework().behaviours}
    for row in read(name):
        shows = row["effect"] != "neither"
        assert row["effect"] in (*SIDES, "both", "neither")
        assert set(row["behaviours"]) <= behaviours
        assert bool(row["behaviours"]) == bool(row["stance"]) == shows
        assert row["sure"] in (1, 2, 3)


def test_a_strict_reading_counts_more_than_a_tag() -> None:
    tags = {"P1": {"ego": (3, 1, 2), "control": (2, 4, 4), "layoffs": (2,), "fairness": (3, 2, 3)}}
    readings = {"P1": {"ego": (1,), "control": (3, 4, 5), "layoffs": (2,), "burnout": (2, 1, 1), "boards": (0,)}}
    data = Data({}, themes=(), specific=(), graded=(), tags=tags, invented=(), readings=readings)
    assert data.list_targets("P1") == {
        "ego": Target(0, ()),
        "control": Target(1, (4, 5)),
        "layoffs": Target(1, ()),
        "fairness": Target(CONFIRMED[3], (2, 3)),
        "burnout": Target(1, (1, 1)),
        "boards": Target(0, ()),
    }
    kept = Data({}, themes=(), specific=(), graded=(), tags=tags, invented=(), readings={"P1": {"control": (2,)}})
    assert kept.list_targets("P1")["control"] == Target(1, (4, 4))


def test_parts_of_answers_and_of_turns_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "podcast").mkdir()
    talk = "**Host:** How? \\[00:14\\]\n\n**Ada Vance:** We let crews plan. \\[laughs\\] Then we sailed.\n"
    (tmp_path / "podcast" / "one.md").write_text(talk, encoding="utf-8")
    answers = {"P1": Passage("P1", "one.md", "", "a b c d"), "P2": Passage("P2", "one.md", "", "e f")}
    names = ["P1@1+2", "P1@3+1&P2", "podcast/one.md:1@0+4"]
    found = {one.id: one.text for one in cut_parts(names, answers, tmp_path)}
    assert found == dict(zip(names, ["b c", f"d{PART_BREAK}e f", "We let crews plan."], strict=True))
