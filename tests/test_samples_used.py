"""A sample that no test reads proves nothing: each must be named in a test."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent


def test_every_sample_is_named_in_a_test() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.glob("test_*.py"))
    samples = [path for folder in ("samples", "golden") for path in (TESTS / folder).rglob("*") if path.is_file()]
    assert [path.name for path in samples if f'"{path.name}"' not in source and f'/{path.name}"' not in source] == []
