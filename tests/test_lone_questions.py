"""Questions that are marked where answers are not, and further labels: 'Ada> Yes.', 'Counsel to the Inquiry'."""

from __future__ import annotations

import pytest

from ingest.reading import read_file
from kb.model import Turn


def read(text: str, name: str = "talk.txt") -> list[Turn]:
    turns = read_file(text.encode(), name, interview_id="talk").transcript.turns
    return [turn for turn in turns if turn.kind == "talk"]


def voices(text: str, name: str = "talk.txt") -> list[tuple[str | None, str]]:
    return [(turn.speaker, " ".join(turn.text.split())[:20]) for turn in read(text, name)]


HARBOUR = """Interview with Odile Farrow, harbour master
12 March 2019

{q} How did you come to run the harbour?

I came for one summer to paint the lights.

{q} What did the first storm teach you?

We lost two moorings because one number was wrong.

I had the list printed on a board: it was red.

{q} Did people follow the board?

They did once they saw my own number at the top.
"""


@pytest.mark.parametrize("mark", ["Q:", "Q.", "**Q:**", "Question:", "Interviewer:"])
def test_what_follows_a_marked_question_is_its_answer(mark: str) -> None:
    name = "talk.md" if "*" in mark else "talk.txt"
    asker = mark.strip("*:.")
    assert voices(HARBOUR.format(q=mark), name) == [
        (asker, "How did you come to "), ("Answer", "I came for one summe"),
        (asker, "What did the first s"), ("Answer", "We lost two moorings"),
        (asker, "Did people follow th"), ("Answer", "They did once they s"),
    ]  # fmt: skip


def test_an_answer_on_the_next_line_needs_no_blank_line_and_a_question_may_run_on() -> None:
    text = (
        "Q: You came in May.\nWhat did you find?\nA cold furnace.\nQ: How did you start again?\nWe cleaned.\n"
        "Q: And then?\nSomeone lit the furnace.\n"
    )
    # A sentence that ends within a question is no answer.
    assert [speaker for speaker, _ in voices(text)] == ["Q", "Answer"] * 3
    assert read(text)[0].text.endswith("What did you find?")


def test_the_card_s_leader_gives_the_answers() -> None:
    head = "---\nleaders:\n  - {name: Odile Farrow}\nhost: Jan Pell\n---\n\n"
    found = read(head + HARBOUR.format(q="Q:"), "talk.md")
    assert [(turn.speaker, turn.role) for turn in found[:2]] == [("Jan Pell", "host"), ("Odile Farrow", "leader")]


def test_a_file_that_marks_both_is_read_as_before() -> None:
    text = "Q: How?\nA: So.\nIt was hard.\nQ: When?\nA: Then.\nQ: Why?\nA: Because.\n"
    assert [speaker for speaker, _ in voices(text)] == ["Q", "A", "Q", "A", "Q", "A"]


@pytest.mark.parametrize("dash", ["――", "──", "——"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_double_dash_marks_the_questions_of_a_japanese_interview(dash: str, gap: str) -> None:
    rows = [
        *(f"{dash}最初の仕事は何でしたか。", "掃除です。毎朝床を掃いていました。"),
        *(f"{dash} 何を学びましたか？", "床を見れば分かります。"),
        *(f"{dash}今も続けていますか？", "続けています。"),
    ]
    assert [speaker for speaker, _ in voices(gap.join(rows) + "\n")] == ["Q", "Answer"] * 3
    assert read(gap.join(rows))[0].text == "最初の仕事は何でしたか。"


def test_double_dashes_that_ask_nothing_are_no_questions() -> None:
    rows = ["――春の朝。", "雨が降る。", "――夏の夜。", "風が吹く。", "――秋の日。", "葉が落ちる。"]
    assert {speaker for speaker, _ in voices("\n".join(rows))} == {None}


@pytest.mark.parametrize("sign", ["{}> ", "{} > ", "[10:02] {}> ", "**{}>** "])
def test_a_name_before_an_angle_is_a_label(sign: str) -> None:
    said = [
        ("Tom Verity", "How many came back?"),
        ("Mara Quill", "Eleven never did, and I blame none."),
        ("Tom Verity", "And what drives them away?"),
        ("Mara Quill", "Being treated like a pair of hands."),
    ]
    text = "\n\n".join(sign.format(name) + words for name, words in said)
    found = read(text, "talk.md" if "*" in sign else "talk.txt")
    assert [(turn.speaker, turn.text) for turn in found] == said


def test_an_angle_in_speech_is_no_label() -> None:
    text = "Ada: We said that growth > profit is a mistake.\n\nBen: Why?\n\nAda: Because cash > growth in a bad year.\n"
    assert [speaker for speaker, _ in voices(text)] == ["Ada", "Ben", "Ada"]


@pytest.mark.parametrize(
    "office",
    ["Counsel to the Inquiry", "Lead Counsel for the Commission", "Question from the Bar", "Secretary to the Panel"],
)
def test_the_words_of_an_office_with_small_words_are_nobody_else_s(office: str) -> None:
    text = (
        f"**{office}:** When was the dam inspected?\n\n**Pavel Orr:** In the spring.\n\n"
        f"**{office}:** And the report?\n\n**Pavel Orr:** It lay on my desk for nine days.\n"
    )
    found = read(text, "hearing.md")
    assert [(turn.speaker, turn.role == "leader") for turn in found] == [(office, False), ("Pavel Orr", True)] * 2


def test_speech_before_a_colon_is_no_office() -> None:
    rows = [
        "Ada: We asked.",
        "Thank you for this: it helps.",
        "Ben: Who?",
        "Ada: All.",
        "Go to the point: money.",
        "Ben: So?",
    ]
    text = "\n\n".join(rows)
    assert {speaker for speaker, _ in voices(text)} == {"Ada", "Ben"}
