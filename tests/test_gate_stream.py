"""The gate while a model writes: where a sentence ends, what is a draft, and any text in any chunks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from given_passages import GIVEN, MARA, OTTO, check_text
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.generation.grounding.gate import check_sentence, read_stream, take_sentences


def units(text: str) -> list[str]:
    return take_sentences(text, is_end=True)[0]


def test_a_number_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert units("Posters failed. [1] Crews write the rules. [2][3]") == [
        "Posters failed. [1]",
        "Crews write the rules. [2][3]",
    ]
    assert units("“We failed.” [1], says Mara. So it is [2].") == ["“We failed.” [1], says Mara.", "So it is [2]."]


def test_a_quotation_of_several_sentences_is_held_together() -> None:
    text = "Mara says: “You do not talk about soup. You let every volunteer sit down.” [1] Then she left [1]."
    assert units(text) == [text.removesuffix(" Then she left [1]."), "Then she left [1]."]


def test_lines_of_a_list_are_sentences() -> None:
    assert units("- Posters failed [1]\n- Crews write the rules [2]\n") == [
        "- Posters failed [1]",
        "- Crews write the rules [2]",
    ]


def test_a_sentence_is_checked_as_soon_as_the_next_begins_and_the_rest_is_a_draft() -> None:
    chunks = ["Mara Quill tried ", "posters once [1", "]. ", "Otto Brandl told", " every shift himself [2]."]
    readings = list(read_stream(chunks, GIVEN))
    assert [len(reading.sentences) for reading in readings] == [0, 0, 0, 1, 1, 2]
    assert [reading.draft for reading in readings][:2] == ["Mara Quill tried ", "Mara Quill tried posters once [1"]
    assert readings[3].draft.strip() == "Otto Brandl told"
    assert readings[-1].draft == ""


TEXT = (
    "Mara Quill says: “You do not talk about soup. You let every volunteer sit down.” [1] Posters did nothing. [1]\n"
    "- Otto Brandl told every shift himself [2], 'at six in the morning' [2].\n\nHe had “four burns a year.” [2], he"
    " says. “You let every volunteer” [1, 2]"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_text_is_checked_alike_however_it_is_cut_into_chunks(size: int) -> None:
    chunks: Sequence[str] = [TEXT[at : at + size] for at in range(0, len(TEXT), size)]
    *_, last = read_stream(chunks, GIVEN)
    assert last.sentences == check_text(TEXT, GIVEN)


def test_odd_text_never_raises_and_is_never_verified() -> None:
    for text in (
        "“",
        "”",
        "[",
        "[[1]]",
        "“[1]”",
        "‘’ [1]",
        "[1]",
        "...",
        "\n\n\n",
        "“” “ [2] ”",
        "[999999999999]",
        "'",
    ):
        for checked in check_text(text, GIVEN):
            assert checked.verdict != "verified", text


FRAGMENTS = [
    "Mara Quill says ", "Otto Brandl: ", "Steve Jobs said ", "He adds ", "You do not talk about soup",
    "four burns a year", "http://x.org/y ", "(", ")", "7", "don't ",
    "We tried posters once, and the posters did nothing at all.", "They said “no” to a consultant", "profit moves us",
    "“", "”", '"', "'", "‘", "’", "«", "»", "[1]", "[2]", " [9]", "[1, 2]", "[", "]", "> ", "\n", "\n\n", ". ",
    ", ", " ", "… ", "...", "- ", "**",
]  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join), st.integers(1, 9))
def test_whatever_is_written_what_is_shown_in_quotation_marks_was_said_by_whom_it_names(text: str, size: int) -> None:
    checked = check_text(text, GIVEN)
    for sentence in checked:
        for part in sentence.quotations:
            assert part.citation is not None
            said = MARA if part.citation.leader.name == "Mara Quill" else OTTO
            assert said[part.citation.start_offset : part.citation.end_offset] == part.text
        for part in sentence.parts:
            assert part.kind != "words" or not re.search(r"[“”„«»]|(?<!\d)\"", part.text), part
    *_, last = read_stream([text[at : at + size] for at in range(0, len(text), size)], GIVEN)
    assert last.sentences == checked


def test_nothing_written_is_nothing_checked() -> None:
    assert check_text("", GIVEN) == ()
    assert check_sentence("Posters did nothing [1].", GIVEN).verdict == "verified"
