"""Read a transcript file of any known kind, detected from its content.

A reader is a module with `read(data: bytes, name: str) -> Script`. One that brings a vendor's package is imported when
the first file of its kind comes; some others are there before, since their patterns tell the kinds apart. Messages of
UnreadableFile do not repeat the file's name: the code that shows them puts it in front.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from importlib import import_module

from ingest.files import SIZE_LIMIT, tell_limit
from ingest.readers.detect import TEXT_KINDS, find_kind
from ingest.readers.text_encoding import encoding_warnings, find_encoding
from ingest.readers.watermarks import drop_watermarks
from ingest.script import Line, Script
from kb.errors import KBError, UnreadableFile


@dataclass(frozen=True, slots=True)
class Reader:
    """The module that reads a kind of file, and the everyday name of the kind."""

    module: str
    format: str


READERS = {
    "vtt": Reader("ingest.readers.captions.vtt", "WebVTT"),
    "srt": Reader("ingest.readers.captions.srt", "SubRip"),
    "ass": Reader("ingest.readers.captions.ass", "SubStation"),
    "lrc": Reader("ingest.readers.captions.lrc", "LRC"),
    "doc": Reader("ingest.readers.documents.legacy", "old Word"),
    "docx": Reader("ingest.readers.documents.docx", "Word"),
    "odt": Reader("ingest.readers.documents.odt", "OpenDocument"),
    "epub": Reader("ingest.readers.documents.epub", "EPUB"),
    "html": Reader("ingest.readers.documents.html", "HTML"),
    "mhtml": Reader("ingest.readers.documents.mhtml", "MHTML"),
    "markdown": Reader("ingest.readers.documents.markdown", "Markdown"),
    "text": Reader("ingest.readers.documents.text", "plain text"),
    "pdf": Reader("ingest.readers.documents.pdf", "PDF"),
    "rtf": Reader("ingest.readers.documents.rtf", "RTF"),
    "json": Reader("ingest.readers.records.speech_json", "JSON"),
    "xml": Reader("ingest.readers.records.xml", "XML"),
    "chat": Reader("ingest.readers.records.chat", "CHAT"),
    "xlsx": Reader("ingest.readers.records.xlsx", "Excel"),
    "ods": Reader("ingest.readers.records.ods", "OpenDocument"),
    "table": Reader("ingest.readers.records.table", "tables"),
}
log = logging.getLogger(__name__)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL, and halves of a surrogate pair


def read_script(data: bytes, name: str, *, size_limit: int = SIZE_LIMIT) -> Script:
    """Read the lines of a file. Raises UnreadableFile when it holds no transcript."""
    if not data.strip():
        raise UnreadableFile("the file is empty (0 bytes)" if not data else "the file holds only blanks")
    if len(data) > size_limit:
        raise UnreadableFile(tell_limit(size_limit))
    kind = find_kind(data, name)
    script = _run_reader(kind, data, name)
    script = replace(script, lines=drop_watermarks(script.lines))
    if not any(line.text.strip() for line in script.lines):
        raise UnreadableFile("no words were found in the file")
    if kind not in TEXT_KINDS:
        return script
    return replace(script, warnings=script.warnings + encoding_warnings(data, find_encoding(data)))


def _run_reader(kind: str, data: bytes, name: str) -> Script:
    """Run the reader of a kind. An exception other than a refusal is an error of ours, and is logged as one."""
    reader = READERS[kind]
    try:
        script: Script = import_module(reader.module).read(data, name)
    except KBError:
        raise
    except Exception as error:
        line = f"could not be read: an error in the reader for {reader.format}; -v shows where"
        raise UnreadableFile(line).logged(log, error) from error
    written = "".join(f"{line.text}{line.speaker or ''}" for line in script.lines)
    return script if _is_storable(written) else replace(script, lines=tuple(map(_make_storable, script.lines)))


def _is_storable(text: str) -> bool:
    """Whether no character is one of UNSTORABLE: what the pattern finds, in a third of its time."""
    try:
        text.encode()  # which refuses half of a surrogate pair
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _make_storable(line: Line) -> Line:
    """Replace characters that JSON can name but no file and no database can hold."""
    texts = [line.text, line.speaker or ""]
    if not any(map(UNSTORABLE.search, texts)):
        return line
    text, speaker = (UNSTORABLE.sub("\ufffd", one) for one in texts)
    return replace(line, text=text, speaker=speaker or None)
