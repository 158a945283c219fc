"""Which label means which person."""

from __future__ import annotations

import pytest

from ingest.speakers.name_match import match_labels


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("bram castellan", "Bram Castellan"),
        ("Dr. Bram Castellan", "Bram Castellan"),
        ("Castellan, Bram", "Bram Castellan"),
        ("Bram Castellan (guest)", "Bram Castellan"),
        ("Bram", "Bram Castellan"),
        ("MR. CASTELLAN", "Bram Castellan"),
        ("BC", "Bram Castellan"),
        ("B. Castellan", "Bram Castellan"),
        ("Bram C.", "Bram Castellan"),
        ("Bram J. Castellan", "Bram Castellan"),
        ("bramcastellan", "Bram Castellan"),
        ("Zoe Bruning", "Zoë Brüning"),
    ],
)
def test_a_label_is_matched_to_the_full_name(label: str, name: str) -> None:
    assert match_labels([label], [name, "Orla Fenwick"]) == {label: name}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Timothy Renn", "Tim Renn"),
        ("Sir Tobias Renn", "Toby Renn"),
        ("Toby", "Tobias Renn"),
        ("Mr Anthony Marlow", "Tony Marlow"),
        ("Dame Bellamy", "Kate Bellamy"),
        ("Lord Renn", "Paul Renn"),
        ("Baron Renn", "Paul Renn"),
        ("Baroness Quill of Port Ansel", "Mara Quill"),
        ("The Rt. Hon. Paul Renn MP", "Paul Renn"),
        ("Cllr. Renn", "Paul Renn"),
        ("Minister Renn", "Paul Renn"),
        ("Professor Renn KC", "Paul Renn"),
        ("Lord Paul Renn", "Lord Renn"),
        ("Ada Stone", "Ada Stone 2.0"),
        ("Ada Stone", "Ada Stone Live"),
        ("Tobias Ren", "Tobias Renn"),
        ("Tobais Renn", "Tobias Renn"),
        ("Castelan", "Bram Castellan"),
        ("Timothy Renn", "Tim"),
    ],
)
def test_a_label_is_matched_as_a_person_would(label: str, name: str) -> None:
    assert match_labels([label], [name, "Orla Fenwick"]) == {label: name}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Mr Oswin", "Oswin Calder"),  # a title goes with a surname
        ("Dr Oswin", "Oswin Calder"),
        ("Lord Oswin", "Oswin Calder"),
        ("Mrs Renn", "Sir Paul Renn"),
        ("John Stone", "Joan Stone"),  # one letter, and two names
        ("Paul Hill", "Paul Renn"),
    ],
)
def test_a_name_that_is_only_like_it_is_another_person(label: str, name: str) -> None:
    assert match_labels([label], [name]) == {}


def test_of_two_labels_that_may_be_one_person_neither_is_taken_for_them() -> None:
    assert match_labels(["Mr Stone", "Mrs Stone"], ["Ada Stone"]) == {}
    assert match_labels(["Tim Stone", "Tim Cole"], ["Tim"]) == {}
    assert match_labels(["Christine Stone", "Christopher Stone"], ["Chris Stone"]) == {}
    assert match_labels(["Mr Stone", "Tom Stone"], ["Ada Stone"]) == {}
    assert match_labels(["Daniel Stone", "Daniela Stone"], ["Daniela Stone"]) == {"Daniela Stone": "Daniela Stone"}


@pytest.mark.parametrize("label", ["SPEAKER_00", "Speaker 1", "Ada", "The Witness", "B", "AC", "Castle"])
def test_other_labels_are_matched_to_nobody(label: str) -> None:
    assert match_labels([label], ["Bram Castellan"]) == {}


def test_a_first_name_that_two_people_share_is_left_alone() -> None:
    assert match_labels(["Adam", "Adam Miller", "Adam Stone"], ["Adam Miller"]) == {"Adam Miller": "Adam Miller"}
    assert match_labels(["Adam"], ["Adam Miller", "Adam Stone"]) == {}
