"""Give the speakers of turns other names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from kb.model import Mark, Turn


def rename_turns(turns: Sequence[Turn], name_of: Callable[[str], str | None]) -> tuple[Turn, ...]:
    """Rename the speakers of turns, and join neighbouring turns that are now one person's."""
    names = {speaker: name_of(speaker) or speaker for turn in turns if (speaker := turn.speaker)}
    changed = {new for old, new in names.items() if new != old}
    if not changed:
        return tuple(turns)
    renamed = [replace(turn, speaker=names[turn.speaker]) if turn.speaker else turn for turn in turns]
    merged: list[Turn] = []
    for (speaker, _), run in groupby(renamed, key=lambda turn: (turn.speaker, turn.kind)):
        own = list(run)
        merged += [_join(own)] if speaker in changed else own
    return tuple(replace(turn, index=index) for index, turn in enumerate(merged))


def _join(run: Sequence[Turn]) -> Turn:
    """Join several turns of one speaker into one; every time and page keeps its place."""
    text = run[0].text
    marks = list(run[0].marks)
    for turn in run[1:]:
        offset = len(text) + 1
        own = [replace(mark, offset=mark.offset + offset) for mark in turn.marks]
        if turn.start is not None and not any(mark.offset == 0 for mark in turn.marks):
            own.insert(0, Mark(offset, turn.start, turn.page))
        text, marks = f"{text} {turn.text}", marks + own
    return replace(run[0], text=text, marks=tuple(marks))
