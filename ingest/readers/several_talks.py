"""Tell that one file holds several talks: they are read as one, and a person should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from ingest.readers.fields import fold_field

# Columns and fields that name a talk.
TALK_FIELDS = frozenset(
    ("episode", "episodeid", "interview", "interviewid", "talk", "talkid", "file", "filename", "sourcefile", "call",
     "callid", "conversation", "conversationid", "session", "sessionid", "recording", "recordingid", "transcriptid")
)  # fmt: skip
TITLE_FIELDS = TALK_FIELDS | {"title", "id", "name"}
SPOKEN_FIELDS = frozenset(
    ("transcript", "transcription", "turns", "utterances", "segments", "dialogue", "dialog", "lines", "messages",
     "paragraphs", "sentences", "cues", "captions")
)  # fmt: skip
LEAST_ROWS = 2  # of a talk, on average
LONG_TEXT = 300  # characters; a shorter text is an utterance
ADVICE = "{} talks are in this file and are read as one: split it, one file an interview"


def tell_talks_in_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Warn about a table with a column that names the talk of each row, and several talks in it."""
    for place, name in enumerate(head):
        if fold_field(name.strip()) in TALK_FIELDS:
            cells = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
            runs = [cell for cell, _ in groupby(cells)]
            # A talk's rows are together; a column that changes all the time names something else.
            if len(runs) > 1 and len(set(runs)) == len(runs) and len(cells) >= LEAST_ROWS * len(runs):
                return (ADVICE.format(len(runs)),)
    return ()


def tell_talks_in_records(document: object) -> tuple[str, ...]:
    """Warn about a list of records that are each a talk with a name of its own."""
    inside = document.values() if isinstance(document, Mapping) else ()
    for records in (document, *inside):
        if isinstance(records, list) and len(records) > 1 and all(map(_is_talk, records)):
            return (ADVICE.format(len(records)),)
    return ()


def _is_talk(record: object) -> bool:
    if not isinstance(record, Mapping):
        return False
    fields = {fold_field(key): value for key, value in record.items() if isinstance(key, str)}
    is_named = any(isinstance(fields.get(name), str | int) for name in TITLE_FIELDS)
    return is_named and any(_holds_talk(fields.get(name)) for name in SPOKEN_FIELDS)


def _holds_talk(value: object) -> bool:
    if isinstance(value, str):
        return len(value) > LONG_TEXT
    return isinstance(value, list) and len(value) > 1 and all(isinstance(one, dict | str) for one in value)
