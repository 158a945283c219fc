"""The constants of the ranking are varied one at a time, and stay as they are where others win nothing."""

from dataclasses import asdict
from pathlib import Path

import pytest

from bench import holdout
from bench.holdout import TRIED, Trials, report
from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.retrieval.evaluation import Gold, Question
from kb.retrieval.ranking import RankingConfig
from kb.settings import Settings

QUESTIONS = (
    Question("q-1", "specific", "Who stood on the loading dock?", (Gold("steel.md", "I stood on the loading dock"),)),
    Question("q-2", "specific", "What did posters do?", (Gold("soup.md", "We tried posters once, and the posters"),)),
)
WHOLE = asdict(RankingConfig())


@pytest.fixture
def home(interviews_folder: Path, settings: Settings) -> Path:
    knowledge_base = KnowledgeBase.open(settings)
    ingest_paths([interviews_folder], knowledge_base)
    knowledge_base.close()
    return settings.home


def test_constants_are_varied_one_at_a_time() -> None:
    for name, vary in TRIED.items():
        varied = [asdict(one) for one in vary(RankingConfig())]
        assert WHOLE in varied
        assert len({one[name] for one in varied}) == len(varied) > 1
        assert all(one | {name: WHOLE[name]} == WHOLE for one in varied)


def test_constants_that_win_nothing_stay_as_they_are(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdout, "TRIED", {"base_weight": TRIED["base_weight"]})
    rows = [line.split("|")[2] for line in report(Trials(home, QUESTIONS)).splitlines()[2:]]
    assert rows == [" 2.0 "] * 3
