"""Read Rich Text: its paragraphs as plain lines."""

from __future__ import annotations

import re

from striprtf.striprtf import rtf_to_text

from ingest.script import Line, Script
from kb.errors import UnreadableFile

NO_BRACES = bytes(set(range(256)) - set(b"{}"))
DEEPEST = 100  # levels of groups
MOST_OPEN = 1_000  # groups that are deeper, or never closed
PICTURE = re.compile(rb"[0-9a-fA-F\s]{4096,}")  # pictures are in the text as hexadecimal digits


def read(data: bytes, _name: str) -> Script:
    """Read the lines of an RTF file. Raises UnreadableFile when it is damaged."""
    _refuse_nested(data)
    source = PICTURE.sub(b"", data).decode("latin-1")
    try:
        text = rtf_to_text(source, errors="replace")
    except (ValueError, KeyError, IndexError, LookupError, TypeError) as error:
        raise UnreadableFile("the RTF file is damaged; save it again, or as .docx") from error
    rows = text.replace("\r", "\n").replace("\x00", "").replace("\xa0", " ").split("\n")
    return Script("rtf", tuple(line for row in rows for line in (Line(_read_row(row)), Line(""))))


def _refuse_nested(data: bytes) -> None:
    """Refuse groups within groups without end, each of which the parser holds in memory."""
    braces = data.translate(None, NO_BRACES)
    for _ in range(DEEPEST):
        braces = braces.replace(b"{}", b"")
    if braces.count(b"{") > MOST_OPEN:
        raise UnreadableFile("the RTF file is nested deeper than any document; save it again, or as .docx")


def _read_row(row: str) -> str:
    """Read a row; striprtf gives a row of a table as 'cell|cell|'."""
    is_table = row.endswith("|") and row.count("|") > 1
    return "\t".join(cell.strip() for cell in row.split("|")).strip() if is_table else row.strip()
