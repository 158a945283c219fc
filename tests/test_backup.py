"""A backup brings everything back, and one that is damaged is refused."""

import os
import random
import resource
import signal
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from conftest import SOUP
from servers import find_port

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.errors import BadBackup, IndexMismatch, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings


@pytest.fixture
def backup(knowledge_base: KnowledgeBase, interviews_folder: Path, settings: Settings, tmp_path: Path) -> Path:
    uploads = settings.home / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "bread.md").write_text(SOUP.replace("soup", "bread"), encoding="utf-8")
    ingest_paths([interviews_folder, uploads], knowledge_base)
    knowledge_base.back_up(tmp_path / "kb.zip")
    return tmp_path / "kb.zip"


def test_what_was_backed_up_answers_alike_elsewhere(
    knowledge_base: KnowledgeBase, backup: Path, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "other")
    KnowledgeBase.restore(backup, settings)
    restored = KnowledgeBase.open(settings)
    assert restored.examine() == []
    assert restored.search(Query("soup and layoffs")) == knowledge_base.search(Query("soup and layoffs"))
    assert restored.transcript("bread") == knowledge_base.transcript("bread")
    upload = settings.home / "uploads" / "bread.md"
    assert str(upload) in {source.path for source in restored.sources()}
    assert [file.outcome for file in ingest_paths([upload], restored)] == ["unchanged"]
    restored.close()


def test_any_byte_that_changed_is_noticed_and_nothing_is_written(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    chance = random.Random(6)
    for place in [0, len(whole) - 1, len(whole) - 65, *(chance.randrange(len(whole)) for _ in range(40))]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        backup.write_bytes(damaged)
        with pytest.raises(BadBackup, match="is damaged or no backup"):
            KnowledgeBase.restore(backup, Settings(home=tmp_path / "other"))
    assert not (tmp_path / "other").exists()


def test_a_folder_that_is_not_empty_is_left_alone(backup: Path, settings: Settings) -> None:
    with pytest.raises(BadBackup, match="is not empty; set KB_HOME to a new folder"):
        KnowledgeBase.restore(backup, settings)


def test_a_backup_of_another_model_is_refused(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMismatch, match="set KB_EMBED_MODEL as it was"):
        KnowledgeBase.restore(backup, Settings(home=tmp_path / "other", embed_model="some/other-model"))
    assert not (tmp_path / "other").exists()


def test_a_file_that_is_there_is_not_overwritten(knowledge_base: KnowledgeBase, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(BadBackup, match="name another"):
        knowledge_base.back_up(backup)
    assert backup.read_bytes() == before


def test_it_is_a_zip_archive_that_others_can_open(backup: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        assert archive.testzip() is None
        assert {"manifest.json", "catalog.sqlite", "vectors.npz", "files/uploads/bread.md"} <= set(archive.namelist())


@pytest.mark.parametrize("seconds", [0, 5_000_000_000], ids=["1970", "2128"])
def test_a_file_of_a_time_that_archives_do_not_know_is_backed_up(
    knowledge_base: KnowledgeBase, settings: Settings, tmp_path: Path, seconds: int
) -> None:
    old = settings.home / "uploads" / "old.md"
    old.parent.mkdir()
    old.write_text(SOUP, encoding="utf-8")
    os.utime(old, (seconds, seconds))
    knowledge_base.back_up(tmp_path / "kb.zip")
    KnowledgeBase.restore(tmp_path / "kb.zip", Settings(home=tmp_path / "other"))
    assert (tmp_path / "other" / "uploads" / "old.md").read_text(encoding="utf-8") == SOUP


def test_only_what_is_written_in_another_form_is_left_out_whatever_a_name_begins_with(
    knowledge_base: KnowledgeBase, settings: Settings, tmp_path: Path
) -> None:
    names = [
        "chromatic-labs/talk.md",
        "unfinished business.md",
        "catalog.sqlite.old",
        "catalog.idea/talk.md",
        "talks/chroma",
    ]
    for name in names:
        (settings.home / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.home / name).write_text(SOUP, encoding="utf-8")
    assert (settings.home / "catalog.sqlite-wal").exists()
    knowledge_base.back_up(tmp_path / "kb.zip")
    with zipfile.ZipFile(tmp_path / "kb.zip") as archive:
        copied = {name for name in archive.namelist() if name.startswith("files/")}
    assert copied == {f"files/{name}" for name in names}


def test_the_commands_say_what_they_did(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "other"))
    assert main(["restore", str(tmp_path / "nothing.zip")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
    assert main(["restore", str(backup)]) == 0
    assert main(["backup", str(tmp_path / "again.zip")]) == 0
    assert capsys.readouterr().out.startswith(f"Restored into {tmp_path / 'other'}\nWritten to")


def test_a_restore_that_fails_leaves_the_home_empty_and_can_be_tried_again(
    knowledge_base: KnowledgeBase, backup: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    for home in (there, tmp_path / "new"):
        with pytest.raises(StoreUnavailable, match="cannot be opened"):
            KnowledgeBase.restore(backup, Settings(home=home, chroma_url=f"http://127.0.0.1:{find_port()}"))
        with limited_files(20_000), pytest.raises(StoreUnavailable) as caught:
            KnowledgeBase.restore(backup, Settings(home=home))
        assert "\n" not in str(caught.value)
    assert list(there.iterdir()) == []
    assert not (tmp_path / "new").exists()
    KnowledgeBase.restore(backup, Settings(home=there))
    with closing(KnowledgeBase.open(Settings(home=there))) as restored:
        assert restored.examine() == []
        assert restored.counts() == knowledge_base.counts()


@contextmanager
def limited_files(size: int) -> Iterator[None]:
    """The limit on a file's size stands for the disk, which is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_backup_onto_a_full_disk_is_one_clear_line_and_leaves_no_part(
    knowledge_base: KnowledgeBase, interviews_folder: Path, tmp_path: Path
) -> None:
    ingest_paths([interviews_folder], knowledge_base)
    with limited_files(20_000), pytest.raises(StoreUnavailable) as caught:
        knowledge_base.back_up(tmp_path / "kb.zip")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("kb.zip*"))
