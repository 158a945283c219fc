"""A home folder that can only be read answers as ever, and says in one line why it cannot be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from conftest import SOUP, STEEL

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings


@pytest.fixture
def read_only_home(tmp_path: Path) -> Iterator[Path]:
    """A filled home whose folders and files nobody may write."""
    home, talks = tmp_path / "home", tmp_path / "talks"
    talks.mkdir()
    (talks / "soup.md").write_text(SOUP, encoding="utf-8")
    (talks / "steel.md").write_text(STEEL, encoding="utf-8")
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    ingest_paths([talks], knowledge_base)
    knowledge_base.close()
    paths = [home, *home.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield home
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)


def run(home: Path, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody whom the modes of files bind: root is not, unless it gives that up."""
    code = f"import sys; from {command} import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [*find_binding(), sys.executable, "-c", code, *words],
        env={**os.environ, "KB_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def find_binding() -> Sequence[str]:
    if os.getuid():
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("the tests run as root, and there is no setpriv to give up what binds nobody")
    return (setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


def test_a_home_that_can_only_be_read_answers(read_only_home: Path) -> None:
    before = sorted(str(path) for path in read_only_home.rglob("*"))
    asked = run(read_only_home, "kb.cli.main", "ask", "How should a leader announce layoffs?")
    assert asked.returncode == 0, asked.stderr
    assert "Otto Brandl" in asked.stdout
    status = run(read_only_home, "kb.cli.main", "status")
    assert status.returncode == 0, status.stderr
    assert "2 (0 invented samples)" in status.stdout or "interviews     2" in status.stdout
    assert sorted(str(path) for path in read_only_home.rglob("*")) == before


def test_a_home_that_can_only_be_read_is_not_written_and_that_is_one_line(read_only_home: Path, tmp_path: Path) -> None:
    (tmp_path / "bread.md").write_text(SOUP.replace("soup", "bread"), encoding="utf-8")
    done = run(read_only_home, "ingest.cli.main", str(tmp_path / "bread.md"))
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert f"KB_HOME {read_only_home} can only be read; set KB_HOME to a folder that you can write" in line


def test_a_folder_that_cannot_be_opened_may_hold_its_files_still(tmp_path: Path) -> None:
    """A copy of one of its files is an interview of its own, and the doctor does not say that they have gone."""
    home, former, talks = (tmp_path / name for name in ("home", "former", "talks"))
    for folder in (former, talks):
        folder.mkdir()
        (folder / "soup.md").write_text(SOUP, encoding="utf-8")
    assert run(home, "ingest.cli.main", str(former)).returncode == 0
    former.chmod(0)
    try:
        ingest, doctor = run(home, "ingest.cli.main", str(talks)), run(home, "kb.cli.main", "doctor")
    finally:
        former.chmod(0o755)
    assert (ingest.returncode, ingest.stderr.strip()) == (0, "")
    assert ingest.stdout.startswith("1 added")
    assert doctor.returncode == 0
    assert f"soup: its file cannot be opened: {former / 'soup.md'}" in doctor.stdout
