"""Which files are read, and the ids they get."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from ingest.files import list_files, list_ids


def test_hidden_files_licences_and_tables_are_not_interviews(interviews_folder: Path) -> None:
    for name in (".DS_Store", "LICENSE", "README.md", "ATTRIBUTION.md", "metadata.csv"):
        (interviews_folder / name).write_text("not an interview", encoding="utf-8")
    assert [file.source for file in list_files([interviews_folder])] == ["soup.md", "steel.md"]


def test_ids_are_readable_and_tell_files_apart() -> None:
    assert next(list_ids("founders-talk-70.md")) == "founders-talk-70"
    assert next(list_ids("Some Guest/Ünïcode Talk.md")) == "some-guest-unicode-talk"
    assert list(islice(list_ids("talk.srt"), 4)) == ["talk", "talk-srt", "talk-2", "talk-3"]
    assert next(list_ids("日本.md")) == "interview"
