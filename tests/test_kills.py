"""Kills at random moments, a reader beside a writer, a full disk: nothing is lost, doubled or half done.

`KB_KILLS=100 KB_KILL_SEED=7 pytest tests/test_kills.py` kills more often, and at other moments.
"""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SOUP, STEEL
from nursery import Child, Nursery

from ingest.passages import cut_passages
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

KILLS = int(os.environ.get("KB_KILLS", "10"))
SEED = int(os.environ.get("KB_KILL_SEED", "1"))
LONGEST = 0.9  # seconds that the longest of the changes takes, start included


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


def write_talks(folder: Path, chance: random.Random) -> None:
    """Three talks, some changed, some gone."""
    folder.mkdir(exist_ok=True)
    for name, text in (("soup", SOUP), ("steel", STEEL), ("bread", SOUP.replace("soup", "bread"))):
        path = folder / f"{name}.md"
        if chance.random() < 0.25:
            path.unlink(missing_ok=True)
        else:
            word = chance.choice(["posters", "banners", "flags", "songs"])
            path.write_text(text.replace("posters", word).replace("four burns", f"four {word}"), encoding="utf-8")


def check_whole(home: Path) -> None:
    """The stores hold the transcripts' passages, each once, and agree."""
    knowledge_base = KnowledgeBase.open(replace(Settings.from_env(), home=home))
    try:
        assert knowledge_base.examine() == []
        for interview in knowledge_base.interviews():
            passages = cut_passages(knowledge_base.transcript(interview.id), count_tokens=knowledge_base.count_tokens)
            assert knowledge_base._catalog.passages_of(interview.id) == passages
    finally:
        knowledge_base.close()


def test_kills_at_random_moments_lose_and_double_nothing(nursery: Nursery, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    home, folder = tmp_path / "home", tmp_path / "talks"
    killed = 0
    for number in range(KILLS):
        write_talks(folder, chance)
        removes = chance.random() < 0.25
        words = ["remove", "steel"] if removes else ["--prune", str(folder)]
        child = nursery.start(home, "kb-ingest", *words)
        time.sleep(chance.uniform(0.0, LONGEST))
        with suppress(ProcessLookupError):  # done already
            os.kill(child.pid, signal.SIGKILL)
        killed += child.wait()[0] == -signal.SIGKILL
        # What was committed answers, whatever was broken off; then a second run brings it to its end.
        code, out = nursery.run(home, "kb", "search", "layoffs and volunteers")
        assert code == 0, (number, out)
        code, out = nursery.run(home, "kb-ingest", "--prune", str(folder))
        assert code == 0, (number, out)
        code, out = nursery.run(home, "kb", "doctor")
        assert (code, out) == (0, "All is well: catalog, vectors and token vectors agree.\n"), (number, out)
        check_listed(nursery, home, folder)
    check_whole(home)
    assert killed >= KILLS / 3


def check_listed(nursery: Nursery, home: Path, folder: Path) -> None:
    """What is there is what is in the folder."""
    _, out = nursery.run(home, "kb-ingest", "list")
    assert sorted(line.split("\t")[1] for line in out.splitlines()) == sorted(path.name for path in folder.iterdir())


def test_a_reader_beside_a_writer_sees_whole_interviews_at_its_next_question_and_none_that_is_gone(
    nursery: Nursery, tmp_path: Path
) -> None:
    home, folder, stop = tmp_path / "home", tmp_path / "talks", tmp_path / "stop"
    folder.mkdir()
    for number in range(11):
        (folder / f"soup-{number}.md").write_text(SOUP, encoding="utf-8")
    (folder / "steel.md").write_text(STEEL, encoding="utf-8")
    assert nursery.run(home, "kb-ingest", str(folder))[0] == 0
    reader = nursery.start(home, "ask-in-a-loop", str(stop))
    changes = []
    for number in range(3):
        (folder / "steel.md").write_text(STEEL.replace("four burns", f"{number} burns"), encoding="utf-8")
        assert nursery.run(home, "kb-ingest", str(folder))[0] == 0
        changes.append((wait_for_question(reader, tmp_path / "asked"), f"{number} burns"))
        assert nursery.run(home, "kb-ingest", "remove", "steel")[0] == 0
        changes.append((wait_for_question(reader, tmp_path / "asked"), ""))
    stop.touch()
    code, out = reader.wait()
    assert code == 0, out
    answers = [json.loads(line) for line in out.splitlines()]
    for answer in answers:
        held = [text for passage_id, text in answer["hits"] if passage_id.startswith("steel:")]
        whole = " ".join(held)
        assert not held or ("loading dock" in whole and "They write the rules" in whole)
        assert all(any(quote in text for _, text in answer["hits"]) for _, quote in answer["quotes"])
    for number, words in changes:
        seen = [answer for answer in answers if answer["number"] <= number][-1]
        assert _shows(seen, words), (number, words)


def wait_for_question(reader: Child, asked: Path) -> int:
    """Wait until a question is answered that the reader asks from now on; return its number."""
    number = 1 + (asked.stat().st_size if asked.exists() else 0)  # the one before may be under way
    while not asked.exists() or asked.stat().st_size <= number:
        os.kill(reader.pid, 0)  # it lives
        time.sleep(0.02)
    return number


def _shows(answer: dict[str, list[list[str]]], words: str) -> bool:
    texts = [text for passage_id, text in answer["hits"] if passage_id.startswith("steel:")]
    return any(words in text for text in texts) if words else not texts


def test_a_full_disk_is_one_clear_line_and_loses_nothing(nursery: Nursery, tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "talks"
    folder.mkdir()
    (folder / "soup.md").write_text(SOUP, encoding="utf-8")
    assert nursery.run(home, "kb-ingest", str(folder))[0] == 0
    long = STEEL + "\n**Otto Brandl:** " + " ".join(f"Furnace {number} was lit again." for number in range(4000))
    (folder / "steel.md").write_text(long, encoding="utf-8")
    code, out = nursery.run(home, "kb-ingest", str(folder), file_bytes=1_000_000)
    assert code == 2
    (line,) = out.split("\n")[-2:-1]
    assert out.strip() == line
    assert line.startswith("kb-ingest: ")
    assert "run it again: what was there is kept" in line
    code, out = nursery.run(home, "kb", "search", "volunteers")
    assert code == 0
    assert "Mara Quill" in out
    (folder / "steel.md").write_text(STEEL, encoding="utf-8")
    assert nursery.run(home, "kb-ingest", str(folder))[0] == 0
    assert nursery.run(home, "kb", "doctor")[0] == 0
