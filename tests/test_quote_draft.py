"""A draft's quotations are found as a reader sees them, with those to whom they are given."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from kb.errors import UnreadableFile
from kb.quotes.draft import read_quotations
from kb.quotes.draft_file import read_draft_bytes, read_draft_file, read_draft_text

KNOWN = ("Tobias Renn", "Ada Stone")


def read(text: str) -> list[tuple[str, str | None]]:
    return [(one.text, one.attributed_to) for one in read_quotations(read_draft_text(text), KNOWN)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("“Bread is patience,” says Ada Stone.", [("Bread is patience,", "Ada Stone")]),
        ('Ada Stone said: "Bread is patience."', [("Bread is patience.", "Ada Stone")]),
        ('"Bread is patience," the baker Ada Stone, 41, recalls.', [("Bread is patience,", "Ada Stone")]),
        ("According to the founder Ada Stone, “bread is patience”.", [("bread is patience", "Ada Stone")]),
        ("As Renn puts it, “the river owns us”.", [("the river owns us", "Renn")]),
        ("**Ada Stone:** “Bread is patience.”", [("Bread is patience.", "Ada Stone")]),
        ("‘It was the workers’ own idea,’ says Stone.", [("It was the workers’ own idea,", "Stone")]),
        ("“I was told ‘no’ for ten years,” Renn said.", [("I was told ‘no’ for ten years,", "Renn")]),
        ("Renn told Marta Quill: “The river owns us.”", [("The river owns us.", "Renn")]),
        ("He calls it “synergy”, at 5'10\" tall.", []),
        ("“Bread is patience” (Ada Stone)", [("Bread is patience", "Ada Stone")]),
    ],
)
def test_a_quotation_has_the_speaker_named_before_inside_or_after(
    text: str, found: list[tuple[str, str | None]]
) -> None:
    assert read(text) == found


def test_a_quotation_that_is_interrupted_has_one_speaker() -> None:
    text = "“Bread is patience,” says Ada Stone, “and it is salt. Mostly it is salt.”"
    assert [who for _, who in read(text)] == ["Ada Stone", "Ada Stone"]


def test_a_pronoun_stands_for_who_was_named_last() -> None:
    text = "Over coffee Ada Stone laughs.\n\n“I cannot cook at all,” she says.\n\n“My cooks can do it.”"
    assert read(text) == [("I cannot cook at all,", "Ada Stone"), ("My cooks can do it.", None)]


def test_a_quotation_over_paragraphs_is_one() -> None:
    text = "“The first does not close.\n\n“The second does,” says Renn.\n\n“Another one,” he adds."
    assert read(text) == [("The first does not close.\n\nThe second does,", "Renn")]


def test_block_quotations_are_read_with_the_line_that_signs_them() -> None:
    text = "> Bread is patience.\n> — Ada Stone, *Ladle*\n\nAs Tobias Renn says:\n\n> “The river owns us all.”"
    assert read(text) == [("Bread is patience.", "Ada Stone"), ("The river owns us all.", "Tobias Renn")]


def make_word_file() -> bytes:
    document = docx.Document()
    document.add_paragraph("“Bread is patience,” says Ada Stone.")
    document.add_paragraph("The river owns us all.", style="Quote")
    document.add_table(1, 1).cell(0, 0).text = "“In a table too,” he said."
    changed = document.add_paragraph("“It was ")
    for tag, text_tag, text in (("ins", "t", "never "), ("del", "delText", "always ")):
        run = docx.oxml.parse_xml(
            f'<w:{tag} xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:id="1" w:author="x">'
            f'<w:r><w:{text_tag} xml:space="preserve">{text}</w:{text_tag}></w:r></w:{tag}>'
        )
        changed._p.append(run)
    changed.add_run("my idea.”")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_word_file_is_read_with_its_blocks_tables_and_accepted_changes() -> None:
    found = read_quotations(read_draft_bytes(make_word_file(), "draft.docx"), KNOWN)
    assert [one.text for one in found] == [
        "Bread is patience,",
        "The river owns us all.",
        "In a table too,",
        "It was never my idea.",
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("draft.docx", b"PK\x03\x04 cut"),
        ("draft.docx", make_word_file()[:2000]),
        ("draft.exe", b"MZ"),
        ("draft.txt", b"a\0b"),
    ],
)
def test_what_is_no_draft_is_refused_in_one_line(name: str, data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=name) as refused:
        read_draft_bytes(data, name)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_draft_file(tmp_path / "none.md")
