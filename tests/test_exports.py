"""A collection becomes a file that others read, word for word, and nothing in it runs."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import SHARED
from docx import Document
from lxml import etree
from openpyxl import load_workbook
from test_catalog import put

from kb.cli.main import main
from kb.errors import BadCollection, UnfoundQuote
from kb.exports.formats import KINDS, Format, export, name_file
from kb.exports.tables import disarm
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Leader, Span, Transcript, Turn
from kb.quotes.collections.desk import Collections
from kb.quotes.collections.refinding import KeptQuotation
from kb.storage.catalog import Catalog
from kb.storage.collection_table import Collection
from kb.storage.sqlite import SqliteDatabase

TODAY = date(2024, 5, 6)
SCHEMA = SHARED / "refi-qda" / "Project.xsd"
QDA = {"q": "urn:QDA-XML:project:1.0"}
LEADER = "Ada <b>Vance</b>"
HOSTILE = '=HYPERLINK("http://x.example","*click*") 🙂 <script>alert(1)</script> & more.'
CARD = Interview(
    "talk",
    "-A talk_of [two]",
    (Leader(LEADER, "founder", "+Vance & Co"),),
    host="Max Ruh",
    show="A show",
    date=date(2020, 2, 29),
    url="https://example.org/talk",
    source="talk.md",
    source_hash="h1",
    sample=True,
)
TALK = Transcript(
    CARD,
    (
        Turn(0, "Max Ruh", "host", "Emoji 😀 first?", 0.0),
        Turn(1, LEADER, "leader", f"{HOSTILE} Yes.\n1. One thing.\n- Another thing.", 61.5),
        Turn(2, LEADER, "leader", "The end of it."),
    ),
)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    opened = Catalog.open(SqliteDatabase(tmp_path / "catalog.sqlite"), "model:1")
    put(opened, TALK)
    return opened


@pytest.fixture
def collection(catalog: Catalog) -> Collection:
    """Three pins: hostile words, many lines, and one of which the words change below."""
    collections = Collections(catalog)
    made = collections.create("@On/fear")
    collections.pin(made.id, "talk", Span(1, 0, len(HOSTILE)), note="=1+1\nsecond", tags=["-x", "why"])
    collections.pin(made.id, "talk", Span(1, len(HOSTILE) + 1, len(TALK.turns[1].text)), tags=["why"])
    collections.pin(made.id, "talk", Span(2, 0, 14))
    return made


def find_kept(catalog: Catalog, collection: Collection) -> Sequence[KeptQuotation]:
    collections = Collections(catalog)
    return collections.refind(collections.pins(collection.id))


def write(catalog: Catalog, collection: Collection, to: Format) -> bytes:
    return export(collection, find_kept(catalog, collection), to, catalog.transcript, TODAY)


def test_markdown_shows_words_as_they_are_and_escapes_its_own_marks(catalog: Catalog, collection: Collection) -> None:
    written = write(catalog, collection, "md").decode()
    assert written.startswith("# @On/fear\n\n> =HYPERLINK".replace("> =", "> \\="))
    assert '\\*click\\*") 🙂 \\<script\\>alert(1)\\</script\\> \\& more.' in written
    assert "> Yes.\n> 1\\. One thing.\n> \\- Another thing.\n" in written
    assert (
        "— **Ada \\<b\\>Vance\\</b\\>**, founder, +Vance \\& Co. \\-A talk\\_of \\[two\\], A show, 2020-02-29, 1:01,"
        in written
    )
    assert "invented sample interview. [Recording](<https://example.org/talk#t=61>)" in written
    assert "Tags: \\-x, why\n\nNote: \\=1+1\nsecond\n" in written


def test_word_holds_quotation_attribution_tags_and_note(catalog: Catalog, collection: Collection) -> None:
    paragraphs = [one.text for one in Document(io.BytesIO(write(catalog, collection, "docx"))).paragraphs]
    assert paragraphs[:2] == ["@On/fear", f"“{HOSTILE}”"]
    assert paragraphs[2] == (
        f"— {LEADER}, founder, +Vance & Co. -A talk_of [two], A show, 2020-02-29, 1:01, invented sample interview."
        " https://example.org/talk#t=61"
    )
    assert paragraphs[3:5] == ["Tags: -x, why", "Note: =1+1\nsecond"]


def test_no_cell_of_a_csv_begins_a_formula(catalog: Catalog, collection: Collection) -> None:
    written = write(catalog, collection, "csv")
    assert written.startswith(b"\xef\xbb\xbfnumber,quotation,speaker")
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["quotation"] == f"'{HOSTILE}"
    assert rows[1]["quotation"] == "Yes.\n1. One thing.\n- Another thing."
    assert (rows[0]["interview"], rows[0]["tags"], rows[0]["note"]) == (
        "'-A talk_of [two]",
        "'-x, why",
        "'=1+1\nsecond",
    )
    assert rows[0]["invented"] == "invented sample interview"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_an_excel_sheet_holds_texts_alone(catalog: Catalog, collection: Collection) -> None:
    written = write(catalog, collection, "xlsx")
    sheet = load_workbook(io.BytesIO(written)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2))
    assert [row[1].value for row in rows] == [one.quote for one in find_kept(catalog, collection)]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    assert not [cell for row in rows for cell in row if cell.hyperlink or isinstance(cell.value, int | float)]
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_quotation_that_no_cell_holds_is_refused_by_excel(catalog: Catalog) -> None:
    put(catalog, replace(TALK, turns=(*TALK.turns, Turn(3, LEADER, "leader", "soup " * 7_000))))
    collections = Collections(catalog)
    made = collections.create("Long")
    collections.pin(made.id, "talk", Span(3, 0, 35_000))
    with pytest.raises(BadCollection, match="export the collection as csv"):
        write(catalog, made, "xlsx")
    assert write(catalog, made, "csv")


def test_records_say_that_an_interview_is_invented(catalog: Catalog, collection: Collection) -> None:
    bibtex, ris = (write(catalog, collection, to).decode() for to in ("bibtex", "ris"))
    assert bibtex.count("@misc{") == ris.count("TY  - ") == 1
    assert "Invented sample interview" in bibtex
    assert "Invented sample interview" in ris


def read_qdpx(written: bytes) -> tuple[etree._Element, dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name != "project.qde"}
        return etree.fromstring(archive.read("project.qde")), texts


def selected(written: bytes) -> list[str]:
    """The words that the selections of a project select."""
    project, texts = read_qdpx(written)
    return [
        texts[f"sources/{source.get('guid')}.txt"][int(one.get("startPosition")) : int(one.get("endPosition"))]
        for source in project.iterfind(".//q:TextSource", QDA)
        for one in source.iterfind("q:PlainTextSelection", QDA)
    ]


def test_a_project_selects_each_quotation_in_the_whole_interview(catalog: Catalog, collection: Collection) -> None:
    written = write(catalog, collection, "qdpx")
    assert selected(written) == [one.quote for one in find_kept(catalog, collection)]
    project, texts = read_qdpx(written)
    assert [code.get("name") for code in project.iterfind(".//q:Code", QDA)] == ["@On/fear", "-x", "why"]
    assert len(project.findall(".//q:Coding", QDA)) == 6
    assert [one.text for one in project.iterfind(".//q:PlainTextContent", QDA)] == ["=1+1\nsecond"]
    (source,) = project.iterfind(".//q:TextSource", QDA)
    assert source.get("name") == "-A talk_of [two] [invented sample interview]"
    assert next(iter(texts.values())).startswith("Max Ruh: Emoji 😀 first?\n\nAda")
    assert write(catalog, collection, "qdpx") == written


def test_a_project_is_valid_by_the_schema_of_the_standard(catalog: Catalog, collection: Collection) -> None:
    if not SCHEMA.exists():
        pytest.skip("the schema of REFI-QDA is not beside the project (../shared/refi-qda)")
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    empty = Collections(catalog).create("Empty")
    for one in (collection, empty):
        schema.assertValid(read_qdpx(write(catalog, one, "qdpx"))[0])
    catalog.remove("talk")
    schema.assertValid(read_qdpx(write(catalog, collection, "qdpx"))[0])


@pytest.mark.parametrize("to", KINDS)
def test_words_that_changed_or_went_are_exported_with_a_warning(
    catalog: Catalog, collection: Collection, to: Format
) -> None:
    changed = replace(TALK.turns[2], text="The very end of it.")
    put(catalog, replace(TALK, turns=(*TALK.turns[:2], changed)))
    told = write(catalog, collection, to)
    catalog.remove("talk")
    gone = write(catalog, collection, to)
    if to in ("md", "csv"):
        assert "The transcript has changed since; now it reads: “The very end of it.”" in told.decode()
        assert gone.decode().count("Its interview has been removed; the quotation is kept as it was.") == 3
        assert "invented sample interview" in gone.decode()
    if to == "qdpx":
        quotes = [one.quote for one in find_kept(catalog, collection)]
        assert selected(told) == selected(gone) == quotes
        assert "now it reads" in etree.tostring(read_qdpx(told)[0], encoding="unicode")


def test_a_quotation_that_is_not_in_its_turn_is_not_exported(catalog: Catalog, collection: Collection) -> None:
    kept = find_kept(catalog, collection)
    put(catalog, replace(TALK, turns=(*TALK.turns[:2], replace(TALK.turns[2], text="The very end."))))
    with pytest.raises(UnfoundQuote, match="does not hold"):
        export(collection, kept, "md", catalog.transcript, TODAY)


@pytest.mark.parametrize("to", KINDS)
def test_characters_that_xml_does_not_allow_break_no_format(catalog: Catalog, to: Format) -> None:
    odd = "A bell \x07 and \x0b more \ufffe words.\r\nNext line."
    put(catalog, replace(TALK, turns=(Turn(0, "A\x07da", "leader", odd),)))
    collections = Collections(catalog)
    made = collections.create("Odd \x07")
    collections.pin(made.id, "talk", Span(0, 0, len(odd)), note="\x07", tags=["\x07"])
    written = write(catalog, made, to)
    assert written
    if to == "qdpx":
        assert selected(written) == [odd.replace("\r", "\n")]


def test_a_file_is_called_by_its_collection() -> None:
    assert name_file(Collection("1", "On fear: a/b\\c..", ""), "bibtex") == "On fear- a-b-c--.bib"
    assert name_file(Collection("1", "日本", ""), "md") == "日本.md"


def test_the_commands_pin_list_export_and_change(
    filled: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", filled.status().home)
    assert main(["collections"]) == 0
    assert "no collection yet" in capsys.readouterr().out
    assert main(["pin", "Fear", '"the posters did nothing"', "--note", "so", "--tag", "soup"]) == 0
    assert main(["pin", "fear", '"four burns"']) == 0
    assert main(["pin", "fear", '"the posters did everything"']) == 1
    capsys.readouterr()
    assert main(["collections", "FEAR"]) == 0
    out = capsys.readouterr().out
    assert "1. “We tried posters once, and the posters did nothing at all.”\n   — Mara Quill, Ladle House" in out
    assert "   tags: soup\n   note: so\n2. “" in out
    assert main(["collections", "fear", "--json"]) == 0
    assert [one["state"] for one in json.loads(capsys.readouterr().out)["quotations"]] == ["verbatim", "verbatim"]
    for to, kind in KINDS.items():
        assert main(["export", "Fear", "--to", to, str(tmp_path / f"x{kind.suffix}")]) == 0
        assert (tmp_path / f"x{kind.suffix}").stat().st_size > 100
    assert main(["export", "Fear", "--to", "md", str(tmp_path / "x.md")]) == 2
    assert "name another" in capsys.readouterr().err
    assert main(["export", "Fear", "--to", "md", str(tmp_path / "no" / "x.md")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    filled.remove("soup")
    assert main(["export", "Fear", "--to", "md", str(tmp_path / "y.md")]) == 0
    assert "kb: quotation 1: Its interview has been removed" in capsys.readouterr().err
    assert main(["collections", "fear", "--unpin", "1"]) == 0
    assert main(["collections", "fear", "--unpin", "2"]) == 2
    assert main(["collections", "fear", "--rename", "Burns"]) == 0
    assert main(["collections", "--delete"]) == 2
    capsys.readouterr()
    assert main(["collections"]) == 0
    assert capsys.readouterr().out.split() == ["1", "Burns"]
    assert main(["collections", "Burns", "--delete"]) == 0
    assert main(["collections", "Burns"]) == 2


@pytest.mark.parametrize(
    "cell", ["=1+1", "  =1+1", "\u3000=1+1", "\xa0@sum", "＝1+1", "＋1", "－1", "＠a", "\n=1", "\t=1", "-x"]
)
def test_what_any_spreadsheet_takes_for_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert disarm(cell) == f"'{cell}"
    assert disarm(f"a{cell}") == f"a{cell}"
