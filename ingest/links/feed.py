"""Read podcast feeds: their episodes, with the transcripts, people and licences that they publish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
from lxml import etree

from ingest.links.offer import (
    FEED_COLUMN,
    GUID_COLUMN,
    Item,
    Offer,
    Published,
    Recording,
    Source,
    clean_fact,
    join_names,
    write_facts,
)
from ingest.metadata.values import read_date, read_language, read_link
from kb.errors import FetchFailed

MOST_EPISODES = 5_000  # of one feed
MOST_TRANSCRIPTS = 6  # of one episode
HEAD = 2_000  # bytes in which a feed shows what it is
FEED_HEAD = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]")
# The richest first: those that name speakers and times, then times, then words alone.
KINDS = {
    "application/json": "json",
    "text/vtt": "vtt",
    "application/srt": "srt",
    "application/x-subrip": "srt",
    "text/srt": "srt",
    "text/html": "html",
    "text/plain": "text",
}
GUESTS = frozenset(("guest",))
HOSTS = frozenset(("host", "co-host", "cohost", "guest host"))
RANKS = {"json": 0, "vtt": 1, "srt": 2, "html": 3, "text": 4}
ENDINGS = {".json": "json", ".vtt": "vtt", ".srt": "srt", ".html": "html", ".htm": "html", ".txt": "text"}
Extras = Mapping[str, Any]  # what feedparser keeps of an element


def is_feed(data: bytes) -> bool:
    """Whether bytes are a feed in RSS or Atom."""
    return FEED_HEAD.search(data[:HEAD]) is not None


def read_feed(data: bytes, address: str, base: str = "") -> Offer:
    """Read the episodes of a feed, the newest first. Raises FetchFailed when it has none.

    `address` is what the feed is known by; links in it are relative to `base`, where redirects led, if that differs.
    """
    # The text of show notes is not used, so nothing in it has to be made safe.
    parsed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    # As plain mappings: those of feedparser give other keys, with a warning, for some that are not there.
    entries: Sequence[Extras] = [dict(entry) for entry in parsed.entries[:MOST_EPISODES]]
    if not any(entry.get("id") or entry.get("title") or entry.get("link") for entry in entries):
        raise FetchFailed(f"The feed at {address} lists no episodes; check the address")
    channel: Extras = dict(parsed.feed)
    extensions = _PodcastElements.of(data, len(parsed.entries))
    items = [
        _read_episode(entry, channel, extensions.channel, own, _Place(address, base or address))
        for entry, own in zip(entries, extensions.episodes, strict=False)
    ]
    ordered = sorted((item for item in items if item.key), key=lambda item: item.day or date.min, reverse=True)
    return Offer("feed", clean_fact(channel.get("title")) or address, tuple(ordered))


@dataclass(frozen=True, slots=True)
class _Place:
    """What a feed is known by, and where it lies."""

    address: str
    base: str


class _PodcastElements:
    """The elements of the podcast namespace, which feedparser keeps one of each of, without their attributes."""

    def __init__(self, channel: etree._Element | None, episodes: Sequence[etree._Element | None]) -> None:
        self.channel = channel
        self.episodes = episodes

    @classmethod
    def of(cls, data: bytes, count: int) -> _PodcastElements:
        """Read them from a feed with a number of episodes; none where the two readings disagree on these."""
        parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(data, parser)
        except etree.LxmlError:
            root = None
        if root is None:
            return cls(None, [None] * count)
        items = list(root.iter("{*}item", "{*}entry"))
        channel = next(root.iter("{*}channel"), root)
        return cls(channel, items if len(items) == count else [None] * count)


def _read_episode(
    entry: Extras, channel: Extras, feed: etree._Element | None, own: etree._Element | None, place: _Place
) -> Item:
    day = _read_day(entry)
    guests, hosts = (_find_people(own, roles) or _find_people(feed, roles) for roles in (GUESTS, HOSTS))
    recording = _find_recording(entry)
    page = read_link(entry.get("link"))
    guid = clean_fact(entry.get("id")) or page or recording or clean_fact(entry.get("title"))
    language = read_language(channel.get("language")) or ""
    facts = {
        "title": entry.get("title"),
        "date": day,
        "leader": join_names(guests),
        "host": join_names(hosts),
        "show": channel.get("title"),
        "url": page,
        "media_url": recording,
        "licence": _find_licence(own) or _find_licence(feed) or entry.get("rights") or channel.get("rights"),
        "language": language,
        FEED_COLUMN: place.address,
        GUID_COLUMN: guid,
    }
    transcripts = _find_transcripts(own, place.base, language)
    sources: tuple[Source, ...] = (*transcripts, Recording(recording)) if recording else tuple(transcripts)
    return Item(guid, clean_fact(entry.get("title")) or guid, day, write_facts(facts), sources)


def _read_day(entry: Extras) -> date | None:
    """Read the day as it is written, in the publisher's time zone."""
    written = clean_fact(entry.get("published") or entry.get("updated"))
    try:
        return parsedate_to_datetime(written).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    if day := read_date(written):
        return day
    parts = entry.get("published_parsed") or entry.get("updated_parsed")
    return date(*parts[:3]) if parts else None


def _find_recording(entry: Extras) -> str:
    """Find the address of the recording that is attached to an episode."""
    links = [one for one in entry.get("links", []) if one.get("rel") == "enclosure"]
    media = [one for one in links if str(one.get("type", "")).startswith(("audio/", "video/"))]
    return next((link for one in (*media, *links) if (link := read_link(one.get("href")))), "")


def _children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield the children of a name in the podcast namespace, whose address has changed over the years."""
    if element is None:
        return
    for child in element.iterchildren(f"{{*}}{name}"):
        space = str(etree.QName(child).namespace or "").lower()
        if "podcastindex" in space or "podcast-namespace" in space:
            yield child


def _find_people(element: etree._Element | None, roles: frozenset[str]) -> list[str]:
    """Find the names of people in one of some roles; one without a role is a host, as the namespace has it."""
    people = [one for one in _children(element, "person") if (one.get("role") or "host").strip().lower() in roles]
    return [name for one in people if (name := clean_fact(one.text))]


def _find_licence(element: etree._Element | None) -> str:
    for licence in _children(element, "license"):
        stated = ", ".join(filter(None, (clean_fact(licence.text), read_link(licence.get("url")))))
        if stated:
            return stated
    return ""


def _find_transcripts(element: etree._Element | None, base: str, language: str) -> list[Published]:
    """Find the transcripts of an episode: those in its own language first, and the richest of these."""
    found: list[Published] = []
    for one in _children(element, "transcript"):
        link = read_link(_join(base, one.get("url") or ""))
        kind = _find_kind(one.get("type") or "", link or "")
        if link and kind:
            found.append(Published(link, kind, read_language(one.get("language")) or ""))
    found.sort(key=lambda one: (bool(one.language and language and one.language != language), RANKS[one.kind]))
    return found[:MOST_TRANSCRIPTS]


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return ""


def _find_kind(media_type: str, link: str) -> str | None:
    path = link.partition("?")[0].lower()
    by_name = next((kind for ending, kind in ENDINGS.items() if path.endswith(ending)), None)
    return KINDS.get(media_type.partition(";")[0].strip().lower()) or by_name
