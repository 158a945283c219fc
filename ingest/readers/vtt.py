"""Read WebVTT captions, with or without the header line, and YouTube's older form of them (.sbv)."""

from __future__ import annotations

import re

import webvtt

from ingest.readers.cues import Cue, cue_lines, missed_warning, repair_times
from ingest.readers.text_encoding import decode_text
from ingest.script import Script

HEADER = re.compile(r"\s*WEBVTT(?=[ \t\n]|$)")
LANGUAGE = re.compile(r"^Language:\s*([A-Za-z]{2,3})\b", re.M)
SBV_TIMING = re.compile(r"^[ \t]*(\d{1,3}:\d\d:\d\d\.\d{1,3}),(\d{1,3}:\d\d:\d\d\.\d{1,3})[ \t]*$", re.M)
# By the letter a line of blanks belongs to its cue, and YouTube begins a cue so; editors leave them between cues.
BLANK = re.compile(r"^[ \t]+\n(?=(?:[^\n]{1,80}\n)?[ \t]*[\d:.]{4,20}[ \t]*-->)", re.M)


def read(data: bytes, _name: str) -> Script:
    """The captions of a WebVTT file."""
    text, _ = decode_text(data)
    header = HEADER.match(text)
    body = text[header.end() :] if header else SBV_TIMING.sub(r"\1 --> \2", text)
    repaired, announced = repair_times(BLANK.sub("\n", body), ".")
    captions = webvtt.WebVTT.from_string(f"WEBVTT{'' if header else chr(10) * 2}{repaired}").captions
    cues = [Cue(_seconds(caption.start), caption.raw_text) for caption in captions]
    language = LANGUAGE.search(text, 0, 500)
    return Script(
        format="vtt",
        lines=cue_lines(cues),
        card={"language": language[1].lower()} if language else {},
        warnings=missed_warning(announced, len(cues)),
    )


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.split(":")
    return round(int(hours) * 3600 + int(minutes) * 60 + float(seconds), 3)
