"""Read SubRip captions, however their numbers and times are written."""

from __future__ import annotations

from ingest.readers.captions.cues import cue_lines, cue_warnings, cut_cues, write_timings
from ingest.readers.text_encoding import decode_text
from ingest.script import Script


def read(data: bytes, _name: str) -> Script:
    """Read the captions of a SubRip file. Raises UnreadableFile when it is binary."""
    text = write_timings(decode_text(data)[0])
    cues = cut_cues(text)
    return Script("srt", cue_lines(cues), warnings=cue_warnings(text, cues))
