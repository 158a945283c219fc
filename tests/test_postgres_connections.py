"""A catalog in PostgreSQL whose server restarts, whose connections are lost, and whose writers are on several hosts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_kills
from conftest import SOUP
from nursery import Nursery
from servers import PASSWORD, Postgres
from sqlalchemy import text as sql

from kb.errors import StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings


@pytest.fixture
def settings(shared_settings: Settings) -> Settings:
    return shared_settings


@pytest.fixture
def nursery(settings: Settings) -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


def test_a_server_that_was_restarted_is_asked_again_and_one_that_is_down_is_one_clear_line(
    filled: KnowledgeBase,
    settings: Settings,
    postgres: Postgres,
) -> None:
    before = filled.search(Query("soup"))
    postgres.stop()
    with pytest.raises(
        StoreUnavailable, match=r"cannot be reached: .*start the server or correct KB_CATALOG_URL"
    ) as lost:
        filled.search(Query("soup"))
    with pytest.raises(
        StoreUnavailable, match=r"cannot be reached: .*start the server or correct KB_CATALOG_URL"
    ) as down:
        KnowledgeBase.open(settings)
    postgres.start()
    assert filled.search(Query("soup")) == before
    assert filled.interviews()
    postgres.stop()
    postgres.start()
    assert filled.interviews()
    filled.remove("steel")
    assert filled.examine() == []
    for caught in (lost, down):
        assert "\n" not in str(caught.value)
        assert PASSWORD not in str(caught.value)


def test_a_connection_that_is_lost_amid_a_snapshot_is_not_replaced_by_one_that_knows_more(
    filled: KnowledgeBase,
    settings: Settings,
    postgres: Postgres,
) -> None:
    catalog = filled._catalog
    with catalog.database.snapshot():
        end_connections(postgres, settings)
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            catalog.interviews()
        with pytest.raises(StoreUnavailable, match="was lost"):
            catalog.interviews()
    assert len(catalog.interviews()) == 2


def test_a_writer_that_lost_its_lock_with_its_connection_writes_no_more(
    filled: KnowledgeBase,
    settings: Settings,
    postgres: Postgres,
) -> None:
    assert filled._catalog.database.lock(0)
    end_connections(postgres, settings)
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        filled._catalog.token_files.begin("soup")
    filled._catalog.database.unlock()
    assert filled._catalog.token_files.pending() == []
    filled.remove("soup")


def test_a_writer_whose_connection_is_lost_between_two_changes_does_not_go_on_with_another(
    filled: KnowledgeBase, settings: Settings, postgres: Postgres
) -> None:
    database = filled._catalog.database
    assert database.lock(0)
    end_connections(postgres, settings)
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        filled._catalog.interviews()
    with pytest.raises(StoreUnavailable, match="was lost"):
        filled._catalog.token_files.begin("soup")
    database.unlock()
    assert filled._catalog.token_files.pending() == []


def end_connections(postgres: Postgres, settings: Settings) -> None:
    database = (settings.catalog_url or "").rpartition("/")[2]
    postgres.run(
        postgres.url(), f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'"
    )


def test_a_query_that_fails_under_the_writers_lock_leaves_its_connection_usable(filled: KnowledgeBase) -> None:
    with filled._writer.writing():
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            filled._catalog.database.read(sql("SELECT 1 FROM nowhere"))
        filled._catalog.token_files.begin("soup")
        assert filled._catalog.token_files.pending() == ["soup"]
    filled.finish_pending()


def test_an_error_that_is_not_the_databases_costs_its_connection_and_no_later_answer(filled: KnowledgeBase) -> None:
    class Unwritten:
        def __str__(self) -> str:
            raise RuntimeError("cannot be encoded")

    before = filled.interviews()
    for _ in range(8):  # as many as the pool holds, and more
        with pytest.raises(RuntimeError, match="cannot be encoded"):
            filled._catalog.database.read(sql("SELECT :a AS a, :b AS b"), {"a": "as it should be", "b": Unwritten()})
        assert filled.interviews() == before
        assert len(filled._catalog.passages_of("soup")) == 1


def test_a_writer_on_another_host_is_waited_for_and_that_is_said(
    filled: KnowledgeBase, settings: Settings, interviews_folder: Path, tmp_path: Path
) -> None:
    (interviews_folder / "bread.md").write_text(SOUP.replace("soup", "bread"), encoding="utf-8")
    with filled._writer.writing():
        child = subprocess.Popen(
            [sys.executable, "-m", "ingest.cli.main", str(interviews_folder / "bread.md")],
            env=make_host(settings, tmp_path / "elsewhere"),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stderr
        assert "another ingest, check or backup is writing; waiting" in child.stderr.readline()
        assert len(filled.interviews()) == 2
    assert child.communicate(timeout=180)[1].strip() == ""
    assert child.returncode == 0
    assert len(filled.interviews()) == 3
    assert filled.examine() == []


def make_host(settings: Settings, folder: Path) -> dict[str, str]:
    """The environment of another host: the shared files are the same, the lock on a file is not seen there."""
    folder.mkdir()
    for name in ("tokens", "catalog.id"):
        (folder / name).symlink_to(settings.home / name)
    return {**os.environ, "KB_HOME": str(folder)}


@pytest.mark.slow
def test_kills_at_random_moments_lose_and_double_nothing(nursery: Nursery, tmp_path: Path) -> None:
    test_kills.test_kills_at_random_moments_lose_and_double_nothing(nursery, tmp_path)


@pytest.mark.slow
def test_a_reader_beside_a_writer_sees_whole_interviews_at_its_next_question(nursery: Nursery, tmp_path: Path) -> None:
    test_kills.test_a_reader_beside_a_writer_sees_whole_interviews_at_its_next_question_and_none_that_is_gone(
        nursery, tmp_path
    )
