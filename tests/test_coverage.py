"""How surely the interviews speak to a question, by literals."""

import numpy as np
import pytest

from kb.retrieval.calibration import FEW_OWN, OWN, THIN_WAY, calibrate, choose_own
from kb.retrieval.coverage import (
    JUDGED_SHARE,
    KNOWN_GAIN,
    UNKNOWN_LOSS,
    Asked,
    Calibration,
    answerability_score,
    find_unknown,
    judged_score,
    measure_nearness,
    soften_level,
    weigh_words,
)

EVEN = np.array([0.5, 0.5], dtype=np.float32)


def column(*values: float) -> np.ndarray:
    return np.array([values], dtype=np.float32).T


def score(*matches: float, words: int = 2, near: float = 0.5, known: bool = False, unknown: bool = False) -> float:
    found = column(*matches)
    return answerability_score(found, found, EVEN, Asked(words, near, is_known=known, is_unknown=unknown))


def test_one_missing_word_costs_more_than_two_loose_ones() -> None:
    assert score(0.9, 0.1) < score(0.6, 0.6)


def test_chance_is_allowed_for_in_short_questions() -> None:
    assert score(0.6, 0.6, words=20) > score(0.6, 0.6, words=13)
    assert score(0.6, 0.6, words=9) == score(0.6, 0.6, words=3)


def test_a_name_that_no_interview_mentions_costs_dearly_and_one_that_speaks_gains() -> None:
    assert np.isclose(score(0.7, 0.7) - score(0.7, 0.7, unknown=True), UNKNOWN_LOSS)
    assert np.isclose(score(0.7, 0.7, known=True) - score(0.7, 0.7), KNOWN_GAIN)


def test_passages_that_are_likely_to_answer_make_it_surer_by_the_best_few() -> None:
    assert judged_score(np.array([-1.0, -2.0, 2.0, 0.5], dtype=np.float32)) == pytest.approx(JUDGED_SHARE * 0.5)
    assert judged_score(np.array([-3.0], dtype=np.float32)) == pytest.approx(JUDGED_SHARE * -3.0)
    assert judged_score(np.zeros(0, dtype=np.float32)) == 0.0


def test_a_question_that_is_near_as_a_whole_is_spoken_to_more_surely() -> None:
    assert score(0.6, 0.6, near=0.6) > score(0.6, 0.6, near=0.3)
    assert measure_nearness([(7, 0.6), (2, 0.5), (9, 0.4), (1, 0.1)]) == pytest.approx(0.5)
    assert measure_nearness([]) == 0.0


def test_a_word_in_pieces_counts_less_than_two_words() -> None:
    spans = ((0, 3), (4, 7), (7, 10))  # 'how', then one word in two pieces
    weights = weigh_words(np.array([0.2, 0.4, 0.4], dtype=np.float32), spans)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[1] == weights[2]
    assert weights[1:].sum() / weights[0] == pytest.approx(4 * 2**-1.5)


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("offering new hires money to quit, like Zappos", ("Zappos",)),
        ("Why did Patagonia's founder give it away?", ("Patagonia",)),
        ("How Do Leaders Ignite Shared Passion?", ()),  # a title: its capitals mean nothing
        ("Zappos on money to quit", ()),  # the first word has a capital in any case
        ("what does a CEO owe the Board", ()),  # 'Board' is known below
    ],
)
def test_names_are_told_by_capitals_inside_a_sentence(question: str, unknown: tuple[str, ...]) -> None:
    assert find_unknown(question, lambda word: word == "Board") == unknown


def test_thresholds_lie_between_questions_from_elsewhere_and_those_that_are_likely_answered() -> None:
    learnt = calibrate([1.0, 1.2, 1.1, 0.9], [2.0] * FEW_OWN, [2.5] * FEW_OWN)
    assert 1.05 < learnt.near < learnt.thin < learnt.partial == pytest.approx(2.0)
    assert learnt.thin == pytest.approx(1.05 + THIN_WAY * 0.95)
    assert learnt.partial < learnt.strong
    scores = (1.0, learnt.near, learnt.thin, learnt.partial, learnt.strong)
    assert [learnt.judge(value) for value in scores] == ["none", "near", "thin", "partial", "strong"]
    assert Calibration(0, 1, 2, 3).judge(-0.01) == "none"


def test_the_easier_kind_of_likely_questions_decides() -> None:
    elsewhere = [1.0, 1.2, 1.1, 0.9]
    assert calibrate(elsewhere, [2.0] * 20, [1.6] * 20) == calibrate(elsewhere, [1.6] * 20, [2.0] * 20)
    assert calibrate(elsewhere, [2.0] * 20, [1.6] * 20).partial == pytest.approx(1.6)
    assert calibrate(elsewhere, [0.2] * 20).thin > 1.05  # interviews that score low on everything are no reason


def test_where_little_was_asked_the_spread_of_the_others_tells() -> None:
    few = calibrate([1.0, 1.2, 1.1, 0.9], [9.0])
    assert 1.2 < few.thin < few.partial < 2.0


def test_a_word_or_two_is_never_surely_answered_and_who_is_named_is_near() -> None:
    assert soften_level("strong", "hi", is_placed=False) == "thin"
    assert soften_level("near", "hi", is_placed=False) == "none"
    assert soften_level("near", "Ada Vance", is_placed=True) == "near"
    assert soften_level("strong", "How do leaders keep a culture alive?", is_placed=False) == "strong"
    assert soften_level("none", "What does Ada Vance say about moons?", is_placed=True) == "near"
    assert soften_level("none", "How many moons are there?", is_placed=False) == "none"
    assert soften_level("near", "What keeps teams going?", is_placed=True, is_touched=True) == "thin"
    assert soften_level("strong", "What keeps teams going?", is_placed=True, is_touched=True) == "strong"


def test_own_questions_are_those_that_end_what_the_host_said() -> None:
    asked = [
        "Right. What did you tell the crews that morning?",
        "Thanks.",
        "Why?",
        "What did you tell the crews that morning?",
    ]
    assert choose_own(asked) == ["What did you tell the crews that morning?"]
    assert len(choose_own([f"What did you tell crew number {number}?" for number in range(1000)])) == OWN


def test_of_many_unknown_names_only_the_first_are_looked_up() -> None:
    asked: list[str] = []
    names = [f"{first}{second}orix" for first in "BCDFGHKLMN" for second in "aeiou"]
    question = " ".join(f"what {name} said" for name in names)

    def knows(name: str) -> bool:
        asked.append(name)
        return False

    assert find_unknown(question, knows) == tuple(names[:10])
    assert asked == names[:10]
