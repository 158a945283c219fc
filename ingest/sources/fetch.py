"""Public transcript collections that a user may fetch to their own machine, each with its licence."""

from __future__ import annotations

import gzip
import hashlib
import logging
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

import httpx

from ingest.files import SIDECAR, write_whole
from ingest.metadata.table import Metadata, Row, read_metadata, write_metadata
from ingest.sources.catalogue import PublicSource
from ingest.sources.piece import Piece
from kb.errors import BadMetadata, FetchFailed

TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # seconds
MAX_ARCHIVE = 500_000_000  # bytes; the real one has about 60 million
MAX_UNPACKED = 1_500_000_000  # bytes of everything in the archive; the real one has about 200 million
MAX_KEPT = 300_000_000  # bytes of the transcripts of one collection, which are held in memory
MAX_FILE = 5_000_000  # bytes
MAX_MEMBERS = 100_000  # files in the archive; the real one has some thousands
BLOCK = bytes(tarfile.BLOCKSIZE)  # two of them, or more, end an archive
HASH_COLUMN = "sha256"  # of a transcript as it was fetched: tells it from one that a person wrote or changed
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A collection as it is kept on this machine."""

    folder: Path  # to ingest
    left: tuple[str, ...]  # transcripts that are not in the archive, and were not fetched or were changed since


def fetch_source(
    source: PublicSource, folder: Path, *, archive: str | None = None, on_bytes: Callable[[int], None] | None = None
) -> Fetched:
    """Download the transcripts into `folder`/<name>, with licence, attribution and a metadata table next to them.

    A transcript that has left the archive is deleted, unless a person wrote or changed it. Raises FetchFailed when the
    archive cannot be downloaded, is damaged or too large, or holds no transcripts; what was in the folder before then
    stays as it is. Raises FetchFailed too when the folder cannot be read or written.
    """
    address = archive or source.archive
    target = folder / source.name
    before = _read_rows(target / SIDECAR)
    transcripts = _fetch_transcripts(source, address, on_bytes)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, piece in transcripts.items():
            write_whole(target / name, piece.data)
        left = _drop_transcripts(source, target, transcripts, before)
        write_whole(target / "ATTRIBUTION.md", _attribution(source, address).encode())
        write_whole(target / SIDECAR, write_metadata(_metadata(source, target, transcripts, before)))
    except OSError as error:
        advice = "free some space there, or choose another folder with --to"
        raise FetchFailed(f"Nothing can be kept in {target}: {error.strerror or error}; {advice}") from error
    log.info("%s: %d transcripts from %s, kept in %s", source.name, len(transcripts), address, target)
    return Fetched(target, tuple(left))


def _read_rows(table: Path) -> dict[str, Row]:
    """Read the rows that an earlier fetch, or a person, wrote."""
    try:
        return dict(read_metadata(table).rows) if table.is_file() else {}
    except (BadMetadata, OSError) as error:
        raise FetchFailed(f"{table} cannot be used ({error}); mend it or delete it, then fetch again") from error


def _fetch_transcripts(source: PublicSource, address: str, on_bytes: Callable[[int], None] | None) -> dict[str, Piece]:
    try:
        with tempfile.TemporaryFile() as file:
            _download(address, file, on_bytes)
            file.seek(0)
            transcripts = {piece.name: piece for piece in _unpack(file, source, address)}
    except OSError as error:
        advice = "check that the folder for temporary files (TMPDIR) has room, then try again"
        raise FetchFailed(f"{address} cannot be downloaded: {error.strerror or error}; {advice}") from error
    if not transcripts:
        raise FetchFailed(f"The archive at {address} holds no transcripts{source.place}; see {source.page}")
    return transcripts


def _download(address: str, file: IO[bytes], on_bytes: Callable[[int], None] | None) -> None:
    done = 0
    try:
        with httpx.stream("GET", address, follow_redirects=True, timeout=TIMEOUT) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                file.write(chunk)
                done += len(chunk)
                if done > MAX_ARCHIVE:
                    raise FetchFailed(f"The archive at {address} is larger than {MAX_ARCHIVE:,} bytes; it was not kept")
                if on_bytes:
                    on_bytes(len(chunk))
    except httpx.HTTPStatusError as error:
        raise FetchFailed(f"{address} answered {error.response.status_code}; try again later") from error
    except httpx.InvalidURL as error:
        raise FetchFailed(f"{address!r} is not a web address ({error}); check what --archive says") from error
    except httpx.HTTPError as error:
        reason = str(error) or "the connection broke off"
        raise FetchFailed(f"{address} cannot be reached ({reason}); check the network and try again") from error


def _unpack(file: IO[bytes], source: PublicSource, address: str) -> Iterator[Piece]:
    """Yield the transcripts; no path in the archive decides where a file is written."""
    try:
        with gzip.open(file) as packed:
            unpacked = _Unpacked(packed)
            with tarfile.open(fileobj=cast("IO[bytes]", unpacked), mode="r:") as archive:
                yield from _pick_transcripts(archive, source)
            unpacked.check_end()
    except _TooMuch as error:
        raise FetchFailed(f"The archive at {address} {error}; nothing of it was kept") from error
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise FetchFailed(f"The archive at {address} is damaged ({error}); try again") from error


def _pick_transcripts(archive: tarfile.TarFile, source: PublicSource) -> Iterator[Piece]:
    size = 0
    for number, member in enumerate(archive):
        if number == MAX_MEMBERS:
            raise _TooMuch(f"holds more than {MAX_MEMBERS:,} files")
        inside = "/".join(PurePosixPath(member.name).parts[1:])  # without the archive's top folder
        if not (member.isfile() and source.member.fullmatch(inside) and member.size <= MAX_FILE):
            continue
        size += member.size
        if size > MAX_KEPT:
            raise _TooMuch(f"holds more than {MAX_KEPT:,} bytes of transcripts")
        content = archive.extractfile(member)
        if content:
            yield from source.cut(PurePosixPath(inside).name, content.read())


class _TooMuch(Exception):
    """Raised when an archive holds more than any collection."""


class _Unpacked:
    """The bytes of a packed file, counted while they are unpacked. Raises _TooMuch beyond the limit."""

    def __init__(self, packed: gzip.GzipFile) -> None:
        self._packed = packed
        self._last = b""

    def read(self, size: int) -> bytes:
        if size > MAX_FILE + len(BLOCK):  # a name of that length; files are read in pieces
            raise _TooMuch(f"holds a name of {size:,} bytes")
        self._last = self._packed.read(size)
        self._count(self.tell())
        return self._last

    def seek(self, position: int) -> int:
        self._count(position)
        return self._packed.seek(position)

    def tell(self) -> int:
        return self._packed.tell()

    def check_end(self) -> None:
        """Check that the archive is whole, after its last member. Raises EOFError when it is cut off."""
        if self._last != BLOCK or self.read(len(BLOCK)) != BLOCK:
            raise EOFError("it is cut off")
        while self.read(MAX_FILE):  # the checksum stands at the end
            pass

    def _count(self, position: int) -> None:
        if position > MAX_UNPACKED:
            raise _TooMuch(f"unpacks to more than {MAX_UNPACKED:,} bytes")


def _is_transcript(name: str, source: PublicSource) -> bool:
    return source.kept.fullmatch(name) is not None


def _drop_transcripts(
    source: PublicSource, target: Path, transcripts: Mapping[str, Piece], before: Mapping[str, Row]
) -> list[str]:
    """Delete fetched transcripts that have left the archive. Return the names of those that may be a person's own."""
    left = []
    for path in sorted(target.iterdir()):
        if path.name in transcripts or not _is_transcript(path.name, source):
            continue
        if _is_as_fetched(path, before.get(path.name, {})):
            path.unlink()
        else:
            left.append(path.name)
    return left


def _is_as_fetched(path: Path, row: Row) -> bool:
    return path.is_file() and not path.is_symlink() and row.get(HASH_COLUMN) == _hash(path.read_bytes())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _attribution(source: PublicSource, address: str) -> str:
    return (
        f"# {source.title}\n\n"
        f"Transcripts of {source.title}, {source.copyright}.\n"
        f"Licence: {source.licence}, {source.licence_url}\n"
        f"Source: {source.page}\n"
        f"Downloaded from {address}; {source.changes}.\n\n"
        "Whoever passes them on must name the source and keep the licence.\n"
    )


def _metadata(
    source: PublicSource, target: Path, transcripts: Mapping[str, Piece], before: Mapping[str, Row]
) -> Metadata:
    """Make the table: the fetched transcripts, with columns that a person added, then the rows of other files."""
    fetched = {name: {**before.get(name, {}), **_row_of(source, transcripts[name])} for name in sorted(transcripts)}
    others = {
        name: row
        for name, row in before.items()
        if name not in fetched and (not _is_transcript(name, source) or (target / name).exists())
    }
    return Metadata((*fetched.items(), *others.items()))


def _row_of(source: PublicSource, piece: Piece) -> Row:
    return {
        "show": source.title,
        "host": source.host or "",
        **piece.facts,
        "licence": f"{source.licence}, {source.copyright}",
        HASH_COLUMN: _hash(piece.data),
    }
