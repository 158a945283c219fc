"""Split lines inside which another speaker begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ingest.readers.clock import BRACKETED
from ingest.script import Line, Script
from ingest.speakers.labels import fold_label
from ingest.speakers.vocabulary import NO_PEOPLE

LONG_LINE = 1_500  # characters; a longer line may hold several speakers
VOICE_MARK = "[SPEAKER_TURN]"  # of whisper.cpp
CHEVRONS = re.compile(r"(?:^|\s+)>>+\s*")
INNER_LABEL = re.compile(
    rf"(?:(?<=[.!?…\"”)\]]\s)|^)(?:{BRACKETED}\s*)?(?P<label>[A-Z][\w.'’-]{{0,20}}(?:\s[A-Z0-9][\w.'’-]{{0,20}}){{0,3}})(?:\s?{BRACKETED})?:\s"
)


# A label in a line that another one opens; a line cut from a page may have lost the blank before it.
INLINE_LABEL = re.compile(
    r"(?<=[.!?…\"”’)\]—–-])\s{0,3}(?P<label>[A-Z][\w.'’-]{0,20}(?:\s[A-Z0-9][\w.'’-]{0,20}){0,3}):(?=\s)"
)
OPENING_LABEL = re.compile(r"\s*(?P<label>[A-Z][\w.'’-]{0,20}(?:\s[A-Z0-9][\w.'’-]{0,20}){0,3}):\s")
INLINE_LEAST = 3  # times that a label must stand inside lines
BEHIND_LABELS = 0.7  # share of these lines that open with another label
OPENED_SHARE = 0.2  # of the lines that open with a label, that must hold another one


def split_lines(script: Script) -> Iterator[Line]:
    """Yield the lines, split where another speaker begins: at '>>', and at labels within a very long line."""
    inline = _find_inline_labels(script.lines)
    has_chevrons = sum(1 for line in script.lines if ">>" in line.text) > 2
    is_marked = any(VOICE_MARK in line.text for line in script.lines)
    for line in _mark_voices(script.lines) if is_marked else script.lines:
        if has_chevrons and ">>" in line.text:
            parts = CHEVRONS.split(line.text)
            yield from (replace(line, text=f">> {part}" if place else part) for place, part in enumerate(parts) if part)
        elif inline and (parts := list(_split_inline(line.text, inline)))[1:]:
            yield from (replace(line, text=part) for part in parts)
        elif len(line.text) > LONG_LINE:
            yield from (replace(line, text=part) for part in _split_at_labels(line.text))
        else:
            yield line


def _find_inline_labels(lines: Sequence[Line]) -> frozenset[str]:
    """Find the labels that stand inside lines which open with other labels: 'Ada: Why? Bob: Because.'"""
    opening: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    for line in lines:
        if ": " not in line.text or line.start is not None or line.speaker:
            continue
        first = OPENING_LABEL.match(line.text)
        if first:
            opening[first["label"]] += 1
        place = first.end() if first else 0
        if line.text.find(":", place) < 0:
            continue
        own = [found["label"] for found in INLINE_LABEL.finditer(line.text, place)]
        inside.update(own)
        behind.update(label for label in own if first and first["label"] != label)
    opened = sum(times for times in opening.values() if times >= INLINE_LEAST)
    least = max(INLINE_LEAST, OPENED_SHARE * opened)
    most = max(inside.values(), default=0)
    if not opened or most < least:
        return frozenset()
    return frozenset(
        label
        for label, times in inside.items()
        if times >= INLINE_LEAST and fold_label(label) not in NO_PEOPLE
        if behind[label] >= BEHIND_LABELS * times or opening[label] >= INLINE_LEAST
    )


def _split_inline(text: str, labels: Collection[str]) -> Iterator[str]:
    place = 0
    for found in INLINE_LABEL.finditer(text):
        if found["label"] in labels and text[place : found.start()].strip():
            yield text[place : found.start()]
            place = found.start("label")
    yield text[place:]


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
