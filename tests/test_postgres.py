"""The PostgreSQL engine of the catalog: addresses, connections, and words weighed as in SQLite."""

from __future__ import annotations

import random
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from servers import Postgres, find_port
from sqlalchemy import text as sql
from test_catalog import TRANSCRIPT, find_words, put

from kb.errors import BadSetting, StoreUnavailable
from kb.settings import Settings
from kb.storage.catalog import Catalog
from kb.storage.postgres import PostgresDatabase, parse_address
from kb.storage.sqlite import SqliteDatabase


def test_threads_that_come_and_go_share_a_pool_of_connections(postgres: Postgres) -> None:
    database = PostgresDatabase.at(postgres.make_database())
    Catalog.open(database, "model:1")

    def count() -> int:
        statement = sql(
            "SELECT count(*) AS n FROM pg_stat_activity"
            " WHERE application_name = 'fusion-kb' AND datname = current_database()"
        )
        return int(database.read(statement)[0].n)

    counted: list[int] = []
    for _ in range(5):
        thread = threading.Thread(target=lambda: counted.append(count()))
        thread.start()
        thread.join()
    assert counted == [1] * 5
    database.close()


def test_two_hosts_that_open_an_empty_database_at_once_make_it_once(postgres: Postgres) -> None:
    url = postgres.make_database()
    failed: list[BaseException] = []

    def open_it() -> None:
        try:
            Catalog.open(PostgresDatabase.at(url), "model:1").close()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://a:hush@b/c", "must look like postgresql://"),
        ("postgresql://a:hush@b:port/c", "is no address"),
        ("postgresql://a:hush@b:0/c", "names the port 0"),
        ("postgresql://a:hush@b:70000/c", "names the port 70000"),
        ("postgresql://b/c", "names no user"),
        ("postgresql://a:hush@b", "names no database"),
        ("postgresql://a:hush@b/c?sslmode=maybe", "must look like"),
        ("postgresql://a:hush@b/c?password=hush", "must look like"),
        ("hush", "is no address"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(url: str, told: str) -> None:
    with pytest.raises(BadSetting, match=told) as caught:
        PostgresDatabase.at(url)
    assert "hush" not in str(caught.value)


def test_no_setting_shows_the_password() -> None:
    settings = Settings(catalog_url="postgresql://a:hush@b/c", chroma_url="http://127.0.0.1:8000")
    assert "hush" not in repr(settings) + repr(parse_address("postgresql://a:hush@b/c")[0])


def test_a_wrong_password_and_a_database_that_is_not_there_are_one_clear_line(postgres: Postgres) -> None:
    with pytest.raises(StoreUnavailable, match='password authentication failed for user "founder"') as caught:
        PostgresDatabase.at(postgres.url().replace("p%40ss", "hush")).has_tables()
    assert "hush" not in str(caught.value)
    with pytest.raises(StoreUnavailable, match='database "nowhere" does not exist'):
        PostgresDatabase.at(postgres.url("nowhere")).has_tables()


def test_a_database_in_another_encoding_is_refused(postgres: Postgres) -> None:
    latin = PostgresDatabase.at(postgres.make_database("ENCODING 'LATIN1' TEMPLATE template0"))
    with pytest.raises(StoreUnavailable, match="is in LATIN1; make one with ENCODING 'UTF8'"):
        Catalog.open(latin, "model:1")
    latin.close()


def test_a_unix_socket_serves_as_well(postgres: Postgres) -> None:
    database = PostgresDatabase.at(postgres.socket_url())
    assert not database.has_tables()
    database.close()


def test_a_missing_driver_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(BadSetting, match=r"run: pip install -c constraints.txt -e '\.\[postgres\]'"):
        PostgresDatabase.at("postgresql://a:b@c/d")


def test_a_port_where_nobody_listens_is_one_clear_line() -> None:
    database = PostgresDatabase.at(f"postgresql://a:b@127.0.0.1:{find_port()}/d")
    with pytest.raises(StoreUnavailable, match="Connection refused; start the server or correct KB_CATALOG_URL"):
        database.has_tables()


def test_weights_count_places_as_fts5_does(postgres: Postgres, tmp_path: Path) -> None:
    """Words once and often, in one place and in several, in short passages and in long ones."""
    catalogs = [
        Catalog.open(SqliteDatabase(tmp_path / "catalog.sqlite"), "model:1"),
        Catalog.open(PostgresDatabase.at(postgres.make_database()), "model:1"),
    ]
    for number in range(1, 8):
        asked, said = "Is the river calm, river of rivers? " * (number % 3 + 1), "The river ran. " * number
        turns = (
            replace(TRANSCRIPT.turns[0], text=asked),
            replace(TRANSCRIPT.turns[1], text=said + "Sand. " * number**2),
        )
        card = replace(TRANSCRIPT.interview, id=f"talk-{number}")
        for catalog in catalogs:
            put(catalog, replace(TRANSCRIPT, interview=card, turns=turns), f"/talks/{number}.md")
    for words in ("river", "sand river", "Vance's rivers running", "calm Vance"):
        found, wanted = (
            [(passage_id, round(score, 9)) for passage_id, score in find_words(catalog, words, 50)]
            for catalog in catalogs
        )
        assert sorted(found) == sorted(wanted)
        assert len(found) == 7
    for catalog in catalogs:
        catalog.close()


def test_a_conversation_with_a_long_name_moves_from_sqlite_and_back(postgres: Postgres, tmp_path: Path) -> None:
    """Earlier versions kept a name of any length in SQLite."""
    long = "".join(map(chr, random.Random(1).choices(range(0x1F300, 0x1F5FF), k=20_000)))
    embedded = Catalog.open(SqliteDatabase(tmp_path / "catalog.sqlite"), "model:1")
    with embedded.database.transaction() as connection:
        connection.execute(sql("INSERT INTO asked (session, question) VALUES (:name, 'Why?')"), {"name": long})
    embedded.database.copy_to(tmp_path / "one.sqlite")
    database = PostgresDatabase.at(postgres.make_database())
    database.import_from(tmp_path / "one.sqlite")
    assert Catalog.open(database, "model:1").readers.questions(long) == ("Why?",)
    database.copy_to(tmp_path / "two.sqlite")
    copy = Catalog(SqliteDatabase(tmp_path / "two.sqlite"))
    assert copy.readers.questions(long) == ("Why?",)
    for one in (embedded, copy):
        one.close()
    database.close()
