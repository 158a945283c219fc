"""What an ingest reports: files without a leader first, and two files of one talk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SOUP, STEEL

from ingest.cli.main import main
from ingest.metadata.corrections import Corrections
from ingest.pipeline.run import Options, ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

LABELLED = SOUP.split("---\n")[2].replace("Tom Verity", "SPEAKER_00").replace("Mara Quill", "SPEAKER_01")


@pytest.fixture
def knowledge_base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    opened = KnowledgeBase.open(Settings(home=tmp_path / "home"))
    yield opened
    opened.close()


def test_the_report_says_first_who_has_no_leader_and_the_command_that_names_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    talks = tmp_path / "my talks"
    talks.mkdir()
    talks.joinpath("steel.md").write_text(STEEL, encoding="utf-8")
    talks.joinpath("soup.md").write_text(LABELLED, encoding="utf-8")
    assert main([str(talks)]) == 0
    command = f"kb-ingest '{talks}/soup.md' --leader SPEAKER_01"
    assert capsys.readouterr().out.splitlines()[:4] == [
        "1 of 2 files has no known leader, so nothing can be asked of it yet:",
        "  soup.md: who is interviewed? SPEAKER_01, SPEAKER_00",
        f"      {command}",
        "2 added; 2 passages embedded",
    ]
    assert main([str(talks)]) == 0  # it is told again while nobody has answered
    assert capsys.readouterr().out.startswith("1 of 2 files has no known leader")
    assert main([f"{talks}/soup.md", "--leader", "SPEAKER_01"]) == 0
    assert capsys.readouterr().out.startswith("1 updated")
    assert main([str(talks)]) == 0  # what was said about a file holds until it changes
    assert capsys.readouterr().out.splitlines() == ["2 unchanged; 0 passages embedded"]


def test_a_file_that_names_no_speaker_is_told_without_a_command(tmp_path: Path, knowledge_base: KnowledgeBase) -> None:
    tmp_path.joinpath("plain.txt").write_text("Somebody says something about soup. " * 40, encoding="utf-8")
    (file,) = ingest_paths([tmp_path / "plain.txt"], knowledge_base)
    assert (file.lacks_leader, file.speakers) == (True, ())


def test_what_was_said_about_a_file_is_forgotten_when_it_changes(tmp_path: Path, knowledge_base: KnowledgeBase) -> None:
    path = tmp_path / "soup.md"
    path.write_text(LABELLED, encoding="utf-8")
    ingest_paths([path], knowledge_base, Options(corrections=Corrections(roles={"SPEAKER_01": "leader"})))
    path.write_text(LABELLED.replace("posters", "leaflets"), encoding="utf-8")
    (file,) = ingest_paths([path], knowledge_base)
    assert (file.outcome, file.lacks_leader) == ("updated", True)


def test_two_files_of_one_talk_are_told(tmp_path: Path, knowledge_base: KnowledgeBase) -> None:
    captions = SOUP.replace("[00:12] ", "").replace("every single morning", "each morning").replace("every", "each")
    for name, text in (("soup.md", SOUP), ("steel.md", STEEL), ("soup captions.md", captions)):
        tmp_path.joinpath(name).write_text(text, encoding="utf-8")
    told = [
        file.source
        for file in ingest_paths([tmp_path], knowledge_base)
        if any("same talk" in one for one in file.warnings)
    ]
    assert told == ["soup.md"]  # the one that was read second
    tmp_path.joinpath("again.md").write_text(captions + "\n", encoding="utf-8")
    (again,) = ingest_paths([tmp_path / "again.md"], knowledge_base)  # of a later run
    assert again.warnings[0].startswith("it holds the same talk as soup")
    assert "keep one of the two files" in again.warnings[0]


def test_a_file_with_a_new_name_or_a_new_version_is_not_its_own_double(
    tmp_path: Path, knowledge_base: KnowledgeBase
) -> None:
    path = tmp_path / "soup.md"
    path.write_text(SOUP, encoding="utf-8")
    ingest_paths([tmp_path], knowledge_base)
    path.write_text(SOUP + "\n**Tom Verity:** Thank you.\n", encoding="utf-8")
    assert [file.warnings for file in ingest_paths([path], knowledge_base)] == [()]
    path.rename(tmp_path / "broth.md")
    assert [file.warnings for file in ingest_paths([tmp_path / "broth.md"], knowledge_base)] == [()]
