"""Look at a backup before anything of it is read: its checksum, its entries, their names and sizes.

The checksum shows damage, not forgery: whoever can write a backup can write its checksum too.
"""

from __future__ import annotations

import errno
import hashlib
import io
import re
import stat
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from kb.errors import BadBackup
from kb.storage.aside import is_aside

CATALOG, VECTORS, MANIFEST = "catalog.sqlite", "vectors.npz", "manifest.json"
FILES = "files"  # the folder of all others
# Entries of the home folder that are not copied: their data is written in another form.
MADE_ANEW = {CATALOG, f"{CATALOG}-wal", f"{CATALOG}-shm", "catalog.id", "chroma", "writer.lock", "unfinished"}
DIGEST = 64  # hexadecimal digits of a SHA-256
BLOCK = 2**20
MOST_ENTRIES = 300_000
MOST_INDEX = 200_000_000  # bytes of the list of entries
MOST_MANIFEST = 1_000_000  # bytes
LONGEST_PART, LONGEST_NAME = 255, 4_000  # bytes of a file's name, and of its path
END = struct.Struct("<4s4H2LH")  # the end record of a zip archive, before its comment
ENTRY = b"PK\x01\x02"
# Names of devices and drives, and signs that part names or break lines.
DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|[a-z]:)[. ]*", re.IGNORECASE)
SIGNS = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
# In the home folder while a backup is restored: the catalog and the vectors as they lie in it, and the checked catalog.
PART, ARRAYS, CHECKED = (f"{CATALOG}.{end}" for end in ("part", "arrays", "checked"))
OWN = MADE_ANEW | {ARRAYS} | {f"{name}{end}" for name in (PART, CHECKED) for end in ("", "-wal", "-shm", "-journal")}


def is_own_name(name: str) -> bool:
    """Whether an entry of the home folder is made anew by a restore, or is left of a repair or a restore."""
    plain = name.casefold().rstrip(". ")
    return plain in OWN or is_aside(plain)


def is_portable(path: PurePosixPath) -> bool:
    """Whether a path, relative to the home folder, can be kept in a backup."""
    is_short = len(str(path).encode("utf-8", "surrogatepass")) <= LONGEST_NAME
    return is_short and not path.is_absolute() and bool(path.parts) and all(map(_is_plain, path.parts))


@contextmanager
def open_archive(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup whose checksum and entries are good. Raises BadBackup."""
    _check_digest(file)
    with as_bad_backup(file), _open_bounded(file) as archive:
        _check_entries(archive)
        yield archive


@contextmanager
def as_bad_backup(file: Path) -> Iterator[None]:
    """Convert what a forged archive raises to BadBackup, in one line."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        ValueError,
        LookupError,
        TypeError,
        SyntaxError,
        tokenize.TokenError,
        struct.error,
    ) as error:
        raise forged(file, "its entries cannot be read") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise forged(file, "its entries lie where there is nothing") from error
    except (OverflowError, MemoryError, AttributeError, ArithmeticError) as error:
        raise forged(file, "it holds values that cannot be") from error


def forged(file: Path | str, what: str) -> BadBackup:
    """Say why a backup cannot be what this program wrote."""
    return BadBackup(f"The backup {file} is none that this program wrote: {what}; use another copy")


def list_files(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """List the files of the home folder: their entry, and their path in the folder."""
    own = (MANIFEST, CATALOG, VECTORS)
    return [
        (one, PurePosixPath(one.filename).relative_to(FILES)) for one in archive.infolist() if one.filename not in own
    ]


def hash_before_comment(file: Path) -> str:
    """Return the SHA-256 of a backup without its last bytes, which hold it."""
    digest = hashlib.sha256()
    left = file.stat().st_size - DIGEST
    with file.open("rb") as stream:
        while left > 0:
            block = stream.read(min(BLOCK, left))
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def _check_digest(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            stream.seek(-DIGEST, io.SEEK_END)
            is_whole = stream.read().decode("ascii", "replace") == hash_before_comment(file)
    except OSError as error:
        line = f"The backup {file} cannot be read: {error.strerror or error}"
        raise BadBackup(line) from error
    if not is_whole or not zipfile.is_zipfile(file):
        raise BadBackup(f"The backup {file} is damaged or no backup: its checksum does not agree; use another copy")


def _open_bounded(file: Path) -> zipfile.ZipFile:
    """Open an archive; its list of entries is counted first, since all of it is read at once."""
    with file.open("rb") as stream:
        stream.seek(-DIGEST - END.size, io.SEEK_END)
        magic, *_, size, start, comment = END.unpack(stream.read(END.size))
        if magic != b"PK\x05\x06" or comment != DIGEST:
            raise zipfile.BadZipFile("another end")
        whole = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, whole - MOST_INDEX) if start == 0xFFFFFFFF else min(start, whole))
        if size != 0xFFFFFFFF and size > MOST_INDEX:
            raise forged(file, "its list of entries is too long")
        if _count_entries(stream) > MOST_ENTRIES:
            raise forged(file, f"it has more than {MOST_ENTRIES:,} entries")
    return zipfile.ZipFile(file)


def _count_entries(stream: io.BufferedReader) -> int:
    """Count what may be entries from here to the end."""
    found, before = 0, b""
    while (block := stream.read(BLOCK)) and found <= MOST_ENTRIES:
        found += (before + block).count(ENTRY)
        before = block[-len(ENTRY) + 1 :]
    return found


def _check_entries(archive: zipfile.ZipFile) -> None:
    """Check names, kinds and sizes of all entries. Raises BadBackup."""
    file = str(archive.filename)
    entries = archive.infolist()
    for entry in entries:
        if wrong := _find_fault(entry):
            raise forged(file, f"its entry {entry.filename[:LONGEST_PART]!r} {wrong}")
    names = {entry.filename for entry in entries}
    if len(names) < len(entries):
        raise forged(file, "two of its entries have the same name")
    if lost := {MANIFEST, CATALOG, VECTORS} - names:
        raise forged(file, f"it has no {sorted(lost)[0]}")
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents}
    if both := names & folders:
        raise forged(file, f"its entry {sorted(both)[0]!r} is a file and a folder")
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise forged(file, f"{MANIFEST} is too large")


def _find_fault(entry: zipfile.ZipInfo) -> str | None:
    if entry.flag_bits & 0x41:
        return "is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is compressed in another way"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.is_dir():
        return "is no plain file"
    if entry.filename in (MANIFEST, CATALOG, VECTORS):
        return None
    if entry.orig_filename != entry.filename or str(PurePosixPath(entry.filename)) != entry.filename:
        return "has a name that is no path"
    first, *parts = PurePosixPath(entry.filename).parts
    if first != FILES or not parts or not is_portable(PurePosixPath(*parts)):
        return "would lie outside, or has a name that a file cannot have"
    return "has a name that the stores use" if is_own_name(parts[0]) else None


def _is_plain(part: str) -> bool:
    is_short = len(part.encode("utf-8", "surrogatepass")) <= LONGEST_PART
    return part not in ("", ".", "..") and is_short and not SIGNS.search(part) and not DEVICE.fullmatch(part)
