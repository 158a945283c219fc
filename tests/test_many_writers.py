"""Several writers and a reader at once: every interview is there, whole, and none twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import SOUP, STEEL
from nursery import Nursery
from test_kills import check_whole

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

FOLDERS = 8


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


def write_folders(root: Path) -> list[Path]:
    """Folders with one file each, of the same name and of other words."""
    folders = [root / f"folder-{number}" for number in range(FOLDERS)]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        text = (SOUP if number % 2 else STEEL).replace("posters", f"posters number {number}")
        (folder / "talk.md").write_text(text.replace("four burns", f"{number} burns"), encoding="utf-8")
    return folders


@pytest.mark.slow
def test_eight_ingests_at_once_of_files_with_one_name_lose_nothing_beside_a_reader(
    nursery: Nursery, tmp_path: Path
) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    folders = write_folders(tmp_path / "talks")
    assert nursery.run(home, "kb", "status")[0] == 0
    reader = nursery.start(home, "ask-in-a-loop", str(stop))
    writers = [nursery.start(home, "kb-ingest", str(folder)) for folder in folders]
    for writer in writers:
        code, out = writer.wait()
        assert (code, "1 added" in out) == (0, True), out
    stop.touch()
    code, told = reader.wait()
    assert code == 0, told
    for answer in map(json.loads, told.splitlines()):  # what it saw was whole each time
        assert all(any(quote in text for _, text in answer["hits"]) for _, quote in answer["quotes"])
    _, out = nursery.run(home, "kb-ingest", "list")
    ids = {line.split("\t")[0] for line in out.splitlines()}
    assert ids == {"talk", "talk-md", *(f"talk-{number}" for number in range(2, FOLDERS))}
    check_whole(home)


def test_the_same_file_ingested_twice_at_once_is_one_interview(nursery: Nursery, tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "talks"
    folder.mkdir()
    (folder / "talk.md").write_text(SOUP, encoding="utf-8")
    writers = [nursery.start(home, "kb-ingest", str(folder)) for _ in range(3)]
    outcomes = [writer.wait() for writer in writers]
    assert [code for code, _ in outcomes] == [0] * 3, outcomes
    _, out = nursery.run(home, "kb-ingest", "list")
    assert out.splitlines() == ["talk\ttalk.md\tSoup for a city"]
    check_whole(home)


def test_threads_of_one_process_that_ingest_files_of_one_name_lose_nothing(
    knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    """As an upload page does beside another session's."""
    folders = write_folders(tmp_path / "talks")
    with ThreadPoolExecutor(FOLDERS) as threads:
        reports = list(threads.map(lambda folder: ingest_paths([folder], knowledge_base), folders))
    assert [file.outcome for report in reports for file in report] == ["added"] * FOLDERS
    assert len(knowledge_base.interviews()) == FOLDERS
    assert knowledge_base.examine() == []


def test_a_reader_that_comes_and_goes_opens_the_stores_beside_a_writer(settings: Settings, tmp_path: Path) -> None:
    """Opening waits for nobody: a transaction is under way all the time."""
    (tmp_path / "talk.md").write_text(SOUP, encoding="utf-8")
    writer = KnowledgeBase.open(settings)
    ingest_paths([tmp_path / "talk.md"], writer)
    opened = threading.Event()

    def open_and_read() -> None:
        reader = KnowledgeBase.open(settings)
        assert len(reader.interviews()) == 1
        reader.close()
        opened.set()

    with writer._catalog.database.transaction():
        thread = threading.Thread(target=open_and_read)
        thread.start()
        assert opened.wait(120)
    thread.join()
    writer.close()
