"""kb pack: what it writes, what it refuses, and that a question of the real interviews brings six leaders together."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from conftest import SOUP, STEEL
from pptx import Presentation
from pypdf import PdfReader

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.exports.pack.draft import draft_plan
from kb.exports.pack.formats import NO_PDF, write_pack
from kb.exports.pack.material import gather
from kb.knowledge_base import KnowledgeBase
from kb.model import Query, Span
from kb.settings import Settings

QUESTION = "How do you make volunteers care about soup?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base of two interviews, with a collection."""
    folder = tmp_path_factory.mktemp("packs")
    (folder / "interviews").mkdir()
    (folder / "interviews" / "soup.md").write_text(SOUP, encoding="utf-8")
    (folder / "interviews" / "steel.md").write_text(STEEL, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=folder / "home"))) as opened:
        ingest_paths([folder / "interviews"], opened)
        made = opened.collections.create("Care")
        for interview_id, start, end in (("soup", 0, 27), ("soup", 121, 200), ("steel", 0, 80)):
            opened.collections.pin(made.id, interview_id, Span(1, start, end))
    return folder / "home"


@pytest.fixture(autouse=True)
def use_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_HOME", str(home))


def test_a_folder_gets_all_files_and_nothing_is_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["pack", QUESTION, "--minutes", "45", "--people", "9", "--out", str(tmp_path / "new" / "pack")]
    assert main(command) == 0
    names = sorted(one.name for one in (tmp_path / "new" / "pack").iterdir())
    assert names == [
        "How-do-you-make-volunteers-care-about-soup-guide.docx",
        "How-do-you-make-volunteers-care-about-soup-handout.docx",
        "How-do-you-make-volunteers-care-about-soup-slides.pptx",
        "How-do-you-make-volunteers-care-about-soup.md",
    ]
    told = capsys.readouterr().out
    assert "45 minutes · 9 people" in told
    assert " 0:00   5 min  Welcome and first voice" in told
    before = {one: one.read_bytes() for one in (tmp_path / "new" / "pack").iterdir()}
    assert main(command) == 2
    assert "There is a file" in capsys.readouterr().err
    assert {one: one.read_bytes() for one in (tmp_path / "new" / "pack").iterdir()} == before


def test_a_file_gets_the_format_of_its_name(tmp_path: Path) -> None:
    for name in ("a.pptx", "b.docx", "c.md"):
        assert main(["pack", "--collection", "Care", "--out", str(tmp_path / name)]) == 0
    assert Presentation(str(tmp_path / "a.pptx")).core_properties.title == "Care"
    assert (tmp_path / "c.md").read_text(encoding="utf-8").startswith("# Care\n")


def test_a_pdf_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    assert main(["pack", "--collection", "Care", "--out", str(tmp_path / "d.pdf")]) == 0
    assert main(["pack", "--collection", "Care", "--out", str(tmp_path / "e"), "--format", "pdf,md"]) == 0
    assert sorted(one.name for one in (tmp_path / "e").iterdir()) == ["Care-handout.pdf", "Care.md"]
    for file in (tmp_path / "d.pdf", tmp_path / "e" / "Care-handout.pdf"):
        metadata = PdfReader(file).metadata
        assert metadata is not None
        assert metadata.title == "Care"


def test_without_the_extra_a_pdf_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kb.exports.pack.formats.find_spec", lambda name: None)
    assert main(["pack", "--collection", "Care", "--out", str(tmp_path / "d.pdf")]) == 2
    assert capsys.readouterr().err == f"kb: {NO_PDF}\n"
    assert list(tmp_path.iterdir()) == []


def test_json_tells_the_plan_and_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "pack",
        "--collection",
        "Care",
        "--title",
        "Our day",
        "--format",
        "md",
        "--out",
        str(tmp_path / "p"),
    ]
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["title"], told["minutes"], told["people"], told["warnings"]) == ("Our day", 90, 12, [])
    assert sum(slot["minutes"] for slot in told["agenda"]) == 90
    assert told["files"] == [str(tmp_path / "p" / "Our-day.md")]
    quoted = [one for slot in told["agenda"] for one in slot["quotations"]]
    assert {one["interview"] for one in quoted} == {"soup", "steel"}
    assert all(one["quote"] and one["end_offset"] > one["start_offset"] for one in quoted)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "x"], "Give one thing to make a pack from"),
        (["  ", "--out", "x"], "Give one thing"),
        (["soup?", "--theme", "ego", "--out", "x"], "Give one thing"),
        (["--theme", "soup", "--out", "x"], "There is no theme 'soup'"),
        (["--collection", "soup", "--out", "x"], "There is no collection 'soup'"),
        ([QUESTION, "--out", "x.odp"], "'odp' is no format of a pack; use pptx, docx, md, pdf"),
        ([QUESTION, "--out", "x", "--format", "odt"], "'odt' is no format of a pack"),
        ([QUESTION, "--out", "x.pptx", "--format", "pptx,md"], "takes one format"),
        ([QUESTION, "--people", "1", "--out", "x"], "A workshop has 2 to 500 people"),
        ([QUESTION, "--out", "/proc/none/x"], "/proc/none"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["pack", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not list(tmp_path.glob("x*"))


def test_a_question_that_nobody_answers_has_no_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = "Which telescope mirror coating reflects ultraviolet light?"
    assert main(["pack", asked, "--out", str(tmp_path / "x")]) == 1
    assert "The interviews do not speak to this" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_theme_of_small_interviews_is_quoted_or_refused_in_words(tmp_path: Path) -> None:
    assert main(["pack", "--theme", "layoffs", "--out", str(tmp_path / "x.md")]) == 0
    assert "should hear such a thing" in (tmp_path / "x.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [45, 90, 180])
def test_real_interviews_bring_six_leaders_together(real: KnowledgeBase, minutes: int) -> None:
    plan = draft_plan(gather(real, Query("How do leaders ignite shared passion?")), minutes, 12)
    assert 3 <= len(plan.segments) <= 5
    assert len(plan.leaders) >= 6
    for one, stored in zip(plan.quotations, real.quotes.verify(plan.quotations), strict=True):
        assert stored is not None
        assert stored.turns[one.span.turn].text[one.span.start : one.span.end] == one.quote
    assert write_pack(plan, "slides", real.quotes.verify)
