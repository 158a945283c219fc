"""Read what a web address gives itself: a page, with what it states about itself, or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin

import httpx
from lxml import etree

from ingest.links.download import Download
from ingest.links.offer import FETCHED_COLUMN, Content, Item, Offer, Recording, clean_fact, name_file, write_facts
from ingest.metadata.card import readable_name
from ingest.metadata.values import read_date, read_language, read_link
from ingest.readers import read_script
from ingest.readers.detect import find_kind
from ingest.readers.recordings.whisper import SUFFIXES, is_recording
from kb.errors import FetchFailed, UnreadableFile

FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml"))
DATES = frozenset(("article:published_time", "datepublished", "date", "dc.date", "dcterms.date", "dcterms.created"))
LICENCES = frozenset(("dc.rights", "dcterms.rights", "dcterms.license", "copyright"))
# The name that a kept file ends in, by what it holds.
ENDINGS = {
    "vtt": ".vtt", "srt": ".srt", "ass": ".ass", "lrc": ".lrc", "docx": ".docx", "odt": ".odt", "epub": ".epub",
    "html": ".html", "markdown": ".md", "text": ".txt", "pdf": ".pdf", "rtf": ".rtf", "json": ".json", "xml": ".xml",
}  # fmt: skip


def is_media(address: str, media_type: str) -> bool:
    """Whether an address leads to a recording, by what the server says of it or by how it ends."""
    is_named_so = PurePosixPath(_file_name(address)).suffix.lower() in SUFFIXES
    return is_named_so or media_type.startswith(("audio/", "video/"))


def read_web(found: Download) -> Offer:
    """Read a page, a file or a recording. Raises FetchFailed when no transcript can be read from it."""
    name = _file_name(found.address)
    if is_media(found.address, found.media_type) or is_recording(found.data):
        title = readable_name(PurePosixPath(name).stem)
        facts = {"title": title, "media_url": found.address, FETCHED_COLUMN: found.address}
        item = Item(found.address, title, None, write_facts(facts), (Recording(found.address),))
        return Offer("recording", title, (item,))
    kind = check_readable(found, name)
    page = _Page.of(found) if kind == "html" else None
    title = (page and page.title) or readable_name(name)
    day = read_date(page.day) if page else None
    stated = {
        "url": found.address,
        "licence": page.licence if page else "",
        "language": page.language if page else "",
        "date": day,
        FETCHED_COLUMN: found.address,
    }
    item = Item(found.address, title, day, write_facts(stated))
    content = Content(name_file(item, ending_of(kind, name)), found.data)
    return Offer("page" if page else "file", title, (replace(item, sources=(content,)),), page.notes if page else ())


def check_readable(found: Download, name: str) -> str:
    """Return the kind of a file that can be read. Raises FetchFailed, with the reason, for another."""
    try:
        kind = find_kind(found.data, name)
        read_script(found.data, name)
    except UnreadableFile as error:
        raise FetchFailed(f"{found.address}: {error}") from error
    return kind


def ending_of(kind: str, name: str) -> str:
    """Return what the name of a kept file ends in."""
    return ENDINGS.get(kind) or PurePosixPath(name).suffix.lower()[:5] or ".csv"


def _file_name(address: str) -> str:
    link = httpx.URL(address)
    return PurePosixPath(unquote(link.path)).name or link.host


class _Page:
    """What a web page states about itself."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.title = ""
        self.licence = ""
        self.language = ""
        self.day = ""
        self.notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Download) -> _Page:
        """Read the head of a page, and the licence that it links to anywhere."""
        page = cls(found.address)
        root = etree.fromstring(found.data, etree.HTMLParser(no_network=True, recover=True))
        for element in root.iter("html", "title", "meta", "link", "a") if root is not None else ():
            page._take(element)
        return page

    def _take(self, element: etree._Element) -> None:
        if element.tag == "html":
            self.language = read_language(element.get("lang")) or ""
        elif element.tag == "title":
            self.title = self.title or clean_fact(element.text)
        elif element.tag == "meta":
            self._take_meta(element)
        else:
            self._take_link(element)

    def _take_meta(self, element: etree._Element) -> None:
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        stated = clean_fact(element.get("content"))
        if name == "og:title" and stated:
            self.title = stated
        elif name in DATES and not self.day and read_date(stated):
            self.day = stated
        elif name in LICENCES and not self.licence:
            self.licence = stated

    def _take_link(self, element: etree._Element) -> None:
        relations = (element.get("rel") or "").lower().split()
        link = read_link(_join(self._address, element.get("href") or ""))
        if not link:
            return
        if "license" in relations:
            words = clean_fact("".join(element.itertext()))
            self.licence = f"{words}, {link}" if words else link
        elif "alternate" in relations and element.get("type", "").lower() in FEED_TYPES and not self.notes:
            self.notes = (f"The page announces a feed; to choose from its episodes, add {link}",)


def _join(address: str, link: str) -> str:
    try:
        return urljoin(address, link.strip()) if link.strip() else ""
    except ValueError:
        return ""
