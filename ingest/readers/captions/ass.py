"""Read Advanced SubStation captions, whose name field holds the speaker."""

from __future__ import annotations

import warnings
from xml.etree.ElementTree import ParseError

import pysubs2

from ingest.readers.captions.cues import Cue, cue_lines
from ingest.readers.text_encoding import decode_text
from ingest.readers.words import name_speaker
from ingest.script import Script
from kb.errors import UnreadableFile

REASON = 120  # characters of the reason that are shown


def read(data: bytes, _name: str) -> Script:
    """Read the spoken events of an ASS or SSA file. Raises UnreadableFile when the captions are broken."""
    text, _ = decode_text(data)
    events = sorted((event for event in _parse(text) if not event.is_comment), key=_start)
    cues = [Cue(_start(event), event.plaintext, name_speaker(event.name)) for event in events]
    return Script("ass", cue_lines(cues))


def _parse(text: str) -> pysubs2.SSAFile:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about margins and layers that cannot be read; they hold no speech
        try:
            return pysubs2.SSAFile.from_string(text)
        except (pysubs2.Pysubs2Error, ValueError, KeyError, IndexError, TypeError, ParseError) as error:
            reason = " ".join(str(error).split())[:REASON]
            raise UnreadableFile(f"the captions are broken ({reason}); save them again, or as .srt") from error


def _start(event: pysubs2.SSAEvent) -> float:
    return max(0.0, float(event.start) / 1000)
