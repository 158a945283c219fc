"""Read pages that browsers, Word and mail programs save as one file (MHTML): the page without its pictures."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.readers.documents.blocks import block_lines
from ingest.readers.documents.html import read_blocks
from ingest.readers.text_encoding import decode_text, find_charset
from ingest.script import Script
from kb.errors import UnreadableFile

DEEPEST = 5  # parts within parts: a page has one level, a page in mail two
MOST_PARTS = 20_000  # of a page: its pictures, fonts and frames
HEADERS_LIMIT = 65_536  # bytes of the headers of one part
FIELD = re.compile(rb"([A-Za-z0-9-]{1,60}):[ \t]*((?:[^\r\n]|\r?\n[ \t]){0,8000})")
PARAMETER = re.compile(r""";\s*([\w-]{1,40})\s*=\s*(?:"([^"]{0,400})"|([^\s;"]{1,400}))""")
BLANK = re.compile(rb"\r?\n\r?\n")
NO_PAGE = "the MHTML file holds no page of text; save the page as HTML"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message: its headers, and its body as it stands in the file."""

    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def kind(self) -> str:
        """The media type in lower case: 'text/html'."""
        return self.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()

    def parameter(self, name: str) -> str:
        """Return a parameter of the media type: its charset, or the boundary of its parts."""
        found = PARAMETER.findall(self.headers.get("content-type", ""))
        return next((quoted or bare for key, quoted, bare in found if key.lower() == name), "")


def read(data: bytes, _name: str) -> Script:
    """Read the blocks of the page in an MHTML file. Raises UnreadableFile when it holds none."""
    whole = _read_part(data.lstrip())
    pages = [part for part in _walk(whole, 0) if part.kind in ("text/html", "application/xhtml+xml")]
    if not pages:
        raise UnreadableFile(NO_PAGE)
    address = whole.headers.get("snapshot-content-location", "").strip()
    page = next((part for part in pages if part.headers.get("content-location", "").strip() == address), pages[0])
    blocks, card = read_blocks(_decode(page))
    facts = {"url": address, **card} if address.startswith("http") else card
    return Script("html", tuple(block_lines(blocks)), facts)


def _read_part(data: bytes) -> Part:
    """Split a part into its headers and its body."""
    end = BLANK.search(data, 0, HEADERS_LIMIT)
    head, body = (data[: end.start()], data[end.end() :]) if end else (b"", data)
    fields = FIELD.findall(head)
    headers = {name.decode("ascii").lower(): " ".join(value.decode("latin-1").split()) for name, value in fields}
    return Part(headers, body)


def _walk(part: Part, depth: int) -> Iterator[Part]:
    """Yield a part and the parts inside it, in order."""
    yield part
    boundary = part.parameter("boundary")
    if not part.kind.startswith("multipart/") or not boundary or depth >= DEEPEST:
        return
    pieces = part.body.split(b"--" + boundary.encode("latin-1"))
    if len(pieces) > MOST_PARTS:
        raise UnreadableFile(f"the MHTML file has more than {MOST_PARTS:,} parts; save the page as HTML")
    for piece in pieces[1:]:
        if not piece.startswith(b"--"):
            yield from _walk(_read_part(piece.lstrip(b"\r\n")), depth + 1)


def _decode(page: Part) -> str:
    """Decode the text of a page, which is written in ASCII and has a charset of its own."""
    encoding = page.headers.get("content-transfer-encoding", "").strip().lower()
    data = page.body
    if encoding == "quoted-printable":
        data = quopri.decodestring(data)
    elif encoding == "base64":
        try:
            data = base64.b64decode(data)
        except (binascii.Error, ValueError) as error:
            raise UnreadableFile("the MHTML file is damaged: its page is cut off; save the page as HTML") from error
    charset = find_charset(page.parameter("charset"))
    if charset is None:
        return decode_text(data)[0]
    try:
        return decode_text(data.decode("utf-8").encode())[0]  # a page may say another charset than it has
    except UnicodeDecodeError:
        return decode_text(data.decode(charset, errors="replace").encode())[0]
