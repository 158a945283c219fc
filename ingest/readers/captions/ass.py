"""Read Advanced SubStation captions, whose name field tells the speaker."""

from __future__ import annotations

import warnings

import pysubs2

from ingest.readers.captions.cues import Cue, cue_lines
from ingest.readers.text_encoding import decode_text
from ingest.readers.words import name_speaker
from ingest.script import Script


def read(data: bytes, _name: str) -> Script:
    """The spoken events of an ASS or SSA file."""
    text, _ = decode_text(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of margins and layers that cannot be read; nobody speaks them
        file = pysubs2.SSAFile.from_string(text)
    events = sorted((event for event in file if not event.is_comment), key=_start)
    cues = [Cue(_start(event), event.plaintext, name_speaker(event.name)) for event in events]
    return Script("ass", cue_lines(cues))


def _start(event: pysubs2.SSAEvent) -> float:
    return max(0.0, float(event.start) / 1000)
