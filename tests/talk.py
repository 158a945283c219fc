"""One short talk, kept in tests/samples as every tool writes it, and how to read it back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ingest.readers import read_script
from ingest.script import Line, Script
from ingest.speakers.turns import read_talk
from kb.model import Turn

SAMPLES = Path(__file__).parent / "samples"

HOST, GUEST = "Orla Fenwick", "Bram Castellan"
TALK = [
    (HOST, 0.5, "Welcome to Second Shift. I'm here with Bram Castellan, who founded Tidepool Looms. How did it begin?"),
    (GUEST, 7.2, "With a broken loom, and a weaver who would not leave it. Forty people came to help her."),
    (HOST, 14.0, "Were they paid?"),
    (GUEST, 15.6, "Not at first. They stayed because the cloth was theirs too."),
    (HOST, 20.1, "And today?"),
    (GUEST, 21.4, "Today every weaver owns a share, and I own one like everybody else."),
]
WORDS = " ".join(text for _, _, text in TALK)


def read_sample(name: str) -> Script:
    """The script of a sample, told by its content alone."""
    return read_script((SAMPLES / name).read_bytes(), "sample")


def build_turns(script: Script) -> tuple[Turn, ...]:
    """The turns of a script, without the warnings."""
    return read_talk(script).turns


def read_turns(name: str) -> list[tuple[str | None, float | None, str]]:
    """Speaker, start and words of each turn."""
    return [(turn.speaker, turn.start, turn.text) for turn in build_turns(read_sample(name))]


def talk_of(host: str, guest: str) -> list[tuple[str, float, str]]:
    """The talk under other labels."""
    return [(host if speaker == HOST else guest, start, text) for speaker, start, text in TALK]


def without_marks(turns: Sequence[tuple[str | None, float | None, str]]) -> list[tuple[str | None, float | None, str]]:
    """The same turns without punctuation and capitals, which some recognisers do not write."""
    return [(speaker, start, re.sub(r"[.,?]", "", text).lower()) for speaker, start, text in turns]


def spoken(script: Script) -> list[tuple[float | None, str | None, str]]:
    """Start, speaker and words of each line."""
    return [(line.start, line.speaker, line.text) for line in script.lines]


def texts(lines: tuple[Line, ...]) -> list[str]:
    """The words of each line."""
    return [line.text for line in lines]
