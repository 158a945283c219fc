"""Transcripts in spreadsheets are read by the rules of tables; what is no transcript is refused with help."""

from __future__ import annotations

import datetime
import zipfile
from io import BytesIO

import pytest
from documents import make_ods, make_xlsx, make_zip
from talk import GUEST, HOST, TALK, build_turns, spoken

from ingest.readers import read_script
from kb.errors import UnreadableFile

ODS = "application/vnd.oasis.opendocument.spreadsheet"


def clock(seconds: float) -> str:
    return f"0:00:{seconds:04.1f}"


def talk_of_file(data: bytes) -> list[tuple[str | None, float | None, str]]:
    return [(turn.speaker, turn.start, turn.text) for turn in build_turns(read_script(data, "talk"))]


def test_a_talk_in_excel_comes_out_with_speakers_and_times() -> None:
    rows = [("Timecode", "Name", "Transcript"), *((clock(start), who, text) for who, start, text in TALK)]
    assert talk_of_file(make_xlsx(rows)) == TALK


def test_a_talk_in_an_opendocument_spreadsheet_comes_out_with_speakers_and_times() -> None:
    rows = [("Start", "Speaker", "Text"), *((clock(start), who, text) for who, start, text in TALK)]
    assert talk_of_file(make_ods(*rows)) == TALK


def test_times_may_be_times_of_excel_and_a_title_may_stand_above_the_names() -> None:
    rows: list[tuple[object, ...]] = [
        ("Interview with Bram Castellan",),
        ("Recorded", datetime.date(2025, 3, 2)),
        (),
        ("Start", "Speaker", "Utterance"),
        *((datetime.timedelta(seconds=start), who, text) for who, start, text in TALK),
    ]
    assert talk_of_file(make_xlsx([("Project", "Looms"), ("Owner", "Orla")], rows)) == TALK
    rows[4:] = [(datetime.time(0, 0, int(start)), who, text) for who, start, text in TALK]
    assert [start for _, start, _ in talk_of_file(make_xlsx(rows))] == [0, 7, 14, 15, 20, 21]


def test_two_columns_without_names_are_speakers_and_speech() -> None:
    rows = [(who, text) for who, _, text in TALK]
    assert talk_of_file(make_xlsx(rows)) == [(who, None, text) for who, _, text in TALK]
    assert talk_of_file(make_ods(*rows)) == [(who, None, text) for who, _, text in TALK]


def test_a_single_column_is_read_as_a_text_with_labels() -> None:
    rows = [(f"{who}: {text}",) for who, _, text in TALK]
    assert talk_of_file(make_xlsx([("Notes",)], rows)) == [(who, None, text) for who, _, text in TALK]


def test_clock_times_of_a_slow_talk_are_no_milliseconds() -> None:
    rows = b"start,speaker,text\n00:00:10,Ada,Yes.\n00:30:00,Ben,No.\n01:00:00,Ada,Well.\n"
    assert [line.start for line in read_script(rows, "talk.csv").lines] == [10, 1800, 3600]


def test_hidden_sheets_and_other_cells_are_not_read() -> None:
    rows: list[tuple[object, ...]] = [
        ("Speaker", "Text", "Checked"),
        (HOST, "Were they paid?", True),
        (GUEST, "Not at first. They stayed.", None),
    ]
    assert spoken(read_script(make_xlsx(rows), "talk")) == [
        (None, HOST, "Were they paid?"),
        (None, GUEST, "Not at first. They stayed."),
    ]


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def with_sheet(sheet: str) -> bytes:
    """A workbook whose one sheet is this XML."""
    with zipfile.ZipFile(BytesIO(make_xlsx([("Speaker", "Text"), (HOST, "And today?")]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return make_zip({**parts, "xl/worksheets/sheet1.xml": sheet})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make_xlsx([("year", "sales"), (2024, 3), (2025, 5)]), "start, speaker and text, or save it as .csv"),
        (make_xlsx([]), "holds speech"),
        (make_ods(("year", "sales"), ("2024", "3")), "start, speaker and text, or save it as .csv"),
        (make_zip({"mimetype": ODS, "content.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "unsafe"),
        (make_zip({"mimetype": ODS, "content.xml": "<a>" * 9_000_000}), "zip bomb"),
        (make_zip({"mimetype": ODS, "content.xml": "<a>" * 3_000 + "</a>" * 3_000}), "nested deeper"),
        (make_zip({"mimetype": ODS}), "lacks its part"),
        (make_zip({"a.xml": b"<a/>", "xl/workbook.xml": b"<a>" * 9_000_000}), "zip bomb"),
        (make_zip({"xl/workbook.xml": b"<a/>"}), "damaged"),
        (with_sheet('<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'), "damaged"),
        (with_sheet(SHEET.format('<row r="999999999999"><c r="ZZZ9" t="s"><v>77777</v></c></row>')), "damaged"),
        (with_sheet(SHEET.format('<row r="999999999999"><c r="ZZZ999999999999"><v>7</v></c></row>')), "holds speech"),
        (make_zip({"ppt/presentation.xml": b"<a/>"}), "slides; export the transcript as .docx or .txt"),
        (make_zip({"xl/workbook.bin": b"a"}), "save it as .xlsx or .csv"),
        (make_zip({"a.txt": b"a"}), "this is an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99) + "Workbook".encode("utf-16-le"), "save it as .xlsx or .csv"),
    ],
)
def test_a_spreadsheet_that_is_no_transcript_is_refused_in_one_line_that_helps(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refusal:
        read_script(data, "talk")
    assert "\n" not in str(refusal.value)
