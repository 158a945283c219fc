"""Whatever is asked or opened: an answer, or one clear line, soon."""

from __future__ import annotations

from pathlib import Path

from fuzz_asking import open_filled, try_round

ROUNDS = range(30)


def test_odd_questions_and_addresses_are_answered_or_refused_in_one_line_and_linear_time(app_home: Path) -> None:
    with open_filled(app_home) as knowledge_base:
        faults = {number: fault for number in ROUNDS if (fault := try_round(number, knowledge_base))}
    assert faults == {}
