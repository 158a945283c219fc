"""Print a timeline, of a theme or of a behaviour."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kb.cli.terminal import say
from kb.lens.themes.wording import describe_timeline
from kb.lens.timeline import Timeline


def print_timeline(timeline: Timeline) -> None:
    """Years, each with leaders, passages and the interviews of that year; then the undated ones."""
    say("year   leaders  passages  interviews")
    for one in timeline.years:
        say(f"{one.year:<6} {one.leaders:7,} {one.passages:9,} {one.interviews:11,}")
    if told := describe_timeline(timeline):
        say(told)


def timeline_to_json(timeline: Timeline) -> dict[str, Any]:
    """A timeline as --timeline --json prints it."""
    undated = timeline.undated
    return {"years": [asdict(one) for one in timeline.years], "undated": asdict(undated) if undated else None}
