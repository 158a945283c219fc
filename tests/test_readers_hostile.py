"""Hostile documents: loops, bombs and endless talk are refused or read within bounds of time and memory."""

from __future__ import annotations

import struct
import time
import zlib
from pathlib import Path

import pytest
from documents import make_zip
from timing import measured

from ingest.readers import read_script
from ingest.readers.documents import legacy
from ingest.reading import read_file
from kb.errors import UnreadableFile

OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le")
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def make_pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, rows)
    return out + table + b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))


def understate(archive: bytes) -> bytes:
    """The archive, whose members say that they unpack to a thousand bytes."""
    data = bytearray(archive)
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.find(mark)
        while start >= 0:
            data[start + place : start + place + 4] = struct.pack("<I", 1000)
            start = data.find(mark, start + 4)
    return bytes(data)


def packed(size: int) -> bytes:
    content = zlib.compress(b"0 " * size, 9)
    return b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(content), content)


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>"
HOSTILE = {
    "a page tree that holds itself": make_pdf_of(CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
    "two page trees that hold each other": make_pdf_of(
        CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 9>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"
    ),
    "a page tree that doubles at each level": make_pdf_of(
        CATALOG,
        *(b"<</Type/Pages/Count 2/Kids[%d 0 R %d 0 R]>>" % (number, number) for number in range(3, 60)),
        b"<</Type/Page/MediaBox[0 0 9 9]>>",
    ),
    "a script without end": make_pdf_of(
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(while(1){})>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        PAGE,
        b"<</Length 0>>stream\n\nendstream",
    ),
    "a stream that unpacks to 200 MB": make_pdf_of(
        CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE, packed(10**8)
    ),
    "a Word part larger than it says": understate(make_zip({"a": "", "word/document.xml": b"<w>" + b"a " * 10**8})),
    "an OpenDocument part larger than it says": understate(
        make_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": b"<x>" + b"a " * 10**8})
    ),
    "an EPUB part larger than it says": understate(
        make_zip({"mimetype": "application/epub+zip", "META-INF/container.xml": b"<x>" + b"a " * 10**8})
    ),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused_within_seconds(data: bytes) -> None:
    with measured() as taken, pytest.raises(UnreadableFile):
        read_script(data, "talk")
    assert taken.seconds < 10


@pytest.mark.parametrize(
    ("name", "row"),
    [("talk.txt", b"Ada: Y.\n"), ("talk.md", b"**Ada:** Y.\n\n"), ("talk.html", b"<p><b>Ada:</b> Y.</p>")],
)
def test_a_million_turns_are_refused_before_they_are_told_apart(name: str, row: bytes) -> None:
    with measured() as taken, pytest.raises(UnreadableFile, match="250,000 lines"):
        read_file(row * 1_000_000, name, interview_id="x")
    assert taken.seconds < 15


def test_a_turn_of_ten_megabytes_is_read_whole() -> None:
    words = b"word and word. " * 700_000
    reading = read_file(b"Ada: Hello.\nBen: " + words + b"\nAda: Bye.\nBen: Bye.\n", "talk.txt", interview_id="x")
    assert [turn.text.count("word") for turn in reading.transcript.turns] == [0, 1_400_000, 0, 0]


def write_program(folder: Path, lines: str) -> str:
    """A program in the place of LibreOffice."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    program.chmod(0o700)
    return str(program)


def test_an_old_word_file_is_refused_without_libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableFile, match="install LibreOffice"):
        read_script(OLD_WORD, "talk.doc")


def test_libreoffice_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    program = write_program(tmp_path, f"sleep 60 & echo $! > {child}\nsleep 60")
    started = time.monotonic()
    with pytest.raises(UnreadableFile, match="more than 3 s"):
        legacy.convert(OLD_WORD, program, seconds=3)  # time to start the other one
    assert time.monotonic() - started < 50
    state = Path(f"/proc/{child.read_text().strip()}/stat")
    until = time.monotonic() + 20  # what was killed ends when the machine comes to it; by itself after 60 s
    while is_running(state) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(state)


def is_running(state: Path) -> bool:
    try:
        return state.read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_libreoffice_that_writes_nothing_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot read this old Word file"):
        legacy.convert(OLD_WORD, write_program(tmp_path, "exit 0"))
