"""Steps of the ranking are left out one at a time."""

from dataclasses import asdict

from bench.ablation import CONFIGS
from kb.retrieval.ranking import RankingConfig

WHOLE = asdict(RankingConfig())


def test_each_row_leaves_out_one_step() -> None:
    left_out = [[name for name, value in asdict(one).items() if value != WHOLE[name]] for one in CONFIGS.values()]
    steps = ["idf", "second_person", "entity_boost", "neighbour_smoothing", "keyword_boost"]
    assert left_out == [[], *([step] for step in steps), steps]
