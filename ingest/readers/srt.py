"""Read SubRip captions, however their numbers and times are written."""

from __future__ import annotations

from ingest.readers.cues import cue_lines, cut_cues
from ingest.readers.text_encoding import decode_text
from ingest.script import Script


def read(data: bytes, _name: str) -> Script:
    """The captions of a SubRip file."""
    return Script("srt", cue_lines(cut_cues(decode_text(data)[0])))
