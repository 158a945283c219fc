"""How likely a passage answers, by literals; and that what the package carries is whole."""

import numpy as np
import pytest

from kb.embedding.token_codes import DIMENSIONS
from kb.retrieval.relevance import FEATURES, Features, Judge, Logistic, best_mean, blend, load_judge


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def features(**known: np.ndarray) -> Features:
    size = len(next(iter(known.values())))
    return Features(**{name: known.get(name, np.zeros(size, np.float32)) for name in FEATURES})


def test_the_odds_are_the_weighted_sum_and_a_theme_has_weights_of_its_own() -> None:
    on_late = Logistic(np.eye(len(FEATURES), dtype=np.float32)[0] * 10, -5.0)
    on_theme = Logistic(np.eye(len(FEATURES), dtype=np.float32)[FEATURES.index("theme")], 0.0)
    judge = Judge(of_theme=on_theme, of_matter=on_late, worth=on_late)
    known = features(late=column(0.9, 0.4), theme=column(-3, 2))
    assert judge.judge(known, 0.0).tolist() == pytest.approx([4, -1])
    assert judge.judge(known, 1.0).tolist() == pytest.approx([-3, 2])
    assert judge.judge(known, 0.5).tolist() == pytest.approx([0.5, 0.5])


def test_without_anything_learnt_what_stands_above_the_others_comes_first() -> None:
    odds = blend(features(late=column(0.5, 0.7, 0.4), theme=column(0.5, 0.6, 0.4)))
    assert odds.argmax() == 1
    assert odds.argmin() == 2
    assert np.isfinite(blend(features(late=column(0.5, 0.5)))).all()


def test_the_best_few_of_many_sentences_count() -> None:
    scores = np.array([[0.9, 0.1], [0.7, 0.1], [0.1, 0.1]], dtype=np.float32)
    assert best_mean(scores, 2).tolist() == pytest.approx([0.8, 0.1])
    assert best_mean(scores[:1], 4).tolist() == pytest.approx([0.9, 0.1])
    assert best_mean(scores[:0]).tolist() == [0, 0]


def test_the_carried_judge_weighs_every_feature() -> None:
    judge = load_judge()
    assert len(judge.of_theme.weights) == len(judge.of_matter.weights) == len(FEATURES)
    assert len(judge.worth.weights) == DIMENSIONS
