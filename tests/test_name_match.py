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


@pytest.mark.parametrize("label", ["SPEAKER_00", "Speaker 1", "Ada", "The Witness", "B", "AC", "Castle"])
def test_other_labels_are_matched_to_nobody(label: str) -> None:
    assert match_labels([label], ["Bram Castellan"]) == {}


def test_a_first_name_that_two_people_share_is_left_alone() -> None:
    assert match_labels(["Adam", "Adam Miller", "Adam Stone"], ["Adam Miller"]) == {"Adam Miller": "Adam Miller"}
    assert match_labels(["Adam"], ["Adam Miller", "Adam Stone"]) == {}
