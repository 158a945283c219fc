"""Read JSON transcripts of speech recognisers, caption services and transcript editors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from ingest.readers.captions import vtt
from ingest.readers.documents import html
from ingest.readers.documents import text as plain_text
from ingest.readers.records.json_engines import (
    read_google_tags,
    read_ibm,
    read_otter,
    read_rows,
    read_speechmatics_1,
    read_youtube_events,
)
from ingest.readers.records.json_records import find_lines
from ingest.readers.records.json_talk import read_pairs, read_parallel, read_strings
from ingest.readers.several_talks import tell_talks_in_records
from ingest.readers.text_encoding import decode_text
from ingest.script import Line, Script
from kb.errors import UnreadableFile

READERS: tuple[Callable[[object], tuple[Line, ...]], ...] = (
    read_ibm,
    read_speechmatics_1,
    read_google_tags,
    read_youtube_events,
    read_otter,
    read_parallel,
    read_pairs,
    read_rows,
    find_lines,
    read_strings,
)
PARAGRAPH = re.compile(r"<(?:p|br|div)\b[^<>]{0,300}>", re.I)


# The parsed document must fit in memory; word by word, 200 hours hold about half of this.
MOST_CONTAINERS = 3_000_000
MOST_QUOTES = 12_000_000


def read(data: bytes, name: str) -> Script:
    """Read the spoken lines of a JSON file. Raises UnreadableFile when it is broken or holds no transcript."""
    document = _parse(decode_text(data)[0])
    if page := _editor_page(document):
        return html.read(page.encode(), name)
    for reader in READERS:
        if lines := reader(document):
            script = _make_script(document, lines)
            return replace(script, warnings=(*script.warnings, *tell_talks_in_records(document)))
    raise UnreadableFile("this JSON holds no transcript; export the talk itself, with its words")


def _make_script(document: object, lines: tuple[Line, ...]) -> Script:
    """Make the script of a document; without times and speakers, its lines are those of a text, page or captions."""
    card = _card(document)
    if any(line.speaker or line.start is not None for line in lines):
        return Script("json", lines, card)
    if captions := _captions(document):
        script = vtt.read(captions.encode(), "")
    elif len(lines) == 1 and len(PARAGRAPH.findall(lines[0].text)) > 1:
        script = html.read(lines[0].text.encode(), "")
    else:
        script = plain_text.read("\n".join(line.text for line in lines).encode(errors="replace"), "")
    return replace(script, card={**script.card, **card})


def _captions(document: object) -> str | None:
    """Return the captions in a field of the document."""
    values = document.values() if isinstance(document, Mapping) else ()
    return next((value for value in values if isinstance(value, str) and value.startswith("WEBVTT\n")), None)


def _parse(source: str) -> object:
    """Parse one document, or one on each line."""
    if source.count("{") + source.count("[") > MOST_CONTAINERS or source.count('"') > MOST_QUOTES:
        raise UnreadableFile("the JSON holds more records than any transcript")
    try:
        return json.loads(source)
    except RecursionError as error:
        raise UnreadableFile("the JSON is nested too deep for a transcript") from error
    except json.JSONDecodeError as error:
        rows = [row for row in source.split("\n") if row.strip()]
        if len(rows) < 2 or error.msg != "Extra data":
            raise UnreadableFile(f"the JSON is broken in line {error.lineno}: {error.msg}") from error
    return _parse_rows(rows)


def _parse_rows(rows: list[str]) -> object:
    try:
        return [json.loads(row) for row in rows]
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFile(f"the JSON lines are broken: {error}") from error


def _editor_page(document: object) -> str | None:
    """Return the HTML in which oTranscribe keeps its text, in a field; None for other documents."""
    text = document.get("text") if isinstance(document, Mapping) else None
    is_page = isinstance(text, str) and "data-timestamp" in text and "<" in text
    return str(text) if is_page else None


def _card(document: object) -> dict[str, object]:
    """Read what the file says about itself; some services wrap one document in a list."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, Mapping):
        return {}
    inner = document.get("speech")
    sources = (document, inner if isinstance(inner, Mapping) else {})
    card: dict[str, object] = {}
    for key, names in (("title", ("title",)), ("language", ("language", "language_code", "languageCode", "lang"))):
        values = (source.get(name) for source in sources for name in names)
        value = next((value for value in values if isinstance(value, str) and value.strip()), None)
        if value:
            card[key] = value
    return card
