"""Public transcript collections that a user may fetch to their own machine, each with its licence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from ingest.sources.inquiry import cut_by_witness
from ingest.sources.minister import keep_english_talk
from ingest.sources.piece import Piece
from kb.errors import FetchFailed


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
    place: str  # which files of the archive are transcripts, in words
    member: re.Pattern[str]  # of the paths of transcripts in the archive, below its top folder
    kept: re.Pattern[str]  # of the names of files as they are kept
    cut: Callable[[str, bytes], Iterable[Piece]]  # a file of the archive, by name, into interviews
    host: str | None = None
    changes: str = "the transcripts are unchanged"  # what is changed in them


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
        place=f" in {folder}/",
        member=re.compile(rf"{folder}/{re.escape(file_prefix)}[\w.-]+\.md"),
        kept=re.compile(rf"{re.escape(file_prefix)}[\w.-]+\.md"),
        cut=partial(_keep_episode, file_prefix, f"https://changelog.com/{folder}/"),
        host=host,
    )


def _keep_episode(file_prefix: str, address: str, name: str, data: bytes) -> list[Piece]:
    """Keep an episode as it is, with the address of its page."""
    return [Piece(name, data, {"url": address + name.removeprefix(file_prefix).removesuffix(".md")})]


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
    PublicSource(
        name="uk-covid-inquiry",
        title="UK Covid-19 Inquiry",
        about="evidence under oath of ministers, officials, chief executives and others, one file a witness and day",
        licence="Open Government Licence v3.0",
        licence_url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        copyright="Crown copyright; text by Matthew Somerville",
        page="https://github.com/dracos/uk-covid19-inquiry",
        archive="https://github.com/dracos/uk-covid19-inquiry/archive/refs/heads/master.tar.gz",
        place=" of days, as module-1/2023-06-13.rst",
        member=re.compile(r"module-\w{1,3}/\d{4}-\d\d-\d\d\.rst"),
        kept=re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]+\.md"),
        cut=cut_by_witness,
        host="Counsel to the Inquiry",
        changes="each day is cut by witness and marks of the source's format are taken out; the words are the source's",
    ),
    PublicSource(
        name="taiwan-digital-minister",
        title="Public Digital Innovation Space transcripts",
        about="interviews and conversations of Audrey Tang, Taiwan's first digital minister, those in English",
        licence="CC0 1.0",
        licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
        copyright="dedicated to the public by Public Digital Innovation Space, Taiwan",
        page="https://github.com/PDIS/transcript",
        archive="https://github.com/PDIS/transcript/archive/refs/heads/master.tar.gz",
        place=" with English names, as 2020-01-10-Interview-with-somebody.md",
        member=re.compile(r"\d{4}-\d\d-\d\d-[ -~]+\.md"),
        kept=re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]+\.md"),
        cut=keep_english_talk,
        changes="links and images are taken out of the text; the words are the source's",
    ),
)


def find_source(name: str) -> PublicSource:
    """Find the source with this name. Raises FetchFailed, which lists the names, when there is none."""
    for source in SOURCES:
        if source.name == name:
            return source
    raise FetchFailed(f"There is no source {name!r}; choose one of: {', '.join(source.name for source in SOURCES)}")
