"""A quotation tells what a reader should know of its context before it is printed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SOUP
from test_catalog import database, put

from ingest.pipeline.run import Options, ingest_paths
from kb.errors import UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Leader, Query, Transcript, Turn
from kb.quotes.desk import QuoteDesk
from kb.quotes.marks import CUT, MACHINE, SPONSOR, TEASER, list_marks
from kb.quotes.turn_index import Place
from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.mending import Mending

__all__ = ["database"]
AGAIN = "Nobody ever asked me why the ovens were cold in the first place."
TALK = Transcript(
    Interview("talk", "A talk", (Leader("Ada Vance"),), source="talk.md", transcribed_by="whisper, small"),
    (
        Turn(0, "Ada Vance", "leader", AGAIN, kind="teaser"),
        Turn(1, "Ada Vance", "leader", "This show is brought to you by ovens.", kind="sponsor"),
        Turn(2, "Max Ruh", "host", "Why were they cold?"),
        Turn(3, "Ada Vance", "leader", f"Well. {AGAIN} So I went, and they were warm again."),
    ),
)


@pytest.fixture
def catalog(database: Database) -> Catalog:
    opened = Catalog.open(database, "model:1")
    put(opened, TALK)
    return opened


def mark(turn: int, words: str, card: Interview = TALK.interview) -> list[str]:
    text = TALK.turns[turn].text
    start = text.index(words)
    return list_marks(Place(replace(card, transcribed_by=None), TALK.turns[turn], start, start + len(words)))


def test_words_that_are_cut_out_of_their_sentence_are_marked() -> None:
    assert mark(3, "So I went, and they were warm again.") == mark(3, "So I went, and they were warm again") == []
    assert mark(3, "I went, and they were warm again.") == [CUT]
    assert mark(3, "So I went") == [CUT]
    assert mark(3, f"{AGAIN} So I went") == [CUT]


def test_a_sponsor_read_a_teaser_and_a_machine_transcript_are_marked() -> None:
    assert mark(1, TALK.turns[1].text) == [SPONSOR]
    assert mark(0, AGAIN) == [TEASER]
    place = Place(TALK.interview, TALK.turns[2], 0, len(TALK.turns[2].text))
    assert list_marks(place) == [MACHINE]


def test_of_a_teaser_the_place_in_the_talk_is_quoted_and_the_teaser_named_beside(catalog: Catalog) -> None:
    (found,) = QuoteDesk(catalog, lambda _: []).find(Query('"the ovens were cold"'))
    assert (found.place.turn.index, found.quote) == (3, AGAIN)
    assert [(one.turn.index, one.turn.kind) for one in found.also] == [(0, "teaser")]


def test_a_phrase_as_common_as_can_be_returns_as_many_as_are_wanted(catalog: Catalog) -> None:
    desk = QuoteDesk(catalog, lambda _: [])
    assert [one.place.turn.index for one in desk.find(Query('"were"', limit=1))] == [3]
    assert len(desk.find(Query('"were"', limit=10))) == 2


def test_the_catalog_keeps_which_program_wrote_an_interview_down(catalog: Catalog) -> None:
    assert catalog.interview("talk").transcribed_by == "whisper, small"
    assert [one.transcribed_by for one in catalog.interviews()] == ["whisper, small"]
    put(catalog, replace(TALK, interview=replace(TALK.interview, transcribed_by=None)))
    assert catalog.interview("talk").transcribed_by is None
    put(catalog, TALK)
    catalog.remove("talk")
    with pytest.raises(UnknownInterview):
        catalog.interview("talk")
    put(catalog, replace(TALK, interview=replace(TALK.interview, transcribed_by=None)))
    assert catalog.interviews()[0].transcribed_by is None


def test_the_facts_of_a_file_say_that_a_machine_wrote_it_and_a_mended_interview_still_does(
    knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    (tmp_path / "soup.md").write_text(SOUP, encoding="utf-8")
    (tmp_path / "facts.csv").write_text("file,transcribed_by\nsoup.md,whisper\n", encoding="utf-8")
    ingest_paths([tmp_path / "soup.md"], knowledge_base, Options(metadata=tmp_path / "facts.csv"))
    knowledge_base.mends.mend("soup", Mending(facts={"title": "Soup"}))
    (card,) = knowledge_base.interviews()
    assert (card.title, card.transcribed_by) == ("Soup", "whisper")
    (found, *_) = knowledge_base.quotes.find(Query('"the posters did nothing"'))
    assert list_marks(found.place) == [MACHINE]
