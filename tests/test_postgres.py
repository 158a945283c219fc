"""The same stores with the catalog in PostgreSQL and the vectors on a Chroma server, both started here.

What other modules ask of a knowledge base on one host is asked again of one that hosts share.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import test_kills
from conftest import SOUP
from nursery import Nursery
from screens import open_page, shown
from servers import PASSWORD, Postgres, find_port
from sqlalchemy import text as sql
from test_backup import (
    backup,
    test_a_file_that_is_there_is_not_overwritten,
    test_a_folder_that_is_not_empty_is_left_alone,
)
from test_doctor import (
    filled,
    test_a_source_that_changed_or_left_is_told_and_no_error,
    test_the_command_tells_by_its_exit_code,
)
from test_knowledge_base import (
    test_a_filter_narrows_before_ranking_and_never_empties_what_exists,
    test_a_question_that_nobody_speaks_to_is_said_to_be_not_covered,
    test_an_answer_cites_verbatim_slices_of_turns,
    test_another_process_is_seen_without_a_restart,
)
from test_pages import QUESTION
from test_writer import (
    test_a_change_that_was_broken_off_is_brought_to_its_end,
    test_a_copy_is_an_interview_of_its_own,
    test_a_renamed_file_keeps_its_id_and_is_not_embedded,
    test_only_the_passage_that_changed_goes_through_the_model,
    test_remove_takes_ids_and_says_which_it_does_not_know,
)

from ingest.cli import main as ingest
from ingest.pipeline import Options, ingest_paths
from kb.cli.main import main
from kb.errors import BadBackup, BadSetting, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer, Query
from kb.retrieval.keyword_search import choose_words
from kb.settings import Settings
from kb.storage.catalog import Catalog
from kb.storage.postgres import PostgresDatabase, parse_address
from kb.storage.sqlite import SqliteDatabase
from kb.storage.vector_store import VectorStore


def find_words(
    catalog: Catalog, text: str, limit: int, within: Collection[str] | None = None
) -> list[tuple[str, float]]:
    return catalog.database.bm25_search(choose_words(text), limit, within)


@pytest.fixture
def settings(
    postgres: Postgres,
    chroma_server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Settings:
    """Of an empty knowledge base, in the environment too, for commands."""
    empty_chroma(chroma_server, tmp_path, request)
    monkeypatch.setenv("KB_CATALOG_URL", postgres.make_database())
    monkeypatch.setenv("KB_CHROMA_URL", chroma_server)
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    return Settings.from_env()


def empty_chroma(url: str, folder: Path, request: pytest.FixtureRequest) -> None:
    vectors = VectorStore.open(folder, url, request.getfixturevalue("embedder").fingerprint)
    vectors.reset()
    vectors.close()


@pytest.fixture
def nursery(settings: Settings) -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


def test_a_question_finds_the_same_with_the_same_scores_as_in_sqlite(
    filled: KnowledgeBase,
    interviews_folder: Path,
    tmp_path: Path,
) -> None:
    other = KnowledgeBase.open(Settings(home=tmp_path / "embedded"))
    ingest_paths([interviews_folder], other)
    for words in ("soup", "layoffs told on the loading dock", "What drives volunteers away?", "the crew's four burns"):
        found, wanted = (
            [(passage_id, round(score, 9)) for passage_id, score in find_words(one._catalog, words, 50)]
            for one in (filled, other)
        )
        assert found == wanted != []
        assert filled.ask(Query(words)) == nearly(other.ask(Query(words)))
    other.close()


def nearly(answer: Answer) -> Answer:
    """Equal to it but for the last bits of its score: those of a vector depend on where in memory it is made."""
    score: Any = pytest.approx(answer.coverage.score, abs=1e-6)
    return replace(answer, coverage=replace(answer.coverage, score=score))


@pytest.mark.usefixtures("settings")
def test_commands_and_screens_work_from_end_to_end(
    interviews_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest([str(interviews_folder)]) == 0
    assert main(["ask", "How should a leader announce layoffs?"]) == 0
    assert "Otto Brandl" in capsys.readouterr().out
    page = open_page("kb/pages/ask.py", q=QUESTION)
    assert "You let every volunteer sit down and eat beside the people who come in." in shown(page)
    st.cache_resource.clear()
    (interviews_folder / "steel.md").unlink()
    assert ingest(["--prune", str(interviews_folder)]) == 0
    assert main(["doctor"]) == 0
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "catalog        postgresql://127.0.0.1:" in out
    assert PASSWORD not in out
    assert not (tmp_path / "home" / "catalog.sqlite").exists()


def test_words_that_another_version_would_stem_otherwise_are_found_and_made_anew(
    filled: KnowledgeBase,
    settings: Settings,
    postgres: Postgres,
) -> None:
    before = find_words(filled._catalog, "raising volunteers", 5)
    change = "ALTER TEXT SEARCH CONFIGURATION kb_words ALTER MAPPING FOR asciiword WITH"
    postgres.run(settings.catalog_url or "", f"{change} simple")
    postgres.run(settings.catalog_url or "", "UPDATE passages SET text = text")
    postgres.run(settings.catalog_url or "", f"{change} kb_porter")
    fresh = KnowledgeBase.open(settings)
    (finding,) = fresh.examine()
    assert finding.text == "the full-text index does not agree with the passages"
    assert fresh.repair() == []
    assert find_words(fresh._catalog, "raising volunteers", 5) == before != []
    fresh.close()


def test_a_backup_goes_from_postgresql_to_sqlite_and_back(
    filled: KnowledgeBase,
    settings: Settings,
    postgres: Postgres,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    filled.keep_question("ann", "Why?")
    answer = filled.ask(Query("soup and layoffs"))
    filled.rate(answer, is_helpful=True)
    filled.back_up(tmp_path / "one.zip")
    with pytest.raises(
        BadBackup, match=r"There is a catalog at postgresql://.* already; set KB_CATALOG_URL to an empty"
    ):
        KnowledgeBase.restore(tmp_path / "one.zip", replace(settings, home=tmp_path / "other"))
    assert not (tmp_path / "other").exists()
    KnowledgeBase.restore(tmp_path / "one.zip", Settings(home=tmp_path / "embedded"))
    embedded = KnowledgeBase.open(Settings(home=tmp_path / "embedded"))
    embedded.back_up(tmp_path / "two.zip")
    empty_chroma(settings.chroma_url or "", tmp_path, request)
    again = replace(settings, home=tmp_path / "again", catalog_url=postgres.make_database())
    KnowledgeBase.restore(tmp_path / "two.zip", again)
    restored = KnowledgeBase.open(again)
    for one in (embedded, restored):
        assert one.examine() == []
        assert one.ask(Query("soup and layoffs")) == nearly(answer)
        assert one.questions("ann") == ("Why?",)
        assert one.feedback() == filled.feedback()
    (again.home.parent / "interviews" / "bread.md").write_text(SOUP.replace("soup", "bread"), encoding="utf-8")
    outcomes = [file.outcome for file in ingest_paths([tmp_path / "interviews"], restored)]
    assert outcomes == ["added", "unchanged", "unchanged"]
    restored.rate(answer, is_helpful=False)  # numbers go on after those that were restored
    assert len(restored.feedback()) == 2
    embedded.close()
    restored.close()


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


def end_connections(postgres: Postgres, settings: Settings) -> None:
    database = (settings.catalog_url or "").rpartition("/")[2]
    postgres.run(
        postgres.url(), f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'"
    )


def make_host(settings: Settings, folder: Path) -> dict[str, str]:
    """The environment of another host: the shared files are the same, the lock on a file is not seen there."""
    folder.mkdir()
    for name in ("tokens", "catalog.id"):
        (folder / name).symlink_to(settings.home / name)
    return {**os.environ, "KB_HOME": str(folder)}


def test_a_writer_on_another_host_is_waited_for_and_that_is_said(
    filled: KnowledgeBase, settings: Settings, interviews_folder: Path, tmp_path: Path
) -> None:
    (interviews_folder / "bread.md").write_text(SOUP.replace("soup", "bread"), encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-m", "ingest.cli", str(interviews_folder / "bread.md")],
        env=make_host(settings, tmp_path / "elsewhere"),
        stderr=subprocess.PIPE,
        text=True,
    )
    with filled._writer.writing():
        assert child.stderr
        assert "another ingest, check or backup is writing; waiting" in child.stderr.readline()
        assert len(filled.interviews()) == 2
    assert child.communicate(timeout=180)[1].strip() == ""
    assert child.returncode == 0
    assert len(filled.interviews()) == 3
    assert filled.examine() == []


def test_a_home_and_a_catalog_that_do_not_belong_together_are_refused(
    filled: KnowledgeBase, settings: Settings, postgres: Postgres, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting, match="belongs to a catalog in PostgreSQL; set KB_CATALOG_URL"):
        KnowledgeBase.open(Settings(home=settings.home))
    with pytest.raises(BadSetting, match="is not the folder that the catalog at postgresql://"):
        KnowledgeBase.open(replace(settings, home=tmp_path / "new"))
    other = replace(settings, home=tmp_path / "other", catalog_url=postgres.make_database())
    KnowledgeBase.open(other).close()
    with pytest.raises(BadSetting, match="is not the folder that the catalog at postgresql://"):
        KnowledgeBase.open(replace(settings, catalog_url=other.catalog_url))
    assert filled.examine() == []


def test_a_home_that_is_lost_is_made_anew(filled: KnowledgeBase, settings: Settings, tmp_path: Path) -> None:
    before = filled.search(Query("soup"))
    lost = replace(settings, home=tmp_path / "new")
    with pytest.raises(BadSetting, match="if it is lost: write ") as caught:
        KnowledgeBase.open(lost)
    (home_id,) = re.findall(r"write (\w+) into", str(caught.value))
    lost.home.mkdir()
    (lost.home / "catalog.id").write_text(home_id, encoding="ascii")
    again = KnowledgeBase.open(lost)
    assert again.repair() == []
    assert [hit.passage for hit in again.search(Query("soup"))] == [hit.passage for hit in before]
    again.close()


def test_a_home_with_a_catalog_of_its_own_is_refused(postgres: Postgres, chroma_server: str, tmp_path: Path) -> None:
    KnowledgeBase.open(Settings(home=tmp_path)).close()
    with pytest.raises(BadSetting, match="holds a catalog of its own; move it with kb backup"):
        KnowledgeBase.open(Settings(home=tmp_path, catalog_url=postgres.make_database(), chroma_url=chroma_server))


def test_threads_that_come_and_go_share_a_pool_of_connections(postgres: Postgres) -> None:
    database = PostgresDatabase.at(postgres.make_database())
    Catalog.open(database, "model:1")

    def count() -> int:
        statement = sql(
            "SELECT count(*) AS n FROM pg_stat_activity"
            " WHERE application_name = 'fusion-kb' AND datname = current_database()"
        )
        return int(database.read(statement)[0].n)

    counted: list[int] = []
    for _ in range(5):
        thread = threading.Thread(target=lambda: counted.append(count()))
        thread.start()
        thread.join()
    assert counted == [1] * 5
    database.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://a:hush@b/c", "must look like postgresql://"),
        ("postgresql://a:hush@b:port/c", "is no address"),
        ("postgresql://b/c", "names no user"),
        ("postgresql://a:hush@b", "names no database"),
        ("postgresql://a:hush@b/c?sslmode=maybe", "must look like"),
        ("postgresql://a:hush@b/c?password=hush", "must look like"),
        ("hush", "is no address"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(url: str, told: str) -> None:
    with pytest.raises(BadSetting, match=told) as caught:
        PostgresDatabase.at(url)
    assert "hush" not in str(caught.value)


def test_no_setting_shows_the_password() -> None:
    settings = Settings(catalog_url="postgresql://a:hush@b/c", chroma_url="http://127.0.0.1:8000")
    assert "hush" not in repr(settings) + repr(parse_address("postgresql://a:hush@b/c")[0])


def test_a_wrong_password_and_a_database_that_is_not_there_are_one_clear_line(postgres: Postgres) -> None:
    with pytest.raises(StoreUnavailable, match='password authentication failed for user "founder"') as caught:
        PostgresDatabase.at(postgres.url().replace("p%40ss", "hush")).has_tables()
    assert "hush" not in str(caught.value)
    with pytest.raises(StoreUnavailable, match='database "nowhere" does not exist'):
        PostgresDatabase.at(postgres.url("nowhere")).has_tables()


def test_a_database_in_another_encoding_is_refused(postgres: Postgres) -> None:
    latin = PostgresDatabase.at(postgres.make_database("ENCODING 'LATIN1' TEMPLATE template0"))
    with pytest.raises(StoreUnavailable, match="is in LATIN1; make one with ENCODING 'UTF8'"):
        Catalog.open(latin, "model:1")
    latin.close()


def test_a_unix_socket_serves_as_well(postgres: Postgres) -> None:
    database = PostgresDatabase.at(postgres.socket_url())
    assert not database.has_tables()
    database.close()


def test_a_shared_catalog_wants_shared_vectors() -> None:
    with pytest.raises(BadSetting, match="set KB_CHROMA_URL to a Chroma server too"):
        Settings.from_env({"KB_CATALOG_URL": "postgresql://a:b@c/d"})


def test_a_missing_driver_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(BadSetting, match=r"run: pip install -c constraints.txt -e '\.\[postgres\]'"):
        PostgresDatabase.at("postgresql://a:b@c/d")


def test_a_port_where_nobody_listens_is_one_clear_line() -> None:
    database = PostgresDatabase.at(f"postgresql://a:b@127.0.0.1:{find_port()}/d")
    with pytest.raises(StoreUnavailable, match="Connection refused; start the server or correct KB_CATALOG_URL"):
        database.has_tables()


def test_two_hosts_that_open_an_empty_database_at_once_make_it_once(postgres: Postgres) -> None:
    url = postgres.make_database()
    failed: list[BaseException] = []

    def open_it() -> None:
        try:
            Catalog.open(PostgresDatabase.at(url), "model:1").close()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_weights_count_places_as_fts5_does(postgres: Postgres, tmp_path: Path) -> None:
    """Words once and often, in one place and in several, in short passages and in long ones."""
    from test_catalog import TRANSCRIPT, put

    catalogs = [
        Catalog.open(SqliteDatabase(tmp_path / "catalog.sqlite"), "model:1"),
        Catalog.open(PostgresDatabase.at(postgres.make_database()), "model:1"),
    ]
    for number in range(1, 8):
        asked, said = "Is the river calm, river of rivers? " * (number % 3 + 1), "The river ran. " * number
        turns = (
            replace(TRANSCRIPT.turns[0], text=asked),
            replace(TRANSCRIPT.turns[1], text=said + "Sand. " * number**2),
        )
        card = replace(TRANSCRIPT.interview, id=f"talk-{number}")
        for catalog in catalogs:
            put(catalog, replace(TRANSCRIPT, interview=card, turns=turns), f"/talks/{number}.md")
    for words in ("river", "sand river", "Vance's rivers running", "calm Vance"):
        found, wanted = (
            [(passage_id, round(score, 9)) for passage_id, score in find_words(catalog, words, 50)]
            for catalog in catalogs
        )
        assert sorted(found) == sorted(wanted)
        assert len(found) == 7
    for catalog in catalogs:
        catalog.close()


def test_rebuilding_embeds_nothing_again(filled: KnowledgeBase, interviews_folder: Path) -> None:
    report = ingest_paths([interviews_folder], filled, Options(rebuild=True))
    assert [(file.outcome, file.embedded) for file in report] == [("updated", 0)] * 2


@pytest.mark.slow
def test_kills_at_random_moments_lose_and_double_nothing(nursery: Nursery, tmp_path: Path) -> None:
    test_kills.test_kills_at_random_moments_lose_and_double_nothing(nursery, tmp_path)


@pytest.mark.slow
def test_a_reader_beside_a_writer_sees_whole_interviews_soon(nursery: Nursery, tmp_path: Path) -> None:
    test_kills.test_a_reader_beside_a_writer_sees_whole_interviews_soon_and_none_that_is_gone(nursery, tmp_path)


def test_a_query_that_fails_under_the_writers_lock_leaves_its_connection_usable(filled: KnowledgeBase) -> None:
    with filled._writer.writing():
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            filled._catalog.database.read(sql("SELECT 1 FROM nowhere"))
        filled._catalog.token_files.begin("soup")
        assert filled._catalog.token_files.pending() == ["soup"]
    filled.finish_pending()


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
