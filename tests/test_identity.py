"""Who stands behind a label: names, initials, those who ask and answer."""

from __future__ import annotations

import pytest
from talk import build_turns

from ingest.readers import read_script
from ingest.script import Script
from ingest.speakers.full_names import card_names, find_answerer
from ingest.speakers.identity import is_answerer, is_asker, is_person, name_offices
from ingest.speakers.name_match import are_initials


def speakers(*rows: str) -> list[str | None]:
    """Who speaks in a text of these paragraphs, in order."""
    return [turn.speaker for turn in build_turns(read_script("\n\n".join(rows).encode(), "talk.txt"))]


@pytest.mark.parametrize(
    ("letters", "name", "are"),
    [
        ("BC", "Bram Castellan", True),
        ("B.C.", "Bram Castellan", True),
        ("SB", "Simone de Beauvoir", True),
        ("SdB", "Simone de Beauvoir", True),
        ("JP", "Jean-Luc Picard", True),
        ("ÉZ", "Emile Zola", True),
        ("DS", "Dr. Smith", False),
        ("B", "Bram Castellan", False),
        ("CB", "Bram Castellan", False),
    ],
)
def test_initials_are_read_alike_in_legends_and_on_cards(letters: str, name: str, are: bool) -> None:
    assert are_initials(letters, name) is are


@pytest.mark.parametrize(
    ("guest", "names"),
    [
        ("Ada Byron, CEO", ["Ada Byron"]),
        ("Ada Byron, founder and CEO of Acme", ["Ada Byron"]),
        ("Ada Byron (CEO, Acme)", ["Ada Byron"]),
        ("Ada Byron - CEO of Acme", ["Ada Byron"]),
        ("[[Ada Byron]]", ["Ada Byron"]),
        ({"name": "Ada Byron", "role": "CEO"}, ["Ada Byron"]),
        ("Ada Byron, CEO of Acme, and Bo Li, founder", ["Ada Byron", "Bo Li"]),
        ("Ada Byron, Anthony Head", ["Ada Byron", "Anthony Head"]),
        ("Ada und Bo", ["Ada", "Bo"]),
        ("Anthony Head", ["Anthony Head"]),
    ],
)
def test_a_role_after_a_name_is_no_second_person(guest: object, names: list[str]) -> None:
    script = Script("markdown", (), {"Guest Name": guest})
    assert card_names(script) == names
    assert find_answerer(script) == (names[0] if len(names) == 1 else None)


def test_an_interviewter_answers_and_an_interviewer_asks() -> None:
    assert (is_asker("Interviewer"), is_asker("Interviewter"), is_answerer("Interviewter")) == (True, False, True)
    assert [is_person(label) for label in ("Ada Byron", "Interviewter", "SPEAKER_00", "S1", "Applause")] == [
        True, False, False, False, False,
    ]  # fmt: skip


def test_the_one_known_host_and_guest_stand_behind_labels_that_can_mean_nobody_else() -> None:
    assert name_offices(["Q", "A"], ["Orla"], ["Bram"]) == {"Q": "Orla", "A": "Bram"}
    assert name_offices(["Interviewer", "Q"], ["Orla"], []) == {"Interviewer": "Orla", "Q": "Orla"}
    assert name_offices(["Host", "Moderator"], ["Orla"], []) == {}
    assert name_offices(["Q", "A"], ["Orla", "Nils"], ["Bram", "Ines"]) == {}


def test_a_name_as_an_answer_is_no_legend() -> None:
    rows = ("Q: How did it begin?", "A: With a loom.", "Q: Who paid for it?", "A: Peter Quarrie.", "Q: And then?")
    assert speakers(*rows) == ["Q", "A", "Q", "A", "Q"]


def test_a_legend_before_the_talk_names_those_who_ask_and_answer() -> None:
    legend = ("Interviewer (Q): Orla Fenwick", "Interviewee (A): Bram Castellan")
    rows = ("Q: How did it begin?", "A: With a loom.", "Q: And then?", "A: More looms.")
    assert speakers(*legend, *rows)[-4:] == ["Orla Fenwick", "Bram Castellan"] * 2
