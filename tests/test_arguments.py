"""What is typed before a command need not be text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.mark.parametrize(
    "command",
    [
        ["kb.cli.main", "search", b"\xff\xfe soup"],
        ["kb.cli.main", "ask", "soup", "--leader", b"\xff"],
        ["ingest.cli.main", "remove", b"\xff"],
        ["ingest.cli.main", b"\xff.md"],
        ["ingest.cli.main", "inspect", b"\xff.md"],
        ["kb.cli.main", "batch", b"\xff.jsonl"],
    ],
    ids=str,
)
def test_bytes_that_are_no_text_are_one_clear_line(command: list[str | bytes], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        check=False,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "KB_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert done.returncode in (1, 2), done.stderr
    assert b"Traceback" not in done.stderr
    assert len((done.stdout + done.stderr).decode().splitlines()) <= 2
