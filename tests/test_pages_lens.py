"""The Ask page draws both sides for the question that the lens answers."""

from __future__ import annotations

from pathlib import Path

from screens import markup, open_page, shown
from test_lens_commands import add_leaders


def test_the_question_is_answered_in_two_columns(filled_app_home: Path, tmp_path: Path) -> None:
    add_leaders(tmp_path / "more")
    page = open_page(
        "kb/pages/ask.py", q="Which behaviours attract people to a shared cause, and which drive them away?"
    )
    drawn = markup(page)
    assert '<div class="compare lens of-2">' in drawn
    assert drawn.index("What attracts people") < drawn.index("What drives people away")
    assert "Trust and autonomy" in shown(page)
    assert "does it" in shown(page)
    assert "interview?id=" in drawn


def test_another_question_is_answered_as_ever(filled_app_home: Path) -> None:
    drawn = markup(open_page("kb/pages/ask.py", q="How do you get volunteers to care about soup?"))
    assert "compare lens" not in drawn
    assert "Where they say it" in drawn
