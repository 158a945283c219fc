"""What a person corrects holds, whatever becomes of the file; what a person removes does not come back by itself."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from conftest import SOUP, STEEL

from ingest.pipeline.run import Options, ingest_paths
from kb.errors import BadMetadata, UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Query
from kb.settings import Settings
from kb.storage.mending import Mending, list_changes, read_when

QUESTION = "How do you get volunteers to care about soup?"
CHANGE = Mending(
    {"title": "Soup and volunteers", "date": "2020-06-01", "show": "Kitchen Table"},
    {"Mara Quill": {"name": "Mara Quill-Jones", "role": "chair", "company": "Ladle Trust"}},
)


def card(knowledge_base: KnowledgeBase, interview_id: str = "soup") -> Interview:
    return knowledge_base.transcript(interview_id).interview


def assert_mended(knowledge_base: KnowledgeBase) -> None:
    mended = card(knowledge_base)
    assert (mended.title, mended.date, mended.year, mended.show) == (
        "Soup and volunteers", date(2020, 6, 1), 2020, "Kitchen Table",
    )  # fmt: skip
    (leader,) = mended.leaders
    assert (leader.name, leader.role, leader.company, leader.sector) == (
        "Mara Quill-Jones", "chair", "Ladle Trust", "food",
    )  # fmt: skip
    assert mended.host == "Tom Verity"
    turns = knowledge_base.transcript("soup").turns
    assert {turn.speaker for turn in turns if turn.role == "leader"} == {"Mara Quill-Jones"}


def test_a_correction_is_found_at_once_and_changes_no_word(filled: KnowledgeBase) -> None:
    words = [turn.text for turn in filled.transcript("soup").turns]
    filled.mends.mend("soup", CHANGE)
    assert_mended(filled)
    assert [turn.text for turn in filled.transcript("soup").turns] == words
    (hit, *_) = filled.search(Query(QUESTION, leaders=("Mara Quill-Jones",)))
    assert (hit.passage.speaker, hit.interview.title) == ("Mara Quill-Jones", "Soup and volunteers")
    assert filled.search(Query(QUESTION, leaders=("Mara Quill",))) == []
    assert [facet.value for facet in filled.facets().companies] == ["Eisenach Mill", "Ladle Trust"]
    assert "Kitchen Table" in [facet.value for facet in filled.facets().sources]


def test_a_correction_is_in_the_header_of_the_passages(filled: KnowledgeBase) -> None:
    filled.mends.mend("soup", CHANGE)
    found = filled.search(Query("What does the Ladle Trust say in Kitchen Table?"))
    assert found[0].interview.id == "soup"


def test_a_correction_wins_over_a_newer_file(filled: KnowledgeBase, interviews_folder: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    newer = SOUP.replace("Soup for a city", "A newer title").replace("eleven of", "twelve of")
    (interviews_folder / "soup.md").write_text(newer, encoding="utf-8")
    assert [file.source for file in ingest_paths([interviews_folder], filled).of("updated")] == ["soup.md"]
    assert_mended(filled)
    assert any("twelve of" in turn.text for turn in filled.transcript("soup").turns)


def test_a_correction_wins_over_a_table(filled: KnowledgeBase, interviews_folder: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    (interviews_folder / "metadata.csv").write_text(
        "file,title,media_url\nsoup.md,Of a table,https://a.example/1.mp3\n"
    )
    ingest_paths([interviews_folder], filled)
    assert_mended(filled)
    assert card(filled).media_url == "https://a.example/1.mp3"  # what nobody has corrected follows the table


def test_a_correction_holds_when_everything_is_read_again(filled: KnowledgeBase, interviews_folder: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    ingest_paths([interviews_folder], filled, Options(rebuild=True))
    assert_mended(filled)


def test_a_correction_holds_when_the_file_is_renamed(filled: KnowledgeBase, interviews_folder: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    (interviews_folder / "soup.md").rename(interviews_folder / "broth.md")
    assert [file.source for file in ingest_paths([interviews_folder], filled).of("renamed")] == ["broth.md"]
    assert_mended(filled)


def test_a_correction_is_in_a_backup(filled: KnowledgeBase, interviews_folder: Path, tmp_path: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    filled.mends.take_out(["steel"])
    filled.back_up(tmp_path / "backup.zip")
    elsewhere = Settings(home=tmp_path / "elsewhere")
    KnowledgeBase.restore(tmp_path / "backup.zip", elsewhere)
    with closing(KnowledgeBase.open(elsewhere)) as restored:
        ingest_paths([interviews_folder], restored, Options(rebuild=True))
        assert_mended(restored)
        assert [one.id for one in restored.interviews()] == ["soup"]


def test_a_second_correction_adds_to_the_first(filled: KnowledgeBase, interviews_folder: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    filled.mends.mend("soup", Mending({"host": ""}, {"Mara Quill-Jones": {"name": "Mara Jones", "sector": "charity"}}))
    ingest_paths([interviews_folder], filled, Options(rebuild=True))
    (leader,) = card(filled).leaders
    assert (leader.name, leader.company, leader.sector) == ("Mara Jones", "Ladle Trust", "charity")
    assert (card(filled).host, card(filled).title) == (None, "Soup and volunteers")


def test_mending_what_is_not_there_raises_and_changes_nothing(filled: KnowledgeBase) -> None:
    generation = filled.generation()
    with pytest.raises(UnknownInterview):
        filled.mends.mend("broth", CHANGE)
    assert filled.generation() == generation


def test_a_removed_interview_is_put_back_as_it_was(filled: KnowledgeBase) -> None:
    filled.mends.mend("soup", CHANGE)
    before, hits = filled.transcript("soup"), filled.search(Query(QUESTION))
    removed = filled.mends.take_out(["soup", "not there"])
    assert [one.id for one in filled.interviews()] == ["steel"]
    filled.mends.put_back(removed)
    assert filled.transcript("soup") == before
    assert [(hit.passage, round(hit.score, 6)) for hit in filled.search(Query(QUESTION))] == [
        (hit.passage, round(hit.score, 6)) for hit in hits
    ]
    assert filled.mends.left_out() == []
    assert_mended(filled)
    assert filled.examine() == []


def test_what_is_put_back_keeps_its_corrections(filled: KnowledgeBase, interviews_folder: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    filled.mends.put_back(filled.mends.take_out(["soup"]))
    ingest_paths([interviews_folder], filled, Options(rebuild=True))
    assert_mended(filled)


def test_what_is_put_back_takes_no_other_interview_s_place(filled: KnowledgeBase, tmp_path: Path) -> None:
    removed = filled.mends.take_out(["soup"])
    other = tmp_path / "other" / "soup.md"
    other.parent.mkdir()
    other.write_text(STEEL.replace("Running a mill", "Another soup"), encoding="utf-8")
    ingest_paths([other], filled)
    filled.mends.put_back(removed)
    assert {one.id: one.title for one in filled.interviews()} == {
        "soup": "Another soup",
        "soup-2": "Soup for a city",
        "steel": "Running a mill",
    }


def test_a_removed_file_stays_out_of_its_folder_and_the_report_says_so(
    filled: KnowledgeBase, interviews_folder: Path
) -> None:
    filled.mends.take_out(["soup"])
    report = ingest_paths([interviews_folder], filled, Options(rebuild=True))
    (left,) = report.of("left out")
    assert left.source == "soup.md"
    assert left.reason == "its interview was removed in the app; name the file itself to add it again"
    (interviews_folder / "soup.md").rename(interviews_folder / "broth.md")
    assert [one.source for one in ingest_paths([interviews_folder], filled).of("left out")] == ["broth.md"]
    assert [one.id for one in filled.interviews()] == ["steel"]


def test_a_removed_file_that_is_named_itself_is_added_afresh(filled: KnowledgeBase, interviews_folder: Path) -> None:
    filled.mends.mend("soup", CHANGE)
    filled.mends.take_out(["soup"])
    assert len(ingest_paths([interviews_folder / "soup.md"], filled).of("added")) == 1
    assert card(filled).title == "Soup for a city"  # corrections go with what was removed
    assert filled.mends.left_out() == []
    assert len(ingest_paths([interviews_folder], filled).of("unchanged")) == 2


def test_an_interview_whose_file_was_added_again_meanwhile_is_not_put_back_twice(
    filled: KnowledgeBase, interviews_folder: Path
) -> None:
    removed = filled.mends.take_out(["soup"])
    ingest_paths([interviews_folder / "soup.md"], filled)
    filled.mends.put_back(removed)
    assert [one.id for one in filled.interviews()] == ["steel", "soup"]


def test_only_what_differs_is_a_change(filled: KnowledgeBase) -> None:
    same = {"title": "Soup for a city", "date": "2019-05-04", "show": "", "host": " Tom  Verity "}
    assert list_changes(card(filled), same, [{"name": "Mara Quill", "role": "founder"}]) == Mending()
    assert list_changes(card(filled), {**same, "show": " Kitchen "}, [{"role": ""}]) == Mending(
        {"show": "Kitchen"}, {"Mara Quill": {"role": ""}}
    )


@pytest.mark.parametrize(
    ("facts", "leader", "line"),
    [
        ({"title": " "}, {}, "A title cannot be empty; write one"),
        ({"date": "soon"}, {}, "soon is no date; write it as 2021-03-04, 4 March 2021, 2021 or c. 2021"),
        ({"media_url": "javascript:alert(1)"}, {}, "javascript:alert(1) is no web address; write one that begins"),
        ({"show": "x" * 501}, {}, "A fact has at most 500 characters, and one here has 501; shorten it"),
        ({}, {"name": ""}, "A leader's name cannot be empty; write one"),
    ],
)
def test_a_value_that_cannot_be_used_says_what_to_write(
    filled: KnowledgeBase, facts: dict[str, str], leader: dict[str, str], line: str
) -> None:
    with pytest.raises(BadMetadata, match=r"^" + line.replace("(", r"\(").replace(")", r"\)")):
        list_changes(card(filled), facts, [leader])


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2021-03-04", (date(2021, 3, 4), 2021, False)),
        ("4 March 2021", (date(2021, 3, 4), 2021, False)),
        ("March 4, 2021", (date(2021, 3, 4), 2021, False)),
        ("2021", (None, 2021, False)),
        ("c. 2021", (None, 2021, True)),
        ("", (None, None, False)),
    ],
)
def test_a_date_is_read_as_people_write_it(text: str, when: tuple[date | None, int | None, bool]) -> None:
    assert read_when(text) == when
