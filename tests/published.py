"""A publisher on this machine: what it serves is a mapping from paths to answers, and what is asked is noted."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_HELD = 120  # seconds that an answer is held back where a test fails before it comes


@dataclass(frozen=True)
class Served:
    """One answer of the publisher."""

    body: str | bytes = ""
    media_type: str = "text/plain"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    packed: bool = False
    held_until: threading.Event | None = None  # it answers no sooner


@dataclass
class Publisher:
    """A running server: its address, what it serves by path, and the paths that were asked for."""

    address: str
    serves: dict[str, Served] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def publish() -> Iterator[Publisher]:
    """Serve on a free port of this machine for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            running.asked.append(self.path)
            running.requests.append((self.command, dict(self.headers), body))
            path = self.path if self.path in running.serves else self.path.partition("?")[0]
            served = running.serves.get(path, Served("not here", status=404))
            data = served.body.encode() if isinstance(served.body, str) else served.body
            data = gzip.compress(data) if served.packed else data
            if served.held_until:
                served.held_until.wait(MOST_HELD)
            self.send_response(served.status)
            self.send_header("Content-Type", served.media_type)
            self.send_header("Content-Length", str(len(data)))
            if served.packed:
                self.send_header("Content-Encoding", "gzip")
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Publisher(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


FEED_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel><title>Kitchen Table</title><link>https://kitchen.example/</link><language>en-gb</language>
<copyright>2024 Kitchen Table</copyright>
<podcast:license url="https://creativecommons.org/licenses/by/4.0/">cc-by-4.0</podcast:license>
<podcast:person>Tom Verity</podcast:person>
"""
FEED_TAIL = "</channel></rss>\n"


def make_episode(number: int, title: str, day: str, extra: str = "", *, recording: str = "") -> str:
    """An item of a feed; `extra` are further elements."""
    enclosure = f'<enclosure url="{recording}" type="audio/mpeg" length="1"/>' if recording else ""
    return (
        f'<item><title>{title}</title><guid isPermaLink="false">kitchen-{number}</guid><pubDate>{day}</pubDate>'
        f"<link>https://kitchen.example/{number}</link>{enclosure}{extra}</item>\n"
    )


SOUP_VTT = """WEBVTT

00:00:01.000 --> 00:00:07.000
<v Tom Verity>How do you get two hundred volunteers to care about soup every single morning?

00:00:07.500 --> 00:00:19.000
<v Mara Quill>You do not talk about soup. You let every volunteer sit down and eat beside the people who come in.

00:00:19.500 --> 00:00:30.000
<v Mara Quill>Nobody who has shared a table with a neighbour needs a speech about purpose, and posters did nothing.
"""
SOUP_JSON = json.dumps(
    {
        "version": "1.0.0",
        "segments": [
            {
                "speaker": "Tom Verity",
                "startTime": 1.0,
                "endTime": 7.0,
                "body": "How do you keep two hundred volunteers?",
            },
            {
                "speaker": "Mara Quill",
                "startTime": 7.5,
                "endTime": 19.0,
                "body": "You let every one of them sit and eat.",
            },
            {
                "speaker": "Mara Quill",
                "startTime": 19.5,
                "endTime": 30.0,
                "body": "Shared tables need no speeches at all.",
            },
        ],
    }
)
SOUP_SRT = """1
00:00:01,000 --> 00:00:07,000
How do you get two hundred volunteers to care about soup every single morning?

2
00:00:07,500 --> 00:00:19,000
You do not talk about soup. You let every volunteer sit down and eat beside the people who come in.
"""
GUEST = '<podcast:person role="guest">Mara Quill</podcast:person>'


def make_feed(address: str, *, more: str = "") -> str:
    """A feed of three episodes: one with transcripts of all kinds, one with captions alone, one with none."""
    first = (
        f'{GUEST}<podcast:transcript url="{address}/soup.srt" type="application/srt"/>'
        f'<podcast:transcript url="/soup.vtt" type="text/vtt"/>'
        f'<podcast:transcript url="{address}/soup.json" type="application/json"/>'
    )
    second = f'<podcast:transcript url="{address}/bread.vtt" type="text/vtt" language="en"/>'
    return (
        FEED_HEAD
        + more
        + make_episode(3, "Only a recording", "Mon, 01 Jul 2024 08:00:00 +0000", recording=f"{address}/3.mp3")
        + make_episode(2, "Bread &amp; butter", "Mon, 03 Jun 2024 23:30:00 -0700", second)
        + make_episode(1, "Soup for a city", "Mon, 06 May 2024 08:00:00 +0000", first, recording=f"{address}/1.mp3")
        + FEED_TAIL
    )


def serve_podcast(running: Publisher) -> str:
    """Serve the feed and its transcripts, and return the feed's address."""
    running.serves["/feed.xml"] = Served(make_feed(running.address), "application/rss+xml")
    running.serves["/soup.vtt"] = Served(SOUP_VTT, "text/vtt")
    running.serves["/soup.json"] = Served(SOUP_JSON, "application/json")
    running.serves["/soup.srt"] = Served(SOUP_SRT, "application/x-subrip")
    running.serves["/bread.vtt"] = Served(
        SOUP_VTT.replace("soup", "bread").replace("Mara Quill", "Ottilie Kranz"), "text/vtt"
    )
    return f"{running.address}/feed.xml"


VIDEO = "soupForCity"
OTHER = "bread-and-b"
WATCH = f"https://www.youtube.com/watch?v={VIDEO}"
WATCH_PAGE = """<html><head><meta itemprop="datePublished" content="2024-05-06T08:00:00-07:00"></head>
<body><script>ytcfg.set({"INNERTUBE_API_KEY": "invented_key-1"});</script></body></html>"""
TIMED = """<?xml version="1.0" encoding="utf-8" ?><transcript>
<text start="1.2" dur="5.5">How do you get two hundred volunteers to care about soup?</text>
<text start="6.9" dur="4.0">You don&amp;#39;t talk about soup --&gt; &amp;lt;3 &amp;amp; you sit down.</text>
<text start="3600.5">Nobody who has shared a table needs a speech.</text></transcript>"""


def track(language: str, *, automatic: bool = False, path: str = "/api/timedtext") -> dict[str, object]:
    kind = "asr" if automatic else ""
    return {
        "baseUrl": f"https://www.youtube.com{path}?v={VIDEO}&lang={language}&kind={kind}&fmt=srv3",
        "name": {"runs": [{"text": language}]},
        "languageCode": language,
        "isTranslatable": True,
        **({"kind": "asr"} if automatic else {}),
    }


def player(*tracks: dict[str, object], **more: object) -> Served:
    captions = {"captions": {"playerCaptionsTracklistRenderer": {"captionTracks": list(tracks)}}} if tracks else {}
    return Served(json.dumps({"playabilityStatus": {"status": "OK"}, **captions, **more}), "application/json")


def serve_youtube(running: Publisher) -> None:
    """Serve a video with captions that people wrote."""
    told = {"title": "Soup for a city", "author_name": "Kitchen Table"}
    running.serves["/oembed"] = Served(json.dumps(told), "application/json")
    running.serves["/watch"] = Served(WATCH_PAGE, "text/html")
    running.serves["/youtubei/v1/player"] = player(track("en"))
    running.serves["/api/timedtext"] = Served(TIMED, "text/xml")


def serve_playlist(running: Publisher) -> None:
    """Serve a playlist of two videos: its feed tells one with its date, its page both."""
    running.serves["/feeds/videos.xml"] = Served(
        f"""<?xml version="1.0"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"
        xmlns="http://www.w3.org/2005/Atom"><title>Cooks</title><entry><id>yt:video:{VIDEO}</id><yt:videoId>{VIDEO}</yt:videoId>
        <title>Soup for a city</title><author><name>Kitchen Table</name></author>
        <published>2024-05-06T08:00:00+00:00</published></entry></feed>""",
        "text/xml",
    )
    listed = [
        {"videoId": one, "title": {"runs": [{"text": title}]}} for one, title in ((VIDEO, "Soup"), (OTHER, "Bread"))
    ]
    page = "".join(f'{{"playlistVideoRenderer":{json.dumps(one)}}},' for one in (*listed, {"videoId": "odd"}))
    running.serves["/playlist"] = Served(f"<script>var ytInitialData = [{page}]</script>", "text/html")
