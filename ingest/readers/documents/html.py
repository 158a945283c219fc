"""Read web pages and Word exports: their blocks of text, with the speakers and times in the markup.

Parts of a page that its markup names as comments, share bars, menus and the like are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lxml import etree

from ingest.readers.clock import is_stamp, read_clock
from ingest.readers.documents.blocks import Block, block_lines
from ingest.readers.text_encoding import decode_text, refuse_endless
from ingest.script import Script

BLOCKS = frozenset(
    "p div li tr h1 h2 h3 h4 h5 h6 blockquote section article main dd dt pre table ul ol dl hr figure figcaption body "
    "center address tbody header footer aside details summary fieldset form".split()
)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 dt".split())
UNREAD = frozenset(
    "script style noscript template svg math iframe select button textarea nav footer head object audio video".split()
)
BOXES = frozenset("div section aside ul ol form p details".split())  # may be set apart by a class or an id
# What themes call the parts of a page around its text.
APART = frozenset(
    "comments comment-list commentlist comments-area comment-respond respond disqus_thread share sharing share-bar "
    "share-buttons share-links social social-share social-links social-icons sharedaddy related related-posts "
    "relatedposts jp-relatedposts related-articles related-content related-episodes recommended recommendations "
    "newsletter newsletter-signup newsletter-form subscribe subscribe-form subscription mc_embed_signup "
    "post-navigation nav-links navigation pagination author-bio author-box about-author sidebar widget-area "
    "site-footer footer page-footer cookie-banner cookie-notice breadcrumb breadcrumbs menu advert advertisement "
    "ad-container paywall skip-link screen-reader-text".split()
)
TALK_SHARE = 0.3  # of the words; if less is left, the page calls its talk so
BOLD = frozenset(("b", "strong"))
ITALIC = frozenset(("i", "em"))
SPACE = re.compile(r"[ \t\n\r\f]+")
CELL = "\x1f"  # separates cells until white space is settled
SPEAKER_CLASS = re.compile(r"(?i)(?:^|[\s_-])(?:speaker|ts-name|speaker[_-]?(?:name|label|title))(?=$|\s)")
# Times in the markup alone: playAt('0:1:25') behind a sign to play, data-time="1:25", noScribe's ts_3000_7000_S00.
PLAYS = re.compile(r"""['"(]\s*((?:\d{1,2}:)?\d{1,3}:\d{1,2}(?:\.\d{1,3})?)\s*['")]""")
TIMED = ("data-time", "data-start", "data-timestamp", "data-begin")
CLOCK = re.compile(r"(?:\d{1,2}:)?\d{1,3}:\d{1,2}(?:\.\d{1,3})?")
NOSCRIBE = re.compile(r"ts_(\d{1,9})_\d{1,9}_\w{1,9}")  # milliseconds
PLAY_SIGN = re.compile(r"[▶►▷⏵]\ufe0f?\s*")
NAME_LIMIT = 80  # characters; a longer text is speech
META = {
    "og:title": "title",
    "og:url": "url",
    "og:audio": "media_url",
    "og:video": "media_url",
    "author": "author",
    "og:site_name": "show",
}


def read(data: bytes, _name: str) -> Script:
    """Read the blocks of an HTML page. Raises UnreadableFile when it is binary."""
    text, _ = decode_text(data)
    blocks, card = read_blocks(text)
    return Script("html", tuple(block_lines(blocks)), card)


def read_blocks(text: str) -> tuple[list[Block], Mapping[str, object]]:
    """Read the blocks of an HTML text and the facts in its head."""
    collector = _Collector()
    parser = etree.HTMLParser(target=collector, huge_tree=True)
    parser.feed(text)
    parser.close()
    return _without_lone_cites(_without_apart(collector)), collector.card


def _without_apart(collector: _Collector) -> list[Block]:
    """Remove the blocks that stand apart from the text of the page, unless they are most of it."""
    kept = [block for place, block in enumerate(collector.blocks) if place not in collector.apart]
    words = sum(len(block.text) for block in kept)
    return kept if words >= TALK_SHARE * sum(len(block.text) for block in collector.blocks) else collector.blocks


def _without_lone_cites(blocks: Sequence[Block]) -> list[Block]:
    """Remove a speaker who comes only once: a single citation at the head of a block quotes a book."""
    named = sum(1 for block in blocks if block.speaker)
    if named > 1:
        return list(blocks)
    return [replace(block, speaker=None) for block in blocks]


class _Collector:
    """Collects blocks from the parser's events."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.card: dict[str, object] = {}
        self.apart: set[int] = set()  # places of the blocks that stand apart from the text
        self._box = ""  # the tag of the box that stands apart
        self._boxes = 0  # how many of that tag are open inside it
        self._pieces: list[str] = []
        self._lead = ""
        self._bold = 0
        self._lead_opens = False  # the bold type began with the block
        self._italic = 0
        self._slants = False  # the words so far are in italics
        self._unread = 0
        self._heading = ""  # the tag of the heading we are in
        self._cells = False
        self._field = ""  # the tag whose text is a name, a time or the page's title
        self._kind = ""  # which of these
        self._held: list[str] = []  # the text of that field
        self._states_title = False
        self._speaker: str | None = None
        self._start: float | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if tag in ("meta", "link"):
            self._read_meta(attributes)
        elif tag == "title" and "title" not in self.card:
            self._open_field(tag, "title")
        elif self._unread or tag in UNREAD:
            self._unread += tag in UNREAD
        elif tag in BLOCKS or tag == "br":
            self._start_block(tag)
            self._start_box(tag, attributes)
        elif tag in ("td", "th"):
            self._pieces.append(CELL if self._cells else "")
            self._cells = True
        elif tag in BOLD:
            self._lead_opens = self._lead_opens or not (self._bold or self._has_text())
            self._bold += 1
        elif tag in ITALIC:
            self._slants = self._slants or not (self._italic or self._has_text())
            self._italic += 1
        if not (self._unread or self._field or self._has_text()):
            self._start_field(tag, attributes)
            self._start = _find_time(attributes) if self._start is None else self._start

    def end(self, tag: str) -> None:
        """End an element."""
        if tag == self._field:
            self._close_field()
        if self._unread:
            self._unread -= tag in UNREAD
        elif tag in BLOCKS:
            self._flush()
            self._end_box(tag)
            self._heading = "" if tag == self._heading else self._heading
            self._cells = self._cells and tag not in ("tr", "table")
        elif tag in BOLD and self._bold:
            self._bold -= 1
            if not self._bold and self._lead_opens and not self._lead:
                self._lead = _squeeze(self._pieces)
        elif tag in ITALIC and self._italic:
            self._italic -= 1

    def data(self, text: str) -> None:
        """Keep the text between tags."""
        if self._field:
            self._held.append(text)
        elif not self._unread:
            self._pieces.append(text)
            self._slants = self._slants and (self._italic > 0 or not text.strip())

    def comment(self, text: str) -> None:
        """Ignore a comment."""

    def close(self) -> None:
        """End the page."""
        self._close_field()
        self._flush()

    def _start_block(self, tag: str) -> None:
        if self._field:  # it is a container of speech, not a name
            self._kind = "text"
            self._close_field()
        self._flush()
        self._heading = tag if tag in HEADINGS else self._heading

    def _start_box(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._box:
            self._boxes += tag == self._box
        elif tag in BOXES:
            names = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower().split()
            if tag == "aside" or not APART.isdisjoint(names):
                self._box, self._boxes = tag, 1

    def _end_box(self, tag: str) -> None:
        self._boxes -= tag == self._box
        self._box = self._box if self._boxes else ""

    def _read_meta(self, attributes: Mapping[str, str]) -> None:
        key = META.get(attributes.get("property") or attributes.get("name") or "")
        if key and attributes.get("content"):
            # A page's own title often has the site's name in it; the first one it states for others has not.
            if key == "title" and not self._states_title:
                self.card[key], self._states_title = attributes["content"], True
            self.card.setdefault(key, attributes["content"])
        if attributes.get("rel") == "canonical" and attributes.get("href"):
            self.card.setdefault("url", attributes["href"])

    def _start_field(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "cite" or SPEAKER_CLASS.search(attributes.get("class", "")):
            self._open_field(tag, "name")
        elif tag == "time":
            self._open_field(tag, "time")

    def _open_field(self, tag: str, kind: str) -> None:
        self._field, self._kind, self._held = tag, kind, []

    def _close_field(self) -> None:
        text = _squeeze(self._held)
        if self._kind == "title" and text:
            self.card["title"] = text
        elif self._kind == "name" and len(text) <= NAME_LIMIT:
            self._speaker = text.strip(" :") or self._speaker
        elif self._kind == "time" and is_stamp(text):
            self._start = read_clock(text)
        else:
            self._pieces += self._held
        self._field, self._kind, self._held = "", "", []

    def _has_text(self) -> bool:
        return any(piece.strip() for piece in self._pieces)

    def _flush(self) -> None:
        text = _squeeze(self._pieces)
        if self._start is not None:
            text = PLAY_SIGN.sub("", text, count=1) if PLAY_SIGN.match(text) else text
        if self._speaker and is_stamp(text):  # a time in a box of its own, next to the name's
            self._start = read_clock(text)
        elif text:
            heading = bool(self._heading) or (self._lead == text and text[-1] not in ":：")
            speaker = None if self._heading else self._speaker
            refuse_endless(2 * len(self.blocks))  # with a blank line after each
            if self._box:
                self.apart.add(len(self.blocks))
            self.blocks.append(Block(text, self._lead, self._start, speaker, heading, self._slants))
            self._start = None
        self._pieces, self._lead, self._lead_opens, self._slants = [], "", False, self._italic > 0


def _find_time(attributes: Mapping[str, str]) -> float | None:
    """Find the time that the markup of an element holds, in seconds."""
    if found := PLAYS.search(attributes.get("onclick", "")[:200]):
        return _read_parts(found[1])
    if found := NOSCRIBE.fullmatch(attributes.get("name", "")):
        return int(found[1]) / 1000
    given = next((attributes[name] for name in TIMED if name in attributes), "")
    return _read_parts(given) if CLOCK.fullmatch(given) else None


def _read_parts(clock: str) -> float:
    """Read a clock whose parts may have one digit."""
    seconds = 0.0
    for part in clock.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def _squeeze(pieces: Sequence[str]) -> str:
    """Normalise white space as a browser does; cells are separated by tabs."""
    cells = SPACE.sub(" ", "".join(pieces)).replace("\xa0", " ").split(CELL)
    return "\t".join(cell.strip() for cell in cells).strip()
