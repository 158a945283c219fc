"""Read plain text transcripts: every line as it is, blank lines as the ends of paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise

from ingest.readers.documents.markdown import TABLE_RULE, read_cells, strip_markup
from ingest.readers.documents.numbered_pages import drop_page_numbering
from ingest.readers.documents.program_lines import read_program_lines
from ingest.readers.text_encoding import decode_text, refuse_endless
from ingest.script import Line, Script

ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,6}|amp|quot|apos|lt|gt|nbsp|[lr]squo|[lr]dquo|[mn]dash|hellip);", re.I)

TOKEN = re.compile(r"<\|[a-z_]{1,20}\|>")  # what ends a text that was made to train a model
NUMBERED = re.compile(r"\s*(\d{1,5})[.):]?(?:\s+|$)")
NUMBERED_SHARE = 0.7  # of the lines, and of the steps from one number to the next
RULE = re.compile(r"[.·_=*-]{5,}$")


def read(data: bytes, _name: str) -> Script:
    """Read the lines of a text file. Raises UnreadableFile when it is binary."""
    text, _ = decode_text(data)
    rows = ENTITY.sub(lambda entity: unescape(entity[0]), text).replace("\f", "\n\n").replace("\xa0", " ").split("\n")
    rows = [TOKEN.sub("", row) for row in rows] if "<|" in text else rows
    if written := read_program_lines(rows):
        return Script("text", tuple(written))
    refuse_endless(len(rows))
    plain = [row.strip() for row in _drop_numbers(rows)]
    heads = {number - 1 for number, row in enumerate(plain) if TABLE_RULE.match(row)}
    lines = (Line(_read_row(row), heading=number in heads and "|" in row) for number, row in enumerate(plain))
    return Script("text", tuple(lines))


def _drop_numbers(rows: Sequence[str]) -> Sequence[str]:
    """Remove line numbers if most lines are numbered one by one, or page by page."""
    if bare := drop_page_numbering(rows):
        return bare
    found = [NUMBERED.match(row) for row in rows]
    numbers = [int(match[1]) for match in found if match]
    steps = sum(1 for one, two in pairwise(numbers) if two == one + 1)
    if len(numbers) < NUMBERED_SHARE * sum(1 for row in rows if row.strip()) or steps < max(
        2, NUMBERED_SHARE * len(numbers)
    ):
        return rows
    return [row[match.end() :] if match else row for row, match in zip(rows, found, strict=True)]


def _read_row(row: str) -> str:
    """Read a row; plain files also mark labels by Markdown or HTML: '*Ada:* yes', '| Ada | yes |'."""
    if RULE.match(row) or TABLE_RULE.match(row):
        return ""
    if row[:1] == "|" and row.endswith("|") and len(row) > 1:
        return read_cells(row)
    return strip_markup(row) if row[:1] in ("*", "_", "<") else row
