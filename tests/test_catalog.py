"""The catalog keeps interviews whole, finds words, and moves in transactions."""

import random
import re
import sqlite3
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import make_transcript
from sqlalchemy import delete, event

from ingest.files import list_ids
from ingest.passages import cut_passages
from kb.errors import IndexMismatch, StoreUnavailable, UnknownInterview
from kb.model import Excerpt, Feedback, Mark, Transcript
from kb.retrieval.filters import list_facets
from kb.retrieval.keyword_search import KeywordSearch, choose_rarest, choose_words
from kb.storage import schema
from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.postgres import PostgresDatabase
from kb.storage.rows import Origin
from kb.storage.sqlite import SqliteDatabase


def find_words(
    catalog: Catalog, text: str, limit: int, within: Collection[str] | None = None
) -> list[tuple[str, float]]:
    return catalog.database.bm25_search(choose_words(text), limit, within)


TRANSCRIPT = make_transcript(
    ("Max Ruh", "Where does the passion of your people come from?"),
    ("Ada Vance", "From raising the alarm themselves, and from don't-ask-permission rules."),
)


def put(catalog: Catalog, transcript: Transcript, path: str = "/talks/talk.md") -> None:
    passages = cut_passages(transcript, count_tokens=lambda text: len(text.split()))
    headers = [f"{passage.speaker}, Vance & Co" for passage in passages]
    catalog.put(transcript, Origin(path, "key"), passages, headers, None)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened: Database = SqliteDatabase(tmp_path / "catalog.sqlite")
    else:
        opened = PostgresDatabase.at(request.getfixturevalue("postgres").make_database())
    yield opened
    opened.close()


@pytest.fixture
def catalog(database: Database) -> Catalog:
    opened = Catalog.open(database, "model:1")
    put(opened, TRANSCRIPT)
    return opened


def test_an_interview_comes_back_as_it_went_in(catalog: Catalog) -> None:
    card = replace(TRANSCRIPT.interview, date=date(2020, 2, 29), year=2020, show="Show", sample=True, source="talk.md")
    turn = replace(
        TRANSCRIPT.turns[1], start=1.5, page=2, marks=(Mark(3, 1.5, 2),), kind="teaser", confidence="carried"
    )
    kept = Transcript(card, (TRANSCRIPT.turns[0], turn))
    put(catalog, kept)
    assert catalog.transcript("talk") == kept
    assert catalog.interviews() == [card]


def test_passages_come_back_as_they_went_in(catalog: Catalog) -> None:
    (passage,) = cut_passages(TRANSCRIPT, count_tokens=len)
    assert catalog.passages([passage.id, "nobody:7"]) == {passage.id: passage}


def test_words_are_found_in_any_form_and_in_what_the_host_asked(catalog: Catalog) -> None:
    for words in ("raise alarms", "PASSION", "Vance", "don't"):
        assert [passage_id for passage_id, _ in find_words(catalog, words, 5)] == ["talk:1"], words


@pytest.mark.parametrize(
    "text", ['"', "a AND", "NEAR(", "col:umn", "x*", "-x ^y", "don't", "state-of-the-art", "日本", "🙂", ""]
)
def test_no_text_breaks_the_full_text_query(catalog: Catalog, text: str) -> None:
    assert isinstance(find_words(catalog, text, 5), list)


def test_words_without_meaning_do_not_search() -> None:
    assert choose_words("How do leaders ignite the passion of leaders?") == ["leaders", "ignite", "passion"]
    assert choose_words("who are you") == ["who", "are", "you"]
    assert choose_words("You’re asking what's new, don't you?") == ["asking", "new"]
    assert choose_words("What did O'Brien's people say?") == ["o'brien's", "people"]


def test_the_rarest_words_are_looked_up_as_far_as_their_passages_are_few() -> None:
    counts = {"people": 90, "soup": 3, "moon": 0, "kitchen": 7}
    assert choose_rarest(counts, 100) == ["people", "soup", "moon", "kitchen"]
    assert choose_rarest(counts, 99) == ["soup", "moon", "kitchen"]
    assert choose_rarest(counts, 3) == ["soup", "moon"]
    assert choose_rarest({"people": 90, "work": 80}, 50) == ["work"]
    assert choose_rarest({}, 50) == []


def test_only_rare_words_are_searched_and_common_ones_lower_the_share(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("two", "three", "four", "five"):
        interview = replace(TRANSCRIPT.interview, id=name)
        turns = (TRANSCRIPT.turns[0], replace(TRANSCRIPT.turns[1], text=f"The alarm number {name} is ours."))
        put(catalog, Transcript(interview, turns), f"/talks/{name}.md")
    search = KeywordSearch(catalog.database).search
    assert catalog.database.document_frequency(["alarms", "three"], 9) == {"alarms": 5, "three": 1}
    assert [one for one, _ in search("three", 5, 9)] == ["three:1"]
    (rare,) = search("three", 5, 9)
    (common,) = search("alarm three zeppelin", 5, 9)
    assert 0 < common[1] < rare[1] <= 1
    assert search("alarm", 5, 9) == search("zeppelin", 5, 9) == []
    assert search("alarm three", 5, 9, ["two"]) == []
    monkeypatch.setattr("kb.retrieval.keyword_search.FEW", 5)
    assert len(search("alarm", 5, 9)) == 5


def test_a_filter_may_name_any_number_of_interviews(catalog: Catalog) -> None:
    many = [f"talk-{number}" for number in range(260_000)]
    assert find_words(catalog, "alarm", 5, [*many, "talk"]) == find_words(catalog, "alarm", 5) != []
    assert find_words(catalog, "alarm", 5, many) == find_words(catalog, "alarm", 5, []) == []


def test_a_removed_interview_is_gone_from_everything(catalog: Catalog) -> None:
    catalog.remove("talk")
    assert catalog.counts().passages == catalog.counts().turns == 0
    assert find_words(catalog, "alarm", 5) == []
    with pytest.raises(UnknownInterview):
        catalog.transcript("talk")
    with pytest.raises(UnknownInterview):
        catalog.remove("talk")


def test_every_committed_change_raises_the_generation(catalog: Catalog) -> None:
    before = catalog.generation()
    put(catalog, TRANSCRIPT)
    catalog.remove("talk")
    assert catalog.generation() == before + 2


def test_a_failed_change_leaves_everything_as_it_was(catalog: Catalog) -> None:
    before = catalog.generation()
    doubled = cut_passages(TRANSCRIPT, count_tokens=len) * 2
    with pytest.raises(StoreUnavailable, match=r"cannot be (?:written|used)"):
        catalog.put(TRANSCRIPT, Origin("/talks/talk.md", "key"), doubled, ["", ""], None)
    assert catalog.generation() == before
    assert catalog.transcript("talk") == TRANSCRIPT


def test_a_word_is_known_in_any_of_its_forms_and_of_its_places(catalog: Catalog) -> None:
    assert all(map(KeywordSearch(catalog.database).contains_word, ("Alarms", "PASSION", "Vance")))
    assert not any(map(KeywordSearch(catalog.database).contains_word, ("Zappos", '"', "")))


def test_thresholds_hold_for_their_rules_and_their_generation(catalog: Catalog) -> None:
    assert catalog.facts.calibration("rules") is None
    catalog.facts.save_calibration("rules", catalog.generation(), (1.0, 2.0))
    assert catalog.facts.calibration("rules") == [1.0, 2.0]
    assert catalog.facts.calibration("other rules") is None
    put(catalog, TRANSCRIPT)
    assert catalog.facts.calibration("rules") is None
    assert catalog.facts.calibration("rules", slack=1.0) == [1.0, 2.0]


def test_facets_count_interviews(catalog: Catalog) -> None:
    put(catalog, replace(TRANSCRIPT, interview=replace(TRANSCRIPT.interview, id="again", year=2020)), "/talks/again.md")
    facets = list_facets(catalog.interviews())
    assert [(facet.value, facet.count) for facet in facets.leaders] == [("Ada Vance", 2)]
    assert [(facet.value, facet.count) for facet in facets.years] == [("2020", 1)]
    assert facets.sectors == ()


def test_a_reader_in_another_thread_sees_only_what_is_committed(catalog: Catalog) -> None:
    seen: list[int] = []
    with catalog.database.transaction() as connection:
        connection.execute(delete(schema.interviews))
        reader = threading.Thread(target=lambda: seen.append(catalog.counts().interviews))
        reader.start()
        reader.join()
    assert seen == [1]


def test_a_catalog_of_other_vectors_is_an_error_that_says_what_to_do(database: Database) -> None:
    Catalog.open(database, "model:1")
    with pytest.raises(IndexMismatch, match="built with model:1, and this is model:2; set KB_EMBED_MODEL"):
        Catalog.open(database, "model:2")


def test_a_file_that_is_no_database_is_one_clear_line_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreUnavailable, match="cannot be used: file is not a database"):
        Catalog.open(SqliteDatabase(path), "model:1")
    assert path.read_bytes().startswith(b"not a database")


def test_a_snapshot_stands_still_while_others_commit(catalog: Catalog) -> None:
    def remove() -> None:
        catalog.remove("talk")

    with catalog.database.snapshot():
        writer = threading.Thread(target=remove)
        writer.start()
        writer.join()
        assert catalog.counts().interviews == 1
        assert find_words(catalog, "alarm", 5)
    assert catalog.counts().interviews == 0


def test_any_text_comes_back_byte_for_byte(catalog: Catalog) -> None:
    odd = (
        "tab\t, \u2028 line\n, return\r, \\N, \\., back\\slash, 'quote', \"double\", ?, :name, %s, {}, é, 日本, 🙂, $1"
    )
    turns = (TRANSCRIPT.turns[0], replace(TRANSCRIPT.turns[1], text=odd))
    put(catalog, replace(TRANSCRIPT, turns=turns))
    assert catalog.transcript("talk").turns == turns
    assert catalog.passages_of("talk")[0].text == odd


def test_half_a_character_is_stored_asked_and_searched_as_unknown(catalog: Catalog) -> None:
    for _ in range(8):  # as many as the pool holds, and more
        with pytest.raises(UnknownInterview):
            catalog.transcript("\ud800")
        assert find_words(catalog, "\ud800", 5) == find_words(catalog, "alarm\udfff", 5, ["\ud800"]) == []
        assert catalog.database.document_frequency(["\ud800", "a\0b"], 5) == {"\ud800": 0, "a\0b": 0}
        assert catalog.database.passages_containing("\ud800", 5) == []
        assert catalog.interviews() == [TRANSCRIPT.interview]
        assert len(catalog.passages_of("talk")) == 1
    catalog.readers.add_question("ann\ud800", "Why\0 \udfff?")
    assert catalog.readers.questions("ann\ud800") == ("Why\ufffd \ufffd?",)
    catalog.token_files.begin("\ud800")
    assert catalog.token_files.pending() == ["\ufffd"]


def test_questions_and_thumbs_are_kept_in_order(catalog: Catalog) -> None:
    for question in ("What?", "And then?", "'; DROP TABLE asked; --"):
        catalog.readers.add_question("ann", question)
    catalog.readers.add_question("bob", "Why?")
    assert catalog.readers.questions("ann") == ("What?", "And then?", "'; DROP TABLE asked; --")
    thumbs = [Feedback(f"2026-01-0{day}", "Why?", day == 1, (Excerpt("a.md", "so"),), ()) for day in (1, 2)]
    for thumb in thumbs:
        catalog.readers.add_feedback(thumb)
    assert catalog.readers.feedback() == thumbs


def test_conversations_of_any_name_are_kept_apart(catalog: Catalog) -> None:
    long = "".join(map(chr, random.Random(1).choices(range(0x1F300, 0x1F5FF), k=20_000)))
    for name in (long, f"{long}!", long[:500], long[:501], ""):
        catalog.readers.add_question(name, f"{len(name)}?")
        assert catalog.readers.questions(name) == (f"{len(name)}?",)


def test_titles_are_in_order_whatever_their_case(catalog: Catalog) -> None:
    for title in ("b", "A", "Ä", "a", "C"):
        put(catalog, replace(TRANSCRIPT, interview=replace(TRANSCRIPT.interview, id=f"id-{title}", title=title)), title)
    assert [one.title for one in catalog.interviews()] == ["A", "a", "A talk", "b", "C", "Ä"]


def test_threads_that_save_questions_of_one_conversation_lose_none(catalog: Catalog) -> None:
    questions = [f"Question {number}?" for number in range(40)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda one: catalog.readers.add_question("ann", one), questions))
    assert sorted(catalog.readers.questions("ann")) == sorted(questions)


def test_opening_writes_nothing_where_everything_is_there(database: Database) -> None:
    Catalog.open(database, "model:1")
    statements: list[str] = []
    listen = lambda *event: statements.append(event[2])  # noqa: E731
    event.listen(database._engine, "before_cursor_execute", listen)
    Catalog.open(database, "model:1")
    event.remove(database._engine, "before_cursor_execute", listen)
    assert statements
    assert not [one for one in statements if re.match(r"(?i)insert|update|delete|create|begin immediate", one)]


def test_what_the_catalog_says_of_a_question_counts_no_rows(catalog: Catalog) -> None:
    """A question reads what it needs; only what is counted once, when an interview is written, is summed up."""
    statements: list[str] = []
    event.listen(catalog.database._engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    catalog.facts.calibration("rules")
    catalog.counts()
    assert not [one for one in statements if re.search(r"(?i)\bfrom (?:turns|passages)\b", one)]


def test_the_callers_own_error_inside_a_change_passes_as_it_is(catalog: Catalog) -> None:
    def change() -> None:
        with catalog.database.transaction() as connection:
            connection.execute(delete(schema.interviews))
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        change()
    assert catalog.counts().interviews == 1


def test_a_home_of_an_earlier_schema_is_refused_in_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        connection.execute("INSERT INTO facts VALUES ('schema', '3'), ('fingerprint', 'model:1'), ('generation', '7')")
    before = path.read_bytes()
    with pytest.raises(
        IndexMismatch, match=r"schema 3, and this is \d+\); set KB_HOME to a new folder and ingest again"
    ):
        Catalog.open(SqliteDatabase(path), "model:1")
    assert len(path.read_bytes()) == len(before)


def test_a_free_id_is_found_behind_many_that_are_taken(catalog: Catalog) -> None:
    for name in ("talk-md", "talk-2", "talk-3"):
        put(catalog, replace(TRANSCRIPT, interview=replace(TRANSCRIPT.interview, id=name)), f"/talks/{name}.md")
    assert catalog.choose_id(list_ids("talk.md")) == "talk-4"
    assert catalog.choose_id(list_ids("speech.md")) == "speech"
