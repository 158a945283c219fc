"""Detect the kind of a file from its content; the extension only breaks ties."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import PurePath

from ingest.readers.captions import lrc
from ingest.readers.captions.cues import COMMA_TIMING, DOT_TIMING, LOOSE_TIMING
from ingest.readers.captions.vtt import SBV_TIMING
from ingest.readers.records.chat import is_chat
from ingest.readers.records.table import find_layout
from ingest.readers.text_encoding import decode_text
from kb.errors import UnreadableFile

TEXT_KINDS = frozenset(("vtt", "srt", "lrc", "ass", "chat", "json", "xml", "table", "html", "markdown", "text"))
SAMPLE = 200_000  # characters looked at
HEAD = 4_000  # characters in which a format shows what it is

RECORDING = "this is a recording; transcribe it first"
IMAGE = "this is an image; its text has to be recognised (OCR) first"
LEGACY_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORD_STREAM = "WordDocument".encode("utf-16-le")  # in the directory of the file
UNREADABLE = (
    (b"\x1f\x8b", "this is a gzip archive; unpack it first"),
    (b"\xfd7zXZ\x00", "this is an xz archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive; unpack it first"),
    (b"BZh", "this is a bzip2 archive; unpack it first"),
    (b"Rar!\x1a", "this is a rar archive; unpack it first"),
    (b"ID3", RECORDING),
    (b"RIFF", RECORDING),
    (b"OggS", RECORDING),
    (b"fLaC", RECORDING),
    (b"\x1aE\xdf\xa3", RECORDING),
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
)

ARCHIVE = (
    "this is an archive, or an Office file that is no text; unpack it, or save its text as .docx, its table as .csv"
)
SLIDES = "these are slides; export the transcript as .docx or .txt"
OTHER_ARCHIVES = (
    (b"ppt/presentation.xml", SLIDES),
    (b"opendocument.presentation", SLIDES),
    (b"xl/workbook.bin", "this is a binary Excel file (.xlsb); save it as .xlsx or .csv"),
    (b"Index/CalculationEngine", "this is a Numbers file; export it as .xlsx or .csv"),
    (b"Index/Document.iwa", "this is a Pages, Numbers or Keynote file; export it as .docx, .csv or PDF"),
)
LEGACY_PARTS = (
    ("Workbook", "this is a legacy Excel file (.xls); save it as .xlsx or .csv"),
    ("PowerPoint Document", "these are slides (.ppt); export the transcript as .docx or .txt"),
    ("EncryptedPackage", "this Office file has a password; save it without one"),
)

ARROWS = (">", "→", "&gt;")
# Timing lines, and what one without an arrow always holds: looking for that first is fast.
CUES = (
    ("srt", COMMA_TIMING, None),
    ("vtt", DOT_TIMING, None),
    ("vtt", SBV_TIMING, re.compile(r",\d{1,2}:[0-5]\d:")),
    ("srt", LOOSE_TIMING, re.compile(r"\n[ \t]*\d{1,7}[ \t]*\n")),
)
WORDS_A_ROW = 3  # a file named as a table with fewer words holds numbers
ROWS_A_CUE = 20  # at most; a stray timing line does not make a text captions
ASS_HEAD = re.compile(r"^\[(?:Script Info|V4\+? Styles|Events)\]", re.M | re.I)
JSON_HEAD = re.compile(r"""\s*(?:\{\s*["}]|\[\s*(?:[\[{\]"]))""")
HTML_TAG = re.compile(
    r"<(?:!doctype html|html|head|body|cite|time|p|div|article|section|h[1-6]|table|ul|dl)\b[^<>]{0,500}>", re.I
)
XML_HEAD = re.compile(
    r"\s*(?:<\?xml|<!doctype\s+(?!html\b)\w|<(?:\w{1,20}:)?(?:transcripts?|timedtext|tt|tei(?:\.2|corpus)?|trans"
    r"|podcast-transcript|annotation_document|basic-transcription|akomantoso|ohms)\b)",
    re.I,
)
HTML_ROOT = re.compile(r"<(?:!doctype\s+)?html\b", re.I)
MARKDOWN = re.compile(
    r"""^\#{1,6}\ \S                            # a heading
    |^[ \t]*(?:[-*+]\ )?\*\*[^*\n]{1,120}\*\*   # a line that opens in bold
    |^>\ \S                                     # a quotation
    |\[[^\]\n]{1,200}\]\(https?:                # a link
    |^[ \t]*__[^_\n]{1,80}__
    |\\\[\d                                     # an escaped time""",
    re.M | re.X,
)
FEW_MARKS = 2  # of Markdown or HTML may occur in plain text


MIME_HEAD = re.compile(r"(?:[A-Za-z-]{2,40}:[^\n]{0,1000}\n(?:[ \t][^\n]{0,1000}\n){0,50}){0,60}?MIME-Version:", re.I)
# A page that a browser or Word saved with its pictures in one file, and web pages in mail.
MHTML = re.compile(r"^(?:Content-Type:\s*(?:multipart/related|text/html)|From:\s*<Saved by)", re.M | re.I)


def find_kind(data: bytes, name: str) -> str:
    """Detect the kind of a file, one of those in `READERS`. Raises UnreadableFile when it is none of them."""
    if data.startswith(LEGACY_OFFICE):
        return _legacy_kind(data)
    for magic, reason in UNREADABLE:
        if data.startswith(magic):
            raise UnreadableFile(reason)
    if data[4:8] == b"ftyp":
        raise UnreadableFile(RECORDING)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _archive_kind(data)
    if data.lstrip()[:5].lower() == b"{\\rtf":
        return "rtf"
    return _text_kind(decode_text(data)[0][:SAMPLE], PurePath(name).suffix.lower())


def _legacy_kind(data: bytes) -> str:
    """Detect a Word file among the Office files from before 2007, which are file systems of their own."""
    for part, reason in LEGACY_PARTS:
        if part.encode("utf-16-le") in data:
            raise UnreadableFile(reason)
    if WORD_STREAM in data:
        return "doc"
    raise UnreadableFile("this is a legacy Office file (.doc, .xls or .ppt); save it as .docx")


def _archive_kind(data: bytes) -> str:
    """Detect the kind of an archive. Its names and first entries are not compressed, so nothing is unpacked."""
    head = data[:200]
    if b"word/document.xml" in data:
        return "docx"
    if b"application/vnd.oasis.opendocument.text" in head:
        return "odt"
    if b"application/vnd.oasis.opendocument.spreadsheet" in head:
        return "ods"
    if b"application/epub+zip" in head or b"META-INF/container.xml" in data:
        return "epub"
    if b"xl/workbook.xml" in data:
        return "xlsx"
    for sign, reason in OTHER_ARCHIVES:
        if sign in data:
            raise UnreadableFile(reason)
    raise UnreadableFile(ARCHIVE)


def _text_kind(text: str, suffix: str) -> str:
    head = text[:HEAD].lstrip()
    if MIME_HEAD.match(head) and MHTML.search(head):
        return "mhtml"
    if head.startswith("WEBVTT"):
        return "vtt"
    if is_chat(text):
        return "chat"
    if JSON_HEAD.match(head):
        return "json"
    if ASS_HEAD.search(head):
        return "ass"
    if XML_HEAD.match(head) and not HTML_ROOT.search(head):
        return "xml"
    if head.startswith("<") and HTML_TAG.search(head):
        return "html"
    return _cue_kind(text, suffix) or _table_kind(text, suffix) or _prose_kind(text, head, suffix)


def _cue_kind(text: str, suffix: str) -> str | None:
    """Detect captions without a header, by their timing lines."""
    rows = text.count("\n") + 1
    for kind, pattern, sign in CUES:
        is_likely = sign.search(f"\n{text}") if sign else any(arrow in text for arrow in ARROWS)
        count = sum(1 for _ in pattern.finditer(text)) if is_likely else 0
        if (count > 1 or rows <= ROWS_A_CUE) and count and count * ROWS_A_CUE >= rows:
            return kind
    lyrics = lrc.LINE if suffix == ".lrc" else lrc.DOTTED_LINE
    count = sum(1 for _ in lyrics.finditer(text)) if "[" in text else 0
    return "lrc" if count and 2 * count > sum(1 for row in text.split("\n") if row.strip()) else None


def _table_kind(text: str, suffix: str) -> str | None:
    """Detect a table from its whole rows; prose with a comma in each line has no column of times."""
    whole = text[: text.rfind("\n")] if len(text) == SAMPLE else text
    is_named_so = suffix in (".csv", ".tsv", ".tab")
    layout = find_layout(whole)
    if layout is None:
        has_speech = whole.count(" ") > WORDS_A_ROW * whole.count("\n")
        return "table" if is_named_so and not has_speech else None
    return "table" if is_named_so or layout.has_names or layout.mark == "\t" else None


def _prose_kind(text: str, head: str, suffix: str) -> str:
    if suffix in (".md", ".markdown", ".mdx", ".qmd"):
        return "markdown"
    if suffix in (".html", ".htm", ".xhtml") or _has_more(HTML_TAG, text, 2 * FEW_MARKS):
        return "html"
    return "markdown" if head.startswith("---\n") or _has_more(MARKDOWN, text, FEW_MARKS) else "text"


def _has_more(pattern: re.Pattern[str], text: str, number: int) -> bool:
    """Whether a pattern is found more often than that; it is looked for no further."""
    return next(islice(pattern.finditer(text), number, None), None) is not None
