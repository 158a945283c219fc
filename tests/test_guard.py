"""Stores that fail under a running app, and our own faults: one line on the page, and no restart when they are back."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from conftest import ROOT, SOUP, STEEL
from screens import alerts, open_page, rerun, shown
from servers import Postgres, find_port, run_chroma
from streamlit.testing.v1 import AppTest

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

QUESTION = "How do you tell people about layoffs?"
OTHER = "Who writes the safety rules of the plant?"
PAGES: dict[str, dict[str, str]] = {
    "kb/pages/ask.py": {},
    "kb/pages/browse.py": {},
    "kb/pages/compare.py": {},
    "kb/pages/interview.py": {"id": "soup"},
    "ingest/upload/page.py": {},
}
ASK = "kb/pages/ask.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with two interviews, calibrated."""
    folder = tmp_path_factory.mktemp("made")
    fill(folder / "home", soup=SOUP, steel=STEEL)
    return folder / "home"


@pytest.fixture(autouse=True)
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(made, tmp_path / "home")
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    st.cache_resource.clear()


def fill(home: Path, **interviews: str) -> None:
    folder = home.parent / f"{home.name}-files"
    folder.mkdir(exist_ok=True)
    for name, text in interviews.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings.from_env({**os.environ, "KB_HOME": str(home)}))) as knowledge_base:
        ingest_paths([folder], knowledge_base)
        knowledge_base.calibrate()


def add_elsewhere(home: Path, text: str) -> None:
    """Another process adds an interview."""
    file = home.parent / "later.md"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ingest.cli.main", str(file)]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "KB_HOME": str(home)}, capture_output=True)


def put_folder_in_place_of(path: Path) -> Callable[[], None]:
    """Move a file or folder away, with something useless where it was; what is returned undoes it."""
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    if aside.is_dir():
        path.write_text("in the way", encoding="utf-8")
    else:
        path.mkdir()

    def undo() -> None:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        aside.rename(path)

    return undo


@pytest.mark.parametrize("path", PAGES)
def test_a_catalog_that_cannot_be_opened_is_one_alert_until_it_is_back(path: str, home: Path) -> None:
    page = open_page(path, **PAGES[path])
    before = shown(page)
    restore = put_folder_in_place_of(home / "catalog.sqlite")
    for _ in range(2):
        (alert,) = alerts(rerun(page))
        assert alert.startswith(f"KB_HOME {home} cannot be used: unable to open database file")
    restore()
    assert alerts(rerun(page)) == []
    assert shown(page) == before


def test_a_catalog_that_is_moved_away_is_not_begun_anew(home: Path) -> None:
    page = open_page(ASK, q=QUESTION)
    (home / "catalog.sqlite").rename(home / "aside")
    (alert,) = alerts(rerun(page))
    assert alert.startswith(f"The catalog {home / 'catalog.sqlite'} cannot be found: No such file or directory; put it")
    assert not (home / "catalog.sqlite").exists()
    (home / "aside").rename(home / "catalog.sqlite")
    assert alerts(rerun(page)) == []
    assert "I stood on the loading dock" in shown(page)


def test_another_knowledge_base_in_the_same_place_is_seen_without_a_restart(home: Path, tmp_path: Path) -> None:
    page = open_page("kb/pages/browse.py")
    assert "Soup for a city" in shown(page)
    fill(tmp_path / "other", steel=STEEL)
    home.rename(tmp_path / "before")
    (tmp_path / "other").rename(home)
    assert alerts(rerun(page)) == []
    assert "Running a mill" in shown(page)
    assert "Soup for a city" not in shown(page)
    assert "I stood on the loading dock" in shown(open_page(ASK, q=QUESTION))


def test_a_question_stays_in_its_field_while_a_store_is_away(home: Path) -> None:
    page = open_page(ASK)
    restore = put_folder_in_place_of(home / "catalog.sqlite")
    page.text_input(key="q").set_value(QUESTION)
    page.button[0].click()
    assert len(alerts(rerun(page))) == 1
    restore()
    assert rerun(page).text_input(key="q").value == QUESTION


@pytest.mark.parametrize("store", ["chroma", "tokens"])
def test_vectors_that_cannot_be_read_are_one_alert_until_they_are_back(store: str, home: Path) -> None:
    page = open_page(ASK, q=QUESTION)
    add_elsewhere(
        home, SOUP.replace("Mara Quill", "Ida Rook").replace("soup", "bread")
    )  # else the app goes on with what it has loaded
    restore = put_folder_in_place_of(home / store)
    for _ in range(2):
        (alert,) = alerts(rerun(page))
        assert str(home / store) in alert
    restore()
    assert alerts(rerun(page)) == []
    assert "I stood on the loading dock" in shown(page)


def test_a_chroma_server_that_is_away_is_one_alert_until_it_is_back(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = find_port()
    with run_chroma(tmp_path / "served", port) as url:
        monkeypatch.setenv("KB_CHROMA_URL", url)
        fill(tmp_path / "home", steel=STEEL)
        page = open_page(ASK, q=QUESTION)
        assert alerts(page) == []
    page.text_input(key="q").set_value(OTHER)
    page.button[0].click()
    (alert,) = alerts(rerun(page))
    assert alert.startswith("The vector store cannot be used: [Errno 111] Connection refused;")
    with run_chroma(tmp_path / "served", port):
        assert alerts(rerun(page)) == []
        assert "They write the rules." in shown(page)
        st.cache_resource.clear()  # before the server goes


def test_a_postgresql_server_that_is_away_is_one_alert_on_every_page_until_it_is_back(
    postgres: Postgres, chroma_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "shared"))
    monkeypatch.setenv("KB_CATALOG_URL", postgres.make_database())
    monkeypatch.setenv("KB_CHROMA_URL", chroma_server)
    fill(tmp_path / "shared", soup=SOUP, steel=STEEL)
    paths = [path for path in PAGES if path.startswith("kb/")]  # the other asks nothing before there is a file
    pages = [open_page(path, **PAGES[path]) for path in paths]
    before = [shown(page) for page in pages]
    postgres.stop()
    try:
        lines = [alerts(rerun(page)) for page in pages]
    finally:
        postgres.start()
    for (line,) in lines:
        assert line.startswith("The catalog postgresql://127.0.0.1:")
        assert "cannot be reached" in line
    assert [shown(rerun(page)) for page in pages] == before
    st.cache_resource.clear()
    gc.collect()  # to which the driver leaves the sockets of a server that is gone


def test_a_thumb_that_cannot_be_kept_is_one_alert_and_is_kept_at_the_next_try(home: Path) -> None:
    page = open_page(ASK, q=QUESTION)
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        catalog.execute("CREATE TRIGGER full BEFORE INSERT ON feedback BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    page.feedback[0].set_value(1)
    (alert,) = alerts(rerun(page))
    assert "cannot be written: disk is full" in alert
    assert "I stood on the loading dock" in shown(page)
    assert "Thank you" not in shown(page)
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        catalog.execute("DROP TRIGGER full")
    for _ in range(2):
        assert "Thank you" in shown(rerun(page))
    assert alerts(page) == []
    with closing(KnowledgeBase.open(Settings(home=home))) as opened:
        assert [one.is_helpful for one in opened.feedback()] == [True]


def fail() -> None:
    import streamlit as st

    from kb.pages.guard import guard_page

    with guard_page():
        with st.form("ask"):
            word = st.text_input("Word", key="word")
            st.form_submit_button("Go")
            if word:
                raise ZeroDivisionError(f"no {word} left")
        st.text_input("Below", key="below")


def test_a_fault_of_ours_is_one_line_and_its_traceback_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    page = AppTest.from_function(fail).run()
    page.text_input(key="below").set_value("kept").run()
    page.text_input(key="word").set_value("bread")
    page.button[0].click()
    assert alerts(rerun(page)) == ["Something went wrong here; the log tells more."]
    (record,) = [one for one in caplog.records if one.name == "kb.pages.guard"]
    assert record.levelno == logging.ERROR
    assert "ZeroDivisionError became KBError\nTraceback" in caplog.text
    assert 'raise ZeroDivisionError(f"no {word} left")' in caplog.text
    assert "no bread left" not in caplog.text
    page.text_input(key="word").set_value("")
    page.button[0].click()
    assert alerts(rerun(page)) == []
    assert page.text_input(key="below").value == "kept"


def steer() -> None:
    import streamlit as st

    from kb.pages.guard import guard_page

    with guard_page():
        if not st.session_state.get("been"):
            st.session_state["been"] = True
            st.rerun()
        st.text("after the rerun")
        st.stop()
    st.text("never reached")  # type: ignore[unreachable]


def test_what_streamlit_steers_by_passes_the_guard() -> None:
    page = AppTest.from_function(steer).run()
    assert not page.exception
    assert [one.value for one in page.text] == ["after the rerun"]
    assert alerts(page) == []


def turn() -> None:
    import streamlit as st

    from kb.pages.guard import guard_page

    def first() -> None:
        st.switch_page(there)

    def second() -> None:
        st.text("there")

    here, there = st.Page(first, default=True), st.Page(second, title="There", url_path="there")
    page = st.navigation([here, there])
    with guard_page():
        page.run()


def test_a_page_may_turn_to_another() -> None:
    page = AppTest.from_function(turn).run()
    assert not page.exception
    assert [one.value for one in page.text] == ["there"]
