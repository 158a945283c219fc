"""What the README shows is so: the answer is that of the samples, the commands and the Python run as they stand."""

import os
import shlex
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
QUESTION = "How do leaders ignite shared passion?"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that the samples were read into."""
    home = tmp_path_factory.mktemp("samples")
    with closing(KnowledgeBase.open(Settings(home=home))) as opened:
        ingest_paths([ROOT / "corpus"], opened)
    return home


def test_the_answer_in_the_readme_is_that_of_the_samples(
    samples: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(samples))
    assert main(["ask", QUESTION]) == 0
    shown = capsys.readouterr().out.strip()
    _, _, after = README.partition(f'kb ask "{QUESTION}"\n')
    assert after.split("\n```")[0] == shown


def test_the_commands_of_the_readme_run_on_the_samples(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(samples))
    monkeypatch.chdir(tmp_path)
    _, _, section = README.partition("\n## From the command line\n")
    question = section.partition("A line of `QUESTIONS.jsonl` is `")[2].partition("`;")[0]
    Path("QUESTIONS.jsonl").write_text(question.replace('"query": "..."', '"query": "Layoffs?"'), encoding="utf-8")
    commands = section.partition("```\n")[2].partition("```")[0].splitlines()
    assert len(commands) == 9
    for command in commands:
        words = shlex.split(command.partition(" > ")[0].replace('"..."', '"Layoffs?"'), comments=True)
        assert main(words[1:]) == 0, capsys.readouterr().err


def run_example(home: Path) -> str:
    """What the Python of the README prints."""
    _, _, section = README.partition("\n## From Python\n")
    code = section.partition("```python\n")[2].partition("```")[0]
    command = [sys.executable, "-c", code]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    ran = subprocess.run(
        command, cwd=ROOT, env=environment | {"KB_HOME": str(home)}, check=True, capture_output=True, text=True
    )
    return ran.stdout


@pytest.mark.slow
def test_the_python_of_the_readme_finds_and_cites(tmp_path: Path) -> None:
    lines = run_example(tmp_path / "home").splitlines()
    quoted = [line for line in lines if line.startswith("“") and line.endswith("”")]
    assert quoted[0].startswith("“You ask how a leader ignites passion, everybody asks me this")
    assert "Inès Varga, Halden Telecom: The Notebook under the Keyboard, 3:29" in lines
    assert len(quoted) == 3


def test_the_python_of_the_readme_tells_an_error_in_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file, where a folder is wanted", encoding="utf-8")
    (line,) = run_example(home).splitlines()
    assert str(home) in line


def test_the_python_of_the_readme_is_short() -> None:
    section = README.partition("\n## From Python\n")[2].partition("\n## ")[0]
    assert len(section.strip().splitlines()) <= 25


def test_the_plan_in_the_readme_is_that_of_the_samples(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(samples))
    monkeypatch.chdir(tmp_path)
    _, _, section = README.partition("\n## A workshop from a question\n")
    command, plan = (one.partition("```")[0].strip("\n") for one in section.split("```\n", 3)[1::2])
    assert main(shlex.split(command)[1:]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line for line in plan.splitlines() if line.strip() != "..."] == [
        line for line in shown if line and line in plan
    ]
    assert len(list(Path("passion").iterdir())) == 4
