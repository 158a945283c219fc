"""Print for people: nothing that a file, a name or a server says acts on the terminal."""

from __future__ import annotations

import io
import json
import sys

from kb.text.display import mark_controls, mark_line, to_json


def replace_unprintable() -> None:
    """Print a question mark for what standard output cannot encode, such as quotation marks in a plain ASCII locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """Print a text of any lines."""
    print(mark_controls(text), flush=True)


def say_line(*cells: object) -> None:
    """Print one line, whatever its cells hold; tabs part them."""
    print("\t".join(mark_line(str(cell)) for cell in cells), flush=True)


def say_json(value: object) -> None:
    """Print a value as one line of JSON; it is escaped if the encoding of standard output lacks a character."""
    line = to_json(value)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(value)
    print(line, flush=True)


def complain(text: str) -> None:
    """Print one line on standard error."""
    print(mark_line(text), file=sys.stderr)
