"""Read SubRip captions, however their numbers and times are written."""

from __future__ import annotations

import re

import srt as subrip

from ingest.readers.cues import Cue, cue_lines, missed_warning, repair_times
from ingest.readers.text_encoding import decode_text
from ingest.script import Script

BLANKS = re.compile(r"[ \t]*\n(?:[ \t]*\n)+[ \t]*")
LONG_NUMBER = re.compile(r"\d{40,}")  # nobody says one, and the parser takes cubic time over it


def read(data: bytes, _name: str) -> Script:
    """The captions of a SubRip file."""
    text, _ = decode_text(data)
    tidy = BLANKS.sub("\n\n", LONG_NUMBER.sub(lambda digits: digits[0][:40], text)).strip()
    repaired, announced = repair_times(tidy, ",")
    captions = subrip.parse(repaired, ignore_errors=True)
    cues = [Cue(caption.start.total_seconds(), caption.content) for caption in captions]
    return Script(format="srt", lines=cue_lines(cues), warnings=missed_warning(announced, len(cues)))
