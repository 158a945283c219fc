"""What is no transcript is refused in one line, within little time and memory; and the rest of the folder goes in."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from documents import make_docx, make_odt, make_zip
from talk import TALK, build_turns
from timing import measured

from ingest.cli.main import main
from ingest.readers import read_script
from kb.errors import UnreadableFile

ODT = "application/vnd.oasis.opendocument.text"
WORD_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
MOST_SECONDS = 10


def zip_of(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "only blanks"),
        (WORD_FILE, r"legacy Office file.*save it as \.docx"),
        (bytes(range(256)) * 40, "binary data"),
        (b"\xfd7zXZ\x00" + bytes(90), "xz archive; unpack it first"),
        (b"\x89PNG\r\n\x1a\n" + bytes(90), "image"),
        (b"ID3" + bytes(90), "recording; transcribe it first"),
        (zip_of({"word/document.xml": b"<a>" * 10_000_000}), "zip bomb"),
        (zip_of({"word/document.xml": b"<a/>", **{f"word/{n}": b"" for n in range(5_001)}}), "more than 5000"),
        (make_zip({"mimetype": "application/epub+zip", "a.xhtml": b"a" * 30_000_000}), "zip bomb"),
        (make_zip({"mimetype": ODT, "content.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "unsafe"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><tt>&b;</tt>', "entities"),
        (b'{"results": [{"speaker"', "the JSON is broken in line 1"),
        (b"{}", "holds no transcript"),
    ],
)
def test_it_is_refused_in_one_line_that_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refusal:
        read_script(data, "talk")
    assert "\n" not in str(refusal.value)


def test_a_word_file_resolves_no_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("xyzzy")
    with zipfile.ZipFile(io.BytesIO(make_docx("Ada: One.", "Ben: Two."))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = parts["word/document.xml"].decode().replace("One.", "&x;")
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]>'
    parts["word/document.xml"] = body.replace("?>", f"?>{entity}", 1).encode()
    try:
        words = " ".join(line.text for line in read_script(zip_of(parts), "talk.docx").lines)
    except UnreadableFile:
        words = ""
    assert "xyzzy" not in words


def test_a_file_over_the_limit_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(UnreadableFile, match="larger than 1 MB"):
        read_script(b"Ada: Hello.\n" * 100_000, "talk.txt", size_limit=1024 * 1024)


def test_more_words_than_any_interview_are_refused_before_they_are_told_apart() -> None:
    with pytest.raises(UnreadableFile, match="has more than 12,000,000 characters: split it, one file an interview"):
        build_turns(read_script(b"Ada: " + b"We trust people. " * 800_000, "talk.txt"))


def test_a_hundred_thousand_speakers_are_no_transcript() -> None:
    first, second = "BCDFGHKLMN", "aeiou"
    names = [
        f"{a}{b}{c.lower()}{d}{e.lower()}" for a in first for b in second for c in first for d in second for e in first
    ]
    cues = "".join(f"00:01.000 --> 00:02.000\n<v {one} {two}>Hi.\n\n" for one in names[:316] for two in names[:317])
    with measured() as taken, pytest.raises(UnreadableFile, match="100,172 speakers"):
        build_turns(read_script(f"WEBVTT\n\n{cues}".encode(), "talk.vtt"))
    assert taken.seconds < MOST_SECONDS


@pytest.mark.parametrize("piece", ["word ", "Ada: word. ", "a", "[00:01] word ", ">> hi ", "**a ", "[a](", "<v Ada>"])
def test_a_megabyte_on_one_line_is_read_in_no_time(piece: str) -> None:
    with measured() as taken:
        assert build_turns(read_script((piece * (1_000_000 // len(piece))).encode(), "talk.md"))
    assert taken.seconds < MOST_SECONDS


def test_bytes_that_are_no_utf8_and_nul_bytes_are_read_and_told() -> None:
    spoken = read_script("Ada: Café.\n\nBen: Oui.\n\nAda: Bien.\n".encode("cp1252"), "talk.txt")
    assert spoken.lines[0].text == "Ada: Café."
    assert "windows-1252" in spoken.warnings[0]
    holed = read_script(b"Ada: Hel\x00lo, and welcome to all of you.\n\nBen: Yes.\n\nAda: No.\n", "talk.txt")
    assert holed.lines[0].text == "Ada: Hello, and welcome to all of you."
    assert holed.warnings == ("NUL bytes in the file were left out",)


def test_captions_whose_times_cannot_be_read_are_told() -> None:
    cues = "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n2\n00:xx:03,000 --> 00:00:04,000\nTwo.\n"
    script = read_script(cues.encode(), "talk.srt")
    assert script.warnings[0].startswith("1 of 2 captions have times that cannot be read")
    assert "Two." in " ".join(line.text for line in script.lines)


def test_the_command_line_refuses_in_one_line_and_stores_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    (tmp_path / "old.doc").write_bytes(WORD_FILE)
    (tmp_path / "talk.txt").write_text("\n\n".join(f"{who}: {text}" for who, _, text in TALK))
    assert main(["inspect", str(tmp_path / "old.doc"), "--json"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "kb-ingest: this is a legacy Office file (.doc, .xls or .ppt); save it as .docx"
    ]
    assert main(["inspect", str(tmp_path / "talk.txt"), "--json"]) == 0
    assert not (tmp_path / "home").exists()


def test_endless_lines_are_refused_within_seconds_however_they_are_broken() -> None:
    for data in (b"Ada: word. " * 300_000, b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\nAda: Hi.\n\n" * 260_000):
        with measured() as taken, pytest.raises(UnreadableFile, match="more than 250,000 lines: split it"):
            build_turns(read_script(data, "talk.txt"))
        assert taken.seconds < 10


def swap_part(document: bytes, name: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    return make_zip({**parts, name: parts[name].replace(old, new, 1)})


def test_elements_within_elements_without_end_are_refused_as_the_files_fault() -> None:
    deep = b"<text:span>" * 100_000 + b"Hi" + b"</text:span>" * 100_000
    noise = b"".join(b"<!--%d-->" % (number**9) for number in range(20_000))
    odt = swap_part(make_odt("Ada: Hello.", "Ben: Hi."), "content.xml", b"Hello", noise + deep)
    for data, name in ((odt, "talk.odt"), (b"{\\rtf1 " + b"{" * 3_000_000 + b"Ada: Hi.", "talk.rtf")):
        with pytest.raises(UnreadableFile, match="is nested deeper than any document; "):
            read_script(data, name)


def test_a_document_of_millions_of_empty_elements_is_refused_before_it_is_built() -> None:
    noise = b"".join(b"<!--%d-->" % (number**9) for number in range(100_000))
    word = swap_part(make_docx("Ada: Hello.", "Ben: Hi."), "word/document.xml", b"<w:body>", b"<w:body>" + noise)
    assert [line.text for line in read_script(word, "talk.docx").lines if line.text] == ["Ada: Hello.", "Ben: Hi."]
    word = swap_part(word, "word/document.xml", b"<w:body>", b"<w:body>" + b"<w:b/>" * 3_000_000)
    with pytest.raises(UnreadableFile, match="holds more elements than any document; export only its text"):
        read_script(word, "talk.docx")


def test_no_message_that_a_person_reads_is_made_of_the_name_of_a_class() -> None:
    sources = [path for package in ("kb", "ingest") for path in (ROOT / package).rglob("*.py")]
    named = [path.name for path in sources if re.search(r"type\(\w+\)\.__name__", path.read_text(encoding="utf-8"))]
    # They write it to the log, or compare it.
    assert sorted(named) == ["calibration.py", "chroma_client.py", "errors.py", "youtube.py"]
