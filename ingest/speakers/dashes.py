"""Tell whether dashes at the beginning of lines say that somebody else speaks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ingest.script import Line
from ingest.speakers.non_speech import ends_sentence

LEADING_DASH = re.compile(r"\s*(?P<dash>[-–—―─]{1,2})\s{0,3}(?=[^\s\d>–—―─-])")
LEAST = 4  # lines with a dash
SHARE = 0.02  # of the lines
AFTER_SENTENCE = 0.8  # share of these lines that begin where a sentence has ended
LISTING = frozenset(("markdown", "html", "docx", "odt", "epub", "rtf"))  # formats in which a hyphen makes a list


def dashes_change_voice(lines: Sequence[Line], labelled: Collection[int], form: str) -> bool:
    """Whether a dash begins another speaker's words, as in dialogues and captions.

    Where labels name the speakers, only if they stand behind such dashes themselves.
    """
    marked = opening = filled = 0
    before = ""
    for line in lines:
        text = line.text.strip()
        dash = LEADING_DASH.match(text) if text else None
        if dash and not (form in LISTING and dash["dash"] == "-"):
            marked += 1
            opening += not before or ends_sentence(before)
        filled += bool(text)
        before = text or before
    behind = sum(1 for index in labelled if LEADING_DASH.match(lines[index].text))
    is_free = not labelled or 2 * behind > len(labelled)
    return is_free and marked >= max(LEAST, SHARE * filled) and opening >= AFTER_SENTENCE * marked
