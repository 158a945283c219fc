"""The bench of load, over the samples: a real app, real sessions, real threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.load import Asker, main
from kb.settings import Settings


def test_no_question_is_asked_twice() -> None:
    asker = Asker(["How?", "Why?"])
    assert [asker.take() for _ in range(5)] == ["How?", "Why?", "How? (1)", "Why? (1)", "How? (2)"]


def test_a_home_that_is_missing_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("bench: ")


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_readers_and_threads_are_answered_without_an_error(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--readers", "2", "--seconds", "8", "--threads", "3", "--thread-seconds", "2"]
    assert main(["--home", str(settings.home), *asked]) == 0
    rows = [
        line.split("|") for line in capsys.readouterr().out.splitlines() if "readers |" in line or "threads |" in line
    ]
    assert len(rows) == 2
    for row in rows:
        answers, errors = int(row[2]), int(row[3])
        assert answers > 2
        assert errors == 0
