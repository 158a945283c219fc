"""PDF files: who speaks on which page, without what the printer added; and those that hold no text."""

from __future__ import annotations

import io
import zlib
from itertools import zip_longest

import pytest
from documents import make_pdf
from pypdf import PdfReader, PdfWriter
from talk import GUEST, HOST, TALK, build_turns

from ingest.readers import read_script
from ingest.readers.documents.pdf import extract_pages
from kb.errors import UnreadableFile


def turns_of(data: bytes) -> list[tuple[str | None, int | None, str]]:
    turns = build_turns(read_script(data, "talk.pdf"))
    return [(turn.speaker, turn.page, turn.text) for turn in turns if turn.kind in ("talk", "teaser")]


def wrap(text: str, width: int = 60) -> list[str]:
    rows = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) >= width:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


def test_a_printed_talk_keeps_its_pages_and_loses_headers_and_footers() -> None:
    pages = [[row for who, _, text in TALK[n : n + 2] for row in wrap(f"{who}: {text}")] for n in (0, 2, 4)]
    data = make_pdf(*pages, header="Second Shift", footer="Page {}")
    assert turns_of(data) == [(who, 1 + place // 2, text) for place, (who, _, text) in enumerate(TALK)]


def test_a_court_numbers_its_lines_and_names_its_speakers_in_capitals() -> None:
    openings = ["", "Well, ", "Honestly, ", "As I said before, ", "Once more and for the record, "]
    spoken = [
        ("MS. FENWICK: " if who == HOST else "A. ", opening + text) for opening in openings for who, _, text in TALK
    ]
    rows = [row for label, text in spoken for row in wrap(label + text)]
    pages = [rows[n : n + 25] for n in range(0, len(rows), 25)]
    found = turns_of(make_pdf(*pages, header="Official - Subject to Review", footer="Page {}", numbered=True))
    assert [(who, text) for who, _, text in found] == [(label.strip(" :."), text) for label, text in spoken]


def test_an_earnings_call_names_its_people_on_lines_of_their_own() -> None:
    roster = ["Second Shift - Earnings Call", "Company Participants", f"{GUEST} - Chief Executive Officer"]
    roster += ["Mira Holt - Chief Financial Officer", "Conference Call Participants", f"{HOST} - Analyst, Weir Bank"]
    spoken = []
    for who, _, text in TALK:
        spoken += [who, "Analyst, Weir Bank" if who == HOST else "Chief Executive Officer", *wrap(text)]
    data = make_pdf([*roster, "Presentation"], spoken, footer="{}")
    assert turns_of(data) == [(who, 2, text) for who, _, text in TALK]


def test_an_earnings_call_in_two_columns_reads_one_after_the_other() -> None:
    people = [f"Company Participants||{'Other Participants'}", f"{GUEST} - CEO||{HOST} - Analyst, Weir Bank"]
    people += ["Mira Holt - Chief Financial Officer||", "Presentation||"]
    left, right = ([row for who, _, text in part for row in (who, *wrap(text, 34))] for part in (TALK[:3], TALK[3:]))
    rows = [f"{one}||{other}" for one, other in zip_longest(left, right, fillvalue="")]
    found = turns_of(make_pdf(["Q4 2023 Earnings Call", *people], rows, footer="{}"))
    assert found == [(who, 2, text) for who, _, text in TALK]


def test_a_deposition_names_examiner_and_witness_and_ends_before_its_index() -> None:
    openings = ["", "Well, ", "Honestly, ", "As I said before, ", "Once more and for the record, "]
    spoken = [(who, opening + text) for opening in openings for who, _, text in TALK]
    cover = ["DEPOSITION OF BRAM CASTELLAN", "APPEARANCES:", "ORLA FENWICK, ESQ.", "MS. FENWICK ........ 3"]
    rows = ["BRAM CASTELLAN, having been duly sworn, was", "examined and testified as follows:", "BY MS. FENWICK:"]
    rows += [row for who, text in spoken for row in wrap(("Q.  " if who == HOST else "A.  ") + text, 56)]
    pages = [rows[n : n + 25] for n in range(0, len(rows), 25)]
    index = [f"loom{n} {n}:{n % 25},{n % 20 + 2} {n + 1}:{n % 24 + 1}" for n in range(1, 26)]
    found = turns_of(make_pdf(cover, *pages, index, header="Castellan - March 4", footer="Page {}", numbered=True))
    names = {HOST: "MS. FENWICK", GUEST: "BRAM CASTELLAN"}
    assert [(who, text) for who, _, text in found] == [(names[who], text) for who, text in spoken]


def test_a_word_cut_at_the_margin_is_whole_again() -> None:
    rows = [
        "Ada: We own the weavers' guild, and the weav-",
        "ers own us.",
        "Ben: I see.",
        "Ada: Weavers first.",
        "Ben: Yes.",
    ]
    assert turns_of(make_pdf([*rows, "Ada: Our weavers stay."]))[0][2].endswith("and the weavers own us.")


def test_a_pdf_without_text_wants_ocr() -> None:
    with pytest.raises(UnreadableFile, match=r"images only.*OCR"):
        read_script(make_pdf([]), "scan.pdf")


def test_an_encrypted_pdf_is_refused() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf(["Ada: Hello."]))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(UnreadableFile, match="encrypted"):
        read_script(out.getvalue(), "talk.pdf")


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_is_only_locked_against_editing_is_read(algorithm: str) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf(["Ada: We own the guild.", "Ben: I see."]))))
    writer.encrypt(user_password="", owner_password="secret", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    assert "We own the guild." in read_script(out.getvalue(), "talk.pdf").lines[0].text


@pytest.mark.parametrize("data", [b"%PDF-1.7\n1 0 obj <<", b"%PDF-1.4\n%%EOF", make_pdf(["Ada: Hi."])[:300]])
def test_a_broken_pdf_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="the PDF is broken") as refusal:
        read_script(data, "talk.pdf")
    assert "\n" not in str(refusal.value)


def test_a_pdf_without_pages_is_no_empty_success() -> None:
    out = io.BytesIO()
    PdfWriter().write(out)
    with pytest.raises(UnreadableFile, match="no pages"):
        read_script(out.getvalue(), "talk.pdf")


def test_a_pdf_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(UnreadableFile, match="more than 0 s"):
        extract_pages(make_pdf(["Ada: Hello."]), seconds=0.01)


def test_a_page_that_unpacks_beyond_measure_is_refused() -> None:
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
    head = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length " + str(len(stream)).encode() + b">>stream\n"
    )
    with pytest.raises(UnreadableFile):
        read_script(head + stream + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF", "bomb.pdf")
