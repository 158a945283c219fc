"""What the judge of relevance is learnt from: the features of a real search, of passages that the labels name."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from bench.learning.data import Data, Passage
from bench.learning.relevance import Lab, fill_home
from kb.embedding.protocol import Embedder
from kb.embedding.token_codes import DIMENSIONS
from kb.retrieval.relevance import FEATURES
from kb.settings import Settings
from kb.storage.stores import Stores

TABLE = (
    "You do not talk about soup. You let every volunteer sit down and eat beside the people who come in. Nobody who "
    "has shared a table with a neighbour needs a speech about purpose. We tried posters once, and they did nothing."
)
DOCK = (
    "I stood on the loading dock at six in the morning and told every shift myself, with the numbers on a board. The "
    "layoffs were mine to explain, and nobody should hear such a thing from a letter or from a consultant."
)
QUESTION = "How do leaders tell their people of layoffs?"


@pytest.fixture
def lab(settings: Settings, embedder: Embedder) -> Iterator[Lab]:
    passages = {
        "soup-1": Passage("soup-1", "talks/soup.md", "How do you get volunteers to care?", TABLE),
        "steel-1": Passage("steel-1", "talks/steel.md", "How did you tell them?", DOCK),
    }
    data = Data(passages, themes=(), specific=(), graded=(), tags={}, invented=())
    fill_home(settings, data)
    with closing(Stores.open(settings, embedder)) as stores:
        yield Lab.open(stores, embedder, data)


def test_named_passages_have_the_features_of_a_search(lab: Lab) -> None:
    assert lab.known(["steel-1", "elsewhere", "soup-1"]) == ["steel-1", "soup-1"]
    names, features, themes = lab.measure(QUESTION, ["steel-1", "soup-1"])
    assert names == ["soup-1", "steel-1"]  # in the order of the knowledge base
    assert features.shape == (2, len(FEATURES))
    assert np.isfinite(features).all()
    late, dense, theme, _ = (features[1] - features[0]).tolist()
    assert min(late, dense, theme) > 0
    assert "layoffs" in themes


def test_a_judge_of_worth_at_hand_takes_the_place_of_the_carried_one(lab: Lab) -> None:
    nothing = {"weights": [0.0], "bias": 0.0}
    before = lab.measure(QUESTION, ["soup-1", "steel-1"])[1]
    lab.judge_by({"of_theme": nothing, "of_matter": nothing, "worth": {"weights": [0.0] * DIMENSIONS, "bias": 2.5}})
    after = lab.measure(QUESTION, ["soup-1", "steel-1"])[1]
    assert after[:, FEATURES.index("worth")].tolist() == [2.5, 2.5]
    assert np.array_equal(before[:, :3], after[:, :3])
