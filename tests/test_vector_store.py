"""Vectors in embedded Chroma stay whole whoever else has the folder open: in this process or in another."""

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from pathlib import Path

import numpy as np
import pytest

from kb.embedding.arrays import Vectors
from kb.embedding.protocol import Embedder
from kb.errors import IndexMismatch, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Passage, Span
from kb.settings import Settings
from kb.storage.chroma_client import alone_opening
from kb.storage.chroma_files import FOLDER
from kb.storage.vector_store import PAUSES, VectorStore

ROWS = 2500  # enough for Chroma to write its index into files, which it does every thousand
WRITE = "import sys, test_vector_store as t; t.write_rows(t.open_store(sys.argv[1]), 'elsewhere', 2)"


def open_store(home: Path | str, fingerprint: str = "model") -> VectorStore:
    return VectorStore.open(Path(home), None, fingerprint)


def make_rows(name: str, seed: int, rows: int = ROWS) -> list[tuple[Interview, Passage, Vectors]]:
    vectors = np.random.default_rng(seed).normal(size=(rows, 16)).astype(np.float32)
    interview = Interview(name, name)
    return [
        (interview, Passage(f"{name}:{number}", name, (Span(0, 0, 1),), "Ada", "text"), vector)
        for number, vector in enumerate(vectors)
    ]


def write_rows(store: VectorStore, name: str, seed: int) -> None:
    store.write(make_rows(name, seed))


def write_elsewhere(home: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITE, str(home)], check=True, cwd=Path(__file__).parent)


def write_in_turns(store: VectorStore, home: Path) -> None:
    """As two ingests do that take turns: this process writes, another one, and this one again."""
    write_rows(store, "first", 1)
    assert store.nearest(make_rows("first", 1)[0][2], 1)[0][0] == "first:0"
    write_elsewhere(home)
    store.invalidate()
    assert store.nearest(make_rows("elsewhere", 2)[0][2], 1)[0][0] == "elsewhere:0"
    write_rows(store, "last", 3)


def count_on_disk(home: Path) -> tuple[int, int]:
    store = open_store(home)
    found = store.count(), store.count_reachable(3 * ROWS)
    store.close()
    return found


def test_processes_that_take_turns_lose_no_vector_while_this_one_has_the_folder_open_twice(tmp_path: Path) -> None:
    store, idle = open_store(tmp_path), open_store(tmp_path)
    write_in_turns(store, tmp_path)
    idle.close()
    store.close()
    assert count_on_disk(tmp_path) == (3 * ROWS, 3 * ROWS)


def test_processes_that_take_turns_lose_no_vector_after_an_opening_that_failed(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    with pytest.raises(IndexMismatch):
        open_store(tmp_path, "another model")
    store = open_store(tmp_path)
    write_in_turns(store, tmp_path)
    store.close()
    assert count_on_disk(tmp_path) == (3 * ROWS, 3 * ROWS)


def test_a_store_that_cannot_be_reopened_is_reopened_when_its_folder_is_back(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.write(make_rows("talk", 1, rows=2))
    store.invalidate()
    (tmp_path / "chroma").rename(tmp_path / "away")
    (tmp_path / "chroma").write_text("in the way", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="cannot be opened"):
            store.count()
    (tmp_path / "chroma").unlink()
    (tmp_path / "away").rename(tmp_path / "chroma")
    assert store.count() == 2
    store.close()


def test_files_that_come_late_are_waited_for_and_read_by_a_new_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = open_store(tmp_path)
    write_rows(written, "first", 1)
    written.close()
    (files,) = (one for one in (tmp_path / FOLDER).iterdir() if one.is_dir())
    aside = files.rename(tmp_path / "aside")
    pauses: list[float] = []

    def come(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == len(PAUSES):
            shutil.copytree(aside, files, dirs_exist_ok=True)

    monkeypatch.setattr("kb.storage.vector_store.sleep", come)
    store = open_store(tmp_path)
    assert list(store.get_vectors({"first:0": "text"})) == ["first:0"]
    assert pauses == list(PAUSES)
    store.close()


def test_files_that_do_not_come_are_told(tmp_path: Path) -> None:
    written = open_store(tmp_path)
    write_rows(written, "first", 1)
    written.close()
    (files,) = (one for one in (tmp_path / FOLDER).iterdir() if one.is_dir())
    shutil.rmtree(files)
    store = open_store(tmp_path)
    with pytest.raises(StoreUnavailable, match="kb doctor --repair"):
        store.get_vectors({"first:0": "text"})
    store.close()


def test_a_filter_may_name_any_number_of_interviews(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    mine, other = make_rows("mine", 1, rows=30), make_rows("other", 2, rows=30)
    store.write(mine + other)
    many = [f"talk-{number}" for number in range(40_000)]
    vectors = np.stack([vector for _, _, vector in mine[:3] + other[:3]])
    for names in (["mine"], ["other"], ["mine", "other"]):
        spread = names[:1] + many + names[1:]
        assert store.nearest_each(vectors, 7, spread) == store.nearest_each(vectors, 7, names)
    assert store.nearest(vectors[0], 7, many) == []
    store.close()


def test_the_doctor_finds_vectors_beyond_the_first_thousand_that_no_search_reaches(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    """An index of an earlier moment lies under the vectors of today, which Chroma itself does not notice."""
    store = open_store(settings.home, embedder.fingerprint)
    write_rows(store, "first", 1)
    (index,) = (path for path in (settings.home / "chroma").iterdir() if path.is_dir())
    shutil.copytree(index, tmp_path / "earlier")
    write_rows(store, "later", 2)
    store.close()
    shutil.copytree(tmp_path / "earlier", index, dirs_exist_ok=True)
    knowledge_base = KnowledgeBase.open(settings, for_repair=True)
    texts = [finding.text for finding in knowledge_base.examine()]
    knowledge_base.close()
    assert any(re.fullmatch(r"a search reaches [2-4],\d{3} of 5,000 vectors", text) for text in texts), texts


def test_a_folder_is_opened_by_one_at_a_time_since_chroma_creates_its_tables_without_a_lock(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as threads:
        with alone_opening(tmp_path):
            waiting = [threads.submit(open_store, tmp_path) for _ in range(3)]
            done, _ = wait_for(waiting, timeout=1)
            assert not done
        stores = [one.result() for one in waiting]
    write_rows(stores[0], "talk", 1)
    stores[1].invalidate()
    assert stores[1].count() == ROWS
    for store in stores:
        store.close()
