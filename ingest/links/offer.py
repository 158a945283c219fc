"""What an address offers: items to choose from, each with what is known of it and where its words are."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from ingest.files import SIDECAR
from ingest.metadata.table import Row, read_metadata

GUID_COLUMN = "guid"  # of a table of facts: what identifies an episode or a video where it is published
FEED_COLUMN = "feed"  # the address of the feed that the episode is from
FETCHED_COLUMN = "fetched_from"  # the address of the file itself
VIDEO = "video"  # said of words that are a video's captions, if it has any
LONGEST_FACT = 500  # characters
LONGEST_STEM = 60  # characters of a file's name
ID_DIGITS = 8  # of a hash in a file's name: two episodes of one title are two files
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

Kind = Literal["feed", "playlist", "video", "page", "file", "recording"]


@dataclass(frozen=True, slots=True)
class Published:
    """A transcript that an episode publishes."""

    address: str
    kind: str  # 'json', 'vtt', 'srt', 'html' or 'text'
    language: str = ""


@dataclass(frozen=True, slots=True)
class Video:
    """A video whose captions are to be fetched."""

    video_id: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that has no transcript yet."""

    address: str


@dataclass(frozen=True, slots=True)
class Content:
    """What the address itself gave."""

    name: str
    data: bytes = field(repr=False)


Source = Published | Video | Recording | Content


@dataclass(frozen=True, slots=True)
class Item:
    """One interview that an address offers."""

    key: str  # what identifies it where it is published
    title: str
    day: date | None = None
    facts: Row = field(default_factory=dict)
    sources: tuple[Source, ...] = ()  # the richest first

    @property
    def transcript(self) -> str:
        """What its words can be read from, in a word or two; '' if nothing is published."""
        for source in self.sources:
            if isinstance(source, Published):
                return source.kind
            if isinstance(source, Video):
                return VIDEO
            if isinstance(source, Content):
                return "text"
        return ""

    @property
    def recording(self) -> str:
        """The address of its recording; '' if there is none."""
        return next((one.address for one in self.sources if isinstance(one, Recording)), "")


@dataclass(frozen=True, slots=True)
class Offer:
    """What an address offers, the newest first."""

    kind: Kind
    title: str
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was fetched, and the facts about it."""

    name: str
    data: bytes = field(repr=False)
    facts: Row = field(default_factory=dict)


def find_kept(folder: Path) -> frozenset[tuple[str, str]]:
    """Find the feed and guid of each episode whose file is in a folder. Raises BadMetadata when its table is broken."""
    table = folder / SIDECAR
    if not table.is_file():
        return frozenset()
    rows = read_metadata(table).rows
    return frozenset(
        (row.get(FEED_COLUMN, ""), row[GUID_COLUMN])
        for name, row in rows
        if row.get(GUID_COLUMN) and (folder / name).is_file()
    )


def is_kept(item: Item, kept: frozenset[tuple[str, str]]) -> bool:
    """Whether an item is in a folder already."""
    guid = item.facts.get(GUID_COLUMN, "")
    return bool(guid) and (item.facts.get(FEED_COLUMN, ""), guid) in kept


def name_file(item: Item, suffix: str) -> str:
    """Name an item's file: its title in letters that any address may hold, and a hash of what identifies it."""
    plain = unicodedata.normalize("NFKD", item.title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_STEM].strip("-") or "interview"
    whole = f"{item.facts.get(FEED_COLUMN, '')}\n{item.key}"
    return f"{stem}-{hashlib.sha256(whole.encode(errors='replace')).hexdigest()[:ID_DIGITS]}{suffix}"


def write_facts(facts: Mapping[str, object]) -> Row:
    """Convert facts to cells of a table: one line each, and only those that have a value."""
    cells = {column: clean_fact(value) for column, value in facts.items()}
    return {column: value for column, value in cells.items() if value}


def join_names(names: Iterable[str]) -> str:
    """Join people's names in a cell."""
    cleaned = (clean_fact(name).replace(";", ",") for name in names)
    return "; ".join(dict.fromkeys(filter(None, cleaned)))


def clean_fact(value: object) -> str:
    """Convert a value to one line of text that any table can hold."""
    if not isinstance(value, str | date):
        return ""
    text = value.isoformat() if isinstance(value, date) else value
    return " ".join(CONTROL.sub(" ", text[: 4 * LONGEST_FACT]).split())[:LONGEST_FACT].strip()
