"""Whose words are a leader's: guests whose label is not their name, heads of oral histories, words read aloud."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from conftest import SHARED

from ingest.metadata.table import Metadata, read_metadata
from ingest.passages import cut_passages
from ingest.reading import Reading, read_file
from ingest.speakers.name_match import is_known

NAMED = SHARED / "wild" / "named"
PUBLIC = SHARED / "corpora" / "public-sector"
WORD = re.compile(r"[^\W_]+")
ASKED = "What would you change here, and how did it go?"
SAID = "The culture of the board, and what it asks of the crews, which was never the same again."
QUESTIONS = """
{host}: What did you tell the crew?

{guest}: I told them the truth. Each of them owns a share today.

{host}: Did anybody leave?

{guest}: Two did, and one of them came back.
"""


def read(text: str, **row: str) -> Reading:
    return read_file(text.encode(), "talk.md", interview_id="talk", row=row or None)


def talk(*speakers: str) -> str:
    turns = (f"**{speaker}:** {SAID if number else ASKED}\n" for number, speaker in enumerate(speakers))
    return "# Talk\n\n" + "\n".join([*turns] * 2)


def said_by_leaders(reading: Reading) -> dict[str | None, list[str]]:
    said: dict[str | None, list[str]] = {}
    for turn in reading.transcript.turns:
        if turn.role == "leader":
            said.setdefault(turn.speaker, []).append(turn.text)
    return said


def count_passages(reading: Reading) -> int:
    return len(cut_passages(reading.transcript, count_tokens=lambda text: len(text.split())))


@pytest.mark.parametrize(
    ("label", "guest", "name"),
    [
        ("Ada Stone", "Ada Stone 2.0", "Ada Stone"),
        ("Ada Stone", "Ada Stone Live", "Ada Stone"),
        ("Ada Stone", "Ada Stone, part II", "Ada Stone"),
        ("Ada Stone", "Ada Stone, CEO", "Ada Stone"),
        ("Ada Stone Jr.", "Ada Stone", "Ada Stone"),
        ("Ada Stone", "Ada Stone + Tim Renn", "Ada Stone"),
        ("Ada Stone", "Tim Renn & Ada Stone", "Ada Stone"),
        ("Ada Stone", "Tim Renn, CTO and Ada Stone, CEO", "Ada Stone"),
        ("Ada Stone", "Ada Stone with Tim Renn", "Ada Stone"),
        ("Tim Stone", "Tim and Ada Stone", "Tim Stone"),
        ("Christopher Stone", "Chris Stone", "Chris Stone"),
        ("Bill", "William Stone", "William Stone"),
        ("Stone", "William Stone", "William Stone"),
        ("WS", "William Stone", "William Stone"),
        ("Wiliam Stone", "William Stone", "William Stone"),
        ("Councillor Stone", "William Stone", "William Stone"),
        ("Timothy Renn", "Tim", "Timothy Renn"),
        ("Rocket", "William Stone", "William Stone"),  # the only other speaker
    ],
)
def test_a_guest_who_talks_has_passages_whatever_the_label_is(label: str, guest: str, name: str) -> None:
    reading = read(talk("Orla Fenwick", label), guest=guest, host="Orla Fenwick")
    assert set(said_by_leaders(reading)) == {name}
    assert count_passages(reading) > 0


def test_an_only_guest_of_another_name_leads_under_their_own_and_that_is_told() -> None:
    reading = read(talk("Orla Fenwick", "Mara Quill"), guest="Ada Stone", host="Orla Fenwick")
    assert set(said_by_leaders(reading)) == {"Mara Quill"}
    assert reading.warnings == (
        "Ada Stone does not speak under that name: Mara Quill is taken for the one who is interviewed",
    )
    (told,) = read(talk("Orla Fenwick", "Rocket"), guest="Ada Stone", host="Orla Fenwick").warnings
    assert told == "Rocket is taken to be Ada Stone: nobody else answers"


def test_of_two_strangers_or_a_titled_one_nobody_is_taken_for_the_guest() -> None:
    two = read(talk("Orla Fenwick", "Mara Quill", "Bo Hill"), guest="Ada Stone", host="Orla Fenwick")
    assert said_by_leaders(two) == {}
    titled = read(talk("Orla Fenwick", "Mr Ada"), guest="Ada Stone", host="Orla Fenwick")
    assert said_by_leaders(titled) == {}


def test_counsel_whose_surname_is_the_guests_first_name_is_not_the_guest() -> None:
    text = talk("Mr Bram", "Bram Castellan").replace(f"**Mr Bram:** {ASKED}", "**Mr Bram:** You knew, did you not?")
    assert said_by_leaders(read(text, guest="Bram Castellan")) == {"Bram Castellan": [SAID, SAID]}


def test_an_answer_that_counsel_reads_aloud_is_not_the_guests() -> None:
    aloud = f'**Ms Bell KC**: I read:\n\nQuestion: {ASKED}\n\nAnswer:\n\n"We had no such meetings."\n\nIs that so?\n\n'
    reading = read(aloud + "**Lord Renn of Ansel**: It is.\n\n" + talk("Ms Bell KC", "Lord Renn"), guest="Paul Renn")
    assert said_by_leaders(reading) == {"Paul Renn": ["It is.", SAID, SAID]}
    asked = [turn.text for turn in reading.transcript.turns if turn.speaker == "Ms Bell KC"]
    assert "We had no such meetings" in asked[0]


def test_a_message_that_is_read_aloud_under_the_guests_name_is_not_said_by_them() -> None:
    lines = talk(*["Ms Bell", "Bram Castellan"] * 6)
    quoted = '**Ms Bell:** You wrote:\n\nBram Castellan:\n\n"It is bound to be."\n\nIs that so?\n\n'
    assert not any(
        "bound" in text for text in said_by_leaders(read(lines + quoted, guest="Bram Castellan"))["Bram Castellan"]
    )


@pytest.mark.parametrize("first", ["And the Pumps, 50 machines that kept the hold dry.", "Mary Hill, our cook, came."])
def test_a_first_answer_is_no_name(first: str) -> None:
    text = f"Q: Who are you?\n\nA: {first}\n\n" + f"Q: {ASKED}\n\nA: {SAID}\n\n" * 3
    reading = read_file(text.encode(), "talk.txt", interview_id="talk")
    assert {turn.speaker for turn in reading.transcript.turns} == {"Q", "A"}


@pytest.mark.parametrize(
    ("head", "host", "guest"),
    [
        ("HARBOUR AGENCY\nORAL HISTORY\n\nMara Quill\nInterviewed by Bo Hill\nMarch 3, 1999\n", "HILL", "QUILL"),
        ("ORAL HISTORY\n\nMARA QUILL\nINTERVIEWED BY BO HILL\nPORT ANSEL – 3 MARCH 1999\n", "HILL", "QUILL"),
        ("Oral History Interview with Mara Quill\nConducted by Bo Hill on 3 March 1999\n", "BH", "MQ"),
        ("Interview of Mara Quill\nInterviewed by: Bo Hill\n1999-03-03\n", "Q", "A"),
        ("Mara Quill - Interview #2\n\nThis oral history session with Mara Quill is taking place on March 3, 1999 at"
         " home. Bo Hill is the interviewer for the agency.\n", "Interviewer", "Quill"),
    ],
)  # fmt: skip
def test_the_head_of_an_oral_history_names_guest_host_and_day(head: str, host: str, guest: str) -> None:
    text = head + QUESTIONS.format(host=host, guest=guest)
    reading = read_file(text.encode(), "history.txt", interview_id="history")
    card = reading.transcript.interview
    assert (card.leader_names, card.host, card.date) == (("Mara Quill",), "Bo Hill", date(1999, 3, 3))
    assert set(said_by_leaders(reading)) == {"Mara Quill"}


def test_a_heading_in_the_files_own_form_is_a_label_however_the_name_is_written() -> None:
    text = f"# Visit\n\n### Ada Stone:\n{SAID}\n\n### Bo Hill:\n{ASKED}\n\n"
    strange = f"### Daniel Ten, National Record:\n{ASKED}\n\n"
    reading = read(text * 3 + strange + text, guest="Ada Stone")
    assert said_by_leaders(reading) == {"Ada Stone": [SAID] * 4}
    alone = read(f"# Lecture\n\n### Ada Stone:\n{SAID}\n", guest="Ada Stone")
    assert said_by_leaders(alone) == {"Ada Stone": [SAID]}


@pytest.mark.skipif(not NAMED.exists(), reason="the shared files are not on this machine")
def test_the_named_files_are_read_as_a_person_reads_them() -> None:
    table = read_metadata(NAMED / "facts.csv")
    found = {
        path.name: read_file(path.read_bytes(), path.name, interview_id="x", row=table.row_for(path.name))
        for path in NAMED.iterdir()
        if path.suffix in (".md", ".txt") and path.name != "README.md"
    }
    counts = {name: {who: len(texts) for who, texts in said_by_leaders(one).items()} for name, one in found.items()}
    assert counts == {
        "title-is-first-name.md": {"Oswin Calder": 3},
        "answer-read-aloud.md": {"Toby Renn": 3},
        "short-name.md": {"Tim Renn": 2},
        "peer.md": {"Paul Renn": 2},
        "qa-and-the-pump.txt": {},
        "oral-history-head.txt": {"Tobias Renn": 2},
        "oral-history-prose-head.txt": {"Tobias M. Renn": 2},
    }
    heads = [found[name].transcript.interview for name in ("oral-history-head.txt", "oral-history-prose-head.txt")]
    assert [(card.host, card.date) for card in heads] == [
        ("Marta Quill", date(2014, 9, 23)),
        ("Marta Quill", date(2001, 3, 12)),
    ]


USED = {
    "Andrew Burnham": "Andy Burnham",
    "Anthony Marsh": "Tony Marsh",
    "Michael Adamson": "Mike Adamson",
    "Jon Coles": "Jonathan Coles",
    "Ben Osborn": "Benjamin Osborn",
    "Paul Deighton": "Lord Deighton",
    "Simon Stevens": "Lord Stevens",
    "Dido Harding": "Baroness Harding",
    "Kate Bingham": "Dame Katherine Bingham",
    "Jeremy Farrar": "Sir Jeremy Farrar",
    "Audrey Tang": "Audrey",
}


@pytest.mark.skipif(not PUBLIC.exists(), reason="the shared interviews are not on this machine")
@pytest.mark.parametrize("names", [{}, USED], ids=["as the table has them", "as people call them"])
@pytest.mark.parametrize(
    ("folder", "label"),
    [("uk-covid-inquiry", r"^\*\*(.+?)\*\*:"), ("taiwan-digital-minister", r"^### *(.+?) *:$")],
)
def test_no_word_of_counsel_or_host_is_a_leaders_and_every_guest_has_passages(
    folder: str, label: str, names: Mapping[str, str]
) -> None:
    table = read_metadata(PUBLIC / folder / "metadata.csv")
    for path in sorted((PUBLIC / folder).glob("*.md")):
        row = dict(Metadata(table.rows).row_for(path.name) or {})
        guest = row["guest"]
        row["guest"] = names.get(guest, guest)
        reading = read_file(path.read_bytes(), path.name, interview_id="x", row=row)
        own = words_under(path, re.compile(label, re.M), guest)
        said = " ".join(
            word for texts in said_by_leaders(reading).values() for text in texts for word in WORD.findall(text)
        )
        assert count_passages(reading) > 0, path.name
        assert is_within(said.split(), own), path.name
        assert len(said.split()) > 0.95 * len(own), path.name  # notes such as '(laughter)' are left out


def words_under(path: Path, label: re.Pattern[str], guest: str) -> list[str]:
    """The words under the source's own labels of the guest."""
    parts = label.split(path.read_text(encoding="utf-8"))
    return [
        word
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
        if is_known(name, [guest])
        for word in WORD.findall(text)
    ]


def is_within(some: list[str], words: list[str]) -> bool:
    """Whether all these words stand among the others in the same order."""
    rest = iter(words)
    return all(any(word == other for other in rest) for word in some)
