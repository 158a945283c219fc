"""Read WebVTT captions, with or without the header line, and YouTube's older form of them (.sbv)."""

from __future__ import annotations

import re

from ingest.readers.captions.cues import IDENTIFIED, cue_lines, cue_warnings, cut_cues
from ingest.readers.captions.json_cues import read_json_cues
from ingest.readers.clock import LONG_CLOCK
from ingest.readers.text_encoding import decode_text
from ingest.script import Script

HEADER = re.compile(r"\s*WEBVTT[^\n]*\n(?:(?![^\n]*-->)[^\n]+\n)*")
LANGUAGE = re.compile(r"^Language:\s*([A-Za-z]{2,3})\b", re.M)
NOTE = re.compile(r"(?<=\n\n)(?:NOTE|STYLE|REGION)(?=\s)[^\n]*(?:\n(?!\n)(?![^\n]*-->)[^\n]*)*")
# Zoom may keep the speaker in the cue's name: '12 "Ada Byron" (1234567)'.
NAMED_CUE = re.compile(r'(?<=\n\n)\d{1,7} "([^"\n]{1,80})" \(\d{1,20}\)\n([^\n]*-->[^\n]*\n)')
SBV_TIMING = re.compile(rf"^[ \t]*({LONG_CLOCK}),({LONG_CLOCK})[ \t]*$", re.M)


def read(data: bytes, _name: str) -> Script:
    """Read the captions of a WebVTT file. Raises UnreadableFile when it is binary."""
    text, _ = decode_text(data)
    header = HEADER.match(text)
    if header is None:
        cues = cut_cues(SBV_TIMING.sub(r"\1 --> \2", text))
        return Script("vtt", cue_lines(cues), warnings=cue_warnings(text, cues))
    language = LANGUAGE.search(header[0])
    # Two line ends in front, so that a note or a cue's name right after the header is recognised.
    body = NAMED_CUE.sub(r"\2<v \1>", NOTE.sub("", f"\n\n{text[header.end() :]}"))
    cues = cut_cues(body, IDENTIFIED)
    return Script(
        "vtt",
        cue_lines(read_json_cues(cues)),
        {"language": language[1].lower()} if language else {},
        cue_warnings(body, cues),
    )
