"""Which files are read, and the ids they get."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest

from ingest.cli import main
from ingest.files import SourceFile, find_file, list_files, list_ids, measure_file
from ingest.pipeline import ingest_paths
from kb.errors import UnreadableFile
from kb.knowledge_base import KnowledgeBase


def test_hidden_files_licences_and_tables_are_not_interviews(interviews_folder: Path) -> None:
    for name in (".DS_Store", "LICENSE", "README.md", "ATTRIBUTION.md", "metadata.csv"):
        (interviews_folder / name).write_text("not an interview", encoding="utf-8")
    assert [file.source for file in list_files([interviews_folder])] == ["soup.md", "steel.md"]


def test_ids_are_readable_and_tell_files_apart() -> None:
    assert next(list_ids("founders-talk-70.md")) == "founders-talk-70"
    assert next(list_ids("Some Guest/Ünïcode Talk.md")) == "some-guest-unicode-talk"
    assert list(islice(list_ids("talk.srt"), 4)) == ["talk", "talk-srt", "talk-2", "talk-3"]
    assert next(list_ids("日本.md")) == "interview"


def test_one_file_is_named_without_its_folder(interviews_folder: Path) -> None:
    path = interviews_folder / "soup.md"
    assert find_file(path, interviews_folder / "facts.csv") == SourceFile(path, "soup.md")


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("full", "is a folder; name one of its files"),
        ("empty", "is a folder; name one of its files"),
        ("pipe", "is neither a file nor a folder; check the path"),
        ("facts.csv", "is the table of facts itself; name a transcript"),
        ("a" * 300, "cannot be opened: File name too long; check the path"),
    ],
)
def test_what_is_no_transcript_file_is_refused_by_inspect_in_one_line(
    what: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("full", "empty"):
        (tmp_path / name).mkdir()
    for name in ("full/a.md", "full/b.md"):
        (tmp_path / name).write_text("**Ada:** Hi.")
    os.mkfifo(tmp_path / "pipe")
    table = tmp_path / "facts.csv"
    table.write_text("file,guest\na.md,Ada Byron\n")
    assert main(["inspect", str(tmp_path / what), "--metadata", str(table)]) == 2
    assert capsys.readouterr().err == f"kb-ingest: {tmp_path / what} {line}\n"


def test_a_pipe_is_not_taken_for_an_empty_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFile, match="is neither a file nor a folder"):
        list_files([tmp_path / "pipe"])


def test_a_file_that_was_deleted_since_it_was_listed_has_no_size(tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_bytes(b"1234")
    assert [measure_file(tmp_path / name) for name in ("talk.md", "gone.md")] == [4, 0]


def test_a_name_that_is_not_utf_8_is_refused_and_the_others_are_read(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    (interviews_folder / os.fsdecode(b"so\xffup.md")).write_text("Ada: Soup.", encoding="utf-8")
    report = ingest_paths([interviews_folder], knowledge_base)
    (refused,) = report.of("refused")
    assert len(report.of("added")) == 2
    assert refused.reason == "The name of the file, or of a folder it is in, is not UTF-8; rename it"
    assert knowledge_base.examine() == []
