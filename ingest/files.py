"""Find the files of an ingest, with their names, ids and bytes."""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from kb.errors import UnreadableFile

SIDECAR = "metadata.csv"  # used from the ingested folder when no other table is given
NOT_INTERVIEWS = re.compile(r"(?i)^(?:readme|licen[cs]e|attribution|notice|changelog|contributing|copying)(?:\..*)?$")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read and its name: its path relative to the ingested folder."""

    path: Path
    source: str


def list_files(paths: Sequence[Path], metadata: Path | None = None) -> list[SourceFile]:
    """List what is in files and folders, each once, in a stable order. Raises UnreadableFile when a path is neither."""
    for path in paths:
        _check_path(path)
    found: dict[Path, SourceFile] = {}
    for path in paths:
        inside = [path] if path.is_file() else sorted(_walk(path))
        root = path.parent if path.is_file() else path
        for file in inside:
            if metadata is None or file.resolve() != metadata.resolve():
                found.setdefault(file.resolve(), SourceFile(file, file.relative_to(root).as_posix()))
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


def read_bytes(path: Path) -> bytes:
    """Read a file's bytes. Raises UnreadableFile when it cannot be opened, or its path cannot be stored."""
    try:
        str(path.resolve()).encode()
        return path.read_bytes()
    except UnicodeEncodeError as error:
        raise UnreadableFile("The name of the file, or of a folder it is in, is not UTF-8; rename it") from error
    except OSError as error:
        raise UnreadableFile(f"The file cannot be opened: {error.strerror or error}") from error


def list_ids(source: str) -> Iterator[str]:
    """Yield readable ids for a file's relative path without end: the stem, then the stem with suffix or number."""
    stem, _, suffix = source.rpartition(".")
    base = _slug(stem or source) or "interview"
    yield base
    yield f"{base}-{_slug(suffix)}"
    yield from (f"{base}-{number}" for number in count(2))


def _check_path(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnreadableFile(f"There is no file or folder {path}; check the path") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be opened: {error.strerror or error}; check the path") from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UnreadableFile(f"{path} is neither a file nor a folder; check the path")


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not is_hidden and path.name != SIDECAR and not NOT_INTERVIEWS.match(path.name):
            yield path


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
