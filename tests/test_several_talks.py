"""One file of several talks is told in one line."""

from __future__ import annotations

import json

import pytest
from documents import make_xlsx

from ingest.reading import read_file

ROWS = [("Ada", "How did you begin with the clinic?"), ("Ben", "With one room and a kettle, and no money at all.")]


def warnings(data: bytes, name: str) -> list[str]:
    return [one for one in read_file(data, name, interview_id="talk").warnings if "talk" in one and "split" in one]


def sheet(talks: list[str], column: str) -> list[list[str]]:
    rows = [[talk, speaker, f"{text} {number}"] for talk in talks for number in (1, 2) for speaker, text in ROWS]
    return [[column, "Speaker", "Text"], *rows]


@pytest.mark.parametrize("column", ["Episode", "interview_id", "File name"])
def test_a_table_of_several_talks_is_told(column: str) -> None:
    table = sheet(["one", "two", "three"], column)
    told = ["3 talks are in this file and are read as one: split it, one file an interview"]
    assert warnings(make_xlsx(table), "talks.xlsx") == told
    assert warnings("\n".join("\t".join(row) for row in table).encode(), "talks.tsv") == told
    assert warnings(make_xlsx(sheet(["one"], column)), "talk.xlsx") == []


def test_a_column_that_changes_with_each_row_names_no_talk() -> None:
    table = [["Session", "Speaker", "Text"], *([str(place % 3), *row] for place, row in enumerate(ROWS * 4))]
    assert warnings(make_xlsx(table), "talk.xlsx") == []


def test_further_sheets_with_a_talk_are_told() -> None:
    table = [["Speaker", "Text"], *(list(row) for row in ROWS * 3)]
    found = read_file(make_xlsx(table, table, [["Notes"], ["none"]]), "talk.xlsx", interview_id="talk")
    assert "1 more sheet holds a talk and is not read: save each as a file of its own" in found.warnings
    assert len([turn for turn in found.transcript.turns if turn.kind == "talk"]) == 6


@pytest.mark.parametrize("field", ["turns", "utterances", "transcript"])
@pytest.mark.parametrize("outer", [None, "interviews"])
def test_json_of_several_talks_is_told(field: str, outer: str | None) -> None:
    said = [{"speaker": speaker, "text": text} for speaker, text in ROWS * 3]
    talks = [{"title": title, field: said} for title in ("One", "Two")]
    document = talks if outer is None else {outer: talks}
    told = ["2 talks are in this file and are read as one: split it, one file an interview"]
    assert warnings(json.dumps(document).encode(), "talks.json") == told
    assert warnings(json.dumps(talks[:1]).encode(), "talk.json") == []


def test_segments_with_their_words_are_one_talk() -> None:
    segments = [
        {"id": place, "start": place, "text": text, "words": [{"word": word} for word in text.split()]}
        for place, (_, text) in enumerate(ROWS * 3)
    ]
    assert warnings(json.dumps({"segments": segments}).encode(), "talk.json") == []
