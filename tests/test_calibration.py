"""What counts as covered is learnt beside readers and writers, and of one moment."""

from __future__ import annotations

import threading
from pathlib import Path

from conftest import SOUP, STEEL

from ingest.pipeline import ingest_paths
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


def _rules() -> str:
    from kb.retrieval.calibration import RULES

    return RULES
