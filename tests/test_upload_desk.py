"""Uploads are kept under plain names and ingested in the background."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SOUP, STEEL

from ingest.metadata.corrections import Corrections
from ingest.pipeline import ingest_paths
from ingest.upload.desk import Upload, UploadQueue, inspect_upload, keep_uploads
from kb.errors import BadMetadata, StoreUnavailable, UnreadableFile
from kb.knowledge_base import KnowledgeBase

SOUP_FILE = Upload("soup.md", SOUP.encode())


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    kept = keep_uploads([Upload("a/talk.md", b"one"), Upload("b/talk.md", b"two")], tmp_path)
    assert [(path.name, path.read_bytes()) for path in kept] == [("talk.md", b"one"), ("talk (2).md", b"two")]


def test_two_names_that_differ_in_case_alone_are_two_files_and_the_next_upload_is_kept(tmp_path: Path) -> None:
    stated = Corrections(roles={"Otto Brandl": "other"})
    twice = [Upload("Talk.md", b"one", stated), Upload("talk.md", b"two", stated)]
    assert [path.name for path in keep_uploads(twice, tmp_path)] == ["Talk.md", "talk (2).md"]
    assert keep_uploads([SOUP_FILE], tmp_path) == [tmp_path / "soup.md"]


@pytest.mark.parametrize(("before", "after"), [("Talk.md", "talk.md"), ("Caf\u00e9.md", "cafe\u0301.md")])
def test_a_name_in_another_case_replaces_the_file_and_its_row(before: str, after: str, tmp_path: Path) -> None:
    keep_uploads([Upload(before, b"one", Corrections(roles={"Otto Brandl": "other"}))], tmp_path)
    assert keep_uploads([Upload(after, b"two", Corrections(roles={"Otto Brandl": "host"}))], tmp_path) == [
        tmp_path / before
    ]
    assert (tmp_path / before).read_bytes() == b"two"
    kept = (tmp_path / "metadata.csv").read_text(encoding="utf-8")
    assert kept == f"file,labels\n{before},Otto Brandl= (host)\n"


def test_a_kept_table_that_cannot_be_read_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "soup.md").write_bytes(b"the former version")
    (tmp_path / "metadata.csv").write_bytes(b"file,title\nsoup.md,One\nSoup.md,Two\n")
    with pytest.raises(BadMetadata, match=r"names Soup\.md twice"):
        keep_uploads([SOUP_FILE, Upload("steel.md", STEEL.encode())], tmp_path)
    assert (tmp_path / "soup.md").read_bytes() == b"the former version"
    assert not (tmp_path / "steel.md").exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\talks\\one.md", "one.md"),
        (".hidden.md", "hidden.md"),
        ("..", "_"),
        ("metadata.csv", "_metadata.csv"),
        ("Metadata.CSV", "_Metadata.CSV"),
    ],
)
def test_a_name_cannot_leave_the_folder_nor_hide_in_it(name: str, kept: str, tmp_path: Path) -> None:
    assert keep_uploads([Upload(name, b"")], tmp_path) == [tmp_path / kept]


def test_an_upload_is_inspected_with_its_table() -> None:
    transcript = inspect_upload(SOUP_FILE, b"file,title\nsoup.md,Soup for ten thousand\n").transcript
    assert transcript.interview.title == "Soup for ten thousand"
    assert [turn.role for turn in transcript.turns] == ["host", "leader", "host", "leader"]


def test_an_empty_upload_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        inspect_upload(Upload("talk.md", b""), None)


def test_a_table_that_names_no_files_is_refused() -> None:
    with pytest.raises(BadMetadata):
        inspect_upload(SOUP_FILE, b"colour,size\nred,4\n")


def test_what_is_handed_in_is_ingested_and_the_same_again_changes_nothing(
    knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    queue = UploadQueue(knowledge_base, tmp_path / "uploads")
    queue.submit([SOUP_FILE, Upload("steel.md", STEEL.encode())], None)
    assert queue.latest is not None
    assert [one.outcome for one in queue.latest.result(60)] == ["added", "added"]
    assert queue.progress is not None
    assert queue.progress.files_done == 2
    queue.submit([SOUP_FILE], None)
    assert [one.outcome for one in queue.latest.result(60)] == ["unchanged"]


def test_a_folder_that_cannot_be_written_is_one_clear_line(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be kept"):
        UploadQueue(knowledge_base, tmp_path / "uploads").submit([SOUP_FILE], None)


def test_facts_and_corrections_are_kept_beside_the_files_until_the_file_comes_anew(tmp_path: Path) -> None:
    table = b"file,company\nsoup.md,Ladle House North\nsteel.md,Weser Mill\n"
    keep_uploads([SOUP_FILE, Upload("steel.md", STEEL.encode())], tmp_path, table)
    stated = Corrections(roles={"Otto Brandl": "other"})
    keep_uploads([Upload("steel.md", STEEL.encode(), stated)], tmp_path)
    kept = (tmp_path / "metadata.csv").read_text(encoding="utf-8")
    assert kept == "file,company,labels\nsoup.md,Ladle House North,\nsteel.md,,Otto Brandl= (other)\n"


def test_corrections_hold_when_the_folder_is_read_again(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    queue = UploadQueue(knowledge_base, folder)
    queue.submit([Upload("soup.md", SOUP.encode(), Corrections({"Mara Quill": "Mara Quill-Ott"}))], None)
    assert queue.latest is not None
    assert [one.outcome for one in queue.latest.result(60)] == ["added"]
    assert [file.outcome for file in ingest_paths([folder], knowledge_base)] == ["unchanged"]
    assert "Mara Quill-Ott" in {turn.speaker for turn in knowledge_base.transcript("soup").turns}
