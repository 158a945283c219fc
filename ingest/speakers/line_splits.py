"""Split lines inside which another speaker begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.readers.clock import BRACKETED
from ingest.script import Line, Script

LONG_LINE = 1_500  # characters; a longer line may hold several speakers
VOICE_MARK = "[SPEAKER_TURN]"  # of whisper.cpp
CHEVRONS = re.compile(r"(?:^|\s+)>>+\s*")
INNER_LABEL = re.compile(
    rf"(?:(?<=[.!?…\"”)\]]\s)|^)(?:{BRACKETED}\s*)?(?P<label>[A-Z][\w.'’-]{{0,20}}(?:\s[A-Z0-9][\w.'’-]{{0,20}}){{0,3}})(?:\s?{BRACKETED})?:\s"
)


def split_lines(script: Script) -> Iterator[Line]:
    """Yield the lines, split where another speaker begins: at '>>', and at labels within a very long line."""
    has_chevrons = sum(1 for line in script.lines if ">>" in line.text) > 2
    for line in _mark_voices(script.lines):
        if has_chevrons and ">>" in line.text:
            parts = CHEVRONS.split(line.text)
            yield from (replace(line, text=f">> {part}" if place else part) for place, part in enumerate(parts) if part)
        elif len(line.text) > LONG_LINE:
            yield from (replace(line, text=part) for part in _split_at_labels(line.text))
        else:
            yield line


def _mark_voices(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines, with chevrons where a program marks that another voice begins."""
    is_next = False
    for line in lines:
        if VOICE_MARK not in line.text:
            yield replace(line, text=f">> {line.text}") if is_next and line.text.strip() else line
            is_next = is_next and not line.text.strip()
            continue
        *parts, rest = line.text.split(VOICE_MARK)
        for part in filter(str.strip, (*parts, rest)):
            yield replace(line, text=f">> {part.strip()}" if is_next else part.strip())
            is_next = True
        is_next = not rest.strip()


def _split_at_labels(text: str) -> Iterator[str]:
    labels = Counter(found["label"] for found in INNER_LABEL.finditer(text))
    place = 0
    for found in INNER_LABEL.finditer(text):
        if labels[found["label"]] > 1 and found.start() > place:
            yield text[place : found.start()]
            place = found.start()
    yield text[place:]
