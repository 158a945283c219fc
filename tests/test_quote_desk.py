"""The quote desk over a real knowledge base: find a line to print, search words, check a draft."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import SOUP

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.errors import BadQuestion, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.quotes.draft_file import read_draft_text

DRAFT = """“You do not talk about soup,” says Mara Quill.

"They write the rules," Quill adds. “The posters did everything.”
"""


def find(knowledge_base: KnowledgeBase, text: str) -> list[str]:
    return [one.place.text for one in knowledge_base.quotes.find(Query(text, limit=3))]


def test_a_half_remembered_line_finds_the_true_words_first(filled: KnowledgeBase) -> None:
    found = filled.quotes.find(Query("nobody who shared a table with his neighbour needs speeches about purpose"))
    assert found[0].place.text == "Nobody who has shared a table with a neighbour needs a speech about purpose."
    assert (found[0].start, found[0].place.turn.speaker) == (12.0, "Mara Quill")


def test_a_theme_finds_quotations_of_leaders(filled: KnowledgeBase) -> None:
    assert any("layoffs" in one for one in find(filled, "How do leaders tell people that they lose their job?"))


def test_a_phrase_in_quotation_marks_finds_only_what_holds_it(filled: KnowledgeBase) -> None:
    assert find(filled, '"the posters did nothing"') == ["We tried posters once, and the posters did nothing at all."]
    assert find(filled, "“the posters did everything”") == []
    assert find(filled, '"four burns" "pen"') == find(filled, '"four burns"') != []
    assert find(filled, '"four burns" "soup"') == []


def test_the_hosts_words_are_searched_but_never_offered_as_quotations(filled: KnowledgeBase) -> None:
    assert find(filled, '"what drives them away"') == []
    found = filled.quotes.search_words(Query("what drives them away"))
    assert [(one.place.turn.role, one.before, one.after) for one in found.shown] == [("host", "And ", "?")]
    assert filled.quotes.search_words(Query("what drives them away"), "leader").count == 0


def test_words_are_counted_wherever_they_stand_within_the_filters(filled: KnowledgeBase) -> None:
    found = filled.quotes.search_words(Query("the crews"))
    assert (found.count, found.interviews, len(found.shown)) == (2, 1, 2)
    assert filled.quotes.search_words(Query("the crews", leaders=("Mara Quill",))).count == 0
    with pytest.raises(BadQuestion, match="no word"):
        filled.quotes.search_words(Query("?!"))


def test_the_same_talk_twice_is_one_quotation_with_two_places(filled: KnowledgeBase, tmp_path: Path) -> None:
    again = tmp_path / "again" / "teaser.md"
    again.parent.mkdir()
    again.write_text(SOUP.replace("Soup for a city", "The best of soup"), encoding="utf-8")
    ingest_paths([again], filled)
    (found,) = filled.quotes.find(Query('"the posters did nothing"'))
    assert len(found.also) == 1
    assert {found.place.interview.title, found.also[0].interview.title} == {"Soup for a city", "The best of soup"}


def test_a_draft_is_judged(filled: KnowledgeBase) -> None:
    checked = filled.quotes.check(read_draft_text(DRAFT))
    assert [(one.judgement.verdict, one.quotation.attributed_to) for one in checked] == [
        ("verbatim", "Mara Quill"),
        ("wrong person", "Quill"),
        ("light edit", "Quill"),
    ]


def test_an_empty_knowledge_base_cannot_check(knowledge_base: KnowledgeBase) -> None:
    with pytest.raises(StoreUnavailable, match="kb-ingest"):
        knowledge_base.quotes.check(read_draft_text(DRAFT))


def test_only_the_places_that_are_shown_are_made(filled: KnowledgeBase) -> None:
    everywhere = filled.quotes.search_words(Query("the"))
    some = filled.quotes.search_words(Query("the"), first=3, most=2)
    assert (some.count, some.interviews) == (everywhere.count, 2) == (len(everywhere.shown), 2)
    assert some.shown == everywhere.shown[3:5]
    assert filled.quotes.search_words(Query("the"), first=1_000, most=2).shown == ()


@pytest.fixture
def home(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = Path(filled.status().home)
    monkeypatch.setenv("KB_HOME", str(home))
    return home


def test_the_commands_print_for_people_and_programs(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "draft.md"
    draft.write_text(DRAFT, encoding="utf-8")
    assert main(["check", str(draft)]) == 1
    out = capsys.readouterr().out
    assert "these are the words of Otto Brandl" in out
    assert "1 verbatim, 1 wrong person, 1 light edit" in out
    assert main(["check", str(draft), "--json"]) == 1
    (first, second, third) = json.loads(capsys.readouterr().out)["quotations"]
    assert (first["verdict"], first["speaker"], first["source"]) == ("verbatim", "Mara Quill", "soup.md")
    assert second["speaker"] == "Otto Brandl"
    assert third["true_words"] == "the posters did nothing"
    draft.write_text("“You do not talk about soup,” says Mara Quill.", encoding="utf-8")
    assert main(["check", str(draft)]) == 0
    capsys.readouterr()
    assert main(["quote", '"the posters did nothing"', "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["quotations"]
    assert (found["exact"], found["start"], found["speaker"]) == (True, 12.0, "Mara Quill")
    assert main(["quote", '"the posters did everything"']) == 1
    assert main(["words", "the crews"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "2 in 1 interview"


def test_a_draft_that_cannot_be_read_is_one_line(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "none.docx")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_quotation_is_cited_by_a_style_or_as_a_record(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quote", '"the posters did nothing"', "--cite", "mla"]) == 0
    out = capsys.readouterr().out
    assert "(Quill 00:00:12)" in out
    assert "Quill, Mara. “Soup for a City.” Interview by Tom Verity, Interview transcript. 4 May 2019." in out
    assert main(["quote", '"the posters did nothing"', "--cite", "bibtex"]) == 0
    assert "author = {Quill, Mara}" in capsys.readouterr().out
