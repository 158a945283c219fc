"""A theme of which several interviews are likely to speak is answered, and only a learnt judge may say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from theme_talks import write_talks

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.retrieval.passage_judge import PassageJudge
from kb.retrieval.theme_head import load_theme_head
from kb.settings import Settings

INVESTORS = "How do founders raise money and work with investors?"
CHILDREN = "How do founders balance family and company?"  # one leader alone speaks of it


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder: Path = tmp_path_factory.mktemp("touched")
    with closing(KnowledgeBase.open(Settings(home=folder / "home"))) as opened:
        ingest_paths([write_talks(folder / "talks")], opened)
        yield opened


def is_touched(knowledge_base: KnowledgeBase, question: str) -> bool:
    with knowledge_base._snapshots.reading() as index:
        return knowledge_base._retriever.find(Query(question), index).is_touched


def test_a_theme_of_which_three_interviews_speak_is_touched(talks: KnowledgeBase) -> None:
    assert is_touched(talks, INVESTORS)
    assert talks.ask(Query(INVESTORS)).coverage.level in ("thin", "partial", "strong")
    assert not is_touched(talks, CHILDREN)


def test_without_a_learnt_judge_no_theme_is(talks: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        talks._retriever, "_judge", PassageJudge(None, load_theme_head(), None, load_theme_head().places)
    )
    assert not is_touched(talks, INVESTORS)
