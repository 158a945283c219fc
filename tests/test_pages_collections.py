"""The page of collections, and the controls that pin from other pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from screens import alerts, markup, open_page, rerun, shown
from streamlit.testing.v1 import AppTest

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.settings import Settings
from kb.storage.collection_table import Pin

PAGE = "kb/pages/collections.py"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, interviews_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    with closing(KnowledgeBase.open(Settings(home=tmp_path / "home"))) as made:
        ingest_paths([interviews_folder], made)
    yield tmp_path / "home"
    st.cache_resource.clear()


@pytest.fixture
def knowledge_base(home: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(Settings(home=home))) as opened:
        yield opened


@pytest.fixture
def alpha(knowledge_base: KnowledgeBase) -> str:
    """The id of a collection with three quotations."""
    made = knowledge_base.collections.create("Alpha <b>")
    for start, end in ((0, 27), (28, 120), (121, 200)):
        knowledge_base.collections.pin(made.id, "soup", Span(1, start, end))
    return made.id


def pins(knowledge_base: KnowledgeBase, name: str = "Alpha <b>") -> list[Pin]:
    return list(knowledge_base.collections.pins(knowledge_base.collections.find(name).id))


def press(page: AppTest, label: str, at: int = 0) -> AppTest:
    [one for one in page.button if one.label == label][at].click()
    return rerun(page)


def test_a_collection_is_made_listed_and_opened_by_its_address(alpha: str) -> None:
    page = open_page(PAGE)
    assert "Alpha <b>" in shown(page)
    assert "3 quotations" in shown(page)
    assert f'href="collections?id={alpha}"' in markup(page)
    page.text_input[0].set_value("Beta")
    press(page, "Create")
    assert "Beta" in shown(page)
    page.text_input[0].set_value("BETA")
    press(page, "Create")
    assert alerts(page) == ["There is a collection 'BETA' already; choose another name"]
    assert "You do not talk about soup." in shown(open_page(PAGE, id=alpha))
    assert "it may have been deleted" in alerts(open_page(PAGE, id="none"))[0]


def test_an_empty_knowledge_base_says_how_to_begin() -> None:
    assert "press Pin at a quotation" in shown(open_page(PAGE))


def test_quotations_are_moved_and_removed(alpha: str, knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE, id=alpha)
    before = [pin.id for pin in pins(knowledge_base)]
    press(page, "Down")
    assert [pin.id for pin in pins(knowledge_base)] == [before[1], before[0], before[2]]
    press(page, "Up", 2)
    assert [pin.id for pin in pins(knowledge_base)] == [before[1], before[2], before[0]]
    assert [one.disabled for one in page.button if one.label == "Up"] == [True, False, False]
    press(page, "Remove", 1)
    assert [pin.id for pin in pins(knowledge_base)] == [before[1], before[0]]


def test_what_a_press_did_is_told_to_a_screen_reader(alpha: str) -> None:
    page = open_page(PAGE, id=alpha)
    assert '<span class="unseen" role="status"></span>' in markup(page)
    press(page, "Down")
    assert '<span class="unseen" role="status">Moved to place 2 of 3.</span>' in markup(page)
    press(page, "Remove")
    assert re.search('<p class="notice done" role="status">Removed: “[^”]+”</p>', markup(page))
    assert "Moved to place" not in markup(rerun(page))


def test_a_card_names_the_controls_below_it_by_its_first_words(alpha: str) -> None:
    assert 'data-names="You do not talk about soup."' in markup(open_page(PAGE, id=alpha))
    assert re.search(
        'class="card quotation" data-names="[^"]{9,41}"', markup(open_page("kb/pages/quotes.py", q="soup"))
    )


def test_tags_and_a_note_are_kept_and_shown_as_they_are(alpha: str, knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE, id=alpha)
    first = pins(knowledge_base)[0].id
    page.text_input(f"tags-{first}").set_value("fear, <i>soup</i>,,fear")
    page.text_area(f"note-{first}").set_value("<script>alert(1)</script>")
    press(page, "Save")
    kept = pins(knowledge_base)[0]
    assert (kept.tags, kept.note) == (("fear", "<i>soup</i>"), "<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in markup(page)
    assert "<i>soup</i>" not in markup(page)


def test_a_collection_is_renamed_and_deleted(alpha: str, knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE, id=alpha)
    next(one for one in page.text_input if one.label == "Name").set_value("Gamma")
    press(page, "Rename")
    assert "Gamma" in shown(page)
    assert next(one for one in page.button if one.label == "Delete").disabled
    page.checkbox[0].check()
    press(rerun(page), "Delete")
    assert knowledge_base.collections.list() == []


def test_words_that_changed_are_shown_beside_the_pinned_ones(
    alpha: str, knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    file = interviews_folder / "soup.md"
    file.write_text(file.read_text(encoding="utf-8").replace("You do not talk", "You never talk"), encoding="utf-8")
    ingest_paths([interviews_folder], knowledge_base)
    page = open_page(PAGE, id=alpha)
    assert "You do not talk about soup." in shown(page)
    assert "The transcript has changed since; now it reads: “You never talk about soup.”" in shown(page)
    knowledge_base.remove("soup")
    assert shown(open_page(PAGE, id=alpha)).count("Its interview has been removed") == 3


@pytest.mark.parametrize("to", ["md", "docx", "csv", "xlsx", "bibtex", "ris", "qdpx"])
def test_every_format_is_offered_for_download(alpha: str, to: str) -> None:
    page = open_page(PAGE, id=alpha)
    page.selectbox("format").set_value(to)
    assert rerun(page).get("download_button")
    assert alerts(page) == []


def test_a_quotation_is_pinned_where_it_was_found(knowledge_base: KnowledgeBase) -> None:
    knowledge_base.collections.create("![Fear](http://x.example)")
    page = open_page("kb/pages/quotes.py", q='"the posters did nothing"')
    press(page, "Pin")
    assert alerts(page) == ["Choose a collection, or type the name of a new one."]
    choice = next(one for one in page.selectbox if one.label == "Collection")
    choice.set_value("![Fear](http://x.example)")
    press(page, "Pin")
    assert "Pinned to ![Fear](http://x.example)." in shown(page)
    assert not page.success
    (kept,) = pins(knowledge_base, "![Fear](http://x.example)")
    assert kept.quote == "We tried posters once, and the posters did nothing at all."


def test_a_citation_of_an_answer_is_pinned(knowledge_base: KnowledgeBase) -> None:
    knowledge_base.collections.create("Answers")
    page = open_page("kb/pages/ask.py", q="How do you make volunteers care about soup?")
    chosen = str(page.selectbox("pin-which").value)
    page.selectbox("pin-cited-where").set_value("Answers")
    press(page, "Pin")
    (kept,) = pins(knowledge_base, "Answers")
    assert chosen.partition(". ")[2] == kept.quote[:80]
