"""kb ask, feedback and eval from the command line: sessions, a language model, thumbs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SOUP, STEEL
from lying_server import LyingServer, serve

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings

QUESTION = "How do you tell people about layoffs?"
SAFETY = "Who writes the safety rules of the plant?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    (folder / "soup.md").write_text(SOUP, encoding="utf-8")
    (folder / "steel.md").write_text(STEEL, encoding="utf-8")
    opened = KnowledgeBase.open(Settings(home=folder / "home"))
    ingest_paths([folder], opened)
    opened.close()
    return folder / "home"


@pytest.fixture(autouse=True)
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KB_LLM", "KB_LLM_MODEL", "KB_LLM_URL", "KB_LLM_KEY", "KB_LLM_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KB_HOME", str(home))


@pytest.fixture(scope="module")
def server() -> Iterator[LyingServer]:
    with serve() as running:
        yield running


@pytest.fixture
def model(server: LyingServer, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Sets a model that tells the truth, and may be told to lie."""
    monkeypatch.setenv("KB_LLM", "openai-like")
    monkeypatch.setenv("KB_LLM_URL", f"{server.url}/v1")
    monkeypatch.setenv("KB_LLM_MODEL", "truth")
    monkeypatch.setenv("KB_LLM_TIMEOUT", "10")
    return monkeypatch


def test_a_session_makes_a_follow_up_mean_what_a_person_means(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "What does Otto Brandl say about safety rules?", "--session", "mill"]) == 0
    assert "Understood as" not in capsys.readouterr().out
    assert main(["ask", "And layoffs?", "--session", "mill", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["question"] == "And layoffs?"
    assert found["understood"] == "Otto Brandl: layoffs"
    assert found["hits"][0]["text"].startswith("I stood on the loading dock")
    assert main(["ask", "And Mara Quill?", "--session", "mill"]) == 0
    assert capsys.readouterr().out.startswith("Understood as: Mara Quill: layoffs\n")


def test_sessions_do_not_know_of_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    main(["ask", SAFETY, "--session", "one"])
    main(["ask", "And layoffs?", "--session", "two"])
    assert "Understood as" not in capsys.readouterr().out


def test_a_question_that_cannot_be_asked_is_not_kept(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["ask", "  ", "--session", "empty"]) == 2
    assert "There is no question" in capsys.readouterr().err
    opened = KnowledgeBase.open(Settings(home=home))
    assert opened.questions("empty") == ()
    opened.close()


def test_bytes_that_are_no_text_are_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["how \udcff hire"], [SAFETY, "--session", "\udcff"], ["\udcff", "--session", "mill"]):
        assert main(["ask", *arguments]) == 2
        error = capsys.readouterr().err
        assert "bytes that are no text" in error
        assert error.count("\n") == 1


def test_what_a_model_writes_stands_beside_the_brief(
    model: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", SAFETY]) == 0
    printed = capsys.readouterr().out
    assert "Written by a language model, checked against the leaders' words:" in printed
    assert printed.index("[1] ") < printed.index("Written by")


def test_the_json_carries_what_was_struck_and_why(
    model: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model.setenv("KB_LLM_MODEL", "invented")
    assert main(["ask", SAFETY, "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    (sentence,) = written["sentences"]
    assert sentence["verdict"] == "unsupported"
    (struck,) = [part for part in sentence["parts"] if part["kind"] == "struck"]
    assert "Profit is the only thing" in struck["was"]
    assert struck["why"] == "these words stand in no passage that it cites"


def test_a_model_that_is_down_costs_a_line_and_no_exit_code(
    model: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model.setenv("KB_LLM_MODEL", "error-500")
    assert main(["ask", SAFETY]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Otto Brandl, 2021.")
    assert printed.rstrip().endswith("The language model answered with an error (HTTP 500); try again later")


def test_the_model_can_be_left_out(model: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", SAFETY, "--no-llm", "--json"]) == 0
    assert "written" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "kb: No language model is set; set KB_LLM to openai-like, ollama or anthropic"),
        ({"KB_LLM": "chatty"}, "kb: KB_LLM is 'chatty'; set it to one of openai-like, ollama, anthropic"),
        ({"KB_LLM": "anthropic", "KB_LLM_MODEL": "m"}, "kb: KB_LLM=anthropic needs a key; set KB_LLM_KEY"),
    ],
)
def test_a_model_that_is_not_set_up_is_one_clear_line(
    variables: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["ask", SAFETY, "--llm"]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith(message)
    assert errors.count("\n") == 1


def test_thumbs_become_an_evaluation_set_that_scores(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = KnowledgeBase.open(Settings(home=home))
    opened.rate(opened.ask(Query(SAFETY)), is_helpful=True)
    opened.rate(opened.ask(Query(QUESTION)), is_helpful=False)
    ingest_paths([home.parent], opened)
    assert len(opened.feedback()) == 2
    opened.close()
    assert main(["feedback"]) == 0
    exported = capsys.readouterr()
    assert "1 left out" in exported.err
    path = tmp_path / "mine.jsonl"
    path.write_text(exported.out, encoding="utf-8")
    assert json.loads(exported.out)["query"] == SAFETY
    assert main(["eval", str(path), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["ALL"]["S@1"] == 1.0
    assert figures["overall"]["answered"] == 1.0
    assert main(["eval", str(path)]) == 0
    assert "S@1 1.000" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["batch", "eval"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{'query': 'Où est le café?'}".encode("latin-1"), "are not in UTF-8, line 1; save the file as UTF-8"),
        (b'{"query": "one"}\n\n{"query": "caf\xe9"}', "are not in UTF-8, line 3; save the file as UTF-8"),
        ('{"query": "one"}'.encode("utf-16"), "are not in UTF-8, line 1; save the file as UTF-8"),
        (b"", "holds no question; give one JSON object a line"),
        (b" \n\n", "holds no question; give one JSON object a line"),
        (b"How do you tell people?", "line 1: each line must be a JSON object"),
        (b"\n[]", "line 2: each line must be a JSON object"),
        (b'{"id": 1}', "line 1: each line must be a JSON object"),
        (b'{"id": 1, "query": null, "gold": []}', "line 1: each line must be a JSON object"),
        (b'{"id": 1, "query": "\\ud83d", "gold": []}', "line 1: each line must be a JSON object"),
        (b"[" * 100_000, "line 1: each line must be a JSON object"),
    ],
)
def test_a_file_that_holds_no_questions_is_one_clear_line(
    command: str, content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(content)
    assert main([command, str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kb: ")
    assert str(path) in line
    assert message in line


@pytest.mark.parametrize("command", ["batch", "eval"])
def test_questions_that_are_not_there_or_a_folder_are_one_clear_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, reason in ((tmp_path / "nowhere.jsonl", "No such file or directory"), (tmp_path, "Is a directory")):
        assert main([command, str(path)]) == 2
        assert capsys.readouterr().err == (
            f"kb: The questions {path} cannot be read: {reason}; give a file of JSON lines in UTF-8\n"
        )


def test_a_batch_answers_each_question_under_its_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "questions.jsonl"
    lines = (
        '\ufeff{"id": "mill", "query": "Who writes the\u2028safety rules?"}',
        "",
        '{"query": "Layoffs?"}',
        '{"query": " "}',
    )
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")
    assert main(["batch", str(path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == ["mill", 2, 3]
    assert rows[0]["results"][0]["text"].startswith("They write the rules.")
    assert rows[2]["results"] == []


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_terminal_that_knows_ascii_alone_gets_an_answer(home: Path, arguments: list[str]) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "KB_HOME": str(home)}
    command = [sys.executable, "-m", "kb.cli.main", "ask", SAFETY, *arguments]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **plain}, check=True)
    printed = done.stdout.decode("ascii")
    if arguments:
        assert "Since the crews hold the pen" in json.loads(printed)["citations"][0]["quote"]
    else:
        assert "?" in printed
        assert "Since the crews hold the pen" in printed
