"""The page of the lens: pictures, the passages of a cell, and people's own judgements."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from conftest import ROOT
from screens import alerts, markup, open_page, rerun, shown
from streamlit.testing.v1 import AppTest

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.pages.cards import locate
from kb.settings import Settings

PAGE = "kb/pages/lens.py"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the samples in it, to be copied."""
    made = tmp_path_factory.mktemp("samples") / "home"
    with closing(KnowledgeBase.open(Settings(home=made))) as opened:
        ingest_paths([ROOT / "corpus"], opened)
    return made


@pytest.fixture(autouse=True)
def home(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(samples, tmp_path / "home")
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    st.cache_resource.clear()


@pytest.fixture
def knowledge_base(home: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(Settings(home=home))) as opened:
        yield opened


@pytest.fixture
def cell(knowledge_base: KnowledgeBase) -> tuple[str, str]:
    """A leader and a behaviour that a passage of theirs shows."""
    first = max(knowledge_base.lens.table(), key=lambda one: (one.passages, one.leader))
    return first.leader, first.behaviour_id


def words(page: AppTest) -> list[str]:
    """The quotations that are marked."""
    return [part.partition("</mark>")[0] for part in markup(page).split("<mark>")[1:]]


def test_each_side_has_a_picture_with_its_table(knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE)
    assert "What attracts people" in shown(page)
    assert "What drives people away" in shown(page)
    assert "It judges passages, not people" in shown(page)
    counts = {(one.leader, one.behaviour_id): one.passages for one in knowledge_base.lens.table()}
    leader, passages = next((leader, number) for (leader, _), number in counts.items())
    assert f"<td>{leader}</td>" in markup(page)
    assert f"<td>{passages}</td>" in markup(page)
    assert len(page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")) >= 1


def test_an_address_opens_the_passages_of_a_cell(cell: tuple[str, str], knowledge_base: KnowledgeBase) -> None:
    leader, behaviour = cell
    page = open_page(PAGE, behaviour=behaviour, who=leader)
    found = knowledge_base.lens.passages(behaviour, leader)
    assert len(words(page)) >= len(found) > 0
    assert f"{len(found)} passage" in shown(page)
    assert "Copy with attribution" in shown(page)
    assert "Open in interview" in shown(page)


def test_the_choice_beside_the_picture_does_as_a_click_and_is_kept_by_the_address(cell: tuple[str, str]) -> None:
    page = open_page(PAGE)
    assert words(page) == []
    page.selectbox("behaviour").set_value(cell[1])
    page.selectbox("who").set_value(cell[0])
    rerun(page)
    assert words(page)
    assert page.query_params["behaviour"] in (cell[1], [cell[1]])
    assert page.query_params["who"] in (cell[0], [cell[0]])
    page.segmented_control("view").set_value("balance")
    rerun(page)
    assert page.query_params["behaviour"] in (cell[1], [cell[1]])
    page.segmented_control("view").set_value("map")
    assert words(rerun(page))


@pytest.mark.parametrize("by", ["leader", "sector", "year"])
def test_the_balance_is_told_by(by: str, knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE, view="balance", by=by)
    first = knowledge_base.lens.weigh(by)[0]  # type: ignore[arg-type]
    assert f"<td>{first.value}</td><td>{first.attracts}</td><td>{first.drives_away}</td>" in markup(page).replace(
        "&amp;", "&"
    )
    assert alerts(page) == []


def test_what_an_address_asks_for_and_is_not_there_is_left_out() -> None:
    page = open_page(PAGE, behaviour="Z9", who="Nobody", by="planet", view="none")
    assert words(page) == []
    assert "What attracts people" in shown(page)


def test_filters_that_leave_nothing_say_so(knowledge_base: KnowledgeBase) -> None:
    leaders = {one for card in knowledge_base.interviews() for one in card.leader_names}
    silent = sorted(leaders - {one.leader for one in knowledge_base.lens.table()})
    if silent:
        assert "surely enough" in shown(open_page(PAGE, leader=silent[0]))


def press(page: AppTest, label: str, at: int = 0) -> AppTest:
    [one for one in page.button if one.label == label][at].click()
    return rerun(page)


def test_a_passage_is_judged_by_a_person_who_gave_a_name(cell: tuple[str, str], knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE, behaviour=cell[1], who=cell[0])
    assert not [one for one in page.button if one.label == "Shows it"]
    assert "Type your name above first" in shown(page)
    page.text_input("person").set_value("Ann <b>")
    rerun(page)
    press(page, "Shows it", len([one for one in page.button if one.label == "Shows it"]) - 1)
    assert "Ann <b> confirms it" in shown(page)
    assert "<b> confirms" not in markup(page)
    first = knowledge_base.lens.passages(*cell[::-1])[0]
    assert first.is_confirmed
    quote = first.citation.quote
    press(page, "Does not")
    assert quote not in [one.citation.quote for one in knowledge_base.lens.passages(cell[1])]
    assert "1 passage that people rejected" in [one.label for one in page.expander]
    press(page, "Take back")
    assert knowledge_base.lens.tags.tags() == []


def test_another_behaviour_and_a_tag_of_ones_own_are_kept(cell: tuple[str, str], knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE, behaviour=cell[1], who=cell[0])
    page.text_input("person").set_value("Ann")
    rerun(page)
    choice = next(one for one in page.selectbox if one.label == "Shows another behaviour")
    choice.set_value("A7")
    next(one for one in page.text_input if one.label == "A tag of your own").set_value("for <i>the</i> talk")
    rerun(page)
    press(page, "Keep", 0)
    kept = {(one.framework, one.label, one.holds) for one in knowledge_base.lens.tags.tags()}
    assert kept == {(knowledge_base.lens.framework.name, "A7", True), ("", "for <i>the</i> talk", True)}
    assert "for &lt;i&gt;the" in markup(page)
    assert words(open_page(PAGE, behaviour="A7", who=cell[0]))


def test_what_people_said_is_counted_and_offered_as_a_file(
    cell: tuple[str, str], knowledge_base: KnowledgeBase
) -> None:
    assert "Nobody has judged a passage yet" in shown(open_page(PAGE, view="people"))
    cited = knowledge_base.lens.passages(*cell[::-1])[0].citation
    for person in ("Ann", "Bob"):
        knowledge_base.lens.tags.judge(person, cited.interview.id, locate(cited), cell[1], holds=True)
    page = open_page(PAGE, view="people")
    assert "2 tags by 2 people" in shown(page)
    assert "<td>Ann</td><td>Bob</td><td>1</td><td>20 of 20</td><td>1.00</td>" in markup(page)
    assert "the machine" in markup(page)
    assert page.get("download_button")


def test_the_answer_to_the_question_goes_by_what_people_said(
    cell: tuple[str, str], knowledge_base: KnowledgeBase
) -> None:
    question = "Which behaviours attract people to a shared cause, and which drive them away?"
    for card in knowledge_base.interviews()[:4]:
        turn = next(one for one in knowledge_base.transcript(card.id).turns if one.role == "leader")
        knowledge_base.lens.tags.judge("Bob", card.id, Span(turn.index, 0, len(turn.text)), "A1", holds=True)
    before = knowledge_base.lens.evidence().quotations[0]
    assert before.is_confirmed
    assert "confirmed by people" in shown(open_page("kb/pages/ask.py", q=question))
    assert before.citation.quote in shown(open_page("kb/pages/ask.py", q=question))
    cited = before.citation
    for person in ("Ann", "Bob"):
        knowledge_base.lens.tags.judge(person, cited.interview.id, locate(cited), before.behaviour_id, holds=False)
    now = [one for one in knowledge_base.lens.evidence().quotations if one.behaviour_id == before.behaviour_id]
    assert cited.quote not in [one.citation.quote for one in now]
    assert cited.quote not in shown(open_page("kb/pages/ask.py", q=question))


def test_what_is_shown_less_clearly_is_opened_too_and_is_called_so(knowledge_base: KnowledgeBase) -> None:
    sure = {(one.leader, one.behaviour_id): one.passages for one in knowledge_base.lens.table()}
    every = {(one.leader, one.behaviour_id): one.passages for one in knowledge_base.lens.table(unsure=True)}
    assert all(every[cell] >= number for cell, number in sure.items())
    leader, behaviour = next(cell for cell in every if every[cell] > sure.get(cell, 0))
    found = knowledge_base.lens.passages(behaviour, leader, unsure=True)
    assert len(found) == every[leader, behaviour]
    assert [one.is_sure for one in found] == sorted((one.is_sure for one in found), reverse=True)
    page = open_page(PAGE, behaviour=behaviour, who=leader, show="all")
    assert shown(page).count("Less clear: ") == sum(not one.is_sure for one in found) > 0
    assert "Less clear: " not in shown(open_page(PAGE, behaviour=behaviour, who=leader))
