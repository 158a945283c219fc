"""Write what was said, with its times, as WebVTT captions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LAST = 359_999.0  # seconds: the latest time that is written
SHORTEST = 0.001  # seconds of a cue


@dataclass(frozen=True, slots=True)
class Cue:
    """Words and when they are said."""

    start: float  # seconds
    end: float
    text: str


def write_vtt(cues: Iterable[Cue], language: str = "", machine: str = "") -> bytes:
    """Write captions; `machine` names the program that made them, '' where people did."""
    stated = re.sub(r"[^\w-]", "", language)[:20]
    head = f"WEBVTT\nLanguage: {stated}\n" if stated else "WEBVTT\n"
    note = f"\nNOTE A machine's transcript: {_one_line(machine)}\n" if machine else ""
    written = "".join(
        f"\n{_clock(cue.start)} --> {_clock(max(cue.end, cue.start + SHORTEST))}\n{text}\n"
        for cue in cues
        if (text := _one_line(cue.text))
    )
    return f"{head}{note}{written}".encode(errors="replace")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(max(0.0, min(seconds, LAST)) * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _one_line(text: str) -> str:
    """Keep a cue's text from ending it, and from being read as a tag."""
    plain = " ".join(text.split()).replace("-->", "->")
    return plain.replace("&", "&amp;").replace("<", "&lt;")
