"""A damaged store is one line that says what to run; the doctor makes again what the catalog and the model can."""

from __future__ import annotations

import math
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
from servers import Postgres

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.errors import KBError, StoreUnavailable, UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Passage, Query, Span
from kb.settings import Settings
from kb.storage.chroma_files import FORMAT, find_damaged_files
from kb.storage.chroma_rows import read_count, read_ids, read_nearest, read_texts, read_vectors
from kb.storage.vector_store import VectorStore
from kb.storage.waiting import examine_uploads

QUESTION = Query("volunteers, soup and layoffs")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5_000])


def make_garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 500)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def spoil_text(path: Path) -> None:
    """What is no text in the tables that Chroma reads first would end the process."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE collections SET config_json_str = CAST(X'7BCC28' AS TEXT)")


def spoil_schema(path: Path) -> None:
    """Chroma's engine aborts the process over an error of SQLite whose message is no text."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = CAST(sql || X'FF80' AS TEXT) WHERE name = 'tenants'")


@pytest.mark.parametrize("damage", [cut_off, make_garbage, spoil_text, spoil_schema])
def test_damaged_vectors_are_one_line_and_made_again_by_the_doctor(
    filled: KnowledgeBase,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
) -> None:
    whole = [hit.passage.id for hit in filled.search(QUESTION)]
    filled.close()
    damage(settings.home / "chroma" / "chroma.sqlite3")
    monkeypatch.setenv("KB_HOME", str(settings.home))
    assert main(["status"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("; run: kb doctor --repair")
    assert main(["doctor"]) == 1
    assert "mend with: kb doctor --repair" in capsys.readouterr().out
    assert main(["doctor", "--repair"]) == 0
    assert f"the damaged vectors lie in {settings.home / 'chroma.damaged'} now" in capsys.readouterr().out
    assert (settings.home / "chroma.damaged" / "chroma.sqlite3").exists()
    with closing(KnowledgeBase.open(settings)) as mended:
        assert [hit.passage.id for hit in mended.search(QUESTION)] == whole
        assert mended.examine() == []


def test_what_was_moved_aside_is_in_no_backup(filled: KnowledgeBase, settings: Settings, tmp_path: Path) -> None:
    filled.close()
    for _ in range(2):
        make_garbage(settings.home / "chroma" / "chroma.sqlite3")
        with closing(KnowledgeBase.open(settings, for_repair=True)) as damaged:
            assert not any(finding.is_problem for finding in damaged.repair())
            damaged.back_up(tmp_path / "kb.zip")
        KnowledgeBase.restore(tmp_path / "kb.zip", Settings(home=tmp_path / "other"))
        shutil.rmtree(tmp_path / "other")
        (tmp_path / "kb.zip").unlink()
    assert sorted(path.name for path in settings.home.glob("chroma*")) == [
        "chroma",
        "chroma.damaged",
        "chroma.damaged-2",
    ]


@pytest.mark.parametrize("damage", [cut_off, make_garbage])
def test_a_damaged_catalog_is_one_line_that_names_the_backup(
    filled: KnowledgeBase,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
) -> None:
    filled.close()
    damage(settings.home / "catalog.sqlite")
    monkeypatch.setenv("KB_HOME", str(settings.home))
    for words in (["ask", "soup?"], ["status"], ["doctor"], ["doctor", "--repair"]):
        assert main(words) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "catalog is damaged; restore a backup with kb restore" in line
    assert len(list((settings.home / "tokens").glob("*.codes"))) == 2


def test_an_empty_file_in_place_of_the_catalog_is_a_lost_catalog(filled: KnowledgeBase, settings: Settings) -> None:
    filled.close()
    empty(settings.home / "catalog.sqlite")
    with pytest.raises(StoreUnavailable, match="the catalog was lost"):
        KnowledgeBase.open(settings)


CELLS = {
    "a name that is a blob": "UPDATE interviews SET title = x'ff00'",
    "text that is no UTF-8": "UPDATE turns SET text = CAST(x'ff80' AS TEXT)",
    "no date": "UPDATE interviews SET date = 'soon'",
    "a year in words": "UPDATE interviews SET year = 'last year'",
    "marks that are no JSON": "UPDATE turns SET marks = '[[1,'",
    "marks of another form": "UPDATE turns SET marks = '[[1]]'",
    "marks that are an object": "UPDATE turns SET marks = '{}'",
    "a time beyond all numbers": "UPDATE turns SET start = 9e999",
    "parts of another form": "UPDATE passages SET parts = '[[0]]'",
    "no parts": "UPDATE passages SET parts = '[]'",
    "parts outside the text": "UPDATE passages SET parts = '[[0, 5, 99999]]'",
    "parts of a turn that is not there": "UPDATE passages SET parts = replace(parts, '[[1,', '[[77,')",
    "words that are not the turn's": "UPDATE passages SET text = upper(text)",
    "a generation that is no number": "UPDATE facts SET value = 'x' WHERE key = 'generation'",
    "a huge generation": "UPDATE facts SET value = '" + "9" * 400 + "' WHERE key = 'generation'",
    "no fact at all": "DELETE FROM turns WHERE interview_id = 'soup'",
    "a speaker that is a number": "UPDATE passages SET speaker = x'01'",
    "a lost table": "DROP TABLE asked",
}


@pytest.mark.parametrize("statement", CELLS.values(), ids=list(CELLS))
def test_a_value_that_nobody_wrote_is_one_line(
    filled: KnowledgeBase,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    statement: str,
) -> None:
    filled.close()
    change(settings.home, statement)
    monkeypatch.setenv("KB_HOME", str(settings.home))
    code = main(["ask", "How do you care about soup and layoffs?"])
    error = capsys.readouterr().err
    assert (code, error.count("\n")) in ((0, 0), (2, 1))
    assert main(["doctor"]) in (1, 2)
    said = capsys.readouterr()
    assert "damaged" in said.out + said.err
    assert "Traceback" not in said.out + said.err


MENDED = {
    "an array of another length": "UPDATE token_files SET sentences = x'00'",
    "an empty array": "UPDATE token_files SET passages = x''",
    "places that go back": "UPDATE token_files SET sentences = CAST(sentences || x'0000000000000000' AS BLOB)",
    "a name that leads out": "UPDATE token_files SET name = '../catalog.sqlite'",
    "word pieces of another length": "UPDATE stored_texts SET pieces = x'00'; UPDATE token_files SET sentences = x'00'",
}


@pytest.mark.parametrize("statement", MENDED.values(), ids=list(MENDED))
def test_damaged_lists_of_token_vectors_are_one_line_and_made_again(
    filled: KnowledgeBase, settings: Settings, statement: str
) -> None:
    whole = [hit.passage.id for hit in filled.search(QUESTION)]
    filled.close()
    change(settings.home, statement)
    with closing(KnowledgeBase.open(settings)) as damaged:
        with suppress(KBError):
            damaged.search(QUESTION)
        assert any(finding.is_problem for finding in damaged.examine())
        assert damaged.repair() == []
        assert [hit.passage.id for hit in damaged.search(QUESTION)] == whole


def change(home: Path, statements: str) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection, connection:
        connection.executescript(statements)


def test_damaged_thresholds_are_learnt_again(filled: KnowledgeBase, settings: Settings) -> None:
    filled.calibrate()
    for value in ("[1]", "{", '{"rules": 1, "generation": "x"}', "nul"):
        with filled._catalog.database.transaction() as connection:
            connection.exec_driver_sql("UPDATE facts SET value = ? WHERE key = 'calibration'", (value,))
        assert filled.status().threshold is None


def test_a_vector_that_is_no_number_is_found_and_written_again(filled: KnowledgeBase) -> None:
    passage = filled._catalog.passages_of("soup")[0]
    collection = filled._stores.vectors._opened.collection
    collection.upsert(ids=[passage.id], embeddings=[np.zeros(384, dtype=np.float32)], documents=[passage.text])
    assert any(finding.is_problem for finding in filled.examine())
    assert not any(finding.is_problem for finding in filled.repair())
    assert filled.examine() == []


LINK = 4  # bytes of a vector's first link in an index, after their number


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index on disk, which Chroma writes from a thousand vectors on."""
    home = tmp_path_factory.mktemp("indexed")
    vectors = np.random.default_rng(1).normal(size=(1_200, 8)).astype(np.float32)
    rows = [
        (Interview("a", "A"), Passage(f"a:{one}", "a", (Span(0, 0, 1),), "S", "x"), vectors[one])
        for one in range(1_200)
    ]
    with closing(VectorStore.open(home, None, "model:1")) as store:
        store.write(rows)
    return home


@pytest.mark.parametrize("place", [4, 12, 20, 28, 36, 52, 56, 60, 68, 84])
def test_a_wrong_number_in_the_header_of_an_index_does_not_end_the_process(
    indexed: Path, tmp_path: Path, place: int
) -> None:
    shutil.copytree(indexed / "chroma", tmp_path / "chroma")
    (header,) = (tmp_path / "chroma").glob("*/header.bin")
    data = bytearray(header.read_bytes())
    data[place + 2] ^= 0x7F
    header.write_bytes(data)
    with pytest.raises(StoreUnavailable, match=r"it is damaged, .*; run: kb doctor --repair"):
        VectorStore.open(tmp_path, None, "model:1")


def test_a_large_index_is_checked_link_by_link_too(tmp_path: Path) -> None:
    size, links, vector = 6_000, 16, 8
    below = 4 * (2 * links + 1)
    row = np.zeros((size, below + 4 * vector + 8), np.uint8)
    head = (
        1,
        0,
        size,
        size,
        row.shape[1],
        row.shape[1] - 8,
        below,
        0,
        0,
        links,
        2 * links,
        links,
        1 / math.log(links),
        100,
    )
    folder = tmp_path / "chroma" / "index"
    folder.mkdir(parents=True)
    (folder / "header.bin").write_bytes(FORMAT.pack(*head))
    (folder / "link_lists.bin").write_bytes(bytes(4 * size))
    row[:, 0], row[:, 4:8] = 1, np.frombuffer(struct.pack("<I", size - 1), np.uint8)
    (folder / "data_level0.bin").write_bytes(row.tobytes())
    assert find_damaged_files(tmp_path) is None
    row[-1, 4:8] = np.frombuffer(struct.pack("<I", size), np.uint8)
    (folder / "data_level0.bin").write_bytes(row.tobytes())
    assert "links to vectors that are not there" in str(find_damaged_files(tmp_path))


@pytest.mark.parametrize("name", ["data_level0.bin", "link_lists.bin"])
def test_an_index_that_links_to_nothing_is_damaged(indexed: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(indexed / "chroma", tmp_path / "chroma")
    assert find_damaged_files(tmp_path) is None
    (links,) = (tmp_path / "chroma").glob(f"*/{name}")
    data = bytearray(links.read_bytes())
    data[LINK : LINK + 4] = b"\xff" * 4
    links.write_bytes(data)
    assert find_damaged_files(tmp_path) is not None
    links.write_bytes(data[:100])
    assert find_damaged_files(tmp_path) is not None


@pytest.mark.parametrize(
    "answered",
    [
        {},
        {"ids": None},
        {"ids": [1], "documents": ["x"], "embeddings": [[1.0]], "distances": [[0.1]]},
        {"ids": ["a"], "documents": ["x", "y"], "embeddings": [[1.0], [2.0]], "distances": [[0.1, 0.2]]},
        {"ids": ["a"], "documents": 7, "embeddings": [[1.0, [2]]], "distances": [["x"]]},
        {"ids": [["a"]], "documents": [], "embeddings": [], "distances": [[float("nan")]]},
        {"ids": [["a", "b"]], "documents": {}, "embeddings": "x", "distances": [[0.1]]},
    ],
)
def test_an_answer_of_chroma_of_another_form_is_one_line(answered: dict[str, object]) -> None:
    for read in (read_texts, read_vectors, lambda found: read_nearest(found, 1)):
        with pytest.raises(
            StoreUnavailable, match=r"sends what this program has not written: .*; run: kb doctor --repair"
        ):
            read(answered)


def test_a_count_or_an_id_of_another_type_is_one_line() -> None:
    for read, answered in ((read_count, "many"), (read_count, -1), (read_count, None), (read_ids, {"ids": [None]})):
        with pytest.raises(StoreUnavailable, match="sends what this program has not written"):
            read(answered)  # type: ignore[arg-type]


def test_uploads_that_cannot_be_listed_are_a_note() -> None:
    (finding,) = examine_uploads(Path("/", "x" * 5_000))
    assert "cannot be read: File name too long" in finding.text
    assert not finding.is_problem


def test_a_database_that_sends_rows_of_another_form_is_one_line(
    shared_settings: Settings, postgres: Postgres, interviews_folder: Path
) -> None:
    with closing(KnowledgeBase.open(shared_settings)) as shared:
        ingest_paths([interviews_folder], shared)
        for statement in (
            "UPDATE turns SET marks = '[[1]]'",
            "UPDATE turns SET start = 'NaN', marks = '[]'",
            "ALTER TABLE turns ALTER start TYPE TEXT",
            "ALTER TABLE turns DROP start",
        ):
            postgres.run(str(shared_settings.catalog_url), statement)
            with pytest.raises(StoreUnavailable) as caught:
                shared.transcript("soup")
            assert "\n" not in str(caught.value)
        (finding,) = shared.examine()
        assert finding.mending == "catalog"


@pytest.mark.parametrize("name", ["\ud800", "soup\ud800", "a\0b", "", "x" * 100_000])
def test_an_id_that_nobody_has_is_unknown(filled: KnowledgeBase, name: str) -> None:
    for ask in (filled.transcript, filled.remove):
        with pytest.raises(UnknownInterview):
            ask(name)
