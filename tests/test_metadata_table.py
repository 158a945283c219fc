"""Tables of facts: which row is a file's, and which tables cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from timing import measured

from ingest.metadata.table import Metadata, read_metadata
from ingest.reading import read_file
from kb.errors import BadMetadata


def write_table(folder: Path, text: str) -> Path:
    path = folder / "metadata.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_found_with_and_without_folder_suffix_and_case() -> None:
    table = Metadata((("one.md", {"n": "1"}), ("deep/two.md", {"n": "2"}), ("Three", {"n": "3"})))
    assert table.row_for("one.md") == {"n": "1"}
    assert table.row_for("talks/one.md") == {"n": "1"}
    assert table.row_for("two.md") == {"n": "2"}
    assert table.row_for("other/two.md") is None
    assert table.row_for("three.vtt") == {"n": "3"}
    assert table.row_for("four.md") is None


def test_the_row_that_names_more_folders_wins() -> None:
    table = Metadata((("talk.md", {"n": "any"}), ("b/talk.md", {"n": "b"})))
    assert [table.row_for("a/talk.md"), table.row_for("b/talk.md")] == [{"n": "any"}, {"n": "b"}]


def test_of_rows_that_agree_alike_the_first_wins_and_one_with_the_suffix_before_one_without() -> None:
    table = Metadata((("talk.vtt", {"n": "1"}), ("talk", {"n": "2"}), ("b/talk.vtt.xz", {"n": "3"})))
    assert [(table.row_for(name) or {}).get("n") for name in ("talk.vtt.xz", "a/talk.vtt.xz", "talk.srt")] == [
        "3", "1", "2",
    ]  # fmt: skip


def test_rows_are_found_at_once_among_many_in_folders_of_one_name() -> None:
    table = Metadata(tuple((f"{number}/talk.md", {"n": str(number)}) for number in range(3_000)))
    with measured() as taken:
        found = [(table.row_for(f"talks/{number}/talk.md") or {})["n"] for number in range(3_000)]
        assert found == [str(number) for number in range(3_000)]
    assert taken.seconds < 5


def test_a_table_of_semicolons_in_windows_1252_is_read(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_bytes("Episode File;Guest;Organisation\r\ntalk.md;Zoë Brüning;Tide, Inc\r\n".encode("cp1252"))
    row = read_metadata(path).row_for("talk.md")
    assert row == {"episode_file": "talk.md", "guest": "Zoë Brüning", "organisation": "Tide, Inc"}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("guest,role\nAda,chair\n", "no column that names the files"),
        ("file,guest\n", "holds no rows"),
        ("", "holds no rows"),
        ("file,guest\na.md,Ada\n./A.md,Ben\n", "names ./A.md twice, in lines 2 and 3"),
        ("file,guest\na.md,Quill, Ada\n", "line 2: more cells than columns"),
        ('file,guest\na.md,"Ada\n', "not a readable CSV table"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, table: str, reason: str) -> None:
    with pytest.raises(BadMetadata, match=reason) as refusal:
        read_metadata(write_table(tmp_path, table))
    assert "\n" not in str(refusal.value)


def test_a_table_that_is_a_folder_a_pipe_or_endless_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "long.csv").open("wb") as file:
        file.truncate(6_000_000_000)
    for name, reason in (
        (".", "is a folder; name a CSV table in it"),
        ("pipe", "cannot be opened: it is no regular file"),
        ("long.csv", "is larger than 20 MB; that is no table of interviews"),
    ):
        with pytest.raises(BadMetadata, match=reason):
            read_metadata(tmp_path / name)


def test_a_missing_or_binary_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMetadata, match="cannot be opened"):
        read_metadata(tmp_path / "nowhere.csv")
    (tmp_path / "junk.csv").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(BadMetadata, match="not a CSV table"):
        read_metadata(tmp_path / "junk.csv")


def test_control_characters_and_formulas_in_a_table_are_plain_words(tmp_path: Path) -> None:
    rows = 'file,title,company\na.md,"\x1b[31mRed\x07 talk\n\x9b2J",=1+1\n'
    row = read_metadata(write_table(tmp_path, rows)).row_for("a.md")
    interview = read_file(b"**Ada Byron:** Hi.", "a.md", interview_id="a", row=row).transcript.interview
    assert interview.title == "[31mRed talk 2J"
