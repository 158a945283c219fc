"""Who asks is known in other languages, and a talk in one of them says so."""

from __future__ import annotations

import pytest

from ingest.reading import read_file
from ingest.speakers.language import find_other_language
from kb.model import Role

GERMAN = (
    "Es hat mit einem kalten Ofen angefangen, und wir haben den ganzen Winter für die Straße gebacken. Das war nicht "
    "leicht, aber wir wollten es so, und die Leute haben auf die Brötchen gewartet, weil sie wussten, dass wir da sind."
)
NAMES = "Anna Müller, Jürgen Groß, Zoë Łukasz and José Peña came. " * 8


def roles_of(rows: list[str]) -> list[Role]:
    """The role of each turn."""
    return [turn.role for turn in read_file("\n\n".join(rows).encode(), "a.txt", interview_id="a").transcript.turns]


@pytest.mark.parametrize(
    ("host", "guest", "asked"),
    [
        ("问：", "答：", "公司是怎么开始的？"),
        ("记者：", "任海：", "公司是怎么开始的？"),
        ("林洁：", "任海：", "公司是怎么开始的？"),
        ("聞き手：", "佐藤：", "どのように始まったのですか？"),
        ("鈴木：", "佐藤：", "どのように始まったのですか。"),
        ("기자: ", "김민수: ", "어떻게 시작했나요?"),
        ("ليلى: ", "سامي: ", "كيف بدأت الشركة؟"),
        ("س: ", "ج: ", "كيف بدأت الشركة؟"),
        ("Ведущий: ", "Марш: ", "Как это началось?"),
        ("Intervieweuse : ", "Ivo Marsh : ", "Comment cela a-t-il commencé ?"),
        ("Entrevistadora: ", "Ivo Marsh: ", "¿Cómo empezó?"),
        ("Interviewer: ", "Interviewpartnerin: ", "Wie hat es angefangen?"),
    ],
)
def test_who_asks_is_the_host_in_any_language(host: str, guest: str, asked: str) -> None:
    roles = roles_of(
        [f"{host}{asked}", f"{guest}42 1 一。", f"{host}{asked}", f"{guest}43 2 二。", f"{host}{asked}", f"{guest}44."]
    )
    assert roles[::2] == ["host"] * 3
    assert "host" not in roles[1::2]


def test_another_language_is_told() -> None:
    assert find_other_language([GERMAN]) == "German"
    assert find_other_language(["公司是怎么开始的，开始只有一条破船。" * 5]) == "Chinese"
    assert find_other_language(["最初は壊れた船が一隻だけでした。" * 5]) == "Japanese"
    reading = read_file(f"Ivo Marsh: {GERMAN}".encode(), "a.txt", interview_id="a")
    assert any("looks like German" in warning for warning in reading.warnings)


def test_english_with_foreign_names_or_a_quotation_is_english() -> None:
    assert find_other_language([NAMES]) is None
    assert find_other_language(["We said it in one sentence, and that was all. " * 20, GERMAN]) is None
    assert find_other_language(["Ja, und?"]) is None
    assert find_other_language([]) is None


@pytest.mark.parametrize(
    "said",
    [
        "国内当时的BAT，其实大家都是众生平等。",
        "そのころはNHKだけでした、みんなが見ていた。",
        "كانت شركة IBM هي الوحيدة هناك",
        "אז רק IBM היתה שם כל הזמן",
        "그때는 IBM만 있었습니다",
    ],
)
def test_speech_in_a_script_without_capitals_is_no_heading_if_an_acronym_is_in_it(said: str) -> None:
    rows = [f"Ada Byron 00:0{minute}\n{said} {minute}" for minute in range(6)]
    rows.insert(3, "Ada Byron 00:03\nWe were small then, and nobody asked.\n\nOUR FIRST HARBOUR")
    turns = read_file("\n\n".join(rows).encode(), "a.txt", interview_id="a").transcript.turns
    assert "".join(turn.text for turn in turns if turn.kind == "talk").count(said) == 6
    assert [turn.text for turn in turns if turn.kind == "non_speech"] == ["OUR FIRST HARBOUR"]
