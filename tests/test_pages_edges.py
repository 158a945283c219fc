"""Addresses that nobody would type, and what changes while a page is drawn."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest
from conftest import SOUP
from screens import alerts, markup, open_page, rerun, shown

from ingest.pipeline import ingest_paths
from kb.answering.compare import Comparison
from kb.errors import UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Dimension, Query, Transcript
from kb.pages import shared
from kb.pages.conversation import LONGEST
from kb.settings import Settings

QUESTION = "How do you get volunteers to care about soup?"


pytestmark = pytest.mark.usefixtures("app_home")


@pytest.mark.usefixtures("filled_app_home")
def test_words_whose_place_is_beyond_all_numbers_mark_nothing() -> None:
    page = open_page("kb/pages/interview.py", id="soup", turn="1", **{"from": "9" * 5_000, "to": "9" * 5_000})
    assert "Soup for a city" in shown(page)
    assert "<mark>" not in markup(page)


@pytest.mark.usefixtures("filled_app_home")
def test_an_address_that_chooses_one_value_twice_chooses_it_once() -> None:
    page = open_page("kb/pages/ask.py", leader=["Mara Quill", "Mara Quill"])
    assert page.multiselect(key="leader").value == ["Mara Quill"]


def test_an_address_that_compares_more_than_fit_compares_the_first(app_home: Path, tmp_path: Path) -> None:
    names = ["Ann Ames", "Bob Bell", "Cy Cole", "Dee Dorn", "Eve Earl"]
    for number, name in enumerate(names):
        (tmp_path / f"{number}.md").write_text(SOUP.replace("Mara Quill", name), encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=app_home))) as knowledge_base:
        ingest_paths([tmp_path / f"{number}.md" for number in range(5)], knowledge_base)
    page = open_page("kb/pages/compare.py", q=QUESTION, of=names)
    assert page.multiselect(key="of").value == names[:4]
    assert "The address names 5 to compare; the first 4 are shown." in shown(page)
    assert alerts(page) == []


@pytest.mark.usefixtures("filled_app_home")
def test_an_interview_that_is_removed_between_answer_and_drawing_is_answered_without(
    app_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process removes it just when its words are about to be drawn."""
    find = shared.find_transcripts
    removed: list[str] = []

    def remove_first(knowledge_base: KnowledgeBase, interview_ids: Iterable[str]) -> dict[str, Transcript]:
        if not removed:
            with closing(KnowledgeBase.open(Settings(home=app_home))) as other:
                removed.extend(list(interview_ids)[:1])
                other.remove(removed[0])
        return find(knowledge_base, interview_ids)

    monkeypatch.setattr("kb.pages.answers.find_transcripts", remove_first)
    page = open_page("kb/pages/ask.py", q=QUESTION)
    assert removed == ["soup"]
    assert alerts(page) == []
    assert "You do not talk about soup" not in shown(page)


@pytest.mark.usefixtures("filled_app_home")
def test_a_leader_who_is_removed_between_choice_and_comparison_is_left_out(
    app_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = shared.find_comparison
    removed: list[str] = []

    def remove_first(knowledge_base: KnowledgeBase, query: Query, by: Dimension, values: Sequence[str]) -> Comparison:
        if not removed:
            removed.append("soup")
            with closing(KnowledgeBase.open(Settings(home=app_home))) as other:
                other.remove("soup")
        return find(knowledge_base, query, by, values)

    monkeypatch.setattr("kb.pages.shared.find_comparison", remove_first)
    page = open_page("kb/pages/compare.py", q=QUESTION, of=["Mara Quill", "Otto Brandl"])
    assert removed == ["soup"]
    assert alerts(page) == []
    assert page.multiselect(key="of").value == ["Otto Brandl"]


@pytest.mark.usefixtures("filled_app_home")
def test_an_address_that_names_hundreds_of_questions_before_takes_the_last_ones() -> None:
    before = [f"How do you feed {number} people?" for number in range(300)]
    page = open_page("kb/pages/ask.py", q="And what about layoffs?", after=before)
    assert page.session_state["after"] == before[-LONGEST:]
    assert markup(page).count("<li>") == LONGEST
    assert page.query_params["after"] == before[-LONGEST:]


@pytest.mark.usefixtures("filled_app_home")
@pytest.mark.parametrize("path", ["kb/pages/ask.py", "kb/pages/browse.py"])
def test_hundreds_of_long_values_that_no_interview_has_are_told_in_a_short_notice(path: str) -> None:
    page = open_page(path, company=[f"{number} {'x' * 1_000}" for number in range(300)])
    (notice,) = re.findall("No interview here has (.*?); the filter is left out", shown(page))
    assert notice.endswith(" and 292 more")
    assert len(notice) < 1_000


def test_an_interview_that_there_is_none_of_is_named_in_a_short_line() -> None:
    page = open_page("kb/pages/interview.py", id="x\n\u202e" * 5_000)
    (line,) = alerts(page)
    assert line.startswith("There is no interview 'x␊x␊")
    assert len(line) < 1_000


@pytest.mark.usefixtures("filled_app_home")
def test_pages_stand_while_others_add_and_remove_what_they_show(app_home: Path, interviews_folder: Path) -> None:
    """Two other tabs: one removes an interview again and again, one adds it."""
    done = threading.Event()

    def add_and_remove() -> None:
        with closing(KnowledgeBase.open(Settings(home=app_home))) as other:
            while not done.is_set():
                with suppress(UnknownInterview):
                    other.remove("soup")
                ingest_paths([interviews_folder], other)

    tabs = [threading.Thread(target=add_and_remove) for _ in range(2)]
    pages = [
        open_page("kb/pages/ask.py", q=QUESTION),
        open_page("kb/pages/compare.py", q=QUESTION, of=["Mara Quill", "Otto Brandl"]),
        open_page("kb/pages/browse.py"),
        open_page("kb/pages/interview.py", id="soup"),
    ]
    for tab in tabs:
        tab.start()
    try:
        told = {line for _ in range(6) for page in pages for line in alerts(rerun(page))}
    finally:
        done.set()
        for tab in tabs:
            tab.join()
    assert told <= {"There is no interview 'soup'; it may have been removed. See what is there."}
