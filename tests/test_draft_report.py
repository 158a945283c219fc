"""The report on a draft, and the draft with the true words: as files that others open, where nothing runs."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from documents import make_docx, make_pdf
from docx import Document
from timing import measured

from kb.cli.main import main
from kb.errors import BadReport
from kb.exports.draft_report import REPORT_KINDS, choose_format, export_report, name_report
from kb.knowledge_base import KnowledgeBase
from kb.quotes.desk import CheckedDraft
from kb.quotes.draft_file import read_draft_bytes
from kb.quotes.draft_fix import fix_draft

DRAFT = """# =On soup

“You never talk about soup,” says Mara Quill.\x07 "They write the rules," Quill adds.

> We tried posters once, and
> the posters did everything at all.
> — Mara Quill

“=HYPERLINK(1,2) and *nobody* said <b>this</b> ever,” he says.

“Nobody who has shared a table

“with a neighbour needs a speech,” she said.
"""
VERDICTS = ["light edit", "wrong person", "light edit", "not found", "verbatim"]


def check(knowledge_base: KnowledgeBase, text: str | bytes = DRAFT, name: str = "draft.md") -> CheckedDraft:
    data = text.encode() if isinstance(text, str) else text
    return knowledge_base.quotes.check_draft(read_draft_bytes(data, name))


def open_word(data: bytes) -> Any:
    return Document(io.BytesIO(data))


def test_word_holds_a_table_then_the_draft_with_a_comment_at_each_quotation(filled: KnowledgeBase) -> None:
    document = open_word(export_report(check(filled), "draft.md", "docx"))
    first, second = ([[cell.text for cell in row.cells] for row in table.rows] for table in document.tables)
    assert first == [
        ["Verdict", "Quotations"],
        ["Verbatim", "1"],
        ["Words changed", "2"],
        ["Right words, wrong person", "1"],
        ["Not found", "1"],
    ]
    assert second[1] == [
        "Words changed",
        "1",
        "“You never talk about soup,”",
        "Mara Quill, founder, Ladle House. Soup for a city, 2019-05-04, 0:12",
    ]
    comments = [one.text.split("\n") for one in document.comments]
    assert [one.author for one in document.comments] == ["Fusion"] * 5
    assert comments[0] == [
        "1. Words changed",
        "True words: “You do not talk about soup”",
        "Changed: “never” stands for “do not”.",
        "Mara Quill, founder, Ladle House: Soup for a city, 2019-05-04, 0:12.",
    ]
    assert comments[1][1] == "These are the words of Otto Brandl."
    assert comments[3] == ["4. Not found", "Nothing like it stands in the interviews."]
    assert comments[4][1] == "The sentence begins before these words, or goes on after them."


def test_word_marks_exactly_the_quoted_characters_by_their_verdict(filled: KnowledgeBase) -> None:
    document = open_word(export_report(check(filled), "draft.md", "docx"))
    body = document.paragraphs[[one.text for one in document.paragraphs].index("The draft") + 1 :]
    assert body[0].text == "# =On soup"
    assert body[1].text.replace("\ufffd", "\x07") == (
        '1“You never talk about soup,” says Mara Quill.\x07 2"They write the rules," Quill adds.'
    )
    marked = [(run.font.highlight_color.name, run.text) for one in body for run in one.runs if run.font.highlight_color]
    assert marked == [
        ("YELLOW", "“You never talk about soup,”"),
        ("PINK", '"They write the rules,"'),
        ("YELLOW", "We tried posters once, and\nthe posters did everything at all."),
        ("RED", "“=HYPERLINK(1,2) and *nobody* said <b>this</b> ever,”"),
        ("BRIGHT_GREEN", "“Nobody who has shared a table"),
        ("BRIGHT_GREEN", "“with a neighbour needs a speech,”"),
    ]
    assert body[2].style.name == "Quote"


def test_markdown_tells_the_same_and_escapes_its_own_marks(filled: KnowledgeBase) -> None:
    written = export_report(check(filled), "a_draft.md", "md").decode()
    assert written.startswith(
        "# Quotations of a\\_draft.md\n\n| Verdict | Quotations |\n|---|---|\n| Verbatim | 1 |\n| Words changed | 2 |"
    )
    assert "## 1. Words changed\n\n> You never talk about soup,\n\n- Given to Mara Quill.\n" in written
    assert "- **True words:** “You do not talk about soup”\n" in written
    assert "> \\=HYPERLINK(1,2) and \\*nobody\\* said \\<b\\>this\\</b\\> ever," in written


def test_no_cell_of_the_csv_begins_a_formula(filled: KnowledgeBase) -> None:
    written = export_report(check(filled), "draft.md", "csv")
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert [row["verdict"] for row in rows] == VERDICTS
    assert rows[3]["quotation"] == "'=HYPERLINK(1,2) and *nobody* said <b>this</b> ever,"
    assert (rows[0]["true words"], rows[0]["source"], rows[0]["turn"]) == ("You do not talk about soup", "soup.md", "1")


def test_the_report_is_named_after_the_draft_and_its_format_by_its_ending() -> None:
    assert name_report("../On: soup.docx", "csv") == "On- soup-checked.csv"
    assert [choose_format(Path(f"x{kind.suffix.upper()}")) for kind in REPORT_KINDS.values()] == list(REPORT_KINDS)
    with pytest.raises(BadReport, match=r"\.docx, \.md or \.csv"):
        choose_format(Path("report.pdf"))


def test_the_true_words_replace_light_edits_and_nothing_else(filled: KnowledgeBase) -> None:
    fixed = fix_draft(check(filled), DRAFT.encode(), "draft.md", ".md")
    assert fixed.data.decode() == DRAFT.replace("You never talk", "You do not talk").replace(
        "We tried posters once, and\n> the posters did everything at all.",
        "We tried posters once, and the posters did nothing at all.",
    )
    assert (fixed.replaced, fixed.left) == ((1, 3), (2, 4))
    again = check(filled, fixed.data)
    assert [one.judgement.verdict for one in again.quotations] == [
        "verbatim" if one == "light edit" else one for one in VERDICTS
    ]


def test_line_ends_code_and_a_signature_of_utf_8_stay_as_they_are(filled: KnowledgeBase) -> None:
    text = "```\r\n“You never talk about soup”\r\n```\r\nHe: “You never talk about soup.”\r\n\r\n\r\nEnd"
    fixed = fix_draft(check(filled, "\ufeff" + text), ("\ufeff" + text).encode(), "draft.md", ".md")
    assert fixed.data.decode() == text.replace("He: “You never", "He: “You do not")


def test_a_word_file_keeps_its_look_and_takes_over_the_true_words(filled: KnowledgeBase) -> None:
    runs = [("“You never ", ""), ("talk about", "bold"), (" soup,” says Mara Quill.", "")]
    data = make_docx("Before.", runs, table=[["“The posters did everything,” she says.", "x"]])
    draft = check(filled, data, "draft.docx")
    fixed = fix_draft(draft, data, "draft.docx", ".docx")
    document = open_word(fixed.data)
    assert [one.text for one in document.paragraphs] == ["Before.", "“You do not talk about soup,” says Mara Quill."]
    assert document.tables[0].rows[0].cells[0].text == "“the posters did nothing,” she says."
    assert [run.bold for run in document.paragraphs[1].runs] == [None, True, None]
    assert fixed.replaced == (1, 2)
    assert fix_draft(draft, data, "draft.docx", ".txt").data.decode().startswith("Before.\n\n“You do not talk about")


def test_a_pdf_is_given_back_as_text_and_what_cannot_be_written_says_so(filled: KnowledgeBase) -> None:
    data = make_pdf(["“You never talk about soup,” says Quill."])
    draft = check(filled, data, "draft.pdf")
    assert fix_draft(draft, data, "draft.pdf", ".md").data.decode() == "“You do not talk about soup,” says Quill.\n"
    with pytest.raises(BadReport, match=r"\.md or \.txt; name it so"):
        fix_draft(draft, data, "draft.pdf", ".docx")


@pytest.fixture
def home(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KB_HOME", filled.status().home)
    return Path(filled.status().home)


def test_the_command_writes_both_and_never_over_a_file(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, report, fixed = tmp_path / "draft.md", tmp_path / "report.docx", tmp_path / "fixed.md"
    draft.write_text(DRAFT, encoding="utf-8")
    command = ["check", str(draft), "--report", str(report), "--fix", str(fixed)]
    assert main(command) == 1
    assert "2 with the true words; 2 need a person: 2, 4" in capsys.readouterr().err
    assert "You do not talk about soup" in fixed.read_text(encoding="utf-8")
    assert len(list(open_word(report.read_bytes()).comments)) == 5
    written = report.stat().st_mtime_ns
    assert main(command) == 2
    assert "There is a file" in capsys.readouterr().err
    assert report.stat().st_mtime_ns == written
    assert main(["check", str(draft), "--fix", str(draft)]) == 2
    assert draft.read_text(encoding="utf-8") == DRAFT
    for bad in (["--report", str(tmp_path / "report.pdf")], ["--fix", str(tmp_path / "none" / "x.md")]):
        assert main(["check", str(draft), *bad]) == 2
    assert sorted(one.name for one in tmp_path.glob("*.*")) == ["draft.md", "fixed.md", "report.docx"]


@pytest.mark.slow
def test_libreoffice_opens_the_report_with_all_its_comments(filled: KnowledgeBase, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not installed")
    (tmp_path / "report.docx").write_bytes(export_report(check(filled), "draft.md", "docx"))
    command = [office, "--headless", f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--convert-to", "fodt"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "report.docx")], check=True, timeout=120)
    assert (tmp_path / "report.fodt").read_text(encoding="utf-8").count("<office:annotation ") == 5


@pytest.mark.slow
def test_a_word_article_of_thirty_quotations_takes_less_than_five_seconds(real: KnowledgeBase) -> None:
    turns = [one for card in real.interviews()[:30] for one in real.transcript(card.id).turns if len(one.text) > 900]
    quotes = [turn.text[300:500].partition(" ")[2].rpartition(" ")[0] for turn in turns[:: len(turns) // 30][:30]]
    data = make_docx(*[f"As somebody said, “{quote.replace(chr(10), ' ')}”." for quote in quotes])
    real.quotes.check(read_draft_bytes(data, "warm.docx"))
    with measured() as taken:
        draft = check(real, data, "article.docx")
        export_report(draft, "article.docx", "docx")
        assert len(draft.quotations) >= 25
    assert taken.seconds < 5
