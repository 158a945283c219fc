"""Collections from the command line: move, note, tag, remove; the doctor notes what became of pinned words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.text.sentences import sentence_spans


@pytest.fixture
def alpha(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> KnowledgeBase:
    """A knowledge base with a collection of three quotations."""
    monkeypatch.setenv("KB_HOME", filled.status().home)
    made = filled.collections.create("Alpha")
    text = filled.transcript("soup").turns[1].text
    for start, end in sentence_spans(text)[:3]:
        filled.collections.pin(made.id, "soup", Span(1, start, end))
    return filled


def quotes(knowledge_base: KnowledgeBase) -> list[tuple[str, str, tuple[str, ...]]]:
    pins = knowledge_base.collections.pins(knowledge_base.collections.find("Alpha").id)
    return [(pin.quote[:7], pin.note, pin.tags) for pin in pins]


def test_a_quotation_is_moved_noted_tagged_and_removed(
    alpha: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["collections", "alpha", "--move", "3", "1"]) == 0
    assert [one[0] for one in quotes(alpha)] == ["Nobody ", "You do ", "You let"]
    assert capsys.readouterr().out.startswith("1. “Nobody who")
    assert main(["collections", "alpha", "--note", "2", "Ask her  again."]) == 0
    assert main(["collections", "alpha", "--tag", "2", "soup, people,soup"]) == 0
    assert quotes(alpha)[1] == ("You do ", "Ask her  again.", ("soup", "people"))
    assert "tags: soup, people\n   note: Ask her" in capsys.readouterr().out
    assert main(["collections", "alpha", "--note", "2", ""]) == main(["collections", "alpha", "--tag", "2", ""]) == 0
    assert quotes(alpha)[1] == ("You do ", "", ())
    assert main(["collections", "alpha", "--unpin", "2"]) == 0
    assert [one[0] for one in quotes(alpha)] == ["Nobody ", "You let"]


@pytest.mark.parametrize(
    "command",
    [
        ["alpha", "--move", "1", "4"],
        ["alpha", "--move", "0", "1"],
        ["alpha", "--note", "4", "x"],
        ["alpha", "--note", "one", "x"],
        ["alpha", "--tag", "9" * 5_000, "x"],
        ["alpha", "--note", "1", "x" * 5_001],
        ["none", "--move", "1", "2"],
        ["--tag", "1", "x"],
    ],
)
def test_what_cannot_be_changed_is_one_line(
    alpha: KnowledgeBase, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = quotes(alpha)
    assert main(["collections", *command]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert quotes(alpha) == before


def test_the_doctor_notes_pins_whose_words_changed_or_are_gone_and_finds_no_fault_in_that(
    alpha: KnowledgeBase, interviews_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alpha.examine() == []
    file = interviews_folder / "soup.md"
    changed = file.read_text(encoding="utf-8").replace("You do not talk", "You never talk")
    file.write_text(changed.replace("Nobody who has shared a table with a neighbour needs", "x"), encoding="utf-8")
    ingest_paths([interviews_folder], alpha)
    (note,) = alpha.examine()
    assert not note.is_problem
    assert note.text.startswith('collection "Alpha": the words of quotation')
    alpha.remove("soup")
    (note, *_) = alpha.examine()
    assert note.text == (
        'collection "Alpha": quotations 1, 2, 3 no longer stand in the interview; see: kb collections "Alpha"'
    )
    assert main(["doctor"]) == 0
    assert f"note: {note.text}" in capsys.readouterr().out
    assert main(["collections", "alpha", "--json"]) == 0
    assert {one["state"] for one in json.loads(capsys.readouterr().out)["quotations"]} == {"gone"}
