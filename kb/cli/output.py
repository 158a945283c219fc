"""Standard output in whatever encoding the terminal has."""

from __future__ import annotations

import io
import json
import sys


def replace_unprintable() -> None:
    """Print a question mark for what standard output cannot encode, such as quotation marks in a plain ASCII locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def print_json(value: object) -> None:
    """Print JSON in one line; it is escaped if the encoding of standard output lacks a character."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(value)
    print(line, flush=True)
