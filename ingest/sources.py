"""Public transcript collections that a user may fetch to their own machine, each with its licence."""

from __future__ import annotations

import csv
import logging
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import httpx

from kb.errors import FetchFailed

TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # seconds
MAX_ARCHIVE = 500_000_000  # bytes; the real one has about 60 million
MAX_FILE = 5_000_000  # bytes
log = logging.getLogger(__name__)
COLUMNS = ("file", "show", "host", "url", "licence")


@dataclass(frozen=True, slots=True)
class PublicSource:
    """A collection of transcripts under a licence that lets a user keep a copy."""

    name: str
    title: str
    about: str
    licence: str
    licence_url: str
    copyright: str
    page: str  # web page of the collection
    archive: str  # address of a gzipped tar archive
    folder: str  # inside the archive, below its top folder
    file_prefix: str  # of the files that are transcripts; what follows names the episode
    episode_url: str  # with {episode}
    host: str | None = None


def _changelog_show(
    name: str, title: str, about: str, *, folder: str, file_prefix: str, host: str | None = None
) -> PublicSource:
    return PublicSource(
        name=name,
        title=title,
        about=about,
        licence="CC BY-SA 4.0",
        licence_url="https://creativecommons.org/licenses/by-sa/4.0/",
        copyright="Changelog Media LLC",
        page=f"https://github.com/thechangelog/transcripts/tree/master/{folder}",
        archive="https://github.com/thechangelog/transcripts/archive/refs/heads/master.tar.gz",
        folder=folder,
        file_prefix=file_prefix,
        episode_url=f"https://changelog.com/{folder}/{{episode}}",
        host=host,
    )


SOURCES = (
    _changelog_show(
        "founders-talk",
        "Founders Talk",
        "long interviews with founders and chief executives of software companies",
        folder="founderstalk",
        file_prefix="founders-talk-",
        host="Adam Stacoviak",
    ),
    _changelog_show(
        "changelog-interviews",
        "The Changelog",
        "interviews with the people behind open source projects and companies",
        folder="podcast",
        file_prefix="the-changelog-",
    ),
    _changelog_show(
        "request-for-commits",
        "Request For Commits",
        "interviews on the human side of open source: funding, governance, communities",
        folder="rfc",
        file_prefix="request-for-commits-",
    ),
)


def find_source(name: str) -> PublicSource:
    """Find the source with this name. Raises FetchFailed, which lists the names, when there is none."""
    for source in SOURCES:
        if source.name == name:
            return source
    raise FetchFailed(f"There is no source {name!r}; choose one of: {', '.join(source.name for source in SOURCES)}")


def fetch_source(
    source: PublicSource, folder: Path, *, archive: str | None = None, on_bytes: Callable[[int], None] | None = None
) -> Path:
    """Download the transcripts into `folder`/<name>, with licence, attribution and a metadata table next to them.

    Returns the folder to ingest. Raises FetchFailed when the archive cannot be downloaded, is damaged or too large, or
    holds no transcripts; what was in the folder before then stays as it is.
    """
    address = archive or source.archive
    target = folder / source.name
    with tempfile.TemporaryFile() as file:
        _download(address, file, on_bytes)
        file.seek(0)
        transcripts = dict(_unpack(file, source, address))
    if not transcripts:
        raise FetchFailed(f"The archive at {address} holds no transcripts in {source.folder}/; see {source.page}")
    target.mkdir(parents=True, exist_ok=True)
    for name, data in transcripts.items():
        (target / name).write_bytes(data)
    _write_attribution(source, target, address)
    _write_metadata(source, target, sorted(transcripts))
    log.info("%s: %d transcripts from %s, kept in %s", source.name, len(transcripts), address, target)
    return target


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
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise FetchFailed(f"{address} cannot be reached ({reason}); check the network and try again") from error


def _unpack(file: IO[bytes], source: PublicSource, address: str) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of the transcripts; no path in the archive decides where a file is written."""
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                is_inside = len(path.parts) == 3 and path.parts[1] == source.folder
                if not (
                    member.isfile() and is_inside and _is_transcript(path.name, source) and member.size <= MAX_FILE
                ):
                    continue
                content = archive.extractfile(member)
                if content:
                    yield path.name, content.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise FetchFailed(f"The archive at {address} is damaged ({error}); try again") from error


def _is_transcript(name: str, source: PublicSource) -> bool:
    return re.fullmatch(rf"{re.escape(source.file_prefix)}[\w.-]+\.md", name) is not None


def _write_attribution(source: PublicSource, target: Path, address: str) -> None:
    target.joinpath("ATTRIBUTION.md").write_text(
        f"# {source.title}\n\n"
        f"Transcripts of {source.title}, {source.copyright}.\n"
        f"Licence: {source.licence}, {source.licence_url}\n"
        f"Source: {source.page}\n"
        f"Downloaded from {address}; the transcripts are unchanged.\n\n"
        "Whoever passes them on must name the source and keep the licence.\n",
        encoding="utf-8",
    )


def _write_metadata(source: PublicSource, target: Path, names: list[str]) -> None:
    with target.joinpath("metadata.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for name in names:
            episode = name.removeprefix(source.file_prefix).removesuffix(".md")
            url = source.episode_url.format(episode=episode)
            table.writerow((name, source.title, source.host or "", url, f"{source.licence}, {source.copyright}"))
