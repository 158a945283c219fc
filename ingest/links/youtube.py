"""Captions of YouTube videos, one or those of a playlist, with title, channel and date."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import quote

import feedparser
import httpx
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.exceptions import RequestException
from youtube_transcript_api import (
    AgeRestricted,
    FetchedTranscript,
    InvalidVideoId,
    PoTokenRequired,
    RequestBlocked,
    Transcript,
    TranscriptsDisabled,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeTranscriptApi,
    YouTubeTranscriptApiException,
)

from ingest.links.download import Downloader, Request, tell_status
from ingest.links.offer import (
    GUID_COLUMN,
    Arrival,
    Item,
    Offer,
    Video,
    clean_fact,
    name_file,
    write_facts,
)
from ingest.metadata.table import MACHINE_COLUMN
from ingest.metadata.values import read_date
from ingest.readers.recordings.vtt import Cue, write_vtt
from kb.errors import FetchFailed

YOUTUBE = "https://www.youtube.com"
MACHINE = "YouTube's automatic captions"
MOST_VIDEOS = 500  # of one playlist
HOSTS = frozenset(("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"))
VIDEO_ID = re.compile(r"[\w-]{11}$")
VIDEO_PATH = re.compile(r"/(?:shorts|live|embed|v)/([\w-]{11})/?$")
LIST_ID = re.compile(r"[\w-]{10,64}$")
CHANNEL_PATH = re.compile(r"/channel/(UC[\w-]{22})(?:/videos)?/?$")
PUBLISHED = re.compile(
    r'itemprop="(?:datePublished|uploadDate)" content="(\d{4}-\d\d-\d\d)|"publishDate":"(\d{4}-\d\d-\d\d)'
)
LISTED = re.compile(r'"playlistVideoRenderer":(?=\{)')
SILENT = "YouTube gives no captions; try again later"
BLOCKED = "YouTube does not answer this network for now; try again later, or download the captions in a browser"
REASONS: Sequence[tuple[type[YouTubeTranscriptApiException], str]] = (
    (TranscriptsDisabled, "it has no captions"),
    (VideoUnavailable, "it is not there any more"),
    (InvalidVideoId, "there is no such video"),
    (AgeRestricted, "it is shown only to adults who are logged in"),
    (VideoUnplayable, "it cannot be played here"),
    (RequestBlocked, BLOCKED),
    (PoTokenRequired, "YouTube gives these captions to browsers only; download them in one"),
)
log = logging.getLogger(__name__)


class YouTube:
    """YouTube, at its own address or at another that speaks as it does."""

    def __init__(self, downloader: Downloader, address: str = YOUTUBE) -> None:
        self._downloader = downloader
        self._address = address.rstrip("/")

    def open(self, link: httpx.URL) -> Offer | None:
        """Offer what a link leads to; None if it leads to no video and no list of some. Raises FetchFailed."""
        if not self._is_here(link):
            return None
        if video := _find_video(link):
            return self._open_video(video)
        listed, channel = link.params.get("list", ""), CHANNEL_PATH.match(link.path)
        if link.path in ("/playlist", "/watch") and LIST_ID.match(listed):
            return self._open_list(f"playlist_id={listed}", f"/playlist?list={listed}")
        if channel:
            return self._open_list(f"channel_id={channel[1]}")
        if link.path == "/feeds/videos.xml" and link.query:
            return self._open_list(link.query.decode("ascii"))
        raise FetchFailed(f"{link} is neither a video nor a playlist; paste the address of one of these")

    def fetch(self, item: Item, video_id: str) -> Arrival:
        """Fetch the captions of a video. Raises FetchFailed, with YouTube's reason, when it gives none."""
        adapter = _Adapter(self._downloader, self._address)
        with Session() as session:
            session.trust_env = False  # no proxy of the environment: it would resolve names itself
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            try:
                captions = _choose(YouTubeTranscriptApi(http_client=session).list(video_id)).fetch()
            except YouTubeTranscriptApiException as error:
                _refuse(video_id, error)
            except (RequestException, ValueError, LookupError, TypeError, AttributeError, SyntaxError) as error:
                reason = "YouTube's answer cannot be read; update the package youtube-transcript-api"
                raise FetchFailed(f"The video {video_id}: {reason}").logged(log, error) from error
        if not captions.snippets:
            raise FetchFailed(f"The video {video_id}: its captions hold no words")
        machine = MACHINE if captions.is_generated else ""
        facts = {
            **({} if item.facts.get("title") and item.facts.get("show") else self._describe(video_id)),
            **item.facts,
            "date": item.facts.get("date") or adapter.find_day(),
            "language": captions.language_code,
            MACHINE_COLUMN: machine,
        }
        return Arrival(name_file(item, ".vtt"), _write_captions(captions, machine), write_facts(facts))

    def _is_here(self, link: httpx.URL) -> bool:
        return link.host in (*HOSTS, "youtu.be") or str(link).startswith(f"{self._address}/")

    def _open_video(self, video_id: str) -> Offer:
        facts = self._describe(video_id)
        item = _make_item(video_id, facts)
        return Offer("video", item.title, (item,))

    def _describe(self, video_id: str) -> dict[str, str]:
        """Ask for title and channel, as oEmbed tells them."""
        watch = quote(f"{YOUTUBE}/watch?v={video_id}", safe="")
        address = f"{self._address}/oembed?url={watch}&format=json"
        found = self._downloader.request(address, Request())
        if found.status in (400, 401, 403, 404):
            raise FetchFailed(f"The video {video_id}: it is private, or not there any more; check the address")
        if found.status != 200:
            raise FetchFailed(tell_status(address, found.status))
        try:
            told = json.loads(found.data)
        except ValueError:
            told = None
        if not isinstance(told, Mapping):
            raise FetchFailed(f"The video {video_id}: YouTube's answer cannot be read; try again later")
        return {"title": clean_fact(told.get("title")), "show": clean_fact(told.get("author_name"))}

    def _open_list(self, query: str, page: str = "") -> Offer:
        """Offer the videos of a list: its feed tells fifteen with their dates, its page a hundred with their titles."""
        found = self._downloader.get(f"{self._address}/feeds/videos.xml?{query}")
        parsed = feedparser.parse(found.data, sanitize_html=False, resolve_relative_uris=False)
        dated = {item.facts[GUID_COLUMN]: item for item in _read_entries([dict(entry) for entry in parsed.entries])}
        listed = dict.fromkeys(dated)
        more = self._read_page(page) if page else {}
        items = [
            dated.get(guid) or _make_item(more[guid][0], {"title": more[guid][1]})
            for guid in {**listed, **dict.fromkeys(more)}
        ]
        if not items:
            raise FetchFailed("The playlist lists no videos; check that it is public")
        notes = () if page else ("YouTube's feed tells the newest videos only; a playlist's address tells more",)
        return Offer(
            "playlist", clean_fact(parsed.feed.get("title")) or "A playlist", tuple(items[:MOST_VIDEOS]), notes
        )

    def _read_page(self, page: str) -> dict[str, tuple[str, str]]:
        """Read the ids and titles of a playlist's page, by guid; none if the page is not as we know it."""
        try:
            text = self._downloader.get(f"{self._address}{page}").data.decode("utf-8", "replace")
        except FetchFailed as error:
            log.info("the page of the playlist is left out: %s", error)
            return {}
        return {_guid(video_id): (video_id, title) for video_id, title in _read_renderers(text)}


class _Adapter(BaseAdapter):
    """Sends the library's requests through our downloader, whose limits hold for them too."""

    def __init__(self, downloader: Downloader, address: str) -> None:
        super().__init__()
        self._downloader = downloader
        self._address = address
        self._watch_page = ""

    def send(self, request: PreparedRequest, *_: object, **__: object) -> Response:
        """Send a request to YouTube. Raises FetchFailed for one to anybody else."""
        wanted = request.url or ""
        if not wanted.startswith(f"{YOUTUBE}/"):
            raise FetchFailed("YouTube's captions lie at an address that is not YouTube's; they were not fetched")
        headers = {name: str(value) for name, value in request.headers.items() if name.lower() not in OWN}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        asked = Request(request.method or "GET", headers, body if isinstance(body, bytes) else b"")
        found = self._downloader.request(self._address + wanted.removeprefix(YOUTUBE), asked)
        if "/watch?" in wanted:
            self._watch_page = found.data.decode("utf-8", "replace")
        response = Response()
        response.status_code, response.url, response.request = found.status, wanted, request
        response.encoding, response.raw = "utf-8", io.BytesIO(found.data)
        return response

    def close(self) -> None:
        """Close nothing: a downloader holds no connection."""

    def find_day(self) -> str:
        """Find the day of publication on the page that the library asked for; '' if it is not told."""
        found = PUBLISHED.search(self._watch_page)
        return (found[1] or found[2]) if found else ""


OWN = frozenset(("accept-encoding", "connection", "host"))  # headers that the downloader sets


def _find_video(link: httpx.URL) -> str:
    in_path = VIDEO_PATH.match(link.path)
    if link.host == "youtu.be":
        candidate = link.path.strip("/")
    else:
        candidate = in_path[1] if in_path else link.params.get("v", "") if link.path == "/watch" else ""
    return candidate if VIDEO_ID.match(candidate) else ""


def _guid(video_id: str) -> str:
    return f"yt:video:{video_id}"  # as YouTube's own feeds write it


def _make_item(video_id: str, facts: Mapping[str, object]) -> Item:
    address = f"{YOUTUBE}/watch?v={video_id}"
    known = write_facts({**facts, "url": address, "media_url": address, GUID_COLUMN: _guid(video_id)})
    return Item(_guid(video_id), known.get("title", video_id), read_date(known.get("date")), known, (Video(video_id),))


def _read_entries(entries: Sequence[Mapping[str, Any]]) -> Iterator[Item]:
    for entry in entries:
        video_id = clean_fact(entry.get("yt_videoid"))
        if VIDEO_ID.match(video_id):
            day = read_date(clean_fact(entry.get("published")))
            yield _make_item(video_id, {"title": entry.get("title"), "show": entry.get("author"), "date": day})


def _read_renderers(text: str) -> Iterator[tuple[str, str]]:
    """Yield ids and titles from the data that a playlist's page holds for its script."""
    decoder = json.JSONDecoder()
    for found in LISTED.finditer(text):
        try:
            record = decoder.raw_decode(text, found.end())[0]
            video_id, title = str(record["videoId"]), str(record["title"]["runs"][0]["text"])
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            continue
        if VIDEO_ID.match(video_id):
            yield video_id, title


def _choose(offered: Iterable[Transcript]) -> Transcript:
    """Choose captions in the language that is spoken, people's before automatic ones.

    Automatic captions tell which language that is; where there are none, English comes first.
    """
    captions = list(offered)
    if not captions:
        raise FetchFailed("The video has no captions")
    spoken = next((one.language_code for one in captions if one.is_generated), "en")
    wanted = spoken.partition("-")[0]
    return min(captions, key=lambda one: (one.language_code.partition("-")[0] != wanted, one.is_generated))


def _write_captions(captions: FetchedTranscript, machine: str) -> bytes:
    cues = [Cue(one.start, one.start + one.duration, one.text) for one in captions]
    return write_vtt(cues, captions.language_code, machine)


def _refuse(video_id: str, error: YouTubeTranscriptApiException) -> NoReturn:
    reason = next((told for kind, told in REASONS if isinstance(error, kind)), SILENT)
    log.info("the video %s: %s", video_id, type(error).__name__)
    raise FetchFailed(f"The video {video_id}: {reason}") from error
