"""The themes of the interviews on Browse: a picture, and of a theme its passages, its years, its tensions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from screens import alerts, markup, open_page, rerun, shown
from theme_talks import write_talks

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.settings import Settings

PAGE = "kb/pages/browse.py"


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with talks of four leaders, to be copied."""
    made = tmp_path_factory.mktemp("talks")
    with closing(KnowledgeBase.open(Settings(home=made / "home"))) as opened:
        ingest_paths([write_talks(made / "talks")], opened)
    return made / "home"


@pytest.fixture(autouse=True)
def home(talks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(talks, tmp_path / "home")
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    st.cache_resource.clear()


@pytest.fixture
def knowledge_base(home: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(Settings(home=home))) as opened:
        yield opened


def test_the_picture_has_its_table_and_the_themes_to_ask_about_follow(knowledge_base: KnowledgeBase) -> None:
    page = open_page(PAGE, view="Themes")
    first = knowledge_base.theme_desk.overview().themes[0]
    assert f"<td>{first.theme.name}</td><td>{first.leaders}</td><td>{first.passages}</td>" in markup(page)
    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")
    assert "themes to ask about" in shown(page)
    assert alerts(page) == []


def test_a_chosen_theme_opens_its_passages_and_the_address_keeps_it(knowledge_base: KnowledgeBase) -> None:
    first = knowledge_base.theme_desk.overview().themes[0]
    page = open_page(PAGE, view="Themes")
    page.selectbox("theme").set_value(first.theme.id)
    rerun(page)
    quoted = knowledge_base.theme_desk.quotations(first.theme, within=slice(3))
    assert markup(page).count("<mark>") >= len(quoted)
    assert "Copy with attribution" in shown(page)
    assert page.query_params["theme"] in (first.theme.id, [first.theme.id])
    assert f'href="workshop?theme={first.theme.id}"' in markup(page)
    again = open_page(PAGE, view="Themes", theme=first.theme.id)
    assert "Copy with attribution" in shown(again)


def test_the_years_of_a_theme_are_told_with_a_table(knowledge_base: KnowledgeBase) -> None:
    first = knowledge_base.theme_desk.overview().themes[0]
    page = open_page(PAGE, view="Themes", theme=first.theme.id, part="years")
    for row in knowledge_base.theme_desk.timeline(first.theme).years:
        assert f"<td>{row.year}</td><td>{row.leaders}</td><td>{row.passages}</td>" in markup(page)


def test_tensions_stand_side_by_side_or_are_said_to_be_none(knowledge_base: KnowledgeBase) -> None:
    desk = knowledge_base.theme_desk
    for evidence in desk.overview().themes[:6]:
        pairs = desk.tensions(evidence.theme)
        page = open_page(PAGE, view="Themes", theme=evidence.theme.id, part="tensions")
        assert shown(page).count("Possible tension: read both") == len(pairs)
        assert ("No two leaders" in shown(page)) is (not pairs)


def test_what_an_address_asks_for_and_is_not_there_is_left_out() -> None:
    page = open_page(PAGE, view="Themes", theme="none", part="none")
    assert "themes to ask about" in shown(page)
    assert alerts(page) == []


def test_words_and_filters_narrow_the_picture(knowledge_base: KnowledgeBase) -> None:
    leader = knowledge_base.interviews()[0].leader_names[0]
    assert "of 1 leader speak of" in shown(open_page(PAGE, view="Themes", leader=leader)).replace("leaders", "leader")
    assert "No theme is called" in shown(open_page(PAGE, view="Themes", find="xyzzy"))


def test_the_lens_lines_up_a_behaviour_by_year(knowledge_base: KnowledgeBase) -> None:
    page = open_page("kb/pages/lens.py", view="years")
    assert "Choose a behaviour" in shown(page)
    turn = next(one for one in knowledge_base.transcript("ada-vance").turns if one.role == "leader")
    knowledge_base.lens.tags.judge("Ann", "ada-vance", Span(turn.index, 0, len(turn.text)), "A1", holds=True)
    page = open_page("kb/pages/lens.py", view="years", behaviour="A1")
    row = knowledge_base.lens.timeline("A1").years[0]
    assert (row.year, row.passages) == (2019, 1)
    assert f"<td>{row.year}</td><td>{row.leaders}</td><td>{row.passages}</td>" in markup(page)
