"""A question after others: when it leans on them, and what it then means."""

from __future__ import annotations

import re

import pytest
from timing import measured

from kb.answering.follow_up import MORE, rewrite_follow_up
from kb.errors import BadQuestion

NAMES = re.compile(r"\b(?:Otto Brandl|Otto|Brandl|Mara Quill|Mara|Quill|Stripe|GitHub)\b")
CULTURE = "How do leaders build a culture of trust?"
OTTO = "What does Otto Brandl say about safety rules?"
BOTH = "What do Otto Brandl and Mara Quill say about pay?"


def find_names(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in NAMES.finditer(text)]


def read(question: str, *earlier: str) -> str:
    return rewrite_follow_up(question, earlier, find_names).text


@pytest.mark.parametrize(
    ("earlier", "question", "meant"),
    [
        # Another matter
        (CULTURE, "And what about layoffs?", "What do leaders say about layoffs?"),
        (CULTURE, "what about layoffs", "What do leaders say about layoffs?"),
        (CULTURE, "Layoffs?", "What do leaders say about Layoffs?"),
        (CULTURE, "What about on-call work?", "What do leaders say about on-call work?"),
        (CULTURE, "What about ?", CULTURE),
        # Another setting of the same matter
        (CULTURE, "How about remote teams?", "How do leaders build a culture of trust with remote teams?"),
        (CULTURE, "And in hard times?", "How do leaders build a culture of trust in hard times?"),
        (CULTURE, "and in larger companies?", "How do leaders build a culture of trust in larger companies?"),
        (OTTO, "And layoffs?", "Otto Brandl: layoffs"),
        (OTTO, "What about pay?", "Otto Brandl: pay"),
        # Somebody else
        (OTTO, "What about Mara Quill?", "What does Mara Quill say about safety rules?"),
        (OTTO, "And Mara?", "What does Mara say about safety rules?"),
        (OTTO, "Same question for Mara Quill", "What does Mara Quill say about safety rules?"),
        (BOTH, "And GitHub?", "What do GitHub say about pay?"),
        (CULTURE, "And at Stripe?", "How do leaders build a culture of trust: at Stripe"),
        (CULTURE, "What about Otto Brandl?", "How do leaders build a culture of trust: Otto Brandl"),
        # Words that stand for what was said
        (OTTO, "Why did he say that?", f"{OTTO[:-1]}: Why did he say that?"),
        (OTTO, "What did she do before?", f"{OTTO[:-1]}: What did she do before?"),
        (
            CULTURE,
            "How do they keep it as the company grows?",
            f"{CULTURE[:-1]}: How do they keep it as the company grows?",
        ),
        (CULTURE, "Does it work in remote teams?", f"{CULTURE[:-1]}: Does it work in remote teams?"),
        (CULTURE, "But why does that matter?", f"{CULTURE[:-1]}: why does that matter?"),
        (CULTURE, "Why?", f"{CULTURE[:-1]}: Why?"),
        (CULTURE, "How so?", f"{CULTURE[:-1]}: How so?"),
        # More of the same
        (CULTURE, "Who else?", CULTURE),
        (CULTURE, "Tell me more", CULTURE),
        (CULTURE, "For example?", CULTURE),
        (CULTURE, "Any examples?", CULTURE),
        (CULTURE, "Give me an example", CULTURE),
        (CULTURE, "who disagrees?", CULTURE),
        (CULTURE, "Does anyone disagree?", CULTURE),
        (CULTURE, "other views", CULTURE),
        (CULTURE, "more about that please", CULTURE),
    ],
)
def test_a_question_that_leans_on_the_one_before_is_completed(earlier: str, question: str, meant: str) -> None:
    assert read(question, earlier) == meant


@pytest.mark.parametrize(
    "question",
    [
        "How do founders raise money?",
        "What is humility?",
        "How do leaders get their people to care?",
        "When should a founder step down from their company?",
        "Is it important to be honest with the board?",
        "how long does it take to find product market fit",
        "Companies that failed because they grew too fast",
        "Do leaders say that pay matters?",
        "remote work and time zones",
        "What did Otto Brandl do with his furnace crews?",
        "Who cut a third of the workforce?",
        "a founder who sold his company twice",
        "What did it cost Stripe to wait?",
        "Why do engineers quit?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert read(question, CULTURE) == question
    assert not rewrite_follow_up(question, [CULTURE], find_names).is_rewritten


def test_and_before_a_whole_question_is_only_a_manner_of_speaking() -> None:
    assert read("And how do founders raise money?", CULTURE) == "how do founders raise money?"
    assert read("But how did Otto tell the crews?", CULTURE) == "how did Otto tell the crews?"


def test_the_first_question_of_a_conversation_is_left_as_it_is() -> None:
    assert read("And what about layoffs?") == "And what about layoffs?"
    assert read("Why?") == "Why?"


def test_a_chain_of_follow_ups_keeps_the_thread() -> None:
    assert read("And Mara Quill?", OTTO, "And layoffs?") == "Mara Quill: layoffs"
    assert read("Tell me more", CULTURE, "And what about layoffs?") == "What do leaders say about layoffs?"
    assert read("And what about pay?", CULTURE, OTTO) == "Otto Brandl: pay"


def test_what_was_understood_is_kept_beside_what_was_asked() -> None:
    understood = rewrite_follow_up(" And layoffs? ", [OTTO], find_names)
    assert understood.question == " And layoffs? "
    assert understood.is_rewritten


def test_a_question_too_long_to_be_asked_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadQuestion, match="has 200,002 characters"):
        read("?" + " " * 200_000 + "x", CULTURE)


@pytest.mark.parametrize("before", ["", "?", "please", "can you"])
def test_a_long_run_of_spaces_is_read_in_no_time(before: str) -> None:
    with measured() as taken:
        assert MORE.match(before + " " * 20_000 + "x") is None
    assert taken.seconds < 0.5
