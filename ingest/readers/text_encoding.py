"""Decode the bytes of a text file, and say which encoding was used."""

from __future__ import annotations

import codecs
import re

from kb.errors import UnreadableFile

MOST_ROWS = 250_000  # forty days of captions; the same limit as for the lines of a talk
SAMPLE_BYTES = 65_536  # enough to judge a file of any size
JUNK_SHARE = 0.02  # real text holds almost no control characters; compressed or binary data about a tenth
WIDE_SHARE = 0.3  # UTF-16 without a mark: Latin text has a NUL in every second byte
FALLBACK = "windows-1252"  # a superset of Latin-1 in practice, and what Word and Windows editors write

BYTE_ORDER_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(
    rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,30})|<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{2,30})""",
    re.I,
)
# Names that pages declare in practice; Python knows others that are not charsets, or slow.
CHARSETS = re.compile(r"(?i)(utf-?8|us-ascii|ascii|(x-)?mac-?roman|(iso|windows|cp|koi8|shift|euc|gb|big5)[\w-]*)$")
CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x15\x1a\x1b"))  # CHAT writes its times between two \x15


def decode_text(data: bytes) -> tuple[str, str]:
    """Decode a file into text, and return its encoding too; line ends become '\\n', NUL bytes are dropped.

    A byte order mark decides; else it is UTF-8 if all of it is valid; else what the file declares; else windows-1252.
    Raises UnreadableFile when the data is binary.
    """
    text, encoding = _decode(data)
    if "\r" in text:  # looked for first, as it is seldom there
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\x00", ""), encoding


def find_encoding(data: bytes) -> str:
    """Find the encoding of a text file. Raises UnreadableFile when the data is binary."""
    return _decode(data)[1]


def refuse_endless(rows: int) -> None:
    """Refuse more rows than any transcript has, before they are looked at one by one. Raises UnreadableFile."""
    if rows > MOST_ROWS:
        raise UnreadableFile(f"the file has more than {MOST_ROWS:,} lines: split it, one file an interview")


def encoding_warnings(data: bytes, encoding: str) -> tuple[str, ...]:
    """List warnings for the reader of a transcript about how its bytes were decoded."""
    warnings = []
    if not encoding.startswith(("utf", "ascii")):
        warnings.append(f"the file is not UTF-8: read as {encoding}, so accented letters and quotes may be wrong")
    if not encoding.startswith(("utf-16", "utf-32")) and b"\x00" in data:
        warnings.append("NUL bytes in the file were left out")
    return tuple(warnings)


def _decode(data: bytes) -> tuple[str, str]:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace"), encoding
    if wide := _wide_encoding(data):
        return data.decode(wide, errors="replace"), wide
    _refuse_junk(data)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _declared_encoding(data) or FALLBACK
        return data.decode(encoding, errors="replace"), encoding


def _wide_encoding(data: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark, by the places of its NUL bytes."""
    sample = data[:SAMPLE_BYTES]
    if b"\x00" not in sample:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > WIDE_SHARE * len(sample) and even < odd / 10:
        return "utf-16-le"
    if even > WIDE_SHARE * len(sample) and odd < even / 10:
        return "utf-16-be"
    return None


def _refuse_junk(data: bytes) -> None:
    sample = data[:SAMPLE_BYTES]
    junk = len(sample) - len(sample.translate(None, CONTROL))
    if junk > max(8, JUNK_SHARE * len(sample)) or junk > len(sample) / 2:
        raise UnreadableFile("this is binary data; export the transcript as text, captions, JSON, PDF or .docx")


def _declared_encoding(data: bytes) -> str | None:
    found = DECLARED.search(data[:4096])
    name = (found.group(1) or found.group(2)).decode("ascii") if found else ""
    return find_charset(name)


def find_charset(name: str) -> str | None:
    """Find the charset of a name that a page declares, other than UTF-8; None if there is none."""
    if not CHARSETS.match(name) or name.lower().replace("-", "") in ("utf8", "ascii", "usascii"):
        return None
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        return None
    # Browsers read a page that says Latin-1 as windows-1252, because most of them are.
    return FALLBACK if encoding in ("iso8859-1", "cp1252") else encoding
