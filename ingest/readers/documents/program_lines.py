"""Read lines that a program wrote as fields: '0.5-7.2 SPEAKER_00: Well' and 'Speaker: Ada, Start: 0.5, Text: Well'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.readers.clock import parse_clock
from ingest.readers.fields import END, SPEAKER, START, TEXT, fold_field
from ingest.script import Line

FEW_ROWS = 2  # fewer prove nothing
SHARE = 0.9  # of the rows that have words
LONGEST_ROW = 20_000  # characters; no program writes a longer line
SECONDS = r"\d{1,6}(?:[.,]\d{1,6})?"
SPAN = re.compile(
    rf"\s*[\[(]?\s?(?P<start>{SECONDS})\s?s?\s?(?:--?>|[-–—→,]|to)\s?(?P<end>{SECONDS})\s?s?\s?[\])]?\s?[:|]?\s+(?=\S)"
)
KEY = re.compile(r"(?:^|[,;|]\s?)\s?(?P<key>[A-Za-z][A-Za-z _-]{1,18}?)\s?[:=]\s?")
KNOWN = (TEXT, SPEAKER, START, END)


def read_program_lines(rows: Sequence[str]) -> list[Line]:
    """Read the lines of rows that have such fields; [] if they do not."""
    filled = [row for row in rows if row.strip()]
    if len(filled) < FEW_ROWS or max(map(len, filled)) > LONGEST_ROW:
        return []
    return _read_spans(filled) or _read_fields(filled)


def _read_spans(rows: Sequence[str]) -> list[Line]:
    """Read rows that open with a range of seconds, later from row to row; the text after it may open with a label."""
    found = [(match, row) for row in rows if (match := SPAN.match(row))]
    if len(found) < max(FEW_ROWS, SHARE * len(rows)) or not any("." in match["start"] for match, _ in found):
        return []
    starts = [_seconds(match["start"]) for match, _ in found]
    is_forward = all(one <= two for one, two in pairwise(starts))
    is_span = all(start <= _seconds(match["end"]) for start, (match, _) in zip(starts, found, strict=True))
    return list(_cut_spans(rows)) if is_forward and is_span else []


def _cut_spans(rows: Sequence[str]) -> Iterator[Line]:
    for row in rows:
        match = SPAN.match(row)
        yield Line(row[match.end() :].strip(), start=_seconds(match["start"])) if match else Line(row.strip())


def _read_fields(rows: Sequence[str]) -> list[Line]:
    """Read rows that name the same fields in the same order, the words among them."""
    keys = [match["key"] for match in KEY.finditer(rows[0]) if any(fold_field(match["key"]) in one for one in KNOWN)]
    folded = [fold_field(key) for key in keys]
    if len(keys) < 2 or sum(key in TEXT for key in folded) != 1 or len(set(folded)) < len(folded):
        return []
    row_pattern = re.compile(
        r"\s*" + r"\s?[,;|]\s?".join(rf"{re.escape(key)}\s?[:=]\s?(.*?)" for key in keys) + r"\s*$"
    )
    found = [row_pattern.match(row) for row in rows]
    if sum(match is not None for match in found) < max(FEW_ROWS, SHARE * len(rows)):
        return []
    return [
        _to_line(dict(zip(folded, match.groups(), strict=True))) if match else Line(row)
        for match, row in zip(found, rows, strict=True)
    ]


def _to_line(fields: dict[str, str]) -> Line:
    text, speaker, start = (next((fields[key] for key in fields if key in one), "") for one in (TEXT, SPEAKER, START))
    return Line(text.strip(), start=parse_clock(start), speaker=speaker.strip() or None)


def _seconds(text: str) -> float:
    return float(text.replace(",", "."))
