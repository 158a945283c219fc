"""Which files are read, and the ids they get."""

from __future__ import annotations

from pathlib import Path

from ingest.files import list_files, make_id


def test_hidden_files_licences_and_tables_are_not_interviews(interviews_folder: Path) -> None:
    for name in (".DS_Store", "LICENSE", "README.md", "ATTRIBUTION.md", "metadata.csv"):
        (interviews_folder / name).write_text("not an interview", encoding="utf-8")
    assert [file.source for file in list_files([interviews_folder])] == ["soup.md", "steel.md"]


def test_ids_are_readable_and_tell_files_apart() -> None:
    assert make_id("founders-talk-70.md", set()) == "founders-talk-70"
    assert make_id("Some Guest/Ünïcode Talk.md", set()) == "some-guest-unicode-talk"
    assert make_id("talk.srt", {"talk"}) == "talk-srt"
    assert make_id("talk.srt", {"talk", "talk-srt"}) == "talk-2"
    assert make_id("日本.md", set()) == "interview"
