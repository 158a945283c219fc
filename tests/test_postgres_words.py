"""Words in PostgreSQL are those of SQLite's FTS5: as many, of the same forms, at the same places."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import CORPUS
from servers import Postgres
from sqlalchemy import text as sql
from test_catalog import TRANSCRIPT, find_words, put

from ingest.files import list_files
from ingest.passages import cut_passages
from ingest.pipeline.run import inspect_file
from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.postgres import PostgresDatabase
from kb.storage.rows import Origin
from kb.storage.sqlite import SqliteDatabase

SAMPLES = Path(__file__).parent / "samples"
ODD = (
    "us U.S. use useful useless as is bs gas yes",
    "C++ C# node.js a_b 24/7 4th 100k 1e5 -3 2.5 1,000",
    "ﬁre ﬂow Ærø Straße ŒUVRE İstanbul ıssız ſpring Ωmega ОДЕССА Москва",
    "naïve résumé e\u0301clair Å Ḕ ệ x² ½ １２ Ⅳ ① 中文 日本語 한국어 हिन्दी عربي",
    "don't o'reilly's co-founder state-of-the-art hire\u00adpeople people\u200bfirst a@b.org http://x.org/y?z=1",
    "\ue000 🙂 e2\u0308e %_\\'\" :A &| <-> !",
    "w" * 70 + " " + "é" * 1500 + " " + "z" * 3000 + "1 " + "z" * 3000 + "2",
)


@pytest.fixture
def engines(postgres: Postgres, tmp_path: Path) -> Iterator[tuple[Catalog, Catalog]]:
    opened = (
        Catalog.open(SqliteDatabase(tmp_path / "catalog.sqlite"), "model:1"),
        Catalog.open(PostgresDatabase.at(postgres.make_database()), "model:1"),
    )
    yield opened
    for catalog in opened:
        catalog.close()


def put_odd(catalog: Catalog) -> None:
    for number, odd in enumerate(ODD):
        turns = (replace(TRANSCRIPT.turns[0], text=f"{odd}?"), replace(TRANSCRIPT.turns[1], text=f"{odd} {odd}."))
        card = replace(TRANSCRIPT.interview, id=f"odd-{number}")
        put(catalog, replace(TRANSCRIPT, interview=card, turns=turns), f"/talks/{number}.md")


def count_in_sqlite(path: Path) -> dict[str, tuple[int, int]]:
    """In how many passages each stem stands, and how often."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.counted USING fts5vocab(main, passage_words, 'row')")
        return {term: (holders, times) for term, holders, times in connection.execute("SELECT * FROM counted")}


def count_in_postgres(database: Database) -> dict[str, tuple[int, int]]:
    rows = database.read(sql("SELECT word, ndoc, nentry FROM ts_stat('SELECT words FROM passages')"))
    return {row.word: (row.ndoc, row.nentry) for row in rows}


def test_every_word_of_the_corpus_stands_in_as_many_passages_as_often(
    engines: tuple[Catalog, Catalog], tmp_path: Path
) -> None:
    for file in list_files([CORPUS]):
        transcript = inspect_file(file.path).transcript
        passages = cut_passages(transcript, count_tokens=lambda text: len(text.split()))
        for catalog in engines:
            catalog.put(transcript, Origin(file.source, "key"), passages, [one.speaker for one in passages], None)
    counted = count_in_sqlite(tmp_path / "catalog.sqlite")
    assert count_in_postgres(engines[1].database) == counted
    assert len(counted) > 2000


def test_odd_words_are_found_alike_and_weigh_alike(engines: tuple[Catalog, Catalog]) -> None:
    for catalog in engines:
        put_odd(catalog)
    asked = [
        *" ".join(ODD).split(),
        "u",
        "useless",
        "fire",
        "strasse",
        "odessa",
        "москва",
        "e",
        '"',
        "a\0b",
        "",
        "a b",
        'x"y',
    ]
    sqlite, shared = (catalog.database for catalog in engines)
    assert shared.document_frequency(asked, 99) == sqlite.document_frequency(asked, 99)
    assert sqlite.document_frequency(["us", "u", "москва"], 99) == {"us": 1, "u": 1, "москва": 1}
    for word in asked:
        assert shared.passages_containing(word, 99) == sqlite.passages_containing(word, 99), word
        assert scores(engines[1], word) == pytest.approx(scores(engines[0], word), rel=1e-6), word


def scores(catalog: Catalog, word: str) -> Mapping[str, float]:
    """By passage; of words of two stems, which are counted once, only whether they are there."""
    found = catalog.database.bm25_search([word], 99, None)
    is_one = catalog.database.document_frequency([word], 1)[word] and word.isalnum()
    return {passage_id: score if is_one else 1.0 for passage_id, score in found}


def test_a_phrase_does_not_go_over_the_border_between_two_fields(engines: tuple[Catalog, Catalog]) -> None:
    for catalog in engines:
        put(catalog, TRANSCRIPT)
        counted = catalog.database.document_frequency(["permission rules", "rules where", "from ada"], 9)
        assert counted == {"permission rules": 1, "rules where": 0, "from ada": 0}


def test_words_that_the_database_computed_are_written_anew_when_it_is_opened(
    engines: tuple[Catalog, Catalog], postgres: Postgres
) -> None:
    """Earlier versions let PostgreSQL cut and stem the words."""
    catalog = engines[1]
    put_odd(catalog)
    database = catalog.database
    wanted = count_in_postgres(database)
    before = catalog.generation()
    computed = (SAMPLES / "postgres-words-computed.sql").read_text(encoding="utf-8")
    with database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE passages DROP words, DROP length; DROP FUNCTION kb_count")
        connection.exec_driver_sql(computed)
    assert count_in_postgres(database) != wanted
    again = Catalog.open(database, "model:1")
    assert count_in_postgres(database) == wanted
    assert database.is_full_text_intact()
    assert again.generation() == before + 1
    assert find_words(again, "useful", 9)
    put(again, TRANSCRIPT)
    Catalog.open(database, "model:1")
    assert again.generation() == before + 2
