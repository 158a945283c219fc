"""Which files are read, and the ids they get."""

from __future__ import annotations

import os
import threading
import tracemalloc
from itertools import islice
from pathlib import Path

import pytest

from ingest.cli.main import main
from ingest.files import SourceFile, find_file, list_files, list_ids, measure_file, read_bytes
from ingest.pipeline import ingest_paths
from kb.errors import BadMetadata, UnreadableFile
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


def test_the_id_of_one_among_thousands_without_a_latin_letter_is_found_at_once() -> None:
    taken: set[str] = set()
    tried = 0
    for number in range(3_000):
        for candidate in list_ids(f"{chr(0x4E00 + number)}.md"):
            tried += 1
            if candidate not in taken:
                taken.add(candidate)
                break
    assert len(taken) == 3_000
    assert tried < 3_000 * 25
    assert {"interview", "interview-md", "interview-20"} < taken
    assert all(len(one) <= len("interview-0123456789") for one in taken)


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


def test_the_size_of_a_file_is_looked_at_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "talk.md").open("wb") as file:
        file.truncate(6_000_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile, match=r"^the file is larger than 50 MB; split it, or export only its text$"):
            read_bytes(tmp_path / "talk.md")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path, is_begun, is_read = tmp_path / "talk.md", threading.Event(), threading.Event()
    path.write_bytes(b"Ada: Hello.\n" * 2_000_000)

    def go_on_writing() -> None:
        with path.open("ab", buffering=0) as file:
            while not is_read.is_set():
                file.write(b".")
                is_begun.set()

    writer = threading.Thread(target=go_on_writing)
    writer.start()
    try:
        assert is_begun.wait(60)
        with pytest.raises(UnreadableFile, match="it changes while it is read; try again when it is complete"):
            read_bytes(path)
    finally:
        is_read.set()
        writer.join()


def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "talk.md")
    with pytest.raises(UnreadableFile, match="it is no regular file"):
        read_bytes(tmp_path / "talk.md")


def test_a_link_that_leads_out_of_the_named_folder_is_told_and_stops_nothing(
    knowledge_base: KnowledgeBase, interviews_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "diary.md").write_text("**Ada:** Dear diary.\n", encoding="utf-8")
    (interviews_folder / "a.md").symlink_to(tmp_path / "private" / "diary.md")
    (interviews_folder / "b").symlink_to(tmp_path / "private")
    (interviews_folder / "again.md").symlink_to("soup.md")
    (interviews_folder / "round").symlink_to(".")
    report = ingest_paths([interviews_folder, tmp_path / "private" / "diary.md"], knowledge_base)
    assert [(file.source, file.outcome) for file in report] == [
        ("a.md", "refused"), ("again.md", "added"), ("b", "refused"), ("steel.md", "added"), ("diary.md", "added"),
    ]  # fmt: skip
    assert report.files[0].reason.startswith("a link that leads out of the named folder is not followed; name what")


def test_a_table_that_is_a_link_out_of_the_folder_is_not_read(
    knowledge_base: KnowledgeBase, interviews_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "private.csv").write_text("file,title\nsoup.md,Private\n", encoding="utf-8")
    (interviews_folder / "metadata.csv").symlink_to(tmp_path / "private.csv")
    with pytest.raises(BadMetadata, match="is a link that leads out of its folder; name what it leads to with"):
        ingest_paths([interviews_folder], knowledge_base)
