"""Read a transcript file of any known kind, told by its content.

A reader is a module with `read(data: bytes, name: str) -> Script`; it is imported when the first file of its kind
comes. Messages of UnreadableFile do not repeat the file's name: whoever shows them puts it in front.
"""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module

from ingest.readers.detect import TEXT_KINDS, find_kind
from ingest.readers.text_encoding import decode_text, encoding_warnings
from ingest.script import Line, Script
from kb.errors import KBError, UnreadableFile

MODULES = {
    "vtt": "captions.vtt",
    "srt": "captions.srt",
    "ass": "captions.ass",
    "lrc": "captions.lrc",
    "docx": "documents.docx",
    "odt": "documents.odt",
    "epub": "documents.epub",
    "html": "documents.html",
    "markdown": "documents.markdown",
    "text": "documents.text",
    "pdf": "documents.pdf",
    "rtf": "documents.rtf",
    "json": "records.speech_json",
    "xml": "records.xml",
    "table": "records.table",
}
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL, and halves of a surrogate pair
SIZE_LIMIT = 50 * 1024 * 1024  # bytes; the longest transcript we know, word for word as JSON, takes 20 MB


def read_script(data: bytes, name: str, *, size_limit: int = SIZE_LIMIT) -> Script:
    """The lines of a file; raises UnreadableFile when it holds no transcript."""
    if not data.strip():
        raise UnreadableFile("the file is empty (0 bytes)" if not data else "the file holds only blanks")
    if len(data) > size_limit:
        limit = size_limit // 1024 // 1024
        raise UnreadableFile(f"the file is larger than {limit} MB; split it, or export only its text")
    kind = find_kind(data, name)
    script = _run_reader(kind, data, name)
    if not any(line.text.strip() for line in script.lines):
        raise UnreadableFile("no words were found in the file")
    if kind not in TEXT_KINDS:
        return script
    return replace(script, warnings=script.warnings + encoding_warnings(data, decode_text(data)[1]))


def _run_reader(kind: str, data: bytes, name: str) -> Script:
    """Any failure of a parser is reported as ours, once, here."""
    reader = import_module(f"ingest.readers.{MODULES[kind]}")
    try:
        script: Script = reader.read(data, name)
    except KBError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise UnreadableFile(f"the file looks like {kind} but is broken: {reason}") from error
    return replace(script, lines=tuple(map(_make_storable, script.lines)))


def _make_storable(line: Line) -> Line:
    """JSON can name characters that no file and no database holds."""
    texts = [line.text, line.speaker or ""]
    if not any(map(UNSTORABLE.search, texts)):
        return line
    text, speaker = (UNSTORABLE.sub("\ufffd", one) for one in texts)
    return replace(line, text=text, speaker=speaker or None)
