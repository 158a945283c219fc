"""kb lens, kb lens judge, and kb ask of the question that the lens answers."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from test_lens import CAUSE, CODE
from test_lens_framework import OWN

from ingest.cli.main import main as ingest
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.settings import Settings

SAID = {
    "Ada Vance": CAUSE,
    "Bo Lind": "People joined because they believe in the mission more than in the pay, and all of us share it."
    " I share the bad numbers with the whole company, I ask people what they think, and they may disagree with me.",
    "Cy Marsh": "We respect each other, and everybody belongs here. We care about people, we mentor them and help them"
    " grow, and we celebrate the people who did the work and give them the credit for it.",
}


def test_both_sides_are_printed(filled_app_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lens"]) == 0
    printed = capsys.readouterr().out
    assert "Fusion and power" in printed
    assert printed.index("WHAT ATTRACTS PEOPLE") < printed.index("WHAT DRIVES PEOPLE AWAY")
    assert main(["lens", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["learnt"], [side["side"] for side in shown["sides"]]) == (True, ["attracts", "drives_away"])
    quoted = [one for side in shown["sides"] for behaviour in side["behaviours"] for one in behaviour["quotations"]]
    assert quoted
    assert all(one["quote"] in printed and one["stance"] in ("does", "warns", "tells") for one in quoted)


def test_filters_that_leave_nothing_say_so(filled_app_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lens", "--year", "1901"]) == 1
    assert "nothing" in capsys.readouterr().out


def test_each_text_of_a_file_becomes_one_line(
    filled_app_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(f'{{"text": "{CAUSE}"}}\n\n{{"text": "{CODE}", "id": 7}}\n', encoding="utf-8")
    assert main(["lens", "judge", str(file)]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(first) == ["effect", "behaviours", "stance", "sure"]
    assert (first["effect"], second["effect"], second["behaviours"], second["stance"]) == (
        "attracts",
        "neither",
        [],
        "",
    )


@pytest.mark.parametrize(
    "bad", ["no json", '{"words": 1}', '{"text": 3}', '{"text": " ?"}', "[1]", '{"text": "\\ud800"}']
)
def test_a_bad_line_is_named_by_its_number_and_stops_nothing(
    bad: str, filled_app_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(f'{{"text": "{CODE}"}}\n{bad}\n{{"text": "{CODE}"}}\n', encoding="utf-8")
    assert main(["lens", "judge", str(file)]) == 1
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2
    (complaint,) = printed.err.splitlines()
    assert "line 2" in complaint


def test_what_cannot_be_judged_is_refused_in_one_line(
    filled_app_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(OWN.replace("drives_away:", "drives_off:"), encoding="utf-8")
    for arguments in (["judge"], ["judge", str(tmp_path / "none.jsonl")], ["--framework", str(broken)]):
        assert main(["lens", *arguments]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def add_leaders(folder: Path) -> None:
    """Three leaders: what fewer of them say would be left to the search."""
    folder.mkdir()
    for name, said in SAID.items():
        leader = f"{{name: {name}, company: {name} Mills}}"
        card = f"---\ntitle: {name} on trust\nleaders:\n  - {leader}\nhost: Max Ruh\n---\n\n"
        talk = f"**Max Ruh:** How do you work with your people?\n\n**{name}:** {said}\n"
        (folder / f"{name}.md").write_text(card + talk, encoding="utf-8")
    assert ingest([str(folder)]) == 0


def test_the_question_in_words_gets_both_sides(
    filled_app_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = "What drives people away, and what attracts them to a shared cause?"
    assert main(["ask", question]) == 0
    assert "WHAT ATTRACTS PEOPLE" not in capsys.readouterr().out
    add_leaders(tmp_path / "more")
    capsys.readouterr()
    assert main(["ask", question]) == 0
    assert "WHAT ATTRACTS PEOPLE" in capsys.readouterr().out
    assert main(["ask", question, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {"question", "covered", "citations", "lens"} <= set(answer)
    assert main(["ask", "How did the mill tell people about the layoffs?", "--json"]) == 0
    assert "lens" not in json.loads(capsys.readouterr().out)


def test_what_people_said_is_listed_and_written_to_a_new_file(
    filled_app_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lens", "tags"]) == 1
    assert "Nobody has judged a passage yet" in capsys.readouterr().err
    with closing(KnowledgeBase.open(Settings(home=filled_app_home))) as opened:
        turn = next(one for one in opened.transcript("soup").turns if one.role == "leader")
        opened.lens.tags.judge("Ann", "soup", Span(turn.index, 0, 40), "D7", holds=False)
        opened.lens.tags.label("Bob", "soup", Span(turn.index, 0, 40), "mine")
    assert main(["lens", "tags"]) == 0
    printed = capsys.readouterr().out
    assert "Ann: not No cause" in printed
    assert "Bob: tag “mine”" in printed
    assert "Ann and the machine: " in printed
    assert main(["lens", "tags", "--json"]) == 0
    assert [one["person"] for one in json.loads(capsys.readouterr().out)] == ["Ann", "Bob"]
    assert main(["lens", "tags", "--csv", str(tmp_path / "tags.csv")]) == 0
    assert "2 tags written" in capsys.readouterr().out
    assert main(["lens", "tags", "--csv", str(tmp_path / "tags.csv")]) != 0
    assert "name a new file" in capsys.readouterr().err
