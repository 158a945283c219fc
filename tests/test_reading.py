"""What is said and logged when reading a file fails: the file's faults in a line, our own with a traceback."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from documents import make_docx

from ingest.cli.main import main
from ingest.pipeline import ingest_paths
from ingest.readers import READERS, Reader, read_script
from ingest.reading import read_file
from kb.errors import UnreadableFile
from kb.knowledge_base import KnowledgeBase

TALK = b"Orla Fenwick: How did it begin?\n\nBram Castellan: With a loom.\n\nOrla Fenwick: And then?\n"
FAULTY = Reader("faulty_reader", "plain text")


class FaultyRow(dict[str, str]):
    """A row of a table with a bug in it."""

    def get(self, column: str, default: object = None) -> Any:
        raise ZeroDivisionError(f"{column}: {TALK.decode()}")


def test_a_vendors_package_is_imported_with_the_first_file_that_needs_it() -> None:
    vendors = ("defusedxml", "docx", "lxml", "pypdf", "pysubs2", "striprtf", "yaml")
    code = f"import sys, ingest.readers; print([name for name in {vendors} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_error_in_a_reader_is_told_as_ours_and_logged_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(READERS, "text", FAULTY)
    with pytest.raises(UnreadableFile, match="could not be read: an error in the reader for plain text; -v shows"):
        read_script(TALK, "talk.txt")
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "KeyError became UnreadableFile")
    assert "faulty_reader.py" in caplog.text
    assert "Orla" not in caplog.text


def test_an_error_behind_the_readers_is_told_as_ours_too(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UnreadableFile, match="could not be read: an error of this program, not of the file"):
        read_file(TALK, "talk.txt", interview_id="talk", row=FaultyRow(file="talk.txt"))
    assert "ZeroDivisionError became UnreadableFile" in caplog.text
    assert "in get" in caplog.text
    assert "With a loom" not in caplog.text


def test_an_error_in_the_program_that_reads_pdfs_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "pypdf.py").write_text("raise LookupError('a part is not installed')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    with pytest.raises(UnreadableFile, match="an error in the reader for PDF; -v shows where"):
        read_script(b"%PDF-1.4\n", "talk.pdf")
    assert "The program that reads PDFs failed:\n" in caplog.text
    assert 'pypdf.py", line 1, in <module>\nLookupError\n' in caplog.text
    assert "a part is not installed" not in caplog.text


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        (
            "talk.ass",
            b"[Script Info]\n\n[Events]\nFormat: Start, Text\nDialogue: zero,Hi.\n",
            "the captions are broken",
        ),
        ("talk.ass", b"[Events]\n", "the captions are broken"),
        ("talk.csv", b"speaker,text\nAda,Hi.\n" + b'Ben,"' + b"word " * 30_000, "the table is broken in line 3: field"),
        ("talk.docx", make_docx("Ada: Hi.").replace(b"\x00", b"\x01", 400), "the Word file is damaged"),
    ],
    ids=["captions with a strange time", "captions without events", "a cell that never ends", "a spoilt archive"],
)
def test_a_broken_file_is_refused_and_nothing_is_logged(
    name: str, data: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_script(data, name)
    assert caplog.records == []


def test_a_file_at_which_a_reader_fails_is_named_and_stops_no_others(
    knowledge_base: KnowledgeBase, interviews_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (interviews_folder / "a.txt").write_bytes(TALK)
    monkeypatch.setitem(READERS, "text", FAULTY)
    report = ingest_paths([interviews_folder], knowledge_base)
    assert [(file.source, file.outcome) for file in report] == [
        ("a.txt", "refused"),
        ("soup.md", "added"),
        ("steel.md", "added"),
    ]


def test_each_file_of_an_ingest_is_logged_without_its_words(
    knowledge_base: KnowledgeBase, interviews_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (interviews_folder / "empty.txt").write_text("")
    with caplog.at_level(logging.INFO, "ingest"):
        ingest_paths([interviews_folder], knowledge_base)
    told = [record.getMessage() for record in caplog.records if record.name == "ingest.pipeline.run"]
    assert [re.sub(r"\d[\d.]*", "#", line) for line in told] == [
        "empty.txt: refused, # passages, # s",
        "soup.md: added, # passages, # s",
        "steel.md: added, # passages, # s",
    ]
    assert "soup every single morning" not in caplog.text


def test_the_command_line_tells_more_with_v(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    path = tmp_path / "talk.txt"
    path.write_bytes(TALK)
    told = []
    for words in (["inspect", str(path)], ["-v", "inspect", str(path)], ["inspect", "-vv", str(path)]):
        assert main(words) == 0
        told.append(capsys.readouterr().err)
    assert told[:2] == ["", ""]
    assert "DEBUG ingest.reading: talk.txt: text, " in told[2]
    assert "With a loom" not in told[2]
    assert main(["-vvv", "inspect", str(path)]) == 0
    assert "DEBUG ingest.reading: talk.txt: text, " in capsys.readouterr().err
    assert main(["-v", str(path)]) == 0
    assert "INFO ingest.pipeline.run: talk.txt: added, 1 passages, " in capsys.readouterr().err
    assert [type(one) for one in logging.getLogger("ingest").handlers] == [logging.NullHandler]
