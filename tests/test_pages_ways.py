"""Ways between the screens: what a link takes along, and what is said to a screen reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from screens import markup, open_page, shown

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.pages.menu import take_along
from kb.settings import Settings

QUESTION = "How do you get volunteers to care about soup?"
NOWHERE = "Which telescope mirror coating reflects ultraviolet light?"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, interviews_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    with closing(KnowledgeBase.open(Settings(home=tmp_path / "home"))) as knowledge_base:
        ingest_paths([interviews_folder], knowledge_base)
    yield tmp_path / "home"
    st.cache_resource.clear()


def menu(html: str) -> dict[str, str]:
    """The last drawn links of the menu, by their words."""
    frame = re.findall(r'<nav class="frame".*?</nav>', html)[-1]
    return {words: address for address, words in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', frame)}


def test_the_menu_takes_the_question_and_the_filters_along() -> None:
    links = menu(markup(open_page("kb/pages/ask.py", q=QUESTION, leader=["Mara Quill"], year=["2019"])))
    asked = "q=How+do+you+get+volunteers+to+care+about+soup%3F"
    assert links["Quotes"] == f"./quotes?{asked}&amp;leader=Mara+Quill&amp;year=2019"
    assert links["Browse"] == "./browse?leader=Mara+Quill&amp;year=2019"
    assert links["Compare"] == f"./compare?{asked}&amp;by=leader&amp;of=Mara+Quill&amp;year=2019"
    assert links["Add interviews"] == "./add"


def test_the_menu_takes_along_what_has_just_been_asked() -> None:
    page = open_page("kb/pages/ask.py")
    assert menu(markup(page))["Quotes"] == "./quotes"
    page.text_input(key="q").set_value("Why soup?")
    page.button[0].click().run()
    assert menu(markup(page))["Quotes"] == "./quotes?q=Why+soup%3F"


def test_those_compared_are_those_asked_and_those_asked_are_compared() -> None:
    two = {"q": ["Why?"], "company": ["Ladle House", "Eisenach Mill"], "year": ["2019"]}
    compared = {"q": ["Why?"], "by": ["company"], "of": ["Ladle House", "Eisenach Mill"], "year": ["2019"]}
    assert take_along(two, "", "compare") == compared
    assert take_along(compared, "compare", "") == two
    assert take_along({"id": ["soup"], "turn": ["1"]}, "interview", "") == {}


def test_a_comparison_keeps_to_the_filters_that_were_set_for_the_question() -> None:
    page = open_page("kb/pages/compare.py", q=QUESTION, of=["Mara Quill", "Otto Brandl"], company=["Eisenach Mill"])
    assert page.multiselect(key="company").value == ["Eisenach Mill"]
    assert "You let every volunteer" not in markup(page)
    assert markup(page).count("Says nothing on this in these interviews.") == 2


def test_a_column_that_says_nothing_says_so_and_the_other_can_be_copied_and_opened() -> None:
    html = markup(open_page("kb/pages/compare.py", q=QUESTION, of=["Otto Brandl", "Mara Quill"]))
    otto, mara = html.split('<section class="group column">')[1:]
    assert '<p class="empty">Says nothing on this in these interviews.</p>' in otto
    assert "<blockquote" not in otto
    assert 'aria-label="Copy with attribution: quotation 1 of Mara Quill"' in mara
    assert ">Open in interview</a>" in mara


def test_a_step_back_in_a_conversation_keeps_its_filters() -> None:
    page = open_page("kb/pages/ask.py", q="And why soup?", after=[QUESTION], leader=["Mara Quill"])
    assert re.search(r'class="thread".*?<a href="[^"]*&amp;leader=Mara\+Quill"', markup(page), re.DOTALL)


def test_a_refusal_is_told_to_a_screen_reader_and_can_take_the_focus() -> None:
    page = open_page("kb/pages/ask.py", q=NOWHERE)
    assert re.search(r'<p class="notice refusal" role="status" tabindex="-1">', markup(page))


def test_a_follow_up_brings_its_answer_into_focus_once() -> None:
    page = open_page("kb/pages/ask.py", q=QUESTION)
    assert "data-landing" not in markup(page)
    page.text_input(key="next").set_value("And what about money?")
    next(one for one in page.button if one.label == "Follow up").click().run()
    assert "<i data-landing=1>" in markup(page)
    page.run()
    assert "data-landing" not in markup(page)


def test_each_copy_button_has_a_name_of_its_own() -> None:
    page = open_page("kb/pages/ask.py", q=QUESTION)
    names = re.findall(r'class="copy"[^>]*aria-label="([^"]*)"', markup(page))
    assert "Copy with attribution: quotation 1 of Mara Quill" in names
    assert len(set(names)) == len(names)
    assert "Mara Quill" in shown(page)
