"""The same stores with the catalog in PostgreSQL and the vectors on a Chroma server, both started here.

What other modules ask of a knowledge base on one host is asked again of one that hosts share.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from conftest import SOUP, empty_chroma
from screens import open_page, shown
from servers import PASSWORD, Postgres
from test_backup import (
    backup,
    test_a_file_that_is_there_is_not_overwritten,
    test_a_folder_that_is_not_empty_is_left_alone,
)
from test_catalog import find_words
from test_doctor import (
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

from ingest.cli.main import main as ingest
from ingest.pipeline.run import Options, ingest_paths
from kb.cli.main import main
from kb.embedding.protocol import Embedder
from kb.errors import BadBackup, BadSetting
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer, Query
from kb.settings import Settings


@pytest.fixture
def settings(shared_settings: Settings) -> Settings:
    return shared_settings


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


@pytest.mark.parametrize("damage", ["words = 'other:1A'", "words = ''", "length = length + 1"])
def test_words_that_are_not_those_of_the_passages_are_found_and_made_anew(
    damage: str,
    filled: KnowledgeBase,
    settings: Settings,
    postgres: Postgres,
) -> None:
    before = find_words(filled._catalog, "raising volunteers", 5)
    postgres.run(settings.catalog_url or "", f"UPDATE passages SET {damage}")
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
    embedder: Embedder,
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
    empty_chroma(settings.chroma_url or "", tmp_path, embedder)
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


def test_a_shared_catalog_wants_shared_vectors() -> None:
    with pytest.raises(BadSetting, match="set KB_CHROMA_URL to a Chroma server too"):
        Settings.from_env({"KB_CATALOG_URL": "postgresql://a:b@c/d"})


def test_rebuilding_embeds_nothing_again(filled: KnowledgeBase, interviews_folder: Path) -> None:
    report = ingest_paths([interviews_folder], filled, Options(rebuild=True))
    assert [(file.outcome, file.embedded) for file in report] == [("updated", 0)] * 2
