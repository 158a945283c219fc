"""A quotation that says what everybody says, or leaves out more than it quotes, is judged in no time."""

from __future__ import annotations

import random

import pytest
from timing import measured

from kb.model import Interview, Leader, Transcript, Turn
from kb.quotes.covering import cover
from kb.quotes.judgement import judge
from kb.quotes.turn_index import Segment, TurnIndex

MOST_SECONDS = 4.0
COMMON = "and I think you know that the people in the room were there for the bread".split()


@pytest.fixture(scope="module")
def index() -> TurnIndex:
    """Two thousand turns of the commonest words, in any order."""
    chance = random.Random(1)
    turns = tuple(Turn(n, "Ada Stone", "leader", " ".join(chance.choices(COMMON, k=60))) for n in range(2_000))
    return TurnIndex([Transcript(Interview("bread", "Bread at four", (Leader("Ada Stone"),)), turns)])


@pytest.mark.parametrize(
    "quote",
    ["and I think you know that the people " * 300, "the … " * 60, "the … " * 30 + "zebra", "I … the people … " * 90],
    ids=["everybody's words", "ellipses", "nobody's word", "many ellipses"],
)  # fmt: skip
def test_it_takes_no_time(index: TurnIndex, quote: str) -> None:
    index.find_segments([1, 2, 3])  # the grams are made once
    with measured() as taken:
        assert judge(index, quote).verdict in ("not found", "stitched", "light edit")
    assert taken.seconds < MOST_SECONDS


def test_the_longest_runs_come_first_and_the_others_are_cut() -> None:
    runs = [Segment(0, 6, 100), Segment(4, 9, 200), Segment(11, 5, 300), Segment(5, 3, 400), Segment(13, 3, 500)]
    assert cover(runs, 3) == [Segment(0, 4, 100), Segment(4, 9, 200), Segment(13, 3, 302)]


def test_of_runs_of_one_length_the_first_is_taken() -> None:
    assert cover([Segment(2, 4, 7), Segment(0, 4, 9), Segment(4, 4, 11)], 3) == [Segment(2, 4, 7)]
