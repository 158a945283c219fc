"""A catalog that was lost is refused, and what is left of its interviews is deleted only when somebody says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SOUP, empty_chroma
from servers import Postgres

import ingest.cli.main
from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.embedding.protocol import Embedder
from kb.errors import StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

NAMES = ["bread", "milk", "salt", "tea"]


@pytest.fixture
def lost(filled: KnowledgeBase, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of two interviews whose catalog was deleted."""
    filled.close()
    for path in settings.home.glob("catalog.sqlite*"):
        path.unlink()
    monkeypatch.setenv("KB_HOME", str(settings.home))
    return settings.home


def list_rest(home: Path) -> set[str]:
    """The token files of a home folder."""
    return {path.name for path in (home / "tokens").glob("*.codes")}


def test_every_command_refuses_a_lost_catalog_and_names_the_backup(
    lost: Path, interviews_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = list_rest(lost)
    runs: list[Callable[[], int]] = [
        lambda: main(["ask", "How do you care about soup?"]),
        lambda: main(["status"]),
        lambda: main(["backup", str(lost.parent / "kb.zip")]),
        lambda: ingest.cli.main.main([str(interviews_folder)]),
        lambda: ingest.cli.main.main(["list"]),
    ]
    for run in runs:
        assert run() == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "holds no interview, and the other stores hold 3 vectors and 2 files of token vectors" in line
        assert "restore a backup with kb restore into a new KB_HOME" in line
    assert list_rest(lost) == rest
    assert not (lost / "catalog.sqlite").exists()


def test_a_lost_catalog_that_is_put_back_answers_again(
    filled: KnowledgeBase, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.close()
    catalog = settings.home / "catalog.sqlite"
    catalog.rename(settings.home.parent / "away")
    monkeypatch.setenv("KB_HOME", str(settings.home))
    assert [main(["status"]), main(["doctor"]), main(["doctor", "--repair"])] == [2, 1, 1]
    (settings.home.parent / "away").replace(catalog)
    assert main(["doctor"]) == 0


def test_the_doctor_deletes_nothing_of_a_lost_catalog_without_its_word(
    lost: Path, interviews_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = list_rest(lost)
    for words in (["doctor"], ["doctor", "--repair"]):
        assert main(words) == 1
        said = capsys.readouterr().out
        assert "3 of 3 vectors are without a passage" in said
        assert "2 files of token vectors that nothing is listed in" in said
        assert "nothing of it is deleted without --discard" in said
    assert list_rest(lost) == rest
    assert main(["doctor", "--repair", "--discard"]) == 0
    assert list_rest(lost) == set()
    assert ingest.cli.main.main([str(interviews_folder)]) == 0
    assert main(["doctor"]) == 0


def test_what_a_catalog_has_lost_in_part_is_counted_and_kept(
    filled: KnowledgeBase, settings: Settings, tmp_path: Path
) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.md").write_text(SOUP.replace("soup", name), encoding="utf-8")
    ingest_paths([tmp_path / f"{name}.md" for name in NAMES], filled)
    with closing(sqlite3.connect(settings.home / "catalog.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("DELETE FROM interviews WHERE id != 'soup'")
    filled.close()
    files = list_rest(settings.home)
    with closing(KnowledgeBase.open(settings, for_repair=True)) as partly:
        texts = [finding.text for finding in partly.repair() if finding.mending == "lost"]
        assert "6 of 7 vectors are without a passage: bread:" in texts[0]
        assert "5 files of token vectors that nothing is listed in" in texts[1]
        partly.finish_pending()
        assert list_rest(settings.home) == files
        assert partly.repair(discard=True) == []
    assert len(list_rest(settings.home)) == 1


def test_an_interrupted_first_ingest_is_no_lost_catalog(knowledge_base: KnowledgeBase, settings: Settings) -> None:
    knowledge_base._catalog.token_files.begin("soup")
    (settings.home / "tokens").mkdir()
    (settings.home / "tokens" / f"{'a' * 32}.codes").write_bytes(b"x" * 64)
    KnowledgeBase.open(settings).close()


def test_the_last_interview_can_be_removed(filled: KnowledgeBase, settings: Settings) -> None:
    filled.remove("soup")
    filled.remove("steel")
    KnowledgeBase.open(settings).close()
    assert filled.examine() == []


@pytest.fixture
def shared(shared_settings: Settings, interviews_folder: Path, embedder: Embedder) -> Iterator[Settings]:
    with closing(KnowledgeBase.open(shared_settings)) as opened:
        ingest_paths([interviews_folder], opened)
    yield shared_settings
    empty_chroma(str(shared_settings.chroma_url), shared_settings.home, embedder)


def test_a_new_empty_database_beside_full_stores_is_refused(shared: Settings, postgres: Postgres) -> None:
    bound = (shared.home / "catalog.id").read_text(encoding="ascii")
    empty = replace(shared, catalog_url=postgres.make_database())
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="holds no interview, and the other stores hold 3 vectors"):
            KnowledgeBase.open(empty)
    with closing(KnowledgeBase.open(empty, for_repair=True)) as opened:
        assert {finding.mending for finding in opened.repair()} == {"lost"}
        assert opened._stores.vectors.count() == 3
    assert (shared.home / "catalog.id").read_text(encoding="ascii") == bound
