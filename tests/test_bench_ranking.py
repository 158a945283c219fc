"""Steps of the ranking are left out one at a time, and its constants varied one at a time."""

from dataclasses import asdict
from pathlib import Path

import pytest

from bench import holdout
from bench.ablation import CONFIGS
from bench.holdout import TRIED, Trials, report
from ingest.pipeline import ingest_paths
from kb.evaluation import Gold, Question
from kb.knowledge_base import KnowledgeBase
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


def test_each_row_leaves_out_one_step() -> None:
    left_out = [[name for name, value in asdict(one).items() if value != WHOLE[name]] for one in CONFIGS.values()]
    steps = ["idf", "second_person", "entity_boost", "neighbour_smoothing", "keyword_boost"]
    assert left_out == [[], *([step] for step in steps), steps]


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
