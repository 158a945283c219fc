"""Comparing: several columns, one question, up to the same depth."""

from __future__ import annotations

import pytest
from conftest import CORPUS

from ingest.pipeline import ingest_paths
from kb.answering.compare import describe_column
from kb.cli.main import main
from kb.errors import BadQuestion
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings

QUESTION = "What makes volunteers care, and who writes the safety rules of the plant?"


@pytest.fixture
def samples(knowledge_base: KnowledgeBase) -> KnowledgeBase:
    ingest_paths([CORPUS], knowledge_base)
    return knowledge_base


def test_each_column_holds_its_own_leaders_words(filled: KnowledgeBase) -> None:
    compared = filled.compare(Query(QUESTION), "leader", ["Otto Brandl", "Mara Quill"])
    assert [column.value for column in compared.columns] == ["Otto Brandl", "Mara Quill"]
    speakers = [{one.citations[0].leader.name for one in column.sentences} for column in compared.columns]
    assert speakers == [{"Otto Brandl"}, {"Mara Quill"}]
    numbers = [one.number for column in compared.columns for said in column.sentences for one in said.citations]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_column_that_says_nothing_is_empty_and_leaves_the_others_whole(filled: KnowledgeBase) -> None:
    within = Query(QUESTION, sources=("soup.md",))
    otto, mara = filled.compare(within, "leader", ["Otto Brandl", "Mara Quill"]).columns
    assert otto.sentences == ()
    assert [one.text for one in mara.sentences] == [one.text for one in filled.ask(within).sentences]
    assert mara.sentences


def test_a_leader_who_does_not_speak_to_the_question_is_not_quoted_for_want_of_better_words(
    filled: KnowledgeBase,
) -> None:
    otto, mara = filled.compare(
        Query("How do you get volunteers to care about soup?"), "leader", ["Otto Brandl", "Mara Quill"]
    ).columns
    assert mara.sentences
    assert otto.sentences == ()
    assert describe_column(otto) == "Says nothing on this in these interviews."


def test_what_nobody_answers_leaves_all_columns_empty(filled: KnowledgeBase) -> None:
    query = Query("Which telescope mirror coating reflects ultraviolet light?")
    compared = filled.compare(query, "leader", ["Otto Brandl", "Mara Quill"])
    assert [column.sentences for column in compared.columns] == [(), ()]


def test_a_leader_who_is_quoted_to_a_question_among_all_is_quoted_in_a_comparison_too(samples: KnowledgeBase) -> None:
    query = Query("How do leaders ignite shared passion?")
    quoted = list(dict.fromkeys(one.leader.name for one in samples.ask(query).citations))[:4]
    compared = samples.compare(query, "leader", quoted)
    assert len(quoted) >= 3
    assert all(column.sentences for column in compared.columns)


def test_a_column_counts_what_it_shows(samples: KnowledgeBase) -> None:
    years = sorted(facet.value for facet in samples.facets().years)
    compared = samples.compare(Query("How do leaders ignite shared passion?"), "year", [years[0], years[-1]])
    for column in compared.columns:
        cited = [citation for sentence in column.sentences for citation in sentence.citations]
        assert column.coverage.passages == len({one.passage.id for one in cited})
        assert column.coverage.leaders == len({one.leader.name for one in cited})


def test_years_and_companies_are_compared_too(filled: KnowledgeBase) -> None:
    by_year = filled.compare(Query(QUESTION), "year", ["2019", "2021"])
    by_company = filled.compare(Query(QUESTION), "company", ["Ladle House", "Eisenach Mill"])
    texts = [[[one.text for one in column.sentences] for column in one.columns] for one in (by_year, by_company)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["Mara Quill"], "Name two to four"),
        (["Mara Quill", "Mara Quill"], "Name two to four"),
        (["Mara Quill", "Nobody"], "No interview has the leader Nobody; choose among: Mara Quill, Otto Brandl"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_line(filled: KnowledgeBase, values: list[str], message: str) -> None:
    with pytest.raises(BadQuestion, match=message) as caught:
        filled.compare(Query(QUESTION), "leader", values)
    assert "\n" not in str(caught.value)


def test_names_of_no_interview_are_told_in_one_short_line(filled: KnowledgeBase) -> None:
    with pytest.raises(BadQuestion, match="No interview has the leader Nobody␊at") as caught:
        filled.compare(Query(QUESTION), "leader", ["Nobody\nat all", *("x" * 5_000 for _ in range(100))])
    assert len(str(caught.value)) < 1_000


def test_what_nobody_can_be_compared_by_is_one_clear_line(filled: KnowledgeBase) -> None:
    with pytest.raises(BadQuestion, match="choose among: leader, company, sector, year"):
        filled.compare(Query(QUESTION), "nonsense", ["2019", "2021"])  # type: ignore[arg-type]


def test_the_command_line_compares(
    filled: KnowledgeBase, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(settings.home))
    assert main(["compare", QUESTION, "Mara Quill", "Otto Brandl"]) == 0
    printed = capsys.readouterr().out
    assert "Mara Quill: 1 passage by 1 leader\n" in printed
    assert "“They write the rules." in printed or "hold the pen" in printed
    assert main(["compare", QUESTION, "Mara Quill", "Nobody"]) == 2
    assert "No interview has the leader Nobody" in capsys.readouterr().err
