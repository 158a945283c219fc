"""The words of a passage that are quoted, by literals."""

import numpy as np
import pytest

from kb.answering.window import CLOSELY, MAX_WORDS, choose_window, is_broken, leans
from kb.model import PART_BREAK, Passage, Span
from kb.text.sentences import sentence_spans

CREWS = "We let every crew plan its own week at sea."
STAYED = "That is what made them stay with us for nine years."
RENT = "The rent of the harbour office was paid by my uncle until the third winter."


def make_passage(*turns: str) -> Passage:
    spans = tuple(Span(number, 0, len(text)) for number, text in enumerate(turns))
    return Passage("talk:0", "talk", spans, "Ada Vance", PART_BREAK.join(turns))


def quote(scores: list[float], *turns: str, most_words: int = MAX_WORDS) -> str | None:
    passage = make_passage(*turns)
    assert len(scores) == len(sentence_spans(passage.text))
    window = choose_window(passage, np.array(scores, np.float32), most_words)
    return passage.text[window.start : window.end] if window else None


def test_a_wide_window_also_takes_what_leads_to_the_best_sentence() -> None:
    passage = make_passage(f"{RENT} {CREWS} {STAYED}")
    near, far = np.array([0.8, 0.9, 0.3], np.float32), np.array([0.1, 0.9, 0.3], np.float32)
    for scores, expected in ((near, f"{RENT} {CREWS} {STAYED}"), (far, f"{CREWS} {STAYED}")):
        window = choose_window(passage, scores, 120)
        assert window
        assert passage.text[window.start : window.end] == expected


def test_for_a_theme_another_paragraph_comes_in_only_if_it_nearly_answers() -> None:
    passage = make_passage(f"{CREWS}\n\n{RENT} {STAYED}")
    for scores, expected in (([0.9, 0.2, 0.3], CREWS), ([0.9, 0.88, 0.88], passage.text)):
        window = choose_window(passage, np.array(scores, np.float32), 120, CLOSELY)
        assert window
        assert passage.text[window.start : window.end] == expected
        with_context = choose_window(passage, np.array(scores, np.float32), 120)
        assert with_context
        assert passage.text[with_context.start : with_context.end] == passage.text


def test_the_best_sentence_comes_with_those_that_follow_it() -> None:
    assert quote([0.1, 0.9, 0.3], f"{RENT} {CREWS} {STAYED}") == f"{CREWS} {STAYED}"


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    assert quote([0.2, 0.9], f"{CREWS} {STAYED}") == f"{CREWS} {STAYED}"


def test_a_quotation_never_runs_from_one_turn_into_the_next() -> None:
    assert quote([0.9, 0.8], CREWS, STAYED) == CREWS
    assert quote([0.9, 0.8], CREWS, STAYED, most_words=150) == CREWS
    assert quote([0.8, 0.9, 0.9], RENT, CREWS, STAYED, most_words=150) == CREWS


@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_with_room_a_quotation_runs_into_the_next_paragraph_of_its_turn(between: str) -> None:
    turn = f"{CREWS}{between}{STAYED}"
    assert quote([0.9, 0.8], turn) == CREWS
    assert quote([0.9, 0.8], turn, most_words=150) == turn
    assert quote([0.1, 0.9, 0.8], RENT, turn, most_words=150) == turn


def test_assent_before_the_first_words_is_left_out() -> None:
    assert quote([0.9], f"Yeah, so, {CREWS}") == CREWS
    assert quote([0.9], f"And {CREWS}") == CREWS


@pytest.mark.parametrize(
    "text",
    [
        "But for her I would have lost the whole company in a week.",
        "So many people quit that we closed the second yard in May.",
        "So long as you pay people well they will stay with you.",
    ],
)
def test_words_that_change_the_meaning_are_never_left_out(text: str) -> None:
    assert quote([0.9], text) == text


def test_what_is_broken_off_gives_way_to_what_is_whole() -> None:
    assert (
        quote([0.52, 0.5], f"We let every crew plan its own week -- well, most of them, most of the time. {CREWS}")
        == CREWS
    )


def test_words_without_spaces_between_them_are_quoted_too() -> None:
    said = "我们把决定权交给了做事的人，他们自己安排每一周的工作。"
    assert quote([0.9], said) == said


def test_thanks_and_assent_are_not_quoted() -> None:
    assert quote([0.9, 0.2], f"Thank you so much for having me, Max. {CREWS}") == CREWS
    assert quote([0.9, 0.9, 0.9], "Yeah. Right. Totally.") is None


def test_a_leaders_own_question_gives_way_to_what_was_said() -> None:
    assert quote([0.5, 0.54], f"{CREWS} Would you have stayed with a company such as ours then?") == CREWS


def test_a_long_speech_is_not_quoted_whole() -> None:
    text = " ".join([CREWS, *[RENT] * 9])
    quoted = quote([0.9, *[0.5] * 9], text)
    assert quoted is not None
    assert quoted.startswith(CREWS)
    assert len(quoted.split()) <= 85


@pytest.mark.parametrize(
    "text",
    [
        "That made them stay.",
        "And they stayed.",
        "So, it worked.",
        '"This is ours."',
        "He left.",
        "Stuff like that helps.",
        "Most of them stayed.",
        "Six of those nine stayed.",
        "I did, and half the crew did too.",
        "We don't. They stay.",
    ],
)
def test_words_that_stand_for_something_unshown_lean(text: str) -> None:
    assert leans(text)


@pytest.mark.parametrize(
    "text",
    [
        "The crews stayed.",
        "Most of the crews stayed.",
        "Italy was next.",
        "I think people stay.",
        "Thatcher did.",
        "We have a crew.",
    ],
)
def test_words_that_name_what_they_speak_of_do_not_lean(text: str) -> None:
    assert not leans(text)


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("We stayed.", False),
        ('He said "stay."', False),
        ('He said "stay.', True),
        ("We stayed (all.", True),
        ("We -- we stayed.", True),
        ("We stayed because", True),
    ],
)
def test_broken_words_are_told(text: str, broken: bool) -> None:
    assert is_broken(text) is broken
