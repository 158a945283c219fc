"""Check a Word file before it is opened: what it unpacks to, how many elements that is, whether it can be unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib

from kb.errors import UnreadableFile

MEMBERS_LIMIT = 5_000  # parts; a book has a few hundred
UNPACKED_LIMIT = 200 * 1024 * 1024  # bytes of all parts
ELEMENTS_LIMIT = 3_000_000  # of all parts; each takes a hundred bytes of memory, and a long book has two million
RATIO_LIMIT = 200  # XML of real documents shrinks ten to thirty times
SMALL = 1024 * 1024  # bytes of a part that is not looked into
ENCRYPTED = 1  # the bit of a part's flags
# Those of zipfile and the libraries below it. RuntimeError is what zipfile raises for a password and for a packing that
# it does not know.
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, RuntimeError)


def check_package(data: bytes, name: str) -> None:
    """Check that a Word file can be opened in little memory. Raises UnreadableFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_sizes(members, name)
            elements = sum(_count_elements(archive, member) for member in members)
    except FAULTS as error:
        raise UnreadableFile(f"{name} cannot be read as a Word file; save it again as .docx") from error
    if elements > ELEMENTS_LIMIT:
        raise UnreadableFile(f"{name} holds more elements than a book; cut it into parts")


def _check_sizes(members: list[zipfile.ZipInfo], name: str) -> None:
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise UnreadableFile(f"{name} is encrypted; save it without a password")
    if sum(member.file_size for member in members) > UNPACKED_LIMIT or len(members) > MEMBERS_LIMIT:
        raise UnreadableFile(f"{name} unpacks to more than {UNPACKED_LIMIT // SMALL} MB; save it again")
    if any(_is_packed_tightly(member) for member in members):
        raise UnreadableFile(f"{name} is packed more tightly than any document: it looks like a zip bomb")


def _is_packed_tightly(member: zipfile.ZipInfo) -> bool:
    return member.file_size > SMALL and member.file_size > RATIO_LIMIT * max(1, member.compress_size)


def _count_elements(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    return archive.read(member).count(b"<") if member.file_size > SMALL else 0
