"""What counts as covered is learnt beside readers and writers, and of one moment."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import SOUP, STEEL

from ingest.pipeline import ingest_paths
from kb.errors import StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.retrieval.calibration import Calibrator
from kb.retrieval.findings import RetrievalResult
from kb.retrieval.index import Index
from kb.retrieval.searcher import Retriever


class Gated(Retriever):
    """Answers its first question only when told to, and notes which generation each question was asked of."""

    def __init__(self, inner: Retriever) -> None:
        self._inner = inner
        self.parser = inner.parser
        self.asked = threading.Event()
        self.go_on = threading.Event()
        self.generations: list[int] = []

    def find(self, query: Query, index: Index) -> RetrievalResult:
        self.generations.append(index.generation)
        self.asked.set()
        assert self.go_on.wait(60)
        return self._inner.find(query, index)


def make_gated(knowledge_base: KnowledgeBase) -> tuple[Gated, Calibrator]:
    gated = Gated(knowledge_base._retriever)
    return gated, Calibrator(knowledge_base._catalog, gated, knowledge_base._snapshots)


def test_readers_and_writers_go_on_while_coverage_is_learnt(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    ingest_paths([interviews_folder / "soup.md"], knowledge_base)
    gated, calibrator = make_gated(knowledge_base)
    learning = threading.Thread(target=calibrator.calibration)
    learning.start()
    assert gated.asked.wait(60)
    assert knowledge_base.search(Query("volunteers"))  # nobody waits for it
    ingest_paths([interviews_folder / "steel.md"], knowledge_base)
    assert learning.is_alive()
    gated.go_on.set()
    learning.join(120)
    assert not learning.is_alive()


def test_what_is_learnt_is_of_one_generation(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    ingest_paths([interviews_folder / "soup.md"], knowledge_base)
    gated, calibrator = make_gated(knowledge_base)
    learning = threading.Thread(target=calibrator.refresh)
    learning.start()
    assert gated.asked.wait(60)
    ingest_paths([interviews_folder / "steel.md"], knowledge_base)  # meanwhile
    gated.go_on.set()
    learning.join(120)
    last = gated.generations[-1]
    assert gated.generations.count(last) > 100  # asked once more, all of it of the new generation
    assert knowledge_base._catalog.facts.calibration(_rules()) is not None
    assert last == knowledge_base._catalog.generation()


def test_several_who_find_nothing_learnt_learn_it_once(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text(SOUP + STEEL.split("---\n")[2], encoding="utf-8")
    ingest_paths([tmp_path / "talk.md"], knowledge_base)
    gated, calibrator = make_gated(knowledge_base)
    gated.go_on.set()
    found = []
    threads = [threading.Thread(target=lambda: found.append(calibrator.calibration())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(set(found)) == 1
    alone = len(gated.generations)
    calibrator._catalog.facts.save_calibration("other rules", 0, ())
    calibrator._learnt = None
    calibrator.calibration()
    assert len(gated.generations) == 2 * alone


def test_a_host_who_asks_in_another_script_stops_nobody(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    russian = "Как вы нанимали первых десять человек в вашу компанию?"
    asked = "How do you get two hundred volunteers to care about soup every single morning?"
    (tmp_path / "talk.md").write_text(SOUP.replace(asked, russian), encoding="utf-8")
    ingest_paths([tmp_path / "talk.md"], knowledge_base)
    assert any(russian in asked for asked in knowledge_base._catalog.host_questions())
    assert knowledge_base.ask(Query("What drives volunteers away?")).citations
    assert knowledge_base.calibrate() == knowledge_base.calibration()


class Failing(Gated):
    """Cannot read its stores."""

    def __init__(self, inner: Retriever, error: Exception) -> None:
        super().__init__(inner)
        self._error = error

    def find(self, query: Query, index: Index) -> RetrievalResult:
        self.generations.append(index.generation)
        raise self._error


def change_much(knowledge_base: KnowledgeBase, folder: Path) -> None:
    """Commit two changes to a knowledge base of one interview: more than half of it."""
    ingest_paths([folder / "steel.md"], knowledge_base)
    knowledge_base.remove("steel")


@contextmanager
def outdated(knowledge_base: KnowledgeBase, folder: Path) -> Iterator[tuple[Gated, Calibrator]]:
    """Yield a calibrator whose thresholds are outdated; it learns nothing before its gate opens."""
    ingest_paths([folder / "soup.md"], knowledge_base)
    knowledge_base.calibrate()
    change_much(knowledge_base, folder)
    gated, calibrator = make_gated(knowledge_base)
    assert calibrator.stored() is None
    yield gated, calibrator
    gated.go_on.set()
    calibrator.close()


@pytest.fixture(autouse=True)
def alone() -> None:
    """Wait for what the knowledge bases of other tests still learn: threads are counted here."""
    for learner in list_learners():
        learner.join(60)


def list_learners() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "calibrate"]


def test_a_reader_goes_on_with_outdated_thresholds_while_one_thread_learns(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    with outdated(knowledge_base, interviews_folder) as (gated, calibrator):
        old = calibrator.calibration()  # would wait for the gate for ever
        assert gated.asked.wait(60)
        assert calibrator.calibration() == old
        (learner,) = list_learners()
        gated.go_on.set()
        learner.join(120)
        assert calibrator.stored() is not None
        assert len(set(gated.generations)) == 1


def test_closing_stops_the_learner_after_the_question_that_it_asks(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    with outdated(knowledge_base, interviews_folder) as (gated, calibrator):
        calibrator.calibration()
        assert gated.asked.wait(60)
        closing = threading.Thread(target=calibrator.close)
        closing.start()
        assert calibrator._closing.wait(60)
        gated.go_on.set()
        closing.join(60)
        assert not list_learners()
        assert len(gated.generations) == 1
        calibrator.calibration()
        assert not list_learners()


def test_what_fails_in_the_background_is_logged(
    knowledge_base: KnowledgeBase, interviews_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with outdated(knowledge_base, interviews_folder), caplog.at_level(logging.WARNING, "kb"):
        failing = Failing(knowledge_base._retriever, StoreUnavailable("the disk is gone"))
        calibrator = Calibrator(knowledge_base._catalog, failing, knowledge_base._snapshots)
        calibrator.calibration()
        for learner in list_learners():
            learner.join(60)
        calibrator.close()
        assert "could not be learnt: the disk is gone" in caplog.text


@pytest.mark.parametrize("error", [StoreUnavailable("the disk is gone"), RuntimeError("torch is at its end")])
def test_what_fails_in_the_background_is_tried_again_after_a_change_or_a_while_and_told_once(
    knowledge_base: KnowledgeBase,
    interviews_folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def ask_often() -> int:
        for _ in range(5):
            calibrator.calibration()
            for learner in list_learners():
                learner.join(60)
        return len(failing.generations)

    with outdated(knowledge_base, interviews_folder), caplog.at_level(logging.WARNING, "kb"):
        failing = Failing(knowledge_base._retriever, error)
        calibrator = Calibrator(knowledge_base._catalog, failing, knowledge_base._snapshots)
        assert ask_often() == 1
        change_much(knowledge_base, interviews_folder)
        assert ask_often() == 2
        monkeypatch.setattr("kb.retrieval.calibration.REST", 0.0)
        assert ask_often() == 7
        calibrator.close()
    assert caplog.text.count("could not be learnt") == 1


def test_a_short_lived_process_leaves_outdated_thresholds_to_the_next_ingest(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    with outdated(knowledge_base, interviews_folder) as (gated, _):
        short = Calibrator(knowledge_base._catalog, gated, knowledge_base._snapshots, in_background=False)
        assert short.calibration() == short.calibration()
        assert not list_learners()
        assert not gated.asked.is_set()
        gated.go_on.set()
        assert short.warm() == short.stored()  # unless it is asked to


def test_a_process_ends_while_thresholds_are_learnt(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    with outdated(knowledge_base, interviews_folder):
        code = (
            "import sys, threading; from pathlib import Path; from kb import KnowledgeBase, Query, Settings;"
            " opened = KnowledgeBase.open(Settings(home=Path(sys.argv[1])));"
            " opened.ask(Query('What drives volunteers away?'));"
            " print('calibrate' in [thread.name for thread in threading.enumerate()])"
        )
        home = str(knowledge_base._settings.home)
        done = subprocess.run([sys.executable, "-c", code, home], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")
        assert knowledge_base._calibrator.stored() is None


def _rules() -> str:
    from kb.retrieval.calibration import RULES

    return RULES
