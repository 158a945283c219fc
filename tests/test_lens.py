"""The lens over real interviews: what texts show, the evidence of both sides, the counts, a framework of one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SOUP
from test_lens_framework import OWN

from ingest.pipeline import ingest_paths
from kb.errors import BadFramework, BadQuestion
from kb.knowledge_base import KnowledgeBase
from kb.lens.balance import Balance
from kb.model import Query
from kb.settings import Settings

CAUSE = (
    "We hand the decisions to the people who do the work. I trust them, they own it, and when they fail nobody is"
    " blamed: we learn from it together, because all of us are here for the same mission."
)
CODE = "The database keeps its index in memory, so a query that used to take two seconds is done in four milliseconds."


def test_a_text_is_judged(filled: KnowledgeBase) -> None:
    shown, other = filled.lens.judge([CAUSE, CODE])
    assert (shown.effect, shown.stance) == ("attracts", "does")
    assert "A5" in shown.behaviours
    assert 0.5 < shown.confidence <= 1
    assert (other.effect, other.behaviours, other.stance, other.is_sure) == ("neither", (), "", True)


def test_texts_are_judged_one_by_one_as_together(filled: KnowledgeBase) -> None:
    together, alone = filled.lens.judge([CODE, CAUSE]), [filled.lens.judge([text])[0] for text in (CODE, CAUSE)]
    # Some processors round the products of a longer batch in another order.
    assert [one.confidence for one in together] == pytest.approx([one.confidence for one in alone], abs=1e-3)
    assert [replace(one, confidence=1.0) for one in together] == [replace(one, confidence=1.0) for one in alone]
    assert filled.lens.judge([]) == []
    with pytest.raises(BadQuestion, match="Text 2 holds no words"):
        filled.lens.judge([CAUSE, "?!"])


def test_every_quotation_stands_in_its_turn(filled: KnowledgeBase) -> None:
    evidence = filled.lens.evidence()
    assert [one.number for one in evidence.citations] == list(range(1, len(evidence.citations) + 1))
    for one in evidence.citations:
        turn = filled.transcript(one.interview.id).turns[one.turn]
        assert turn.text[one.start_offset : one.end_offset] == one.quote
        assert turn.role == "leader"


def test_the_side_that_is_asked_for_comes_first(filled: KnowledgeBase) -> None:
    assert [one.side for one in filled.lens.evidence(first="drives_away").sides] == ["drives_away", "attracts"]


def test_filters_are_respected(filled: KnowledgeBase) -> None:
    evidence = filled.lens.evidence(Query("", leaders=("Otto Brandl",)))
    assert {one.leader.name for one in evidence.citations} <= {"Otto Brandl"}
    assert evidence.leaders_asked == 1
    assert filled.lens.evidence(Query("", years=(1901,))).citations == ()


def test_what_is_removed_is_not_shown_and_what_is_added_is(filled: KnowledgeBase, tmp_path: Path) -> None:
    before = {one.leader for one in filled.lens.balance()}
    for interview in filled.interviews():
        filled.remove(interview.id)
    assert filled.lens.balance() == []
    again = tmp_path / "again.md"
    again.write_text(SOUP, encoding="utf-8")
    ingest_paths([again], filled)
    assert {one.leader for one in filled.lens.balance()} == before - {"Otto Brandl"} != set()


def test_a_cell_of_the_table_holds_as_many_passages_as_it_counts(filled: KnowledgeBase) -> None:
    for cell in filled.lens.table():
        found = filled.lens.passages(cell.behaviour_id, cell.leader)
        assert len(found) == cell.passages
        assert {one.citation.leader.name for one in found} == {cell.leader}
    with pytest.raises(BadQuestion, match="no behaviour 'Z9'"):
        filled.lens.passages("Z9")


def test_a_balance_is_a_share() -> None:
    assert Balance("Ada", attracts=3, drives_away=1, sample=False).share == 0.75


def test_a_question_that_names_somebody_is_left_to_the_search(filled: KnowledgeBase) -> None:
    assert filled.lens.takes("What drives people away?") == ("drives_away", "attracts")
    assert filled.lens.takes("What drives people away from Ladle House?") == ()
    with pytest.raises(BadQuestion, match="shorten it"):
        filled.lens.takes("good " * 20_000)
    assert filled.lens.takes("What drives people away from Mara Quill?") == ()


def test_a_framework_of_ones_own_judges_by_its_phrasings_and_is_less_sure(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    path = tmp_path / "tides.yaml"
    path.write_text(OWN, encoding="utf-8")
    desk = filled.lens.with_framework(path)
    (shown, other) = desk.judge(["Come and eat with us tonight.", CODE])
    assert (shown.effect, shown.behaviours, other.effect) == ("attracts", ("in",), "neither")
    assert not desk.is_learnt
    assert desk.evidence().is_learnt is False


def test_the_setting_names_a_framework_and_a_broken_one_is_refused_at_once(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "tides.yaml"
    path.write_text(OWN, encoding="utf-8")
    own = Settings.from_env({"KB_HOME": str(settings.home), "KB_LENS": str(path)})
    opened = KnowledgeBase.open(own)
    assert opened.lens.framework.name == "Tides"
    opened.close()
    path.write_text("name: Tides", encoding="utf-8")
    with pytest.raises(BadFramework, match="tides"):
        KnowledgeBase.open(Settings(home=settings.home, framework=tmp_path / "tides.yaml2"))
