"""Uploads are kept under plain names and ingested in the background."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SOUP, STEEL
from filelock import FileLock

from ingest.metadata.corrections import Corrections
from ingest.pipeline import ingest_paths
from ingest.upload.desk import UploadQueue, inspect_upload
from ingest.upload.keeping import Limits, Upload, keep_uploads
from kb.errors import BadMetadata, BadSetting, StoreUnavailable, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

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


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["talk.md", " talk.md", "talk.md "], ["talk.md", "talk (2).md", "talk (3).md"]),
        (["ta\rlk.md", "ta\nlk.md"], ["ta lk.md", "ta lk (2).md"]),
        (["talk\x00.md", "\x85talk .md", "talk\u2028.md"], ["talk .md", "talk  (2).md", "talk  (3).md"]),
        (["talk\ud800.md", " .. .md", "\t"], ["talk .md", "md", "_"]),
    ],
)
def test_names_that_differ_in_blanks_alone_do_not_spoil_the_table(
    names: list[str], kept: list[str], tmp_path: Path
) -> None:
    stated = Corrections(roles={"Otto Brandl": "other"})
    assert [path.name for path in keep_uploads([Upload(name, b"", stated) for name in names], tmp_path)] == kept
    assert keep_uploads([SOUP_FILE], tmp_path) == [tmp_path / "soup.md"]


def test_facts_that_no_table_can_hold_are_refused_and_the_next_upload_is_kept(tmp_path: Path) -> None:
    keep_uploads([Upload("soup.md", b"the former version")], tmp_path)
    long = Corrections({"SPEAKER_00": "a" * 131_073})
    with pytest.raises(BadMetadata, match=r"^The facts cannot be kept \(.*\); shorten them, or the corrections$"):
        keep_uploads([Upload("soup.md", b"the new version", long)], tmp_path)
    assert (tmp_path / "soup.md").read_bytes() == b"the former version"
    assert keep_uploads([SOUP_FILE], tmp_path) == [tmp_path / "soup.md"]


def test_a_table_that_was_spoilt_before_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_bytes(b"file,title\nsoup.md,One\nSoup.md,Two\n")
    with pytest.raises(BadMetadata, match=r"keep one of them; mend or delete .*metadata\.csv$"):
        keep_uploads([SOUP_FILE], tmp_path)


def test_a_name_that_is_too_long_for_a_file_is_cut_before_its_suffix(tmp_path: Path) -> None:
    first, second = keep_uploads(
        [Upload("\u00e9" * 300 + ".md", b"one"), Upload("\u00e9" * 400 + ".md", b"")], tmp_path
    )
    assert first.name == "\u00e9" * 98 + ".md"
    assert second.name == "\u00e9" * 98 + " (2).md"
    assert first.read_bytes() == b"one"
    assert inspect_upload(Upload("a" * 300 + ".md", SOUP.encode()), None).transcript.turns


def test_uploads_that_a_kill_cut_off_are_named_and_added_by_the_next_app(
    knowledge_base: KnowledgeBase, settings: Settings
) -> None:
    folder = settings.home / "uploads"
    folder.mkdir()
    keep_uploads([SOUP_FILE, Upload("steel.md", STEEL.encode())], folder)  # and the process is killed here
    (folder / "steel.md").write_bytes(b"half of it")
    (note,) = [finding.text for finding in knowledge_base.examine()]
    assert note == "uploads that are not added yet: soup.md, steel.md; the page Add interviews goes on with them"
    queue = UploadQueue(knowledge_base, folder)
    assert queue.list_waiting() == ["soup.md", "steel.md"]
    queue.resume()
    assert queue.latest is not None
    assert [(one.source, one.outcome, one.reason) for one in queue.latest.result(60)] == [
        ("soup.md", "added", ""),
        ("steel.md", "refused", "the upload was cut off; upload the file again"),
    ]
    assert queue.list_waiting() == []
    assert knowledge_base.examine() == []
    queue.resume()
    assert not queue.is_busy


def test_an_upload_that_is_added_waits_no_more(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    queue = UploadQueue(knowledge_base, tmp_path / "uploads")
    queue.submit([SOUP_FILE], None)
    assert queue.latest is not None
    queue.latest.result(60)
    assert queue.list_waiting() == []


def test_an_upload_of_another_process_is_waited_for(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"), pytest.raises(StoreUnavailable, match="Another upload is being added; wait"):
        UploadQueue(knowledge_base, tmp_path).submit([SOUP_FILE], None)
    assert not (tmp_path / "soup.md").exists()


def test_one_upload_and_all_that_are_kept_have_limits(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    queue = UploadQueue(knowledge_base, folder, Limits(upload=3_000_000, folder=4_000_000))
    files = [Upload(f"{number}.md", b"a" * 1_500_000) for number in range(3)]
    with pytest.raises(UnreadableFile, match=r"^These files have 5 MB, more than 3; add fewer at once, or set KB_UP"):
        queue.submit(files, None)
    (folder / "0.md").write_bytes(b"a" * 2_500_000)
    with pytest.raises(StoreUnavailable, match=r"holds 3 of at most 4 MB, too many to keep 3 MB more; delete files"):
        queue.submit(files[1:], None)
    assert sorted(path.name for path in folder.glob("[!.]*")) == ["0.md"]
    keep_uploads(files[:1], folder, limits=queue.limits)  # in the place of the larger one
    with pytest.raises(UnreadableFile, match="These are 201 files; add at most 200 at once, or read their folder with"):
        queue.submit([SOUP_FILE] * 201, None)
    assert queue.limits.describe(folder) == "Up to 200 files and 3 MB at once. 2 of 4 MB for uploads are taken."


def test_the_limits_are_settings() -> None:
    settings = Settings.from_env({"KB_UPLOAD_MB": "20", "KB_UPLOADS_MB": "100"})
    assert Limits.of(settings) == Limits(upload=20_000_000, folder=100_000_000)
    with pytest.raises(BadSetting, match="KB_UPLOAD_MB is '2 GB'; set it to a number of megabytes, such as 200"):
        Settings.from_env({"KB_UPLOAD_MB": "2 GB"})


def test_what_a_person_wrote_wins_over_the_table_and_the_file() -> None:
    upload = Upload("soup.md", SOUP.encode(), stated={"title": "By hand", "sector": "charity"})
    card = inspect_upload(upload, b"file,title,show\nsoup.md,Of a table,Kitchen Table\n").transcript.interview
    assert (card.title, card.show, card.leaders[0].sector) == ("By hand", "Kitchen Table", "charity")


def test_each_leader_gets_the_fact_in_their_place() -> None:
    two = SOUP.replace("qualifies: people served}", "qualifies: people served}\n  - {name: Tom Verity, role: editor}")
    upload = Upload("soup.md", two.replace("host: Tom Verity\n", "").encode(), stated={"role": "chair; "})
    leaders = inspect_upload(upload, None).transcript.interview.leaders
    assert [(one.name, one.role) for one in leaders][:1] == [("Mara Quill", "chair")]
