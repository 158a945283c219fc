"""Find the files of an ingest, with their names, ids and bytes."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from errno import EAGAIN, EFBIG, EINVAL
from itertools import count
from pathlib import Path

from kb.errors import UnreadableFile

SIDECAR = "metadata.csv"  # used from the ingested folder when no other table is given
SIZE_LIMIT = 50 * 1024 * 1024  # bytes of a file; the longest transcript we know, word for word as JSON, takes 20 MB
NUMBERED = 20  # files of one stem whose ids have a number
HASH_DIGITS = 10  # of a later one's id
TRIES = 4  # to read a file that changes meanwhile
SETTLED = 0.1  # seconds without a change; also longer than the clock of a file system may stand still
AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # opening a pipe does not wait for a writer
LEADS_OUT = "a link that leads out of the named folder is not followed; name what it leads to"
NOT_INTERVIEWS = re.compile(r"(?i)^(?:readme|licen[cs]e|attribution|notice|changelog|contributing|copying)(?:\..*)?$")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read and its name: its path relative to the ingested folder."""

    path: Path
    source: str
    refusal: str = ""  # why it must not be read


def list_files(paths: Sequence[Path], metadata: Path | None = None) -> list[SourceFile]:
    """List what is in files and folders, each once, in a stable order. Raises UnreadableFile when a path is neither."""
    for path in paths:
        _check_path(path)
    found: dict[Path, SourceFile] = {}
    for path in paths:
        for file in [SourceFile(path, path.name)] if path.is_file() else _list_folder(path):
            if metadata is None or file.path.resolve() != metadata.resolve():
                found.setdefault(file.path if file.refusal else file.path.resolve(), file)
    return list(found.values())


def find_file(path: Path, metadata: Path | None = None) -> SourceFile:
    """Find one file by its path. Raises UnreadableFile when that is not a file, or the table of facts itself."""
    _check_path(path)
    if path.is_dir():
        raise UnreadableFile(f"{path} is a folder; name one of its files")
    if metadata is not None and path.resolve() == metadata.resolve():
        raise UnreadableFile(f"{path} is the table of facts itself; name a transcript")
    return SourceFile(path, path.name)


def measure_file(path: Path) -> int:
    """Return a file's size in bytes; 0 if it was deleted since it was listed."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a path is a link to something outside a folder."""
    return path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())


def read_bytes(path: Path) -> bytes:
    """Read a file's bytes. Raises UnreadableFile when it is too large, changes meanwhile or cannot be opened."""
    if measure_file(path) > SIZE_LIMIT:
        raise UnreadableFile(tell_limit(SIZE_LIMIT))
    try:
        str(path.resolve()).encode()
        return read_whole(path, SIZE_LIMIT)
    except UnicodeEncodeError as error:
        raise UnreadableFile("The name of the file, or of a folder it is in, is not UTF-8; rename it") from error
    except OSError as error:
        raise UnreadableFile(f"The file cannot be opened: {error.strerror or error}") from error


def tell_limit(limit: int) -> str:
    """Tell that a file has more bytes than a limit, and what to do about it."""
    return f"the file is larger than {limit // 1024 // 1024} MB; split it, or export only its text"


def read_whole(path: Path, limit: int) -> bytes:
    """Read a file of at most `limit` bytes, one version of it whole.

    Raises OSError when it is larger, no regular file, or changes all the time.
    """
    for _ in range(TRIES):
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | AT_ONCE)) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise OSError(EINVAL, "it is no regular file")
            data = file.read(limit + 1) if before.st_size <= limit else b""
            after = _wait_until_settled(file.fileno())
        if after.st_size > limit or len(data) > limit:
            raise OSError(EFBIG, f"it is larger than {limit // 1_000_000} MB")
        is_same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if is_same and len(data) == after.st_size:
            return data
    raise OSError(EAGAIN, "it changes while it is read; try again when it is complete")


def _wait_until_settled(descriptor: int) -> os.stat_result:
    """Look at an open file; at one that was written just now a little later again: more may be about to come."""
    found = os.fstat(descriptor)
    age = abs(time.time() - found.st_mtime) if found.st_size else 0.0  # one that is being cut is empty before its time
    if age >= SETTLED:
        return found
    time.sleep(SETTLED - age)
    return os.fstat(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name first: a full disk leaves what was there, not a part of what was to come."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def list_ids(source: str) -> Iterator[str]:
    """Yield readable ids for a file's relative path without end: the stem, with its suffix, a number, or a hash.

    A hash is soon free where thousands of files have one stem, as those have whose names hold no Latin letter.
    """
    stem, _, suffix = source.rpartition(".")
    base = _slug(stem or source) or "interview"
    yield base
    yield f"{base}-{_slug(suffix)}"
    yield from (f"{base}-{number}" for number in range(2, NUMBERED + 1))
    hashed = f"{base}-{hashlib.sha256(source.encode(errors='replace')).hexdigest()[:HASH_DIGITS]}"
    yield hashed
    yield from (f"{hashed}-{number}" for number in count(2))


def _check_path(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnreadableFile(f"There is no file or folder {path}; check the path") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be opened: {error.strerror or error}; check the path") from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UnreadableFile(f"{path} is neither a file nor a folder; check the path")


def _list_folder(folder: Path) -> list[SourceFile]:
    """List what is in a folder and its folders, in a stable order; what must not be read has a refusal."""
    found: list[SourceFile] = []
    locked: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=locked.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if leads_out(Path(place, name), folder)]
        for path in (Path(place, name) for name in (*links, *filter(_is_interview, names))):
            if path.name in links or path.is_file():
                refusal = LEADS_OUT if leads_out(path, folder) else ""
                found.append(SourceFile(path, path.relative_to(folder).as_posix(), refusal))
    found += [_tell_locked(error, folder) for error in locked if not isinstance(error, FileNotFoundError)]
    return sorted(found, key=lambda file: file.path)


def _is_interview(name: str) -> bool:
    return not name.startswith(".") and name != SIDECAR and not NOT_INTERVIEWS.match(name)


def _tell_locked(error: OSError, folder: Path) -> SourceFile:
    path = Path(error.filename)
    return SourceFile(path, path.relative_to(folder).as_posix(), f"The folder cannot be opened: {error.strerror}")


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
