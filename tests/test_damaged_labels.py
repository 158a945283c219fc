"""Labels that were damaged in typing: known speakers are known again, and what nobody can read is nobody's."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import make_docx
from talk import build_turns
from timing import measured

from ingest.passages import cut_passages
from ingest.readers import read_script
from ingest.reading import Reading, read_file
from kb.model import Turn

HOST, GUEST = "Orla Fenwick", "Bram Castellan"
SAID = "Yeah, because you have to be there at six."
TALK = [
    row
    for year in range(6)
    for row in (
        f"**{HOST}:** What did you do in year {year}, and who was there?",
        f"**{GUEST}:** We built loom number {year}. It was the best of them so far.",
        "And then we sold it, and we began again with a better one.",
    )
]


def rows_with(row: str) -> str:
    """The talk with a row amid the guest's turns."""
    return "\n\n".join([*TALK[:9], row, *TALK[9:]])


def turn_with(text: str, name: str = "talk.md", said: str = SAID) -> Turn:
    """The turn in which something is said."""
    (turn,) = [turn for turn in build_turns(read_script(text.encode(), name)) if said in turn.text]
    return turn


def read(text: str) -> Reading:
    return read_file(text.encode(), "talk.md", interview_id="talk", row={"guest": GUEST, "host": HOST})


@pytest.mark.parametrize(
    "row",
    [
        f"**{HOST}: {SAID}",
        f"{HOST}:** {SAID}",
        f"*{HOST}:** {SAID}",
        f"**{HOST}:* {SAID}",
        f"** {HOST}:** {SAID}",
        f"__{HOST}:** {SAID}",
        rf"\*\*{HOST}:\*\* {SAID}",
        f"**{HOST};** {SAID}",
        f"**{HOST}.** {SAID}",
        f"**{HOST}** {SAID}",
        f"[{HOST}] {SAID}",
        f"@Orla: {SAID}",
    ],
)
def test_a_known_name_between_stray_marks_is_a_label(row: str) -> None:
    turn = turn_with(rows_with(row))
    assert (turn.speaker, turn.text.partition("\n")[0]) == (HOST, SAID)


@pytest.mark.parametrize("name", ["Orla Fenwcik", "Olra Fenwick", "Orla Fenwicks", "Orla Fennwick", "Orla Fenwik"])
def test_a_slip_in_a_name_that_comes_often_is_that_name(name: str) -> None:
    reading = read(rows_with(f"**{name}:** {SAID}"))
    (turn,) = [turn for turn in reading.transcript.turns if SAID in turn.text]
    assert (turn.speaker, turn.role, turn.confidence) == (HOST, "host", "inferred")
    assert reading.warnings == (f"names that look misspelt were read as those they are like: '{name}' as {HOST}",)


@pytest.mark.parametrize("name", ["Jon Fenwick", "Orla Ferrick-Stone", "Nils Ott", "Orla F. Wick"])
def test_another_name_is_another_speaker(name: str) -> None:
    assert turn_with(rows_with(f"**{name}:** {SAID}")).speaker == name


def test_people_whom_the_file_lists_are_no_slips_of_one_another() -> None:
    head = f"---\nspeakers: [{HOST}, Orla Fenwich, {GUEST}]\n---\n\n"
    assert turn_with(head + rows_with(f"**Orla Fenwich:** {SAID}")).speaker == "Orla Fenwich"


@pytest.mark.parametrize(
    ("row", "scrap"),
    [
        (f"1:{SAID}", "1:"),
        (f"**1:** {SAID}", "1:"),
        (f"x: {SAID}", "x:"),
        (f"??: {SAID}", "??:"),
        (f"Oral:{SAID}", "Oral:"),
        (f"Nils: {SAID}", "Nils:"),
        (f"{HOST} {SAID}", "Orla Fenwick Yeah,"),
        (f"{HOST} – {SAID}", "Orla Fenwick –"),
    ],
)
def test_words_behind_a_scrap_of_a_label_are_nobodys_and_never_the_leaders(row: str, scrap: str) -> None:
    reading = read(rows_with(row))
    (turn,) = [turn for turn in reading.transcript.turns if SAID in turn.text]
    assert (turn.speaker, turn.role) == (None, "unknown")
    assert reading.warnings == (f"labels look damaged, and nobody is said to speak what follows them: '{scrap}'",)
    passages = cut_passages(reading.transcript, count_tokens=lambda text: text.count(" ") + 1)
    assert [passage.id for passage in passages if SAID in passage.text] == []


@pytest.mark.parametrize(
    "row",
    [
        f"So: {SAID}",
        f"Looms: {SAID}",  # said in lower case elsewhere
        f"12:30 was too late. {SAID}",
        f"https://example.org is ours. {SAID}",
        f"{GUEST} is my name. {SAID}",
        f"{HOST}, listen. {SAID}",
        f"And I said this: {SAID}",
    ],
)
def test_speech_with_a_colon_or_a_name_in_front_goes_on(row: str) -> None:
    turn = turn_with("\n\n".join([*TALK[:9], "He sold looms, and so did I.", row, *TALK[9:]]))
    assert turn.speaker == GUEST


def test_a_list_that_is_counted_off_goes_on() -> None:
    rows = [*TALK[:9], "1: Be early.", "2: Be kind.", *TALK[9:]]
    assert turn_with("\n\n".join(rows), said="Be early").speaker == GUEST


def test_a_bold_name_in_a_note_after_the_talk_is_no_label() -> None:
    text = "\n\n".join([f"**{GUEST}** Founder, Tidepool Looms, since 2009", *TALK, f"**{HOST}** is a weaver."])
    assert turn_with(text, said="Founder, Tidepool").kind == "non_speech"
    assert turn_with(text, said="is a weaver").text.endswith(f"{HOST} is a weaver.")


def test_a_label_in_word_that_lost_its_colon_is_one() -> None:
    rows = [row.removeprefix("**").replace(":**", ":") for row in TALK]
    document = make_docx(*rows[:9], f"{HOST}: {SAID}".replace(":", ";", 1), *rows[9:])
    (turn,) = [turn for turn in build_turns(read_script(document, "talk.docx")) if SAID in turn.text]
    assert turn.speaker == HOST


def test_the_mistyped_label_of_a_real_interview_is_nobodys(founders_talk: Path) -> None:
    path = founders_talk / "transcripts" / "founders-talk-71.md"
    turns = build_turns(read_script(path.read_bytes(), path.name))
    assert [turn.speaker for turn in turns[7:10]] == ["Guy Podjarny", None, "Guy Podjarny"]
    assert turns[8].text.startswith("1:Yeah, because you don't have to just be good at what you do")


def test_many_names_and_paragraphs_are_compared_in_no_time() -> None:
    names = [f"Ada{a}{b}x Byron{b}{a}" for a in "abcdefghij" for b in "abcdefghijklmnopqrstuvwxyz"]
    rows = [f"{name}: Hello there, it is me." for name in names for _ in range(6)]
    rows += [f"Xyz{n % 977}: and so on." for n in range(60_000)]
    with measured() as taken:
        build_turns(read_script("\n\n".join(rows).encode(), "talk.txt"))
    assert taken.seconds < 10
