"""The screens that change interviews: correct facts, remove and undo, several at once; and the page of a leader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from screens import alerts, markup, open_page, rerun, shown
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button, Checkbox, TextInput

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

BROWSE, INTERVIEW = "kb/pages/browse.py", "kb/pages/interview.py"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def filled(home: Path, interviews_folder: Path) -> None:
    with closing(KnowledgeBase.open(Settings(home=home))) as knowledge_base:
        ingest_paths([interviews_folder], knowledge_base)


def field(page: AppTest, label: str) -> TextInput:
    return next(one for one in page.text_input if one.label == label)


def button(page: AppTest, label: str) -> Button:
    return next(one for one in page.button if one.label == label)


def box(page: AppTest, label: str) -> Checkbox:
    return next(one for one in page.checkbox if one.label == label)


def press(page: AppTest, label: str) -> AppTest:
    button(page, label).click()
    return rerun(page)


def open_facts() -> AppTest:
    """The page of the interview "soup" with the fields for its facts."""
    page = open_page(INTERVIEW, id="soup")
    page.session_state["mending.correcting"] = True
    return rerun(page)


def choose_several(page: AppTest, *labels: str) -> AppTest:
    next(one for one in page.toggle if one.label == "Change several").set_value(True)
    rerun(page)
    for label in labels:
        box(page, label).check()
        rerun(page)
    return page


def test_the_fields_for_the_facts_are_drawn_once_they_are_opened() -> None:
    assert [one.label for one in open_page(INTERVIEW, id="soup").text_input] == []
    assert field(open_facts(), "Title").value == "Soup for a city"


def test_facts_are_corrected_on_the_interview_page() -> None:
    page = open_facts()
    field(page, "Title").set_value("Soup and volunteers")
    field(page, "Date").set_value("c. 2018")
    field(page, "Show").set_value("Kitchen Table")
    field(page, "Name of the leader").set_value("Mara Quill-Jones")
    field(page, "Company of the leader").set_value("Ladle Trust")
    press(page, "Save corrections")
    assert alerts(page) == []
    assert "Saved." in shown(page)
    heading = markup(page).split('<div class="heading">')[1].split("</div>")[0]
    for fact in ("Soup and volunteers", "c. 2018", "Kitchen Table", "Mara Quill-Jones", "founder, Ladle Trust"):
        assert fact in heading
    assert '<section class="turn leader talk"><header><b><bdi>Mara Quill-Jones</bdi></b>' in markup(page)
    assert "Kitchen Table (1)" in open_page(BROWSE).multiselect(key="source").options


def test_a_correction_that_cannot_be_used_is_one_line_and_loses_nothing_that_was_typed() -> None:
    page = open_facts()
    field(page, "Date").set_value("soon")
    field(page, "Show").set_value("Kitchen Table")
    press(page, "Save corrections")
    assert alerts(page) == ["soon is no date; write it as 2021-03-04, 4 March 2021, 2021 or c. 2021"]
    assert field(page, "Show").value == "Kitchen Table"
    assert "4&nbsp;May&nbsp;2019" in markup(page)


def test_saving_without_a_change_says_so() -> None:
    assert "Nothing was changed." in shown(press(open_facts(), "Save corrections"))


def test_an_interview_is_removed_and_put_back() -> None:
    page = press(open_page(INTERVIEW, id="soup"), "Remove this interview")
    assert "Removed: Soup for a city. Its file stays where it was read from" in shown(page)
    assert "an ingest of that folder leaves it out and says so" in shown(page)
    assert "Soup for a city" not in shown(open_page(BROWSE))
    press(page, "Undo")
    assert "1 interview put back." in shown(page)
    assert "You do not talk about soup" in shown(page)
    assert alerts(page) == []


def test_several_get_one_show_sector_and_host() -> None:
    page = choose_several(open_page(BROWSE), "Choose soup", "Choose steel")
    assert "2 interviews chosen" in shown(page)
    field(page, "Show of all").set_value("Founders weekly")
    field(page, "Host of all").set_value("Ann Lee")
    press(page, "Set for 2")
    assert "2 interviews changed." in shown(page)
    page = open_page(BROWSE, source=["Founders weekly"])
    assert "2 of 2 interviews" in shown(page)
    assert page.multiselect(key="source").options == ["Founders weekly (2)"]
    assert page.multiselect(key="sector").options == ["food (1)", "steel (1)"]  # what was left empty stays


def test_several_are_removed_and_put_back() -> None:
    page = choose_several(open_page(BROWSE), "Choose all 2 that are listed")
    press(page, "Remove 2")
    assert "Removed: Running a mill, Soup for a city. Their files stay where they were read from" in shown(page)
    assert "There are no interviews yet." in shown(page)
    press(page, "Undo")
    assert "2 interviews put back." in shown(page)
    assert "2 of 2 interviews" in shown(page)


def test_browsing_is_ordered_as_is_asked() -> None:
    def titles(order: str) -> list[str]:
        text = shown(open_page(BROWSE, sort=order))
        return sorted(("Running a mill", "Soup for a city"), key=text.index)

    assert titles("Newest first") == ["Running a mill", "Soup for a city"]
    assert titles("Oldest first") == ["Soup for a city", "Running a mill"]
    assert titles("By leader") == ["Soup for a city", "Running a mill"]
    assert titles("no such order") == ["Running a mill", "Soup for a city"]


def test_the_source_filter_lists_no_single_file() -> None:
    page = open_page(BROWSE, source=["Without a show"])
    assert page.multiselect(key="source").options == ["Without a show (2)"]
    assert "2 of 2 interviews" in shown(page)


def test_words_are_found_without_their_accents_and_in_the_host() -> None:
    assert "1 of 2 interviews" in shown(open_page(BROWSE, find="ladlé verity"))


def test_no_match_names_what_to_change() -> None:
    assert (
        "No title, name, company, show or host holds “ladle” with sector steel;"
        " write another word in Find or press Clear filters."
    ) in shown(open_page(BROWSE, find="ladle", sector=["steel"]))
    assert "No theme is called “xyzzy”; empty Find to see all" in shown(open_page(BROWSE, view="Themes", find="xyzzy"))


def test_a_name_leads_to_the_page_of_the_leader() -> None:
    assert '<a class="person" href="leader?name=Mara+Quill">' in markup(open_page(BROWSE))
    page = open_page("kb/pages/leader.py", name="Mara Quill")
    assert "founder · Ladle House" in shown(page)
    assert '<a href="./?leader=Mara+Quill">Ask <bdi>Mara Quill</bdi></a>' in markup(page)
    assert '<a href="interview?id=soup"><bdi>Soup for a city</bdi></a>' in markup(page)
    assert '<a href="interview?id=soup&amp;turn=3&amp;from=0&amp;to=0">And what drives them away?</a>' in markup(page)


def test_a_leader_who_is_not_there_is_one_clear_line() -> None:
    page = open_page("kb/pages/leader.py", name="<b>Nobody")
    assert alerts(page) == ["No interview here is with <b>Nobody. See all leaders."]
    page = open_page("kb/pages/leader.py", name="Mara Quil" * 2_000)
    assert alerts(page) == [f"No interview here is with {('Mara Quil' * 9)[:80]}…. See all leaders."]
