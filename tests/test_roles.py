"""Who is host, leader or another voice, and whose names the turns carry."""

from __future__ import annotations

import pytest
from conftest import SHARED

from ingest.metadata.table import read_metadata
from ingest.reading import read_file
from ingest.speakers.roles import assign_roles, rename_speakers
from kb.model import Interview, Leader, Mark, Role, Transcript, Turn

FOUNDERS = SHARED / "corpora" / "founders-talk"

LONG = "It took us nine years, and most of what I believed in the first of them was wrong. " * 6
ASKED = "How did it begin? And who was there?"


def transcript(*turns: tuple[str | None, str], leaders: tuple[str, ...] = (), host: str | None = None) -> Transcript:
    interview = Interview("talk", "A talk", tuple(map(Leader, leaders)), host)
    return Transcript(
        interview, tuple(Turn(index, speaker, "unknown", text) for index, (speaker, text) in enumerate(turns))
    )


def roles(result: Transcript) -> dict[str | None, Role]:
    return {turn.speaker: turn.role for turn in result.turns}


def test_the_card_says_who_leads_and_the_other_voice_is_the_host() -> None:
    result = assign_roles(
        transcript(("Orla", ASKED), ("Bram Castellan", LONG), ("Orla", "And?"), leaders=("Bram Castellan",))
    )
    assert roles(result) == {"Orla": "host", "Bram Castellan": "leader"}
    assert result.interview.host == "Orla"


def test_turns_carry_the_spelling_of_the_card() -> None:
    spoken = transcript(
        ("ORLA FENWICK", ASKED), ("Dr. Castellan", LONG), leaders=("Bram Castellan",), host="Orla Fenwick"
    )
    assert roles(assign_roles(spoken)) == {"Orla Fenwick": "host", "Bram Castellan": "leader"}


def test_without_a_card_who_welcomes_and_asks_is_the_host_and_the_others_lead() -> None:
    result = assign_roles(
        transcript(
            ("Bram Castellan", "Nobody owns a loom alone. " + LONG),  # a teaser opens the file
            ("Orla Fenwick", "Welcome to Second Shift. " + ASKED),
            ("Bram Castellan", LONG),
            ("Orla Fenwick", "Were they paid?"),
            ("Bram Castellan", "Thanks for having me. " + LONG),
        )
    )
    assert roles(result) == {"Bram Castellan": "leader", "Orla Fenwick": "host"}
    assert result.interview.leaders == (Leader("Bram Castellan"),)
    assert result.interview.host == "Orla Fenwick"


def test_questions_count_word_for_word() -> None:
    guest = ("Bram Castellan", LONG + "Does that make sense? Does it? " + LONG)
    result = assign_roles(transcript(("Orla Fenwick", ASKED), guest, ("Orla Fenwick", "Why? Who?"), guest))
    assert roles(result)["Orla Fenwick"] == "host"


def test_a_question_and_an_answer_are_the_one_host_and_the_one_leader_of_the_card() -> None:
    named = transcript(("Q", ASKED), ("A", LONG), leaders=("Bram Castellan",), host="Orla Fenwick")
    assert roles(assign_roles(named)) == {"Orla Fenwick": "host", "Bram Castellan": "leader"}
    assert roles(assign_roles(transcript(("Q", ASKED), ("A", LONG)))) == {"Q": "host", "A": "unknown"}


def test_labels_of_machines_stay_unknown_until_someone_says_who_they_are() -> None:
    labelled = transcript(("SPEAKER_00", ASKED), ("SPEAKER_01", LONG), leaders=("Bram Castellan",))
    assert roles(assign_roles(labelled)) == {"SPEAKER_00": "unknown", "SPEAKER_01": "unknown"}
    mapped = rename_speakers(labelled, {"speaker_01": "Bram Castellan", "SPEAKER_00": "Orla Fenwick"})
    assert roles(assign_roles(mapped)) == {"Orla Fenwick": "host", "Bram Castellan": "leader"}


def test_one_unnamed_voice_is_unknown_even_where_the_card_names_a_leader() -> None:
    assert roles(assign_roles(transcript((None, LONG), leaders=("Bram Castellan",)))) == {None: "unknown"}


def test_passers_by_and_offices_are_others() -> None:
    result = assign_roles(
        transcript(
            ("Orla Fenwick", "Welcome to Second Shift. " + ASKED),
            ("Bram Castellan", LONG),
            ("Operator", "Please go ahead."),
            ("Ada Quill", "Hello."),
            ("Bram Castellan", LONG),
        )
    )
    assert roles(result)["Operator"] == roles(result)["Ada Quill"] == "other"


def test_a_host_listed_as_a_speaker_is_no_leader() -> None:
    result = assign_roles(
        transcript(
            ("Orla Fenwick", "Welcome to Second Shift. " + ASKED),
            ("Bram Castellan", LONG),
            ("Orla Fenwick", "Were they paid?"),
            leaders=("Orla Fenwick", "Bram Castellan"),
        )
    )
    assert roles(result) == {"Orla Fenwick": "host", "Bram Castellan": "leader"}
    assert (result.interview.host, result.interview.leader_names) == ("Orla Fenwick", ("Bram Castellan",))


def test_two_labels_of_one_person_become_one_turn_that_keeps_its_times() -> None:
    turns = (
        Turn(0, "F2", "unknown", "We began small.", start=1.0, marks=(Mark(0, 1.0),)),
        Turn(1, "F3", "unknown", "Then we grew.", start=4.0, marks=(Mark(0, 4.0), Mark(5, 4.5))),
        Turn(2, "M1", "unknown", "How?", start=6.0),
    )
    renamed = rename_speakers(Transcript(Interview("talk", "A talk"), turns), {"F2": "Ada Quill", "F3": "Ada Quill"})
    assert [(turn.index, turn.speaker, turn.text) for turn in renamed.turns] == [
        (0, "Ada Quill", "We began small. Then we grew."),
        (1, "M1", "How?"),
    ]
    assert renamed.turns[0].marks == (Mark(0, 1.0), Mark(16, 4.0), Mark(21, 4.5))


@pytest.mark.skipif(not FOUNDERS.exists(), reason="the shared interviews are not on this machine")
def test_all_guests_of_founders_talk_lead_and_adam_stacoviak_hosts() -> None:
    table = read_metadata(FOUNDERS / "metadata.csv")
    files = sorted((FOUNDERS / "transcripts").glob("*.md"))
    assert len(files) == 50
    for path in files:
        row = table.row_for(path.name) or {}
        result = read_file(path.read_bytes(), path.name, interview_id="x", row=row).transcript
        guest = row["guest"]
        assert {turn.speaker for turn in result.turns if turn.role == "leader"} == {guest}, path.name
        assert {turn.speaker for turn in result.turns if turn.role == "host"} == {"Adam Stacoviak"}, path.name
        assert (result.interview.host, result.interview.leader_names) == ("Adam Stacoviak", (guest,))


@pytest.mark.skipif(not FOUNDERS.exists(), reason="the shared interviews are not on this machine")
def test_without_a_table_nearly_all_hosts_of_founders_talk_are_told_by_how_they_talk() -> None:
    told = 0
    for path in (FOUNDERS / "transcripts").glob("*.md"):
        result = read_file(path.read_bytes(), path.name, interview_id="x").transcript
        told += result.interview.host == "Adam Stacoviak"
    assert told >= 48
