"""The files of a pack, read back: every quotation is verbatim, nothing overflows, what is invented is marked."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx_integrity import ERROR, check, check_pptx
from packs import SHORT, Stored, make_loose_material, make_plan, make_talk, make_talks, quote_all
from pptx import Presentation
from pptx.util import Emu

from kb.exports.pack import template, wording
from kb.exports.pack.colors import HEAD
from kb.exports.pack.draft import draft_plan
from kb.exports.pack.fit import INCH, LEADING, count_lines
from kb.exports.pack.formats import PackFormat, name_pack, write_pack
from kb.exports.pack.plan import Plan
from kb.exports.pack.qr import draw_qr
from kb.model import Span, Transcript

LONG = " ".join(
    f"This is sentence number {n} of what was said about trust, and it goes on for a while." for n in range(60)
)
HOSTILE = [
    '=HYPERLINK("http://evil.example","click")',
    "a\x00b\x0b\x1bc\ud800" + "d",
    "\u202egnp.exe\u202c and \u2067turned",
    "<script>alert(1)</script> & ![x](http://x.example) | # *b*",
    "T" * 5000,
    "long words of a title " * 250,
    "漢字の題名" * 200,
    "\n\r\t  \u2028 ",
]


OFFICE: tuple[PackFormat, ...] = ("slides", "handout", "guide", "md")  # PDF has tests of its own


def read_slides(data: bytes) -> Any:
    return Presentation(io.BytesIO(data))


def texts_of(slide: Any) -> list[str]:
    frames = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    cells = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return [*frames, *cells]


def words_of_document(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def write_all(plan: Plan, talks: list[Transcript]) -> dict[PackFormat, bytes]:
    return {to: write_pack(plan, to, Stored(talks).verify) for to in OFFICE}


def quoted_on_slides(deck: Any) -> list[str]:
    """What stands in the quotation boxes, with the parts of a long one joined."""
    found: list[str] = []
    for slide in deck.slides:
        for shape in slide.shapes:
            text = shape.text_frame.text if shape.has_text_frame else ""
            if text.startswith("“") and text.endswith("”"):
                found.append(text[1:-1])
    return found


@pytest.fixture(scope="module")
def talks() -> list[Transcript]:
    return make_talks(9)


@pytest.fixture(scope="module")
def files(talks: list[Transcript]) -> dict[PackFormat, bytes]:
    return write_all(make_plan(talks), talks)


def test_every_quotation_stands_in_every_file_as_it_stands_in_its_turn(
    talks: list[Transcript], files: dict[PackFormat, bytes]
) -> None:
    plan = make_plan(talks)
    spoken = {turn.text for talk in talks for turn in talk.turns if turn.role == "leader"}
    on_slides = quoted_on_slides(read_slides(files["slides"]))
    assert on_slides == [one.quote for one in plan.quotations]
    for quote in on_slides:
        assert any(quote in turn for turn in spoken)
        assert f"“{quote}”" in words_of_document(files["handout"])
        assert f"“{quote}”" in words_of_document(files["guide"])
    assert files["md"].decode().count("\n> ") == len(plan.quotations)


def test_a_quotation_slide_tells_who_where_and_when_with_a_code_to_the_second(
    talks: list[Transcript], files: dict[PackFormat, bytes]
) -> None:
    first = make_plan(talks).opening
    slide = read_slides(files["slides"]).slides[2]
    told = texts_of(slide)
    assert f"First voice · {first.name}" in told
    assert f"chief executive, {first.name} & Co, 2021" in told
    assert "A talk, The show, 2021, 1:01" in told
    assert "Listen at 1:01" in told
    (picture,) = [shape for shape in slide.shapes if shape.shape_type == 13]
    described = picture._element._nvXxPr.cNvPr.get("descr")
    assert described == f"QR code: Listen at 1:01 of the interview with {first.name}, https://example.org/talks/7#t=61"
    assert picture.click_action.hyperlink.address == "https://example.org/talks/7#t=61"
    notes = slide.notes_slide.notes_text_frame.text
    assert "Said before by Max Ruh: “What did you learn from the people who worked with you in that year?”" in notes
    assert f"Before, {first.name}: “Before it all.”" in notes
    assert f"After, {first.name}: “After it all.”" in notes
    assert f"Source: {first.reference}" in notes


def test_every_slide_has_a_title_of_its_own_and_notes(files: dict[PackFormat, bytes]) -> None:
    slides = read_slides(files["slides"]).slides
    titles = [slide.shapes.title.text for slide in slides]
    assert len(set(titles)) == len(titles)
    assert all(slide.has_notes_slide and slide.notes_slide.notes_text_frame.text for slide in slides)
    assert titles[1] == "What we do, and when"
    assert [one for one in titles if one.startswith("Talk about it: ")]
    assert titles[-1].startswith("Sources")


def test_the_agenda_of_the_slides_adds_up(files: dict[PackFormat, bytes]) -> None:
    (table,) = [shape.table for shape in read_slides(files["slides"]).slides[1].shapes if shape.has_table]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["From", "Minutes", "What"]
    assert sum(int(row[1]) for row in rows[1:]) == 90


def test_documents_have_styles_heads_that_repeat_and_references(files: dict[PackFormat, bytes]) -> None:
    for to in ("handout", "guide"):
        document = Document(io.BytesIO(files[to]))
        styles = {paragraph.style.name for paragraph in document.paragraphs}
        assert {"Title", "Heading 1", "Heading 2", "Quote", "Attribution", "List Bullet"} <= styles
        assert all("w:tblHeader" in table.rows[0]._tr.xml for table in document.tables)
        assert "Sources" in [paragraph.text for paragraph in document.paragraphs]
        assert "PAGE" in document.sections[0].footer._element.xml
    steps = words_of_document(files["guide"])
    assert "Talk about the questions in 3 groups of 4." in steps
    assert "0:00 to 0:10 · Welcome and first voice" in steps


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_names_and_words_do_no_harm(title: str, tmp_path: Path) -> None:
    plain = "" if any(one in title for one in "\x00\u202e\u2028") else title[:60]
    talks = [make_talk(f"{n} {title}", f"{SHORT} {plain} {n}", title=title) for n in range(6)]
    talks = [replace(one, interview=replace(one.interview, id=f"talk-{n}")) for n, one in enumerate(talks)]
    plan = draft_plan(make_loose_material(quote_all(*talks)), 45, 5, title)
    written = write_all(plan, talks)
    check_fits(written["slides"], tmp_path)
    deck = read_slides(written["slides"])
    assert len(deck.slides[0].shapes.title.text) <= 200
    for to, data in written.items():
        if to == "md":
            text = data.decode("utf-8")
            assert "<script>" not in text
            assert "\n=HYPERLINK" not in text
            continue
        for name in (one for one in zipfile.ZipFile(io.BytesIO(data)).namelist() if one.endswith(".xml")):
            assert b"\x00" not in zipfile.ZipFile(io.BytesIO(data)).read(name)
        if to != "slides":
            path = tmp_path / f"{to}.docx"
            path.write_bytes(data)
            assert [str(one) for one in check(path) if one.severity == ERROR] == []
    assert re.fullmatch(r"[^/\\:*?\"<>|\x00-\x1f]{1,80}", name_pack(plan, "slides"))


def test_a_long_quotation_is_parted_over_slides_and_none_of_it_is_lost(tmp_path: Path) -> None:
    talk = make_talk("Ada Vance", LONG)
    plan = draft_plan(make_loose_material(quote_all(talk)), 45, 5)
    data = write_pack(plan, "slides", Stored([talk]).verify)
    check_fits(data, tmp_path)
    slides = read_slides(data).slides
    parts = [slide for slide in slides if "part " in slide.shapes.title.text]
    assert len(parts) == 2 * 5  # it opens, and it is the only one of its segment
    shown = [
        shape.text_frame.text
        for slide in parts[:5]
        for shape in slide.shapes
        if shape.has_text_frame and "sentence number" in shape.text_frame.text
    ]
    assert " ".join(shown) == f"“{LONG}”"
    assert parts[0].shapes.title.text == "First voice · Ada Vance · part 1 of 5"


def test_nothing_overflows_in_a_plain_pack(files: dict[PackFormat, bytes], tmp_path: Path) -> None:
    check_fits(files["slides"], tmp_path)


def check_fits(data: bytes, folder: Path) -> None:
    """Measure every box with our rules; another checker looks for text that runs over and shapes that collide."""
    for slide in read_slides(data).slides:
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text.strip():
                (size,) = {run.font.size.pt for one in shape.text_frame.paragraphs for run in one.runs}
                is_bold = any(run.font.bold for one in shape.text_frame.paragraphs for run in one.runs)
                assert size >= template.SMALLEST
                lines = count_lines(shape.text_frame.text, Emu(shape.width).inches, int(size), bold=is_bold)
                assert lines * size * LEADING <= Emu(shape.height).inches * INCH + 0.5, shape.text_frame.text[:80]
            assert shape.left >= 0
            assert Emu(shape.left + shape.width).inches <= template.WIDTH + 0.01
            assert Emu(shape.top + shape.height).inches <= template.HEIGHT + 0.01
    path = folder / "deck.pptx"
    path.write_bytes(data)
    found = map(str, check_pptx(path))
    assert [one for one in found if not one.startswith("[INFO")] == []  # a note: which font stands in for a missing one


def test_samples_are_marked_as_invented_on_every_slide_and_every_page() -> None:
    talks = make_talks(9, sample=True)
    written = write_all(make_plan(talks), talks)
    for slide in read_slides(written["slides"]).slides:
        told = texts_of(slide)
        assert wording.SAMPLES in told
        if any(text.startswith("“") for text in told):
            assert wording.SAMPLE in told
    for to in ("handout", "guide"):
        document = Document(io.BytesIO(written[to]))
        assert document.sections[0].header.paragraphs[0].text == wording.SAMPLES
        assert not document.sections[0].different_first_page_header_footer
        assert words_of_document(written[to]).count(wording.SAMPLE) >= 9
    assert wording.SAMPLES in written["md"].decode()
    real = make_talks(3)
    assert wording.SAMPLE not in write_pack(make_plan(real), "md", Stored(real).verify).decode()


def test_what_no_longer_stands_is_left_out_of_the_file_which_says_so(talks: list[Transcript]) -> None:
    plan = make_plan(talks)
    gone = plan.segments[0].quotations[0]
    changed = [
        replace(one, turns=tuple(replace(turn, text=turn.text.replace("knew", "know")) for turn in one.turns))
        if one.interview.id == gone.interview.id
        else one
        for one in talks
    ]
    line = f"Left out: the words of {gone.name} in A talk no longer stand in their interview."
    for to in OFFICE:
        data = write_pack(plan, to, Stored(changed).verify)
        if to == "slides":
            assert gone.quote not in quoted_on_slides(read_slides(data))
            assert line in read_slides(data).slides[0].notes_slide.notes_text_frame.text
        elif to == "md":
            assert line in data.decode()
        else:
            assert line in words_of_document(data)


def test_words_that_another_says_now_do_not_stand(talks: list[Transcript]) -> None:
    plan = make_plan(talks)
    moved = replace(plan.opening, span=Span(plan.opening.span.turn, plan.opening.span.start + 1, plan.opening.span.end))
    data = write_pack(replace(plan, opening=moved), "md", Stored(talks).verify)
    assert f"Left out: the words of {moved.name}" in data.decode()


@pytest.mark.parametrize(
    "address", ["", "ftp://x.example/a", "https://example.org/" + "a" * 3000, "javascript:alert(1)"]
)
def test_an_address_that_no_telephone_opens_has_no_code(address: str) -> None:
    talk = make_talk("Ada Vance", SHORT, url=address)
    plan = draft_plan(make_loose_material(quote_all(talk)), 45, 5)
    deck = read_slides(write_pack(plan, "slides", Stored([talk]).verify))
    assert not [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert plan.opening.link == ""


def test_a_code_is_a_picture_of_the_address() -> None:
    png = draw_qr("https://example.org/talks/7#t=61")
    assert png is not None
    assert png.startswith(b"\x89PNG")
    assert draw_qr("") is None
    assert draw_qr("https://example.org/" + "a" * 600) is None


def test_colours_are_told_apart_by_everybody() -> None:
    pairs = [
        (getattr(look, part), look.ground)
        for look in (template.LIGHT, template.DARK)
        for part in ("text", "quiet", "accent")
    ]
    more = [(template.ON_BADGE, template.BADGE), (template.LIGHT.text, HEAD), (template.LIGHT.quiet, "FFFFFF")]
    on_paper = [(one, "FFFFFF") for one in ("16213A", "4A5568", "0B5C63", "8A1C1C")]
    for text, ground in (*pairs, *more, *on_paper):
        assert contrast(text, ground) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("mark", ["\u202e", "\x07", "\ufffe", "\x1b[31m"])
def test_words_with_marks_that_act_on_a_page_are_left_out_and_said_so(mark: str) -> None:
    talks = [make_talk("Ada Vance", f"{SHORT} {mark}turned"), make_talk("Bo Lind", SHORT)]
    plan = draft_plan(make_loose_material(quote_all(*talks)), 45, 5)
    data = write_pack(plan, "slides", Stored(talks).verify)
    assert quoted_on_slides(read_slides(data)) == [SHORT, SHORT]
    assert "Left out: the words of Ada Vance in A talk hold marks" in words_of_document(
        write_pack(plan, "guide", Stored(talks).verify)
    )
