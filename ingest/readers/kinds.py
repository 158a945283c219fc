"""Tell what kind of file this is by its content; the extension only breaks ties."""

from __future__ import annotations

import re
from pathlib import PurePath

from ingest.readers.text_encoding import decode_text
from kb.errors import UnreadableFile

TEXT_KINDS = frozenset({"vtt", "srt", "sbv", "lrc", "ass", "speech_json", "xml_captions", "table", "html", "markdown", "text"})
SAMPLE = 200_000  # characters looked at
HEAD = 4_000  # characters in which a format introduces itself

UNREADABLE = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is a legacy Office file (.doc, .xls or .ppt); save it as .docx and add that"),
    (b"\x1f\x8b", "this is a gzip archive; unpack it first"),
    (b"\xfd7zXZ\x00", "this is an xz archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive; unpack it first"),
    (b"BZh", "this is a bzip2 archive; unpack it first"),
    (b"Rar!", "this is a rar archive; unpack it first"),
    (b"ID3", "this is a sound recording; transcribe it first"),
    (b"RIFF", "this is a recording; transcribe it first"),
    (b"OggS", "this is a sound recording; transcribe it first"),
    (b"fLaC", "this is a sound recording; transcribe it first"),
    (b"\x1aE\xdf\xa3", "this is a recording; transcribe it first"),
    (b"\x89PNG", "this is an image; the text has to be recognised (OCR) first"),
    (b"\xff\xd8\xff", "this is an image; the text has to be recognised (OCR) first"),
    (b"GIF8", "this is an image; the text has to be recognised (OCR) first"),
)

_CLOCK = r"(?:\d{1,9}:)?\d{1,9}:\d{1,2}"
COMMA_CUE = re.compile(rf"^[ \t]*{_CLOCK}[,:，]\d{{1,9}}[ \t]*(?:-{{1,3}} ?>|[–—]>)[ \t]*\d", re.M)
DOT_CUE = re.compile(rf"^[ \t]*{_CLOCK}(?:\.\d{{1,9}})?[ \t]*(?:-{{1,3}} ?>|[–—]>)[ \t]*\d", re.M)
SBV_CUE = re.compile(r"^[ \t]*\d{1,3}:\d\d:\d\d\.\d{1,3},\d{1,3}:\d\d:\d\d\.\d{1,3}[ \t]*$", re.M)
LRC_LINE = re.compile(r"^[ \t]*(?:\[\d{1,3}:\d\d[.:]\d{1,3}\])+(?!\s*-)|^[ \t]*\[(?:ar|ti|al|au|by|length|offset|re|ve|tool):[^\]\n]*\]", re.M)
ASS_HEAD = re.compile(r"^\[(?:Script Info|V4\+? Styles|Events)\]", re.M | re.I)
JSON_HEAD = re.compile(r"""\s*(?:\{\s*["}]|\[\s*(?:[\[{\]"]))""")
HTML_HEAD = re.compile(r"<(?:!doctype html|html|head|body|cite|time|p|div|article|section|h[1-6]|table|ul|dl)\b[^<>]{0,500}>", re.I)
XML_HEAD = re.compile(r"\s*(?:<\?xml|<(?:\w+:)?(?:transcripts?|timedtext|tt|podcast-transcript|sami)\b)", re.I)
XHTML_ROOT = re.compile(r"<(?:!doctype\s+)?html\b", re.I)
MARKDOWN = re.compile(
    r"\A\s*---[ \t]*\n|^#{1,6} \S|^\s*(?:[-*+] )?\*\*[^*\n]{1,120}\*\*|^> \S|\[[^\]\n]{1,200}\]\(https?:|^\s*__[^_\n]{1,80}__|\\\[\d", re.M
)
TABLE_NAMES = frozenset(
    "start end text speaker name time timestamp begin stop duration transcript words utterance content sentence "
    "start_time end_time starttime endtime begin_time stop_time speaker_name speaker_id timecode in out dialogue caption "
    "subtitle message line quote turn".split()
)
TEXT_NAMES = frozenset("text transcript words utterance content sentence dialogue caption subtitle message line quote speech transcription".split())


def find_kind(data: bytes, name: str) -> str:
    """The name of the reader module for a file; raises UnreadableFile where there is none."""
    for magic, reason in UNREADABLE:
        if data.startswith(magic):
            raise UnreadableFile(reason)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    if data[4:8] == b"ftyp":
        raise UnreadableFile("this is a recording; transcribe it first")
    if data[:5].lower() == b"{\\rtf":
        return "rtf"
    return _text_kind(decode_text(data)[0][:SAMPLE], PurePath(name).suffix.lower())


def _zip_kind(data: bytes) -> str:
    """Names and first entries of an archive stand uncompressed in its bytes, so nothing has to be unpacked."""
    if b"word/document.xml" in data:
        return "docx"
    if b"application/vnd.oasis.opendocument.text" in data[:200]:
        return "odt"
    if b"application/epub+zip" in data[:200] or b"META-INF/container.xml" in data:
        return "epub"
    raise UnreadableFile("this is an archive or an Office file other than text; unpack it, or save it as .docx")


def _text_kind(text: str, suffix: str) -> str:
    head = text[:HEAD].lstrip()
    if head.startswith("WEBVTT"):
        return "vtt"
    if JSON_HEAD.match(head):
        return "speech_json"
    if ASS_HEAD.search(head):
        return "ass"
    if head.startswith("<"):
        return _markup_kind(head)
    if kind := _cue_kind(text):
        return kind
    if _is_table(text, suffix):
        return "table"
    return _prose_kind(text, head, suffix)


def _markup_kind(head: str) -> str:
    if XML_HEAD.match(head) and not XHTML_ROOT.search(head):
        return "xml_captions"
    return "html" if HTML_HEAD.search(head) else "text"


def _cue_kind(text: str) -> str | None:
    """Captions without a header are told by their timing lines; two are enough, one if the text is short."""
    rows = text.count("\n") + 1
    for kind, pattern in (("srt", COMMA_CUE), ("vtt", DOT_CUE), ("sbv", SBV_CUE)):
        count = sum(1 for _ in pattern.finditer(text))
        if count > 1 and count * 20 >= rows or count and rows <= 10:
            return kind
    if sum(1 for _ in LRC_LINE.finditer(text)) * 2 > sum(1 for row in text.split("\n") if row.strip()):
        return "lrc"
    return None


def _is_table(text: str, suffix: str) -> bool:
    rows = [row for row in text.split("\n", 60)[:60] if row.strip()]
    if len(rows) < 2:
        return False
    for mark in "\t,;|":
        names = {cell.strip(' "\'').lower().replace(" ", "_") for cell in rows[0].split(mark)}
        if len(names & TABLE_NAMES) >= 2 and names & TEXT_NAMES:
            return True
    return suffix in (".tsv", ".csv", ".tab")


def _prose_kind(text: str, head: str, suffix: str) -> str:
    if suffix in (".md", ".markdown", ".mdx", ".qmd"):
        return "markdown"
    if suffix in (".html", ".htm", ".xhtml") or len(HTML_HEAD.findall(text)) > 5:
        return "html"
    return "markdown" if len(MARKDOWN.findall(text)) > 2 or head.startswith("---\n") else "text"
