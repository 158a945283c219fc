"""The handout as a PDF, read back: the same words as in Word, in fonts that hold them, marked and linked."""

from __future__ import annotations

import importlib.util
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packs import SHORT, Stored, make_loose_material, make_plan, make_talk, make_talks, quote_all
from pypdf import PdfReader
from test_pack_files import HOSTILE, LONG, words_of_document

from kb.errors import BadPack
from kb.exports.pack import typeset, wording
from kb.exports.pack.draft import draft_plan
from kb.exports.pack.formats import NO_PDF, find_pdf_problem, write_pack
from kb.exports.pack.plan import Plan
from kb.exports.pack.standing import check_plan
from kb.model import Transcript

ODD = "He said  “we — don’t”… naïve café Łódź, Ωmega, Жук → ♪ 100 % – done. Long  double  spaces, and more of it here."


def read_pdf(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def words_of(data: bytes) -> str:
    """The text of all pages without line breaks, and without what stands on every page."""
    pages = [page.extract_text() for page in read_pdf(data).pages]
    return "".join(page.split("\n", 2)[2].replace("\n", "") for page in pages)


def make_loose_plan(*talks: Transcript) -> Plan:
    return draft_plan(make_loose_material(quote_all(*talks)), 45, 5)


def write(plan: Plan, *talks: Transcript) -> bytes:
    return write_pack(plan, "pdf", Stored(talks).verify)


def test_every_quotation_is_read_back_byte_for_byte_apart_from_line_breaks() -> None:
    talks = [*make_talks(5), make_talk("Bö Łind", ODD), make_talk("Cy Marsh", "T" * 400, f"{SHORT}\n\nAnd so on.")]
    plan = make_loose_plan(*talks)
    words = words_of(write(plan, *talks))
    for one in plan.quotations:
        assert f"“{one.quote}”".replace("\n", "") in words
    assert len(plan.quotations) >= 6


def test_a_long_quotation_is_parted_over_pages_and_none_of_it_is_lost() -> None:
    talk = make_talk("Ada Vance", LONG)
    data = write(make_loose_plan(talk), talk)
    assert words_of(data).count(f"“{LONG}”") == 2  # it opens, and it is the only one of its segment
    assert len(read_pdf(data).pages) >= 4


def test_the_words_are_those_of_the_word_handout() -> None:
    talks = make_talks(9)
    plan = make_plan(talks)
    data = write(plan, *talks)
    found = "".join(words_of(data).split())
    told = words_of_document(write_pack(plan, "handout", Stored(talks).verify)).splitlines()
    missing = [line for line in told if "".join(line.split()) not in found]
    assert missing == []
    assert "My notes" in words_of(data)


def test_title_language_outline_page_numbers_and_links_are_there() -> None:
    talks = make_talks(9)
    reader = read_pdf(write(make_plan(talks), *talks))
    root: Any = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == "What holds us together"
    assert (root["/Lang"], bool(root["/ViewerPreferences"]["/DisplayDocTitle"])) == ("en", True)
    listed = [str(one["/Title"]) for one in reader.outline if isinstance(one, dict)]
    assert listed[:2] == ["What holds us together", "First voice"]
    assert listed[-1] == "Sources"
    assert [page.extract_text().split("\n")[1] for page in reader.pages] == [
        str(number) for number in range(1, len(reader.pages) + 1)
    ]
    assert {tuple(map(round, page.mediabox[2:])) for page in reader.pages} == {(595, 842)}
    links = {
        note.get_object()["/A"]["/URI"]
        for page in reader.pages
        for note in page.get("/Annots", ())
        if note.get_object()
    }
    assert "https://example.org/talks/7#t=61" in links


def test_all_fonts_are_in_the_file() -> None:
    talks = [make_talk("Bö Łind", ODD)]
    pages: Any = read_pdf(write(make_loose_plan(*talks), *talks)).pages
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"] and "/ToUnicode" in font for font in fonts)


def test_samples_are_marked_on_every_page_and_by_every_quotation() -> None:
    talks = make_talks(9, sample=True)
    pages = read_pdf(write(make_plan(talks), *talks)).pages
    assert len(pages) > 1
    assert all(page.extract_text().startswith(wording.SAMPLES) for page in pages)
    assert sum(page.extract_text().count(f"{wording.SAMPLE}.") for page in pages) >= 9
    real = make_talks(3)
    assert wording.SAMPLE not in words_of(write(make_loose_plan(*real), *real))


def test_what_no_longer_stands_is_left_out_and_said_so() -> None:
    talks = make_talks(9)
    plan = make_plan(talks)
    gone = plan.segments[0].quotations[0]
    words = words_of(write(plan, *[one for one in talks if one.interview.id != gone.interview.id]))
    assert f"Left out: the words of {gone.name} in A talk no longer stand in their interview." in words


@pytest.mark.parametrize("title", [one for one in HOSTILE if "漢" not in one])
def test_hostile_titles_and_names_do_no_harm(title: str) -> None:
    talks = [make_talk(f"{n} {title}", f"{SHORT} {n}", title=title) for n in range(3)]
    talks = [replace(one, interview=replace(one.interview, id=f"talk-{n}")) for n, one in enumerate(talks)]
    plan = draft_plan(make_loose_material(quote_all(*talks)), 45, 5, title)
    reader = read_pdf(write(plan, *talks))
    assert "/JavaScript" not in str(reader.trailer["/Root"])
    for page in reader.pages:
        for note in page.get("/Annots", ()):
            assert note.get_object()["/A"]["/URI"].startswith("https://example.org/")


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ("\U0001fbf0", "no font that is installed holds it; install the DejaVu or Noto fonts"),
        ("שלום", "hebrew letter shin .U.05E9. in .*its letters join or run from the right; take Word instead"),
        ("नमस्ते", "devanagari letter na"),
    ],
)
def test_a_character_that_cannot_be_shown_is_one_line_and_never_left_out(odd: str, told: str) -> None:
    talks = [make_talk("Ada Vance", f"{SHORT} {odd}")]
    plan = make_loose_plan(*talks)
    with pytest.raises(BadPack, match=told) as raised:
        write(plan, *talks)
    assert "\n" not in str(raised.value)
    assert find_pdf_problem(check_plan(plan, Stored(talks).verify)).startswith("The PDF cannot show ")
    assert odd in words_of_document(write_pack(plan, "handout", Stored(talks).verify))


def test_without_installed_fonts_that_of_the_package_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeset, "FAMILIES", (("none.ttf", "none-bold.ttf"), ("Vera.ttf", "VeraBd.ttf")))
    typeset.load_families.cache_clear()
    try:
        plain, odd = make_talk("Ada Vance", f"{SHORT} It’s “naïve” — so…"), make_talk("Bo Lind", f"{SHORT} Жук")
        plan = make_loose_plan(plain)
        assert f"“{plan.opening.quote}”" in words_of(write(plan, plain))
        with pytest.raises(BadPack, match=r"cyrillic capital letter zhe \(U\+0416\)"):
            write(make_loose_plan(odd), odd)
    finally:
        typeset.load_families.cache_clear()


def test_without_the_extra_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    talks = make_talks(3)
    plan = make_loose_plan(*talks)
    assert find_pdf_problem(check_plan(plan, Stored(talks).verify)) == ""
    monkeypatch.setattr("kb.exports.pack.formats.find_spec", lambda name: None if name == "reportlab" else 1)
    assert importlib.util.find_spec("reportlab")
    with pytest.raises(BadPack, match=r'extra "pdf"; install it: pip install'):
        write(plan, *talks)
    assert find_pdf_problem(check_plan(plan, Stored(talks).verify)) == NO_PDF
