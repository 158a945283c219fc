"""The bench of page loads: a real app and a real browser over the samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.inputs import PROJECT
from bench.pages import App, list_pages, main
from kb.settings import Settings


def test_a_home_that_is_missing_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("bench: ")


def test_every_page_of_the_app_is_measured(filled_app_home: Path) -> None:
    paths = {address.partition("?")[0] or "ask" for address in list_pages(filled_app_home).values()}
    told = (PROJECT / "app.py").read_text(encoding="utf-8").split('url_path="')[1:]
    assert paths == {line.partition('"')[0] for line in told}


def test_a_page_that_another_commit_lacks_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('st.Page("a.py", url_path="ask"), st.Page("b.py", url_path="browse")')
    app = App(" before", tmp_path, tmp_path)
    assert [app.has(page) for page in ("", "?q=a", "browse?view=Leaders", "lens")] == [True, True, True, False]


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_a_page_is_opened_first_and_again(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--home", str(settings.home), "--rounds", "1", "--warm", "2", "--pages", "Quotes"]
    assert main([*asked, "--before", str(PROJECT)]) == 0
    row = next(line.split("|") for line in capsys.readouterr().out.splitlines() if line.startswith("| Quotes"))
    figures = [int(cell.replace(",", "")) for cell in row[2:-1]]
    assert len(figures) == 4
    assert all(figures)
