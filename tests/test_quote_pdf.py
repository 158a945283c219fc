"""A draft in PDF is read as its writer wrote it: paragraphs, not lines."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pypdf
import pytest
import reportlab
from documents import make_pdf
from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from kb.errors import UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.quotes import draft_pdf
from kb.quotes.draft import Paragraph, read_quotations
from kb.quotes.draft_file import read_draft_bytes
from kb.quotes.hyphens import DOUBTFUL, settle_hyphens

FILLING = "The rest of this line is there to make it as wide as the column of a page is."


def set_lines(*lines: tuple[str, float, float], font: str = "Courier") -> bytes:
    """A page of lines, each with its left edge and its height."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=1)
    canvas.setFont(font, 9)
    for text, left, height in lines:
        canvas.drawString(left, height, text)
    canvas.save()
    return out.getvalue()


def read(data: bytes) -> list[str]:
    return [one.text for one in read_draft_bytes(data, "draft.pdf")]


def settle(text: str, *known: str) -> str:
    return settle_hyphens([Paragraph(text)], lambda word: word.lower() in known)[0].text


def test_lines_are_joined_and_paragraphs_end_at_a_gap_or_an_indent() -> None:
    height = iter(range(700, 100, -12))
    lines = [(FILLING, 80, next(height)), ("“Bread is", 80, next(height)), ("patience,” she says.", 80, next(height))]
    indented = [(FILLING, 98, next(height)), (FILLING, 80, next(height))]
    again = [(FILLING, 98, next(height)), (FILLING, 80, next(height))]
    apart = [("The end.", 80, next(height) - 12.0)]
    found = read(
        set_lines(*[(text, float(left), float(down)) for text, left, down in lines + indented + again + apart])
    )
    assert found == [
        f"{FILLING} “Bread is patience,” she says.",
        f"{FILLING} {FILLING}",
        f"{FILLING} {FILLING}",
        "The end.",
    ]


def test_headers_footers_and_page_numbers_do_not_cut_a_quotation_in_two() -> None:
    pages: list[Sequence[str]] = [[FILLING, "“Nobody who has shared a table."], ["With a neighbour.” So he said."]]
    found = read(make_pdf(*pages, ["And more."], ["The end."], header="The Weekly, page {}", footer="{}"))
    assert found == [
        f"{FILLING} “Nobody who has shared a table. With a neighbour.” So he said.",
        "And more.",
        "The end.",
    ]


def test_ligatures_are_letters() -> None:
    registerFont(TTFont("Vera", Path(reportlab.__file__).with_name("fonts") / "Vera.ttf"))
    assert read(set_lines(("The ﬁnal ﬂow of it.", 80.0, 700.0), font="Vera")) == ["The final flow of it."]


def test_a_hyphen_at_the_end_of_a_line_is_settled_by_what_people_say() -> None:
    (text,) = read(make_pdf(["She baked the bread with pa-", "tience, first-", "class and re-sold, and"]))
    assert text == f"She baked the bread with pa{DOUBTFUL}tience, first{DOUBTFUL}class and re-sold, and"
    assert settle(text, "patience", "first", "class").startswith("She baked the bread with patience, first-class and")
    assert settle(f"A zab{DOUBTFUL}lig", "zab") == "A zablig"
    assert settle(f"1{DOUBTFUL}2") == "1-2"


def test_the_quotations_of_a_pdf_are_judged(filled: KnowledgeBase) -> None:
    lines = ["As she said, “Nobody who has shared a ta-", "ble with a neighbour needs a speech about pur-", "pose.”"]
    (checked,) = filled.quotes.check(read_draft_bytes(make_pdf(lines), "draft.pdf"))
    assert checked.judgement.verdict == "verbatim"
    assert checked.quotation.text == "Nobody who has shared a table with a neighbour needs a speech about purpose."


def encrypt(data: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"%PDF-1.7 nothing", "broken"),
        (make_pdf([]), "images only"),
        (encrypt(make_pdf(["Some words."])), "encrypted"),
        (make_pdf(*[["x"]] * 1_001), "1,001 pages"),
    ],
)
def test_a_pdf_that_cannot_be_read_is_refused_in_one_line(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile, match=rf"draft\.pdf .*{why}") as refused:
        read_draft_bytes(data, "draft.pdf")
    assert "\n" not in str(refused.value)


def test_a_pdf_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_pdf, "TIME_LIMIT", 0.01)
    with pytest.raises(UnreadableFile, match="takes more than"):
        read_draft_bytes(make_pdf(["Some words."]), "draft.pdf")


def test_a_soft_hyphen_in_a_word_is_not_seen(filled: KnowledgeBase) -> None:
    (checked,) = filled.quotes.check([Paragraph("“You do not talk about so\xadup,” he said.")])
    assert checked.judgement.verdict == "verbatim"
    assert read_quotations([Paragraph("“so\xadup it is”")])[0].text == "so\xadup it is"
