"""Corrections: what people say of the speakers of a file, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SOUP
from hypothesis import given
from hypothesis import strategies as st

from ingest.cli.main import main
from ingest.inspection import Speaker, find_places, list_speakers
from ingest.metadata.corrections import STATED_ROLES, Corrections, read_corrections, write_corrections
from ingest.metadata.table import Metadata, parse_metadata, write_metadata
from ingest.pipeline.run import Options, inspect_file
from ingest.reading import Reading
from ingest.upload.desk import correct_speakers
from kb.model import Mark, Role, Turn

LABELLED = SOUP.split("---\n")[2].replace("Tom Verity", "SPEAKER_00").replace("Mara Quill", "SPEAKER_01")


@pytest.fixture
def soup(tmp_path: Path) -> Path:
    path = tmp_path / "soup.md"
    path.write_text(SOUP, encoding="utf-8")
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.md"
    path.write_text(LABELLED, encoding="utf-8")
    return path


def roles(reading: Reading) -> dict[str | None, str]:
    return {turn.speaker: turn.role for turn in reading.transcript.turns}


def test_a_cell_holds_names_and_roles_by_label() -> None:
    stated = read_corrections("SPEAKER_00=Jane Doe (leader); Max Ruh=(HOST); nonsense; = ; S2=Li (Geth)")
    assert stated.names == {"SPEAKER_00": "Jane Doe", "S2": "Li (Geth)"}
    assert stated.roles == {"SPEAKER_00": "leader", "Max Ruh": "host"}
    assert read_corrections(write_corrections(stated)) == stated


@pytest.mark.parametrize(
    "stated",
    [
        Corrections({"a;b": "Ada", "c": "Cy"}),
        Corrections({"x=y": "Ada; Byron", "c": "Cy = Di"}, {"x=y": "leader"}),
        Corrections({"S1": "Tom Verity (Host)"}),
        Corrections({"S1": "Tom Verity (Host)"}, {"S1": "leader", "Ann (Leader)": "host"}),
        Corrections({"two\nlines": "Ada\nByron"}),
        Corrections({'"x': "Ada", 'y"': 'Bo "B" Li', '"z"': '"Cy"'}),
    ],
)
def test_a_cell_holds_any_label_and_any_name(stated: Corrections) -> None:
    table = Metadata((("talk.md", {"labels": write_corrections(stated)}),))
    row = parse_metadata(write_metadata(table), "metadata.csv").row_for("talk.md") or {}
    assert read_corrections(row["labels"]) == stated


SAID = st.text(min_size=1).filter(str.strip)


@given(names=st.dictionaries(SAID, SAID), roles=st.dictionaries(SAID, st.sampled_from(STATED_ROLES)))
def test_what_is_written_into_a_cell_is_what_is_read_from_it(names: dict[str, str], roles: dict[str, Role]) -> None:
    assert read_corrections(write_corrections(Corrections(names, roles))) == Corrections(names, roles)


def test_quotes_stand_only_where_they_are_needed() -> None:
    stated = Corrections({"S1": "Tom Verity (Host)", "S2": "Ada Byron"}, {"S2": "leader"})
    assert write_corrections(stated) == '"S1"="Tom Verity (Host)"; S2=Ada Byron (leader)'
    assert read_corrections('5" tape=Ada; S2="Bo (host)').names == {'5" tape': "Ada", "S2": '"Bo'}


def test_whoever_is_said_to_lead_leads_and_the_host_is_who_is_said_to_be(soup: Path) -> None:
    stated = Corrections(roles={"tom verity": "leader", "Quill": "host"})
    reading = inspect_file(soup, Options(corrections=stated))
    assert roles(reading) == {"Tom Verity": "leader", "Mara Quill": "host"}
    card = reading.transcript.interview
    assert (card.host, card.leader_names) == ("Mara Quill", ("Tom Verity",))


def test_a_leader_who_stays_one_keeps_what_the_card_says_of_her(soup: Path) -> None:
    card = inspect_file(soup, Options(corrections=Corrections(roles={"Tom Verity": "other"}))).transcript.interview
    assert (card.host, [leader.company for leader in card.leaders]) == (None, ["Ladle House"])


def test_labels_get_names_and_the_roles_follow(labelled: Path) -> None:
    stated = Corrections({"SPEAKER_00": "Tom Verity", "speaker_01": "Mara Quill"}, {"SPEAKER_01": "leader"})
    assert roles(inspect_file(labelled, Options(corrections=stated))) == {"Tom Verity": "host", "Mara Quill": "leader"}


def test_the_table_holds_corrections_of_each_file(labelled: Path) -> None:
    table = labelled.parent / "metadata.csv"
    table.write_text('file,labels\nlabelled.md,"SPEAKER_00=Tom Verity (host); SPEAKER_01=Mara Quill (leader)"\n')
    assert roles(inspect_file(labelled)) == {"Tom Verity": "host", "Mara Quill": "leader"}


def test_a_correction_of_nobody_is_told(soup: Path) -> None:
    warnings = inspect_file(soup, Options(corrections=Corrections(roles={"Zed": "leader"}))).warnings
    assert warnings == ("nobody is called Zed here: that correction changed nothing",)


def test_the_command_line_takes_names_and_roles(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--speakers", "SPEAKER_00=Tom Verity", "--host", "Tom Verity", "--leader", "SPEAKER_01"]
    assert main(["inspect", str(labelled), *given]) == 0
    shown = capsys.readouterr().out
    assert "host: Tom Verity · leaders: SPEAKER_01" in shown
    assert "0:12  SPEAKER_01 (leader)" in shown


def test_what_was_changed_in_the_form_is_a_correction_and_nothing_else() -> None:
    speakers = [Speaker("SPEAKER_00", "unknown", 3, 90), Speaker("Ada", "host", 3, 20), Speaker("Bo", "leader", 1, 5)]
    stated = correct_speakers(speakers, [("Jane Doe ", "leader"), ("Ada", None), ("", "other")])
    assert stated == Corrections({"SPEAKER_00": "Jane Doe"}, {"SPEAKER_00": "leader", "Bo": "other"})


def test_a_turn_without_a_time_stands_after_the_last_one_given() -> None:
    turns = (
        Turn(0, "Ada", "host", "Hello."),
        Turn(
            1,
            "Bo",
            "leader",
            "One two three.",
            start=5.0,
            page=1,
            marks=(Mark(0, 5.0, 1), Mark(4, 9.0), Mark(8, page=2)),
        ),
        Turn(2, "Ada", "host", "And?", page=2),
        Turn(3, "Bo", "leader", "Four.", start=12.0, page=3, marks=(Mark(0, 12.0, 3),)),
    )
    places = [(place.start, place.start_is_exact, place.page) for place in find_places(turns)]
    assert places == [(None, False, None), (5.0, True, 1), (9.0, False, 2), (12.0, True, 3)]
    assert [str(place) for place in find_places(turns)] == ["-", "0:05", "after 0:09", "0:12"]


def test_speakers_are_listed_by_how_much_they_say(soup: Path) -> None:
    speakers = list_speakers(inspect_file(soup).transcript)
    assert [(one.name, one.role, one.turns) for one in speakers] == [
        ("Mara Quill", "leader", 2),
        ("Tom Verity", "host", 2),
    ]
