"""The doctor finds each kind of damage, mends it, and leaves alone what is well."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings

NOWHERE = np.eye(384, dtype=np.float32)[0]


def lose_a_vector(one: KnowledgeBase, _: Path) -> None:
    one._stores.vectors.remove([one._catalog.passages_of("soup")[0].id])


def leave_an_orphan(one: KnowledgeBase, _: Path) -> None:
    passage = one._catalog.passages_of("soup")[0]
    one._stores.vectors._opened.collection.upsert(ids=["gone:1"], embeddings=[NOWHERE], documents=[passage.text])


def mistake_a_text(one: KnowledgeBase, _: Path) -> None:
    passage = one._catalog.passages_of("soup")[0]
    one._stores.vectors._opened.collection.upsert(ids=[passage.id], embeddings=[NOWHERE], documents=["other words"])


def lose_all_vectors(one: KnowledgeBase, home: Path) -> None:
    one._stores.vectors.reset()


def lose_token_vectors(one: KnowledgeBase, home: Path) -> None:
    for path in (home / "tokens").iterdir():
        path.unlink()
    one._stores.tokens.forget([])


def flip_a_byte_of_token_vectors(one: KnowledgeBase, home: Path) -> None:
    path = next((home / "tokens").iterdir())
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    one._stores.tokens.forget([])


def leave_a_file_of_token_vectors(one: KnowledgeBase, home: Path) -> None:
    (home / "tokens" / "left.codes").write_bytes(b"x" * 64)


def unlist_token_vectors(one: KnowledgeBase, home: Path) -> None:
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("DELETE FROM token_files WHERE interview_id = 'soup'")


def forget_words(one: KnowledgeBase, home: Path) -> None:
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        connection.execute("INSERT INTO passage_words(passage_words) VALUES ('delete-all')")


def break_off(one: KnowledgeBase, _: Path) -> None:
    one._catalog.token_files.begin("soup")


DAMAGES = {
    lose_a_vector: "soup: no vector for soup:1",
    leave_an_orphan: "vectors without a passage: gone:1",
    mistake_a_text: "soup: vector of another text for soup:1",
    lose_all_vectors: "no vector for",
    lose_token_vectors: "are gone",
    flip_a_byte_of_token_vectors: "its token vectors are damaged",
    leave_a_file_of_token_vectors: "nothing is listed in: left.codes",
    unlist_token_vectors: "soup: no token vectors",
    forget_words: "the full-text index does not agree",
    break_off: "soup: a change was broken off",
}


@pytest.mark.parametrize(("damage", "told"), DAMAGES.items(), ids=[one.__name__ for one in DAMAGES])
def test_damage_is_found_and_mended(
    filled: KnowledgeBase, settings: Settings, damage: Callable[[KnowledgeBase, Path], None], told: str
) -> None:
    assert filled.examine() == []
    whole = filled.search(Query("volunteers, soup and layoffs"))
    damage(filled, settings.home)
    found = filled.examine()
    assert any(told in finding.text for finding in found)
    assert all(finding.is_problem and "\n" not in finding.text for finding in found)
    assert filled.repair() == []
    mended = filled.search(Query("volunteers, soup and layoffs"))
    assert [(hit.passage, round(hit.score, 4)) for hit in mended] == [
        (hit.passage, round(hit.score, 4)) for hit in whole
    ]


def test_a_source_that_changed_or_left_is_told_and_no_error(filled: KnowledgeBase, interviews_folder: Path) -> None:
    (interviews_folder / "soup.md").unlink()
    (interviews_folder / "steel.md").write_text("changed", encoding="utf-8")
    texts = [finding.text for finding in filled.examine()]
    assert "soup: its file has gone from" in texts[0]
    assert texts[1] == "steel: its file has changed since; kb-ingest reads it again"
    assert not any(finding.is_problem for finding in filled.repair())


def test_the_command_tells_by_its_exit_code(
    filled: KnowledgeBase, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lose_a_vector(filled, settings.home)
    filled.close()
    monkeypatch.setenv("KB_HOME", str(settings.home))
    assert main(["doctor"]) == 1
    assert "1 found; mend with: kb doctor --repair" in capsys.readouterr().out
    assert main(["doctor", "--repair"]) == 0
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == ["All is well: catalog, vectors and token vectors agree."] * 2


def test_a_damaged_catalog_is_told_and_not_touched(filled: KnowledgeBase, settings: Settings) -> None:
    filled.status()
    path = settings.home / "catalog.sqlite"
    filled.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[8192:20480] = b"\xff" * 12288
    path.write_bytes(data)
    with closing(KnowledgeBase.open(settings)) as damaged:
        (finding,) = damaged.examine()
        assert finding.text.startswith("the catalog is damaged: ")
        assert [one.mending for one in damaged.repair()] == ["catalog"]


def test_status_tells_sizes_and_the_threshold_of_coverage(filled: KnowledgeBase) -> None:
    assert filled.status().threshold is None
    filled.calibrate()
    status = filled.status()
    assert status.threshold == filled.calibration().thin
    assert min(status.catalog_bytes, status.vectors_bytes, status.tokens_bytes) > 1000
