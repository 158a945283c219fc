"""A collection as Markdown; what a text holds of Markdown's own marks is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.exports.entry import Entry, Sheaf
from kb.text.display import strip_bidi

MARKS = re.compile(r"[\\`*_{}\[\]<>#|~&$]")
# What makes a list or a heading of a line that begins with it.
LINE_START = re.compile(r"^(\s*(?=[-+=])|\s*\d+(?=[.)]))", re.M)
IN_ADDRESS = re.compile(r"[<>\s]")


def write_markdown(sheaf: Sheaf) -> bytes:
    """Write a collection as Markdown."""
    name = escape_line(sheaf.collection.name)
    blocks = [f"# {name}", *(block for entry in sheaf.entries for block in _write_entry(entry))]
    return ("\n\n".join(blocks) + "\n").encode()


def escape(text: str) -> str:
    """Escape the marks of Markdown, so that a text shows as it is."""
    return LINE_START.sub(r"\1\\", MARKS.sub(r"\\\g<0>", text))


def escape_line(text: str) -> str:
    """Escape a text and bring it on one line."""
    return escape(" ".join(strip_bidi(text).split()))


def _write_entry(entry: Entry) -> Iterator[str]:
    yield "\n".join(f"> {line.strip()}" for line in escape(entry.quote).splitlines())
    link = f" [Recording](<{IN_ADDRESS.sub('', entry.link)}>)" if entry.link else ""
    yield f"— **{escape_line(entry.speaker)}**{_add(entry.position)}. {escape_line(entry.where)}.{link}"
    if entry.warning:
        yield f"**{escape_line(entry.warning)}**"
    if entry.tags:
        yield f"Tags: {', '.join(map(escape_line, entry.tags))}"
    if entry.note:
        yield f"Note: {escape(entry.note)}"


def _add(position: str) -> str:
    return f", {escape_line(position)}" if position else ""
