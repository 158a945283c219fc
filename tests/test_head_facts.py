"""What a file tells in its first lines and in its name, where no label says what it is."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.metadata.table import Row
from ingest.reading import read_file
from kb.model import Interview

TALK = """
Tom Verity: How do you get two hundred volunteers to care about soup every single morning?

Mara Quill: You do not talk about soup. You let every volunteer sit down and eat beside the people who come in.

Tom Verity: And what drives them away?

Mara Quill: Being treated like a pair of hands. It was on 1 June 2011 that eleven of the crew never came back.
"""


def read(head: str, name: str = "soup.txt", row: Row | None = None) -> Interview:
    return read_file((head + TALK).encode(), name, interview_id="soup", row=row).transcript.interview


@pytest.mark.parametrize(
    "head",
    ["Recorded on 4 May 2019\n", "Soup\n\nPublished May 4, 2019\n", "*4 May 2019*\n", "Aired: 2019-05-04\n"],
)
def test_a_line_that_is_a_day_dates_the_talk(head: str) -> None:
    assert read(head).date == date(2019, 5, 4)


@pytest.mark.parametrize("head", ["", "Transcribed on 4 May 2019\n", "We met on 4 May 2019 in a hall full of soup\n"])
def test_another_day_does_not(head: str) -> None:
    assert (read(head).date, read(head).year) == (None, None)


def test_a_day_in_the_name_dates_the_talk_unless_something_else_does() -> None:
    assert read("", "talks/2019-05-04 Mara Quill.txt").date == date(2019, 5, 4)
    assert read("Date: 2018\n", "2019-05-04 Mara Quill.txt").when == "2018"
    assert read("", "call 2019-13-45.txt").date is None


@pytest.mark.parametrize(
    "head",
    [
        "Mara Quill, founder of Ladle House, talks with Tom Verity.\n",
        "Mara Quill – founder, Ladle House\n",
        "A conversation with Mara Quill (founder at Ladle House)\n",
        "Mara Quill, founder of Ladle House. The Common Thread, a show.\n",
    ],
)
def test_a_position_after_the_name_is_the_leader_s(head: str) -> None:
    (leader,) = read(head).leaders
    assert (leader.name, leader.role, leader.company) == ("Mara Quill", "founder", "Ladle House")


def test_a_table_wins_over_the_first_lines() -> None:
    head = "4 May 2019\nMara Quill, founder of Ladle House\n"
    told = read(head, row={"file": "soup.txt", "role": "chair", "date": "2020-01-02"})
    assert (told.date, told.leaders[0].role, told.leaders[0].company) == (date(2020, 1, 2), "chair", None)


def test_words_after_a_name_that_are_no_position_are_left_out() -> None:
    assert read("Mara Quill, mother of Two, talks.\n").leaders[0].role is None
