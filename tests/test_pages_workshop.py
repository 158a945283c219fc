"""The page of a workshop: from an answer, a theme or a collection to a plan that is edited and downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from screens import alerts, markup, open_page, rerun, shown
from streamlit.testing.v1 import AppTest

from ingest.pipeline import ingest_paths
from kb.exports.pack.formats import NO_PDF, PACK_KINDS
from kb.exports.pack.plan import Plan
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.settings import Settings

PAGE = "kb/pages/workshop.py"
QUESTION = "How do you make volunteers care about soup?"

pytestmark = pytest.mark.usefixtures("filled_app_home")


@pytest.fixture
def knowledge_base(filled_app_home: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(Settings(home=filled_app_home))) as opened:
        yield opened


@pytest.fixture
def collection(knowledge_base: KnowledgeBase) -> str:
    """The id of a collection with quotations of two leaders."""
    made = knowledge_base.collections.create("Care <b>")
    for interview_id, start, end in (("soup", 0, 27), ("soup", 121, 200), ("steel", 0, 80), ("steel", 81, 130)):
        knowledge_base.collections.pin(made.id, interview_id, Span(1, start, end))
    return str(made.id)


def plan_of(page: AppTest) -> Plan:
    plan: Plan = page.session_state["workshop.plan"]
    return plan


def press(page: AppTest, label: str, at: int = 0) -> AppTest:
    [one for one in page.button if one.label == label][at].click()
    return rerun(page)


def test_without_anything_to_make_it_from_the_page_says_where_to_begin() -> None:
    page = open_page(PAGE)
    assert "press Make a workshop pack there" in shown(page)
    assert not page.get("download_button")


def test_an_answer_leads_to_a_plan_of_ninety_minutes_with_its_files() -> None:
    asked = open_page("kb/pages/ask.py", q=QUESTION, leader=["Mara Quill"])
    assert 'href="workshop?q=How+do+you+make+volunteers+care+about+soup%3F&amp;leader=Mara+Quill"' in markup(asked)
    page = open_page(PAGE, q=QUESTION, leader=["Mara Quill"])
    assert "You let every volunteer sit down and eat" in shown(page)
    assert len(page.get("download_button")) == len(PACK_KINDS)
    assert not any(one.proto.disabled for one in page.get("download_button"))
    assert sum(slot.minutes for slot in plan_of(page).agenda) == 90
    assert alerts(page) == []


def test_a_question_that_nobody_answers_has_no_plan() -> None:
    page = open_page(PAGE, q="Which telescope mirror coating reflects ultraviolet light?")
    assert "The interviews do not speak to this" in shown(page)
    assert not page.get("download_button")


def test_a_theme_leads_to_a_plan() -> None:
    themes = open_page("kb/pages/browse.py", view="Themes", find="igniting")
    assert 'href="workshop?theme=igniting-passion"' in markup(themes)
    assert alerts(open_page(PAGE, theme="no such theme")) == [
        "There is no theme 'no such theme'; see them on the page Browse, under Themes"
    ]


def test_a_collection_leads_to_a_plan_of_its_quotations(collection: str) -> None:
    assert f'href="workshop?collection={collection}"' in markup(open_page("kb/pages/collections.py", id=collection))
    page = open_page(PAGE, collection=collection)
    assert plan_of(page).title == "Care <b>"
    assert len(plan_of(page).quotations) == 4
    assert "<b>Care" not in markup(page)
    assert alerts(open_page(PAGE, collection="none"))[0].startswith("There is no collection 'none'")
    assert len(alerts(open_page(PAGE, collection="x" * 3_000))[0]) < 200


def test_title_length_and_people_are_changed(collection: str) -> None:
    page = open_page(PAGE, collection=collection)
    page.text_input[0].set_value("Our <i>day</i>")
    page.selectbox[0].set_value(180)
    page.number_input[0].set_value(7)
    plan = plan_of(rerun(page))
    assert (plan.title, plan.minutes, plan.people) == ("Our <i>day</i>", 180, 7)
    assert sum(slot.minutes for slot in plan.agenda) == 180


def test_segments_are_moved_edited_and_left_out(collection: str) -> None:
    page = open_page(PAGE, collection=collection)
    before = [one.id for one in plan_of(page).segments]
    assert len(before) > 1
    press(page, "Down")
    moved = plan_of(page).segments
    assert [one.id for one in moved[:2]] == [before[1], before[0]]
    page.text_input(f"heading-1-{moved[0].id}").set_value("What <script> helps")
    page.text_area(f"asked-1-{moved[0].id}").set_value("Who cares?\n\nWhat is next?")
    press(page, "Save")
    edited = plan_of(page).segments[0]
    assert (edited.heading, edited.questions) == ("What <script> helps", ("Who cares?", "What is next?"))
    assert "What <script> helps" in shown(page)
    assert "<script> helps" not in markup(page)
    press(page, "Leave out")
    assert [one.id for one in plan_of(page).segments] == [one.id for one in moved[1:]]


def test_a_segment_without_a_quotation_is_refused(collection: str) -> None:
    page = open_page(PAGE, collection=collection)
    segment = plan_of(page).segments[0]
    page.multiselect(f"quotations-1-{segment.id}").set_value([])
    press(page, "Save")
    assert alerts(page) == ["A segment needs a quotation; choose one, or leave the segment out"]
    assert plan_of(page).segments[0] == segment


def test_a_quotation_that_changed_since_it_was_pinned_is_left_out_and_said_so(
    collection: str, knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    file = tmp_path / "interviews" / "soup.md"
    file.write_text(file.read_text(encoding="utf-8").replace("You do not talk", "You never talk"), encoding="utf-8")
    ingest_paths([tmp_path / "interviews"], knowledge_base)
    page = open_page(PAGE, collection=collection)
    assert "Quotation 1: The transcript has changed since" in shown(page)
    assert "You do not talk about soup." not in [one.quote for one in plan_of(page).quotations]


def test_without_its_extra_the_button_of_the_pdf_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.exports.pack.formats.find_spec", lambda name: None)
    page = open_page(PAGE, q=QUESTION)
    (pdf,) = [one.proto for one in page.get("download_button") if one.proto.label == "Handout (PDF)"]
    assert (pdf.disabled, pdf.help) == (True, NO_PDF)
