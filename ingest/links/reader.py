"""Open links and fetch what they offer: the one door to feeds, videos, pages, files and recordings."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.files import list_ids
from ingest.links.address import read_address
from ingest.links.download import Downloader
from ingest.links.feed import is_feed, read_feed
from ingest.links.offer import (
    FETCHED_COLUMN,
    VIDEO,
    Arrival,
    Content,
    Item,
    Offer,
    Published,
    Video,
    is_kept,
    name_file,
    write_facts,
)
from ingest.links.web import check_readable, ending_of, is_media, read_web
from ingest.links.youtube import YouTube
from ingest.metadata.table import MACHINE_COLUMN
from ingest.readers.recordings.whisper import HOW, Transcriber
from ingest.reading import read_file
from kb.errors import FetchFailed, UnreadableFile
from kb.settings import Settings

# A transcript's file is named for what it holds; this decides only where the content leaves it open.
SUFFIXES = {"json": ".json", "vtt": ".vtt", "srt": ".srt", "html": ".html", "text": ".txt"}
OnShare = Callable[[float], None]  # gets the share of an item that is done, from 0 to 1
log = logging.getLogger(__name__)


class LinkReader:
    """Opens links and fetches what they offer."""

    def __init__(
        self, downloader: Downloader, youtube: YouTube | None = None, transcriber: Transcriber | None = None
    ) -> None:
        self._downloader = downloader
        self._youtube = youtube or YouTube(downloader)
        self.transcriber = transcriber or Transcriber(None)

    @classmethod
    def of(cls, settings: Settings) -> LinkReader:
        """Make one as the settings have it."""
        downloader = Downloader(private=settings.links_private)
        return cls(downloader, transcriber=Transcriber(settings.audio_model))

    @property
    def transcribes(self) -> bool:
        """Whether recordings are transcribed: a speech model is set."""
        return self.transcriber.is_set

    def can_fetch(self, item: Item) -> bool:
        """Whether an item's words can be had: they are published, or its recording is transcribed here."""
        return bool(item.transcript) or (self.transcribes and bool(item.recording))

    def open(self, address: str) -> Offer:
        """Tell what an address offers. Raises FetchFailed when it may not or cannot be fetched, or offers nothing."""
        link = read_address(address.strip())
        offered = self._youtube.open(link)
        if offered:
            return offered
        found = self._downloader.look(str(link), is_media)
        return read_feed(found.data, str(link), found.address) if is_feed(found.data) else read_web(found)

    def fetch(self, item: Item, on_share: OnShare | None = None) -> Arrival:
        """Fetch an item. Raises FetchFailed, UnreadableFile or ModelMissing when it cannot be had."""
        source = item.sources[0] if item.sources else None
        if isinstance(source, Content):
            return Arrival(source.name, source.data, item.facts)
        if isinstance(source, Video):
            return self._youtube.fetch(item, source.video_id)
        published = [one for one in item.sources if isinstance(one, Published)]
        if published:
            return self._fetch_published(item, published)
        if item.recording:
            return self._transcribe(item, item.recording, on_share)
        raise FetchFailed("it publishes neither a transcript nor a recording")

    def _fetch_published(self, item: Item, published: Sequence[Published]) -> Arrival:
        """Fetch the richest transcript that names its speakers; where none does, the first that can be read."""
        first: Arrival | None = None
        failure: Exception | None = None
        for one in published:
            try:
                arrival = self._fetch_transcript(item, one)
                if names_speakers(arrival):
                    return arrival
                first = first or arrival
            except (FetchFailed, UnreadableFile) as error:
                log.info("%s is left out: %s", one.address, error)
                failure = failure or error
        if first:
            return first
        raise FetchFailed(str(failure))

    def _fetch_transcript(self, item: Item, published: Published) -> Arrival:
        found = self._downloader.get(published.address)
        name = f"transcript{SUFFIXES[published.kind]}"
        ending = ending_of(check_readable(found, name), name)
        language = {"language": published.language} if published.language else {}
        facts = write_facts({**item.facts, **language, FETCHED_COLUMN: published.address})
        return Arrival(name_file(item, ending), found.data, facts)

    def _transcribe(self, item: Item, address: str, on_share: OnShare | None) -> Arrival:
        if not self.transcribes:
            raise FetchFailed(f"it publishes no transcript; {HOW}")
        with tempfile.TemporaryDirectory(prefix="kb-recording-") as folder:
            path = Path(folder) / "recording"
            try:
                with path.open("wb") as file:
                    self._downloader.save(address, file)
            except OSError as error:
                advice = "check that the folder for temporary files (TMPDIR) has room"
                raise FetchFailed(f"its recording cannot be kept meanwhile; {advice}") from error
            heard = self.transcriber.transcribe(path, on_share)
        facts = {**item.facts, "language": heard.language, MACHINE_COLUMN: heard.machine, FETCHED_COLUMN: address}
        return Arrival(name_file(item, ".vtt"), heard.captions, write_facts(facts))


def describe_state(item: Item, reader: LinkReader, kept: frozenset[tuple[str, str]]) -> str:
    """Tell whether an item is added already, and else whether its words can be had."""
    if is_kept(item, kept):
        return "added already"
    if item.transcript:
        return "video" if item.transcript == VIDEO else f"transcript ({item.transcript})"
    return "recording" if reader.can_fetch(item) else "no transcript"


def names_speakers(arrival: Arrival) -> bool:
    """Whether a transcript names who speaks. Raises UnreadableFile when it cannot be read."""
    reading = read_file(arrival.data, arrival.name, interview_id=next(list_ids(arrival.name)), row=arrival.facts)
    return any(turn.speaker for turn in reading.transcript.turns)
