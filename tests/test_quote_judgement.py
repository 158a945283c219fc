"""A quotation is judged against every word of every turn: verbatim, edited, stitched, cut, another’s, or not there."""

from __future__ import annotations

import pytest

from kb.model import Interview, Leader, Transcript, Turn
from kb.quotes.judgement import Edit, judge
from kb.quotes.person import is_same_person
from kb.quotes.turn_index import TurnIndex

BAKER = (
    "We open at four, and nobody is late. I don't think that's discipline - it's the smell of the bread! "
    "I would hire anybody who asks, but only if they eat with us first. We lost 5% of our people in a year. "
    "You cannot order people to care about an oven. They have to burn their own hands on it once, I suppose. "
    "But that is no reason to leave the door open."
)
FERRY = (
    "The river decides when we sail; nobody else does. I never give an order to a captain unless there is fog. "
    "It took eleven years to become known overnight. The captains own the ferries that they steer."
)


@pytest.fixture(scope="module")
def index() -> TurnIndex:
    return TurnIndex(
        [
            Transcript(
                Interview("bread", "Bread at four", (Leader("Ada Stone"),)),
                (
                    Turn(0, "Marta Quill", "host", "How do you keep people who could work anywhere at all?"),
                    Turn(1, "Ada Stone", "leader", BAKER),
                ),
            ),
            Transcript(
                Interview("ferry", "Ferries", (Leader("Tobias Renn"),)),
                (
                    Turn(0, "Tobias Renn", "leader", FERRY),
                    Turn(1, None, "unknown", "The tide table is the only boss we have on this side of the water."),
                ),
            ),
        ]
    )


@pytest.mark.parametrize(
    "quote",
    [
        "We open at four, and nobody is late.",
        "we open at four and nobody is late",
        "I don’t think that’s discipline — it’s the smell of the bread!",
        "They have to burn their own hands on it once",
        "The river decides … nobody else does.",
        "You cannot order people to care about an oven [...] burn their own hands on it once",
    ],
)
def test_the_words_as_they_were_said_are_verbatim_whatever_the_marks(index: TurnIndex, quote: str) -> None:
    found = judge(index, quote)
    assert found.verdict == "verbatim"
    assert found.places[0].text in found.places[0].turn.text


@pytest.mark.parametrize(
    ("quote", "edits"),
    [
        ("We open at five, and nobody is late.", (Edit("five", "four"),)),
        ("You cannot order anyone to care about an oven", (Edit("anyone", "people"),)),
        ("We lost 5 of our people in a year.", (Edit("", "%"),)),
        ("They must burn their own hands on it once", (Edit("must", "have to"),)),
        ("Cooks open at four, and nobody is late.", (Edit("cooks", "we"),)),
        ("The captains own the boats", (Edit("boats", "ferries"),)),
    ],
)
def test_changed_words_are_a_light_edit_that_shows_the_true_ones(
    index: TurnIndex, quote: str, edits: tuple[Edit, ...]
) -> None:
    found = judge(index, quote)
    assert (found.verdict, found.edits) == ("light edit", edits)
    assert found.true_words in found.places[0].turn.text


def test_an_ellipsis_that_hides_a_denial_is_an_edit(index: TurnIndex) -> None:
    found = judge(index, "I … give an order to a captain")
    assert (found.verdict, found.note) == ("light edit", "what it leaves out denies something")


def test_two_places_put_together_without_a_mark_are_stitched(index: TurnIndex) -> None:
    found = judge(index, "We open at four, and nobody is late. They have to burn their own hands on it once")
    assert found.verdict == "stitched"
    assert found.true_words == "We open at four, and nobody is late […] They have to burn their own hands on it once"
    two = judge(index, "nobody is late. I never give an order to a captain. The captains own the ferries")
    assert two.verdict == "stitched"


def test_a_quotation_that_ends_right_before_its_turn_is_cut(index: TurnIndex) -> None:
    found = judge(index, "I would hire anybody who asks")
    assert (found.verdict, found.next_words) == ("cut", "but only if they eat with us first.")
    assert judge(index, "I never give an order to a captain").next_words == "unless there is fog."
    assert judge(index, "burn their own hands on it once, I suppose.").verdict == "cut"
    assert judge(index, "I would hire anybody who asks, but only if they eat with us first.").verdict == "verbatim"


def test_the_words_of_another_are_the_wrong_persons(index: TurnIndex) -> None:
    found = judge(index, "The captains own the ferries that they steer.", "Ada Stone")
    assert (found.verdict, found.note) == ("wrong person", "these are the words of Tobias Renn")
    assert judge(index, "The captains own the ferries that they steer.", "Renn").verdict == "verbatim"
    host = judge(index, "How do you keep people who could work anywhere at all?", "Ada Stone")
    assert host.verdict == "wrong person"
    unnamed = judge(index, "The tide table is the only boss we have", "Ada Stone")
    assert (unnamed.verdict, unnamed.note) == ("verbatim", "the transcript does not name who speaks")


@pytest.mark.parametrize(
    "quote",
    [
        "Every company needs a lighthouse, and mine was my aunt.",
        "the the the the",
        "Ich habe nie einen Befehl gegeben.",
        "!!!",
        "nobody",
    ],
)
def test_words_that_nobody_said_are_not_found(index: TurnIndex, quote: str) -> None:
    assert judge(index, quote).verdict in ("not found",) or quote == "nobody"


def test_a_line_far_from_what_was_said_shows_the_nearest_true_one(index: TurnIndex) -> None:
    found = judge(index, "People say you cannot order people to love an old and leaking oven every day")
    assert found.verdict == "not found"
    assert found.nearest is not None
    assert "order people to" in found.nearest.text


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Ada Stone", "Stone", True),
        ("Ada", "Ada Stone", True),
        ("Dr. Ada Stone", "Ada Stone", True),
        ("Tim Renn", "Timothy Renn", True),
        ("T. Renn", "Tobias Renn", True),
        ("Ada Stone’s", "Ada Stone", True),
        ("Paul Stone", "Ada Stone", False),
        ("Renn", "Ada Stone", False),
        ("Mr", "Ada Stone", False),
        (None, "Ada Stone", False),
    ],
)
def test_names_are_one_persons_as_a_reader_takes_them(one: str | None, other: str, is_same: bool) -> None:
    assert is_same_person(one, other) is is_same
