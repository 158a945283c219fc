"""A catalog of an earlier schema is upgraded when it is opened, and keeps all that is in it."""

from __future__ import annotations

import json
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT
from sqlalchemy import inspect, text
from test_catalog import TRANSCRIPT, put

from ingest.pipeline import ingest_paths
from kb.errors import IndexMismatch, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Excerpt, Feedback, Query
from kb.settings import Settings
from kb.storage import archive
from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.migrations import STEPS, upgrade
from kb.storage.postgres import PostgresDatabase
from kb.storage.schema import SCHEMA_VERSION
from kb.storage.sqlite import SqliteDatabase

SCHEMAS = ROOT / "tests" / "schemas"
FACTS = "INSERT INTO facts VALUES ('schema', '{}'), ('fingerprint', 'model:1'), ('generation', '7')"
RATING = Feedback("2024-02-01T10:00:00+00:00", "Why?", True, (Excerpt("talk.md", "words"),), ())


@pytest.fixture(params=["4-sqlite", "5-sqlite", "4-postgres", "5-postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A catalog of an earlier schema, with an interview, a rating and a conversation in it."""
    made = (SCHEMAS / f"{request.param}.sql").read_text(encoding="utf-8")
    if request.param.endswith("sqlite"):
        with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as connection, connection:
            connection.executescript(made)
        database: Database = SqliteDatabase(tmp_path / "catalog.sqlite")
    else:
        database = PostgresDatabase.at(request.getfixturevalue("postgres").make_database())
        with database.transaction() as opened:
            opened.exec_driver_sql(made.replace("%", "%%"))
    with database.transaction() as opened:
        opened.execute(text(FACTS.format(request.param[0])))
    catalog = Catalog(database)
    put(catalog, TRANSCRIPT)
    catalog.readers.add_feedback(RATING)
    catalog.readers.add_question("one", "Why?")
    yield database
    database.close()


def describe(database: Database) -> dict[str, list[tuple[str, str, bool]]]:
    """The columns of each table and the columns of its indices."""
    with database.connection() as connection:
        found = inspect(connection)
        return {
            table: sorted((one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table))
            + sorted(
                (str(one["name"]), str(one["column_names"]), bool(one["unique"])) for one in found.get_indexes(table)
            )
            for table in found.get_table_names()
        }


def test_a_catalog_of_the_schema_before_is_upgraded_and_keeps_everything(old: Database, tmp_path: Path) -> None:
    upgrade(old, tmp_path)
    catalog = Catalog.open(old, "model:1")
    assert catalog.transcript("talk") == TRANSCRIPT
    assert catalog.readers.feedback() == [RATING]
    assert catalog.readers.questions("one") == ("Why?",)
    assert catalog.generation() == 8
    assert catalog.facts._read("schema") == {"schema": SCHEMA_VERSION}
    assert [one for one, _ in old.bm25_search(["alarm"], 5, None)] == ["talk:1"]


def test_an_upgraded_catalog_has_the_tables_of_a_new_one(
    old: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    upgrade(old, tmp_path)
    if isinstance(old, SqliteDatabase):
        new: Database = SqliteDatabase(tmp_path / "new.sqlite")
    else:
        new = PostgresDatabase.at(request.getfixturevalue("postgres").make_database())
    with closing(new):
        Catalog.open(new, "model:1")
        assert describe(old) == describe(new)


def test_threads_that_open_it_at_once_upgrade_it_once(old: Database, tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def open_it() -> None:
        try:
            upgrade(old, tmp_path)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Catalog.open(old, "model:1").counts().interviews == 1


def test_a_step_that_fails_leaves_the_catalog_as_it_was(
    old: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setitem(STEPS, SCHEMA_VERSION, ("99", fail))
    before, schema = describe(old), Catalog(old).facts._read("schema")
    with pytest.raises(StoreUnavailable, match="full"):
        upgrade(old, tmp_path)
    assert describe(old) == before
    assert Catalog(old).facts._read("schema") == schema


def test_a_catalog_of_a_later_version_is_refused_in_one_line(old: Database, tmp_path: Path) -> None:
    with old.transaction() as connection:
        connection.execute(text("UPDATE facts SET value = '12' WHERE key = 'schema'"))
    upgrade(old, tmp_path)
    with pytest.raises(IndexMismatch, match="written by a later version") as caught:
        Catalog.open(old, "model:1")
    assert "\n" not in str(caught.value)
    assert Catalog(old).facts._read("schema") == {"schema": "12"}


def make_old(path: Path, schema: str) -> None:
    """Turn the catalog of a home into one of an earlier schema, with all that this had."""
    older = path.with_name("older.sqlite")
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.executescript((SCHEMAS / f"{schema}-sqlite.sql").read_text(encoding="utf-8"))
        connection.execute("ATTACH ? AS new", (str(path),))
        kinds = "type = 'table' AND name NOT LIKE 'passage_words%'"
        for (table,) in connection.execute(f"SELECT name FROM sqlite_master WHERE {kinds}").fetchall():
            connection.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
        connection.execute("UPDATE facts SET value = ? WHERE key = 'schema'", (schema,))
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    older.rename(path)


@pytest.fixture(params=["4", "5"])
def schema(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old_home(settings: Settings, interviews_folder: Path, schema: str) -> Path:
    with closing(KnowledgeBase.open(settings)) as made:
        ingest_paths([interviews_folder], made)
        made.keep_question("one", "Why?")
    make_old(settings.home / "catalog.sqlite", schema)
    return settings.home


def test_a_home_of_the_schema_before_opens_with_all_interviews(old_home: Path, settings: Settings) -> None:
    with closing(KnowledgeBase.open(settings)) as opened:
        assert opened.examine() == []
        assert [one.id for one in opened.interviews()] == ["steel", "soup"]
        assert opened.questions("one") == ("Why?",)
        assert opened.search(Query("soup"))


def test_a_backup_of_the_schema_before_is_restored(
    old_home: Path, settings: Settings, tmp_path: Path, schema: str
) -> None:
    with closing(KnowledgeBase.open(settings)) as opened:
        opened.back_up(tmp_path / "new.zip")
    write_old_backup(tmp_path / "new.zip", tmp_path / "old.zip", tmp_path, schema)
    other = Settings(home=tmp_path / "other")
    KnowledgeBase.restore(tmp_path / "old.zip", other)
    with closing(KnowledgeBase.open(other)) as restored:
        assert restored.examine() == []
        assert restored.questions("one") == ("Why?",)


def write_old_backup(new: Path, old: Path, folder: Path, schema: str) -> None:
    """Write a backup anew as the version before would have written it."""
    with zipfile.ZipFile(new) as source, zipfile.ZipFile(old, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == archive.MANIFEST:
                data = json.dumps({**json.loads(data), "schema": schema}).encode()
            if name == archive.CATALOG:
                (folder / "copy.sqlite").write_bytes(data)
                make_old(folder / "copy.sqlite", schema)
                data = (folder / "copy.sqlite").read_bytes()
            target.writestr(name, data)
        target.comment = b"0" * archive.DIGEST
    digest = archive.hash_before_comment(old).encode()
    old.write_bytes(old.read_bytes()[: -archive.DIGEST] + digest)


def test_a_home_of_the_schema_before_that_can_only_be_read_says_what_to_do(
    old_home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteDatabase, "is_read_only", True)
    with pytest.raises(StoreUnavailable, match="open it once, which upgrades it"):
        KnowledgeBase.open(settings)
