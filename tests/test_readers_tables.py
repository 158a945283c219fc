"""Tables: columns are found by their names, or by what they hold."""

from __future__ import annotations

import pytest
from talk import TALK, WORDS, read_sample, read_turns, spoken, talk_of, texts

from ingest.readers import read_script
from kb.errors import UnreadableFile


def read_table(text: str, name: str = "talk.csv") -> list[tuple[float | None, str | None, str]]:
    script = read_script(text.encode(), name)
    assert script.format == "table"
    return spoken(script)


@pytest.mark.parametrize("name", ["speakers.csv", "headerless.tsv"])
def test_rows_come_out_as_the_talk(name: str) -> None:
    assert read_turns(name) == TALK


@pytest.mark.parametrize("name", ["unquoted.csv", "semicolons.csv"])
def test_times_without_fractions_and_commas_without_quotes_are_read(name: str) -> None:
    assert read_turns(name) == [(speaker, float(int(start)), text) for speaker, start, text in TALK]


def test_questions_and_answers_are_two_voices() -> None:
    assert read_turns("questions.csv") == [(who, None, text) for who, _, text in talk_of("Question", "Answer")]


def test_milliseconds_of_whisper_become_seconds() -> None:
    script = read_sample("whisper.tsv")
    assert " ".join(texts(script.lines)) == WORDS
    assert [line.start for line in script.lines][:3] == [0.5, 1.7, 4.4]


def test_a_column_that_counts_its_rows_is_no_time() -> None:
    rows = "7\tWe met in the spring of that year.\n8\tNobody had a plan, or money.\n9\tIt did not matter to us.\n"
    assert read_table(rows, "talk.tsv")[0] == (None, None, "We met in the spring of that year.")


def test_quotation_marks_in_a_table_with_tabs_are_speech() -> None:
    rows = 'start\tend\ttext\n0\t900\t"Go," she said, "now.\n900\t2500\tSo we went, all of us together.\n'
    assert [text for _, _, text in read_table(rows)] == ['"Go," she said, "now.', "So we went, all of us together."]


def test_rows_shorter_or_longer_than_the_head_are_read() -> None:
    rows = "time,speaker,words,tags,link \n,Ada Quill, We wove it. \n0:12,Ben Oyo,Who is we?,x,y,\n"
    assert read_table(rows) == [(None, "Ada Quill", "We wove it."), (12.0, "Ben Oyo", "Who is we?")]


def test_prose_with_commas_is_no_table() -> None:
    prose = "We came, we saw, we wove a little cloth.\nThen, slowly, people came, and stayed, and sang.\n"
    assert read_script(prose.encode(), "talk.txt").format == "text"


def test_a_table_without_speech_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="name the columns") as refusal:
        read_script(b"a,b,c\n1,2,3\n4,5,6\n", "figures.csv")
    assert "\n" not in str(refusal.value)
