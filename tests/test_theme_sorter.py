"""Quoted words are sorted by theme, and verified against the interviews as they are stored now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ingest.pipeline import ingest_paths
from kb.exports.pack.quotation import PackQuotation
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.retrieval.theme_sorter import ThemeSorter


def quote(knowledge_base: KnowledgeBase, interview_id: str, turn: int, words: str) -> PackQuotation:
    stored = knowledge_base.transcript(interview_id)
    start = stored.turns[turn].text.index(words)
    speaker = stored.turns[turn].speaker or ""
    return PackQuotation(stored.interview, speaker, Span(turn, start, start + len(words)), words)


def test_words_speak_to_the_theme_that_a_reader_would_name(filled: KnowledgeBase) -> None:
    shouted = quote(filled, "soup", 3, "The week a manager shouted at the kitchen crew, eleven of them never came back")
    told = quote(filled, "steel", 1, "The layoffs were mine to explain")
    fear, layoffs = filled.sorter.sort([(one.interview.id, one.span) for one in (shouted, told)])
    assert "volunteers" in sorted(fear, key=lambda theme: -fear[theme])[:3]
    assert sorted(layoffs, key=lambda theme: -layoffs[theme])[0] in ("layoffs", "bad-news")
    assert set(fear) == {theme.id for theme in filled.themes()}


def test_words_that_no_passage_holds_speak_to_nothing(filled: KnowledgeBase) -> None:
    assert (
        filled.sorter.sort([("soup", Span(0, 0, 20)), ("soup", Span(900, 0, 5)), ("none", Span(0, 0, 5))]) == [{}] * 3
    )
    assert filled.sorter.sort([]) == []


def test_without_the_model_that_it_was_learnt_for_it_says_nothing(filled: KnowledgeBase) -> None:
    blind = ThemeSorter(filled._catalog, filled._snapshots, None, ())
    assert blind.sort([("soup", Span(1, 0, 20))]) == [{}]


def test_a_quotation_stands_only_at_its_place_and_in_the_mouth_of_its_speaker(filled: KnowledgeBase) -> None:
    right = quote(filled, "soup", 1, "You do not talk about soup.")
    asked = quote(filled, "soup", 2, "And what drives them away?")
    wrong = [
        replace(right, speaker="Otto Brandl"),
        replace(right, quote="You do not talk about Soup."),
        replace(right, span=Span(1, 1, 28)),
        replace(right, span=Span(99, 0, 27)),
        replace(right, span=Span(-3, 0, 27)),
        replace(right, interview=replace(right.interview, id="none")),
        replace(right, span=Span(1, 0, 0), quote=""),
        asked,  # the host's
    ]
    verified = filled.quotes.verify([right, *wrong])
    assert verified[0] is not None
    assert verified[0].interview.id == "soup"
    assert verified[1:] == [None] * len(wrong)


def test_a_quotation_does_not_stand_after_its_file_changed(filled: KnowledgeBase, interviews_folder: Path) -> None:
    right = quote(filled, "soup", 1, "You do not talk about soup.")
    file = interviews_folder / "soup.md"
    file.write_text(file.read_text(encoding="utf-8").replace("You do not", "You never"), encoding="utf-8")
    ingest_paths([interviews_folder], filled)
    assert filled.quotes.verify([right]) == [None]
