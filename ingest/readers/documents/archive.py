"""Read the parts of zip archives: checked before anything is unpacked, so that a small file cannot fill the machine."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from kb.errors import UnreadableFile

MEMBER_LIMIT = 5_000  # a book in EPUB has a few hundred
UNPACKED_LIMIT = 200 * 1024 * 1024  # bytes; a long interview in Word takes two million
ELEMENT_LIMIT = 3_000_000  # of all parts; each takes a hundred bytes of memory, and ten hours of talk a thousandth
RATIO_LIMIT = 200  # XML of real documents shrinks ten to thirty times
SMALL = 1024 * 1024  # bytes; below this any ratio is harmless


def open_archive(data: bytes, kind: str) -> zipfile.ZipFile:
    """Open the archive of a document. Raises UnreadableFile when it is broken, encrypted or a zip bomb."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableFile(f"the {kind} file is damaged: {error}") from error
    if len(members) > MEMBER_LIMIT:
        raise UnreadableFile(
            f"the {kind} file holds {len(members)} parts, more than {MEMBER_LIMIT}: this is no transcript"
        )
    unpacked = sum(member.file_size for member in members)
    if unpacked > UNPACKED_LIMIT:
        raise UnreadableFile(
            f"the {kind} file unpacks to {unpacked // SMALL} MB, more than {UNPACKED_LIMIT // SMALL} MB"
        )
    if any(
        member.file_size > SMALL and member.file_size > RATIO_LIMIT * max(1, member.compress_size) for member in members
    ):
        raise UnreadableFile(f"the {kind} file is packed more tightly than any document: it looks like a zip bomb")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile(f"the {kind} file is encrypted; save it without a password")
    # Pictures count too: any part may be called one.
    if sum(_count_elements(archive, member, kind) for member in members) > ELEMENT_LIMIT:
        raise UnreadableFile(f"the {kind} file holds more elements than any document; export only its text")
    return archive


def read_member(archive: zipfile.ZipFile, name: str, kind: str) -> bytes:
    """Read one part of the archive. Raises UnreadableFile when the part is missing, damaged or too large."""
    try:
        with archive.open(name) as part:
            content = part.read(UNPACKED_LIMIT + 1)
    except KeyError as error:
        raise UnreadableFile(f"the {kind} file lacks its part {name}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"the {kind} file is damaged: {error}") from error
    if len(content) > UNPACKED_LIMIT:
        raise UnreadableFile(f"the {kind} file unpacks to more than {UNPACKED_LIMIT // SMALL} MB")
    return content


def _count_elements(archive: zipfile.ZipFile, member: zipfile.ZipInfo, kind: str) -> int:
    return read_member(archive, member.filename, kind).count(b"<") if member.file_size > SMALL else 0


def read_xml(archive: zipfile.ZipFile, name: str, kind: str) -> Element:
    """Read one part as XML. Raises UnreadableFile as `read_member` does, and when the XML is broken or has entities."""
    try:
        root: Element = ElementTree.fromstring(read_member(archive, name, kind))
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableFile(f"the {kind} file is damaged or unsafe; save it again") from error
    return root
