"""Read plain text transcripts: every line as it stands, blank lines as the ends of paragraphs."""

from __future__ import annotations

import re
from html import unescape

from ingest.readers.text_encoding import decode_text
from ingest.script import Line, Script

ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,6}|amp|quot|apos|lt|gt|nbsp|[lr]squo|[lr]dquo|[mn]dash|hellip);", re.I)


def read(data: bytes, name: str) -> Script:
    """The lines of a text file."""
    text, _ = decode_text(data)
    rows = ENTITY.sub(lambda entity: unescape(entity[0]), text).replace("\f", "\n\n").replace("\xa0", " ").split("\n")
    return Script("text", tuple(Line(row.strip()) for row in rows))
