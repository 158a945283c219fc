"""Print for people: nothing that a file, a name or a server says acts on the terminal."""

from __future__ import annotations

import sys

from kb.text.display import mark_controls, mark_line, to_json


def say(text: str = "") -> None:
    """Print a text of any lines."""
    print(mark_controls(text), flush=True)


def say_line(*cells: object) -> None:
    """Print one line, whatever its cells hold; tabs part them."""
    print("\t".join(mark_line(str(cell)) for cell in cells), flush=True)


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    print(to_json(value), flush=True)


def complain(text: str) -> None:
    """Print one line on standard error."""
    print(mark_line(text), file=sys.stderr)
