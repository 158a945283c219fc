"""Links to podcasts: episodes with what is published of them, and the richest transcript of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from published import FEED_HEAD, FEED_TAIL, SOUP_VTT, Publisher, Served, make_episode, publish, serve_podcast

from ingest.links.download import Downloader
from ingest.links.feed import read_feed
from ingest.links.offer import Item, Published
from ingest.links.reader import LinkReader
from ingest.reading import read_file
from kb.errors import FetchFailed

ADDRESS = "https://kitchen.example/feed.xml"


@pytest.fixture
def running() -> Iterator[Publisher]:
    with publish() as publisher:
        yield publisher


@pytest.fixture
def reader() -> LinkReader:
    return LinkReader(Downloader(private=True))


def read_items(*episodes: str, head: str = FEED_HEAD) -> tuple[Item, ...]:
    return read_feed((head + "".join(episodes) + FEED_TAIL).encode(), ADDRESS).items


def transcript(url: str, kind: str, more: str = "") -> str:
    return f'<podcast:transcript url="{url}" type="{kind}" {more}/>'


def test_episodes_are_offered_with_what_is_known_of_them(running: Publisher, reader: LinkReader) -> None:
    offer = reader.open(serve_podcast(running))
    assert (offer.kind, offer.title) == ("feed", "Kitchen Table")
    assert [(item.title, item.day, item.transcript) for item in offer.items] == [
        ("Only a recording", date(2024, 7, 1), ""),
        ("Bread & butter", date(2024, 6, 3), "vtt"),  # the day in the publisher's time zone
        ("Soup for a city", date(2024, 5, 6), "json"),
    ]
    assert dict(offer.items[2].facts) == {
        "title": "Soup for a city",
        "date": "2024-05-06",
        "leader": "Mara Quill",
        "host": "Tom Verity",
        "show": "Kitchen Table",
        "url": "https://kitchen.example/1",
        "media_url": f"{running.address}/1.mp3",
        "licence": "cc-by-4.0, https://creativecommons.org/licenses/by/4.0/",
        "language": "en",
        "feed": f"{running.address}/feed.xml",
        "guid": "kitchen-1",
    }


def test_the_richest_transcript_that_names_its_speakers_is_taken(running: Publisher, reader: LinkReader) -> None:
    offer = reader.open(serve_podcast(running))
    arrival = reader.fetch(offer.items[2])
    assert arrival.name.startswith("soup-for-a-city-")
    assert arrival.name.endswith(".json")
    assert arrival.facts["fetched_from"] == f"{running.address}/soup.json"
    turns = read_file(arrival.data, arrival.name, interview_id="a", row=arrival.facts).transcript.turns
    assert [(turn.speaker, turn.role) for turn in turns] == [("Tom Verity", "host"), ("Mara Quill", "leader")]
    assert "/soup.vtt" not in running.asked


def test_a_richer_kind_without_speakers_gives_way_to_one_with_them(running: Publisher, reader: LinkReader) -> None:
    feed = serve_podcast(running)
    running.serves["/soup.json"] = Served(
        '{"segments": [{"startTime": 1, "endTime": 2, "body": "Soup is a fine thing to eat."}]}'
    )
    assert reader.fetch(reader.open(feed).items[2]).data == SOUP_VTT.encode()


def test_where_no_transcript_names_its_speakers_the_first_is_taken(running: Publisher, reader: LinkReader) -> None:
    feed = serve_podcast(running)
    running.serves["/soup.json"] = Served(status=404)
    running.serves["/soup.vtt"] = Served("WEBVTT\n\n00:01.000 --> 00:02.000\nSoup is a fine thing to eat.\n")
    arrival = reader.fetch(reader.open(feed).items[2])
    assert arrival.name.endswith(".vtt")
    assert arrival.facts["fetched_from"].endswith("/soup.vtt")


def test_a_transcript_is_named_for_what_it_holds_and_not_for_what_the_feed_says(
    running: Publisher, reader: LinkReader
) -> None:
    feed = serve_podcast(running)
    running.serves["/soup.json"] = Served(SOUP_VTT, "application/json")
    assert reader.fetch(reader.open(feed).items[2]).name.endswith(".vtt")


def test_an_episode_whose_transcripts_cannot_be_had_says_why(running: Publisher, reader: LinkReader) -> None:
    feed = serve_podcast(running)
    running.serves["/bread.vtt"] = Served("<html><body><p></p></body></html>", "text/html")
    with pytest.raises(FetchFailed, match=r"/bread\.vtt: no words were found in the file"):
        reader.fetch(reader.open(feed).items[1])
    with pytest.raises(
        FetchFailed, match=r'^it publishes no transcript; .*pip install "fusion-kb\[audio\]".*KB_AUDIO_MODEL'
    ):
        reader.fetch(reader.open(feed).items[0])


def test_links_in_a_feed_that_moved_are_found_from_where_it_lies_and_it_keeps_its_name(
    running: Publisher, reader: LinkReader
) -> None:
    feed = serve_podcast(running)
    extra = '<podcast:transcript url="soup.vtt" type="text/vtt"/>'
    running.serves["/new/feed.xml"] = Served(FEED_HEAD + make_episode(1, "Soup", "", extra) + FEED_TAIL)
    running.serves["/new/soup.vtt"] = Served(SOUP_VTT)
    running.serves["/feed.xml"] = Served(status=301, headers={"Location": "/new/feed.xml"})
    (item,) = reader.open(feed).items
    assert item.facts["feed"] == feed
    assert reader.fetch(item).facts["fetched_from"] == f"{running.address}/new/soup.vtt"


def test_kinds_go_by_what_they_tell_and_languages_by_that_of_the_feed() -> None:
    (item,) = read_items(
        make_episode(
            1,
            "Soup",
            "",
            transcript("https://a.example/de.json", "application/json", 'language="de"')
            + transcript("/a.txt", "text/plain")
            + transcript("a.html", "text/html")
            + transcript("https://a.example/a.srt", "application/x-subrip", 'language="en-US"')
            + transcript("https://a.example/a.vtt", "application/octet-stream")
            + transcript("https://a.example/a.odd", "application/odd")
            + transcript("javascript:alert(1)", "text/vtt"),
        )
    )
    assert [source for source in item.sources if isinstance(source, Published)] == [
        Published("https://a.example/a.vtt", "vtt"),
        Published("https://a.example/a.srt", "srt", "en"),
        Published("https://kitchen.example/a.html", "html"),
        Published("https://kitchen.example/a.txt", "text"),
        Published("https://a.example/de.json", "json", "de"),
    ]


def test_people_are_those_of_the_episode_and_for_a_role_that_it_leaves_out_those_of_the_show() -> None:
    own = (
        '<podcast:person role="Guest">Mara Quill</podcast:person>'
        '<podcast:person role="guest"> Otto\n Brandl </podcast:person>'
        '<podcast:person role="editor">Nina Roth</podcast:person>'
    )
    first, second = read_items(
        make_episode(2, "B", "Mon, 03 Jun 2024 08:00:00 GMT", own),
        make_episode(1, "A", "Mon, 06 May 2024 08:00:00 GMT", "<podcast:person>Ada Vance</podcast:person>"),
    )
    assert (first.facts["leader"], first.facts["host"]) == ("Mara Quill; Otto Brandl", "Tom Verity")
    assert (second.facts.get("leader"), second.facts["host"]) == (None, "Ada Vance")


def test_an_atom_feed_is_read() -> None:
    atom = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:podcast="https://podcastindex.org/namespace/1.0">
    <title>Kitchen Table</title><rights>Ours</rights><entry><id>urn:1</id><title>Soup</title>
    <published>2024-05-06T23:30:00-07:00</published><link href="https://kitchen.example/1"/>
    <link rel="enclosure" type="audio/mpeg" href="https://kitchen.example/1.mp3"/>
    <podcast:transcript url="https://kitchen.example/1.vtt" type="text/vtt"/></entry></feed>"""
    (item,) = read_feed(atom.encode(), ADDRESS).items
    assert (item.key, item.day, item.transcript, item.recording) == (
        "urn:1",
        date(2024, 5, 6),
        "vtt",
        "https://kitchen.example/1.mp3",
    )
    assert item.facts["licence"] == "Ours"


def test_elements_of_that_name_in_another_namespace_are_left_out() -> None:
    head = FEED_HEAD.replace("https://podcastindex.org/namespace/1.0", "https://elsewhere.example/ns")
    (item,) = read_items(make_episode(1, "Soup", "", transcript("https://a.example/a.vtt", "text/vtt")), head=head)
    assert item.transcript == ""


def test_entities_neither_grow_nor_read_a_file() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    head = FEED_HEAD.replace(
        "<rss", f'<!DOCTYPE rss [<!ENTITY a0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]><rss', 1
    )
    items = read_items(make_episode(1, "Soup &f; &a8;", "Mon, 06 May 2024 08:00:00 GMT"), head=head)
    assert len(items) == 1
    assert "root:" not in str(items)
    assert len(str(items)) < 5_000


def test_a_broken_feed_gives_what_can_be_read_and_an_empty_one_is_refused() -> None:
    cut = (
        FEED_HEAD + make_episode(1, "Soup & bread", "soon", transcript("https://a.example/a.vtt", "text/vtt"))
    ).encode()
    (item,) = read_feed(cut + b"<item><title>", ADDRESS).items
    assert (item.key, item.title) == ("kitchen-1", "Soup & bread")
    with pytest.raises(FetchFailed, match="lists no episodes"):
        read_feed((FEED_HEAD + FEED_TAIL).encode(), ADDRESS)
    with pytest.raises(FetchFailed, match="lists no episodes"):
        read_feed(b"<rss", ADDRESS)


def test_titles_are_one_line_and_short_and_episodes_of_one_title_are_two_files(
    running: Publisher, reader: LinkReader
) -> None:
    feed = serve_podcast(running)
    long = "Soup\u2028 for\n a   city " + "x" * 2_000
    extra = transcript(f"{running.address}/soup.vtt", "text/vtt")
    running.serves["/feed.xml"] = Served(
        FEED_HEAD + make_episode(1, long, "", extra) + make_episode(2, long, "", extra) + FEED_TAIL
    )
    names = {reader.fetch(item).name for item in reader.open(feed).items}
    assert len(names) == 2
    (first, _) = reader.open(feed).items
    assert first.facts["title"].startswith("Soup for a city xxx")
    assert len(first.facts["title"]) == 500
    assert all(len(name) < 100 for name in names)
