"""What people say that words show: it wins over the machine, and survives what happens to the interviews."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from test_catalog import database

from ingest.pipeline.run import Options, ingest_paths
from kb.errors import BadTag, StoreUnavailable, UnknownInterview
from kb.exports.tags import write_tags
from kb.knowledge_base import KnowledgeBase
from kb.lens.agreement import MACHINE, _measure_kappa, list_agreements
from kb.lens.people import locate_words
from kb.model import Passage, Query, Span
from kb.pages.lens_judging import draw_said
from kb.settings import Settings
from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.sqlite import SqliteDatabase
from kb.storage.tag_table import Tag, TagTable

__all__ = ["database"]

POSTERS = "We tried posters once, and the posters did nothing at all."


@pytest.fixture
def knowledge_base(settings: Settings, interviews_folder: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(settings)) as made:
        ingest_paths([interviews_folder], made)
        yield made


def find_words(knowledge_base: KnowledgeBase, words: str) -> Span:
    """Where some words stand in the interview on soup."""
    turn = next(one for one in knowledge_base.transcript("soup").turns if words in one.text)
    return Span(turn.index, turn.text.index(words), turn.text.index(words) + len(words))


@pytest.fixture
def posters(knowledge_base: KnowledgeBase) -> Span:
    return find_words(knowledge_base, POSTERS)


def quoted(knowledge_base: KnowledgeBase, behaviour: str) -> list[str]:
    return [one.citation.quote for one in knowledge_base.lens.passages(behaviour)]


def test_words_that_a_person_confirms_are_the_first_that_are_shown(
    knowledge_base: KnowledgeBase, posters: Span
) -> None:
    tags = knowledge_base.lens.tags
    tags.judge("Ann", "soup", posters, "D7", holds=True)
    first = knowledge_base.lens.passages("D7")[0]
    assert (first.citation.quote, first.is_confirmed, first.confidence) == (POSTERS, True, 1.0)
    assert POSTERS in [one.citation.quote for one in knowledge_base.lens.evidence().quotations]
    assert "D7" in {
        one.behaviour_id for one in knowledge_base.lens.table(Query("", leaders=(first.citation.leader.name,)))
    }
    assert first.citation.leader.name in {one.value for one in knowledge_base.lens.weigh("leader")}


def test_words_that_a_person_rejects_are_shown_no_more(knowledge_base: KnowledgeBase, posters: Span) -> None:
    tags = knowledge_base.lens.tags
    yes = tags.judge("Ann", "soup", posters, "D7", holds=True)
    no = tags.judge("Ann", "soup", posters, "D7", holds=False)
    assert yes.id == no.id
    assert POSTERS not in quoted(knowledge_base, "D7")
    assert [(one.person, one.holds) for one in tags.tags()] == [("Ann", False)]


def test_where_two_people_disagree_the_machine_decides_and_a_third_breaks_the_tie(
    knowledge_base: KnowledgeBase, posters: Span
) -> None:
    tags = knowledge_base.lens.tags
    before = quoted(knowledge_base, "D7")
    tags.judge("Ann", "soup", posters, "D7", holds=True)
    tags.judge("Bob", "soup", posters, "D7", holds=False)
    assert quoted(knowledge_base, "D7") == before
    third = tags.judge("Cem", "soup", posters, "D7", holds=True)
    assert quoted(knowledge_base, "D7")[0] == POSTERS
    tags.withdraw(third.id)
    assert quoted(knowledge_base, "D7") == before


def test_words_that_a_machine_chose_elsewhere_in_a_passage_share_the_latest_vote(
    knowledge_base: KnowledgeBase, posters: Span
) -> None:
    tags = knowledge_base.lens.tags
    tags.judge("Ann", "soup", posters, "D7", holds=True)
    tags.judge("ann", "soup", Span(posters.turn, posters.start, posters.end - 20), "D7", holds=False)
    assert POSTERS not in quoted(knowledge_base, "D7")


def test_tags_survive_that_their_interview_is_read_and_cut_anew(
    knowledge_base: KnowledgeBase, posters: Span, interviews_folder: Path
) -> None:
    knowledge_base.lens.tags.judge("Ann", "soup", posters, "D7", holds=True)
    file = interviews_folder / "soup.md"
    file.write_text(
        file.read_text(encoding="utf-8").replace(POSTERS, f"Then there is this, which comes before. {POSTERS}"),
        encoding="utf-8",
    )
    ingest_paths([interviews_folder], knowledge_base)
    (kept,) = knowledge_base.lens.tags.kept()
    assert kept.standing.state == "moved"
    assert quoted(knowledge_base, "D7")[0] == POSTERS
    ingest_paths([interviews_folder], knowledge_base, Options(rebuild=True))
    assert quoted(knowledge_base, "D7")[0] == POSTERS
    knowledge_base.remove("soup")
    assert [one.standing.state for one in knowledge_base.lens.tags.kept()] == ["gone"]
    assert POSTERS not in quoted(knowledge_base, "D7")


def test_tags_of_ones_own_are_kept_beside_and_show_nothing(knowledge_base: KnowledgeBase, posters: Span) -> None:
    made = knowledge_base.lens.tags.label("Ann", "soup", posters, "  for the   talk ")
    assert (made.label, made.framework, made.quote, made.speaker) == ("for the talk", "", POSTERS, made.speaker)
    assert knowledge_base.lens.decided().votes == {}


def test_a_tag_of_ones_own_is_shown_where_its_words_stand_today(
    knowledge_base: KnowledgeBase, posters: Span, interviews_folder: Path
) -> None:
    knowledge_base.lens.tags.judge("Ann", "soup", posters, "D7", holds=True)
    knowledge_base.lens.tags.label("Ann", "soup", posters, "for the talk")
    added = f"{'Something else was said before. ' * 4}{POSTERS}"
    file = interviews_folder / "soup.md"
    file.write_text(file.read_text(encoding="utf-8").replace(POSTERS, added), encoding="utf-8")
    for _ in range(2):
        quotation = next(one for one in knowledge_base.lens.passages("D7") if one.citation.quote == POSTERS)
        said = draw_said(knowledge_base.lens.decided(), knowledge_base.lens.tags.kept(), quotation)
        assert '<span class="badge"><bdi>for the talk</bdi></span>' in said
        ingest_paths([interviews_folder], knowledge_base)


def test_what_cannot_be_kept_is_refused_in_one_line(knowledge_base: KnowledgeBase, posters: Span) -> None:
    tags = knowledge_base.lens.tags
    with pytest.raises(BadTag, match="Your name needs"):
        tags.judge("  ", "soup", posters, "D7", holds=True)
    with pytest.raises(BadTag, match="has no behaviour 'Z9'"):
        tags.judge("Ann", "soup", posters, "Z9", holds=True)
    with pytest.raises(BadTag, match="A tag needs"):
        tags.label("Ann", "soup", posters, "x" * 61)
    with pytest.raises(BadTag, match="no words"):
        tags.label("Ann", "soup", Span(posters.turn, 5, 5), "x")
    with pytest.raises(UnknownInterview):
        tags.judge("Ann", "soup", Span(99, 0, 4), "D7", holds=True)


def test_a_home_that_can_only_be_read_says_so(
    knowledge_base: KnowledgeBase, posters: Span, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteDatabase, "is_read_only", True)
    with pytest.raises(StoreUnavailable, match="can only be read"):
        knowledge_base.lens.tags.judge("Ann", "soup", posters, "D7", holds=True)
    with pytest.raises(StoreUnavailable, match="can only be read"):
        knowledge_base.lens.tags.withdraw("none")


def test_two_who_write_at_once_lose_nothing(knowledge_base: KnowledgeBase, settings: Settings, posters: Span) -> None:
    failed: list[BaseException] = []

    def write(person: str, opened: KnowledgeBase) -> None:
        try:
            for end in range(posters.start + 10, posters.start + 40):
                opened.lens.tags.label(person, "soup", Span(posters.turn, posters.start, end), "mine")
                opened.lens.tags.judge("both", "soup", posters, "D7", holds=person == "Ann")
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    with closing(KnowledgeBase.open(settings)) as other:
        threads = [threading.Thread(target=write, args=pair) for pair in (("Ann", knowledge_base), ("Bob", other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    people = [one.person for one in knowledge_base.lens.tags.tags()]
    assert (people.count("Ann"), people.count("Bob"), people.count("both")) == (30, 30, 1)


def test_another_process_sees_a_tag_at_once(knowledge_base: KnowledgeBase, settings: Settings, posters: Span) -> None:
    with closing(KnowledgeBase.open(settings)) as other:
        before = other.lens.version()
        assert POSTERS not in quoted(other, "D7")
        knowledge_base.lens.tags.judge("Ann", "soup", posters, "D7", holds=True)
        assert other.lens.version() != before
        assert quoted(other, "D7")[0] == POSTERS


def test_a_backup_brings_the_tags_back(knowledge_base: KnowledgeBase, posters: Span, tmp_path: Path) -> None:
    made = knowledge_base.lens.tags.judge("Ann", "soup", posters, "D7", holds=True)
    knowledge_base.back_up(tmp_path / "kept.zip")
    other = Settings(home=tmp_path / "other")
    KnowledgeBase.restore(tmp_path / "kept.zip", other)
    with closing(KnowledgeBase.open(other)) as restored:
        assert restored.lens.tags.tags() == [made]
        assert quoted(restored, "D7")[0] == POSTERS


def test_words_are_located_in_the_passage_that_holds_most_of_them() -> None:
    first = Passage("a:0", "a", (Span(1, 0, 10), Span(3, 0, 5)), "Ada", "0123456789\n\nabcde")
    second = Passage("a:1", "a", (Span(3, 5, 30),), "Ada", "x" * 25)
    assert locate_words([first, second], Span(3, 2, 8)) == (first, (14, 17))
    assert locate_words([first, second], Span(3, 4, 12)) == (second, (0, 7))
    assert locate_words([first, second], Span(2, 0, 5)) is None


def test_tags_are_written_replaced_and_removed_in_both_engines(database: Database) -> None:
    Catalog.open(database, "model:1")
    table = TagTable(database)
    assert (table.tags(), table.version()) == ([], "")
    tag = Tag(
        id="1",
        person="Ann",
        framework="F",
        label="A1",
        holds=True,
        interview_id="soup",
        source_hash="ff",
        source="soup.md",
        title="Soup",
        sample=False,
        turn=1,
        start_offset=0,
        end_offset=4,
        quote="From",
        speaker=None,
        added="2026-01-01",
    )
    table.put(tag)
    first = table.version()
    table.put(replace(tag, holds=False, added="2026-01-02"))
    assert table.tags() == [replace(tag, holds=False, added="2026-01-02")]
    assert first != table.version()
    table.remove("1")
    table.remove("1")
    assert table.tags() == []


def test_two_people_and_the_machine_are_compared(knowledge_base: KnowledgeBase, posters: Span) -> None:
    tags, framework = knowledge_base.lens.tags, knowledge_base.lens.framework
    assert list_agreements(knowledge_base.lens.decided(), framework) == []
    first = find_words(knowledge_base, "You do not talk about soup.")
    for person, answers in (
        ("Ann", {"D7": True, "A1": False}),
        ("Bob", {"D7": True, "A1": True}),
        ("bob", {"A2": True}),
    ):
        for label, holds in answers.items():
            tags.judge(person, "soup", first, label, holds=holds)
    both, ann, bob = list_agreements(knowledge_base.lens.decided(), framework)
    assert (both.one, both.other, both.passages) == ("Ann", "Bob", 1)
    assert (both.answers, both.same) == (19, 18)  # of 20 behaviours, Bob alone spoke of A2; on A1 they differ
    assert both.kappa == pytest.approx(0.64, abs=0.01)
    assert {ann.other, bob.other} == {MACHINE}


def test_two_who_always_say_the_same_have_no_kappa() -> None:
    assert _measure_kappa([(True, True)] * 5) is None
    assert _measure_kappa([(True, True), (False, False)]) == 1.0


def test_tags_are_written_to_a_table_in_which_nothing_runs(knowledge_base: KnowledgeBase, posters: Span) -> None:
    tags = knowledge_base.lens.tags
    tags.judge("=cmd()", "soup", posters, "D7", holds=False)
    tags.label("Ann", "soup", posters, "for the talk")
    rows = list(csv.DictReader(io.StringIO(write_tags(tags.kept(), knowledge_base.lens.framework).decode("utf-8-sig"))))
    assert [(row["person"], row["judgement"], row["behaviour"], row["name"]) for row in rows] == [
        ("'=cmd()", "does not show", "D7", "No cause"),
        ("Ann", "own tag", "", "for the talk"),
    ]
    assert {row["quotation"] for row in rows} == {POSTERS}
    assert {row["words now"] for row in rows} == {"verbatim"}
