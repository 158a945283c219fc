"""What is learnt from labels alone: it follows people, stays where nobody spoke, and noise does not switch it on."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from kb.embedding.arrays import Vectors, normalise
from kb.lens.correction import (
    Correction,
    DamagedCorrection,
    Weights,
    read_correction,
    write_correction,
)
from kb.lens.fitting import fit_weights, judge_labelled
from kb.lens.head import load_lens
from kb.lens.judge import LIKENESS_MIDDLE, Lens
from kb.lens.labelled import Labelled
from kb.lens.learning import FEWEST_INTERVIEWS, Answer, learn, measure_lowest_gain
from kb.lens.reading import Measured

TEXT = "We hand the decisions to the people who do the work."
DIMENSIONS = 64


def make_odds(lens: Lens, generator: np.random.Generator, number: int) -> Vectors:
    """Log odds of passages that attract, and clearly show the behaviours A1 and A2."""
    odds = generator.normal(-2, 0.5, (number, len(lens.head.outputs))).astype(np.float32)
    odds[:, lens.place("attracts")] = 4 / lens.bars.slope["attracts"] + generator.normal(0, 0.2, number)
    for behaviour in ("A1", "A2"):
        odds[:, lens.place(behaviour)] = lens.bars.shown["attracts"] + generator.uniform(0.1, 0.6, number)
    return odds


def make_labelled(
    say: Callable[[str, Vectors, np.random.Generator], bool], interviews: int = 12, each: int = 4, seed: int = 0
) -> tuple[list[Labelled], Measured]:
    """Passages whose labels of A1 and A2 are said by a rule, and others."""
    lens, generator = load_lens(), np.random.default_rng(seed)
    number = interviews * each
    odds = make_odds(lens, generator, number + 100)
    vectors = normalise(generator.normal(0, 1, (number + 100, DIMENSIONS)).astype(np.float32))
    likeness = dict.fromkeys((one.id for one in lens.framework.behaviours), LIKENESS_MIDDLE)
    labelled = [
        Labelled(
            f"talk-{place % interviews}",
            TEXT,
            {one: say(one, vectors[place], generator) for one in ("A1", "A2")},
            likeness,
            odds[place],
            vectors[place],
        )
        for place in range(number)
    ]
    return labelled, Measured(odds[number:], vectors[number:])


def count_shown(lens: Lens, weights: Weights, others: Measured, behaviour: str) -> int:
    odds = weights.apply(others.odds, others.passages)
    judged = [(row, lens.judge(row, TEXT)) for row in odds]
    return sum(behaviour in lens.list_shown(row, one, lambda _: LIKENESS_MIDDLE) for row, one in judged)


def test_a_behaviour_that_people_reject_and_one_that_they_confirm_are_told_apart() -> None:
    lens = load_lens()
    labelled, others = make_labelled(lambda behaviour, *_: behaviour == "A2")
    found = learn(lens, labelled, others)
    assert found.correction is not None
    assert (found.judgements, found.interviews, found.before) == (96, 12, 0.5)
    assert found.after > 0.85
    assert (found.lowest_gain or 0) > 0.3
    weights = found.correction.weights
    assert count_shown(lens, weights, others, "A1") < 30
    assert count_shown(lens, weights, others, "A2") > 70


def test_what_a_passage_is_about_is_learnt_from_its_vector() -> None:
    labelled, others = make_labelled(lambda _, vector, __: bool(vector[0] > 0), interviews=20, each=10)
    found = learn(load_lens(), labelled, others)
    assert found.correction is not None
    assert found.after > found.before + 0.1


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_noise_does_not_switch_it_on(share: float) -> None:
    switched = 0
    for seed in range(10):
        labelled, others = make_labelled(lambda *_, share=share: bool(_[-1].random() < share), 10, 4, seed)
        found = learn(load_lens(), labelled, others)
        switched += found.correction is not None
        assert found.correction or "does not surely agree better" in found.reason
    assert switched <= 1  # of a hundred such trials, one is taken for more


def test_what_nobody_judged_stays_as_it_is() -> None:
    lens = load_lens()
    labelled, others = make_labelled(lambda behaviour, *_: behaviour == "A2")
    weights = fit_weights(lens, labelled, others).values
    judged = [lens.place(one) for one in ("attracts", "A1", "A2")]
    assert not np.delete(weights, judged, axis=0).any()
    assert all(weights[place].any() for place in judged)


def test_a_few_labels_move_it_little_and_never_without_bounds() -> None:
    lens = load_lens()
    labelled, others = make_labelled(lambda behaviour, *_: behaviour == "A2", interviews=1, each=1)
    added = fit_weights(lens, labelled, others).apply(others.odds, others.passages) - others.odds
    assert np.abs(added).max() < 1
    far = np.full((1, others.odds.shape[1]), 1e6, dtype=np.float32)
    huge = Weights(np.ones((far.shape[1], 1 + far.shape[1] + DIMENSIONS), dtype=np.float32), most=4.0)
    assert np.abs(huge.apply(far, others.passages[:1]) - far).max() <= 4
    empty = np.zeros((0, far.shape[1]), dtype=np.float32)
    assert huge.apply(empty, np.zeros((0, 0), dtype=np.float32)).shape == empty.shape


@pytest.mark.parametrize(
    ("interviews", "each", "share", "missing"),
    [
        (3, 2, 0.5, r"12 judgements of people in 3 interviews; still needed: 18 more judgements, 2 more interviews"),
        (1, 20, 1.0, r"still needed: 4 more interviews, 8 more rejections"),
        (8, 4, 0.0, r"still needed: 8 more confirmations$"),
    ],
)
def test_too_few_labels_say_what_is_missing(interviews: int, each: int, share: float, missing: str) -> None:
    labelled, others = make_labelled(lambda *_: bool(_[-1].random() < share), interviews, each)
    found = learn(load_lens(), labelled, others)
    assert (found.correction, found.answers) == (None, ())
    assert re.search(missing, found.reason)
    assert learn(load_lens(), [], others).judgements == 0


def test_each_interview_is_judged_by_what_was_learnt_from_others() -> None:
    """A rule that holds in each interview alone cannot be found from the others."""
    marked = normalise(np.random.default_rng(5).normal(0, 1, (12, DIMENSIONS)).astype(np.float32))
    labelled, others = make_labelled(lambda *_: bool(_[-1].random() < 0.5), 12, 1)
    twice = [
        Labelled(one.interview_id, one.text, one.labels, one.likeness, one.odds, marked[place])
        for place, one in enumerate(labelled)
        for _ in range(4)
    ]
    lens = load_lens()
    found = learn(lens, twice, others)
    same = judge_labelled(lens, twice, fit_weights(lens, twice, others))
    on_itself = np.mean(
        [said[label] == one.labels[label] for one, said in zip(twice, same, strict=True) for label in said]
    )
    assert found.after < on_itself


def test_a_gain_in_one_interview_alone_is_not_sure() -> None:
    many = [Answer("a", "A1", holds, before=True, after=holds) for holds in (True, False) for _ in range(30)]
    rest = [
        Answer(f"talk-{number}", "A1", holds, before=True, after=True)
        for number in range(FEWEST_INTERVIEWS)
        for holds in (True, False)
    ]
    assert measure_lowest_gain([*many, *rest]) <= 0
    spread = [
        Answer(f"talk-{number}", "A1", holds, before=True, after=holds)
        for number in range(FEWEST_INTERVIEWS)
        for holds in (True, False)
    ]
    assert measure_lowest_gain(spread) == pytest.approx(0.5)


def make_correction() -> Correction:
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    return Correction("basis", 61, 12, 0.55, 0.8, "2026-11-26T20:00:00+00:00", Weights(weights, 4.0))


def test_a_correction_is_read_as_it_was_written() -> None:
    made = make_correction()
    read = read_correction(write_correction(made))
    assert read == made
    assert (read.weights.values.tobytes(), read.weights.most) == (made.weights.values.tobytes(), 4.0)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[:-3],
        lambda text: text.replace('"judgements": 61', '"judgements": 62'),
        lambda text: "[]",
        lambda text: text * 2,
    ],
)
def test_a_correction_that_was_changed_is_refused(spoil: Callable[[str], str]) -> None:
    with pytest.raises(DamagedCorrection):
        read_correction(spoil(write_correction(make_correction())))


def test_a_correction_with_a_checksum_of_something_else_is_refused() -> None:
    bad = make_correction()
    bad.weights.values[0, 0] = np.nan
    with pytest.raises(DamagedCorrection, match="numbers"):
        read_correction(write_correction(bad))
