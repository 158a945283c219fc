"""The answer that the README shows is the one that the samples give."""

from pathlib import Path

import pytest

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

ROOT = Path(__file__).parent.parent
QUESTION = "How do leaders ignite shared passion?"


def test_the_answer_in_the_readme_is_that_of_the_samples(
    knowledge_base: KnowledgeBase,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ingest_paths([ROOT / "corpus"], knowledge_base)
    monkeypatch.setenv("KB_HOME", str(settings.home))
    capsys.readouterr()
    assert main(["ask", QUESTION]) == 0
    shown = capsys.readouterr().out.strip()
    _, _, after = (ROOT / "README.md").read_text(encoding="utf-8").partition(f'kb ask "{QUESTION}"\n')
    assert after.split("\n```")[0] == shown
