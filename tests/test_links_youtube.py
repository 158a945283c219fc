"""Links to YouTube: captions, facts and refusals, in an exchange of YouTube's form with invented content."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from published import OTHER, VIDEO, WATCH, Publisher, Served, player, publish, serve_playlist, serve_youtube, track

from ingest.links.download import Downloader
from ingest.links.offer import Item
from ingest.links.reader import LinkReader
from ingest.links.youtube import MACHINE, YouTube
from ingest.reading import read_file
from kb.errors import FetchFailed


@pytest.fixture
def youtube() -> Iterator[Publisher]:
    with publish() as running:
        serve_youtube(running)
        yield running


@pytest.fixture
def reader(youtube: Publisher) -> LinkReader:
    downloader = Downloader(private=True)
    return LinkReader(downloader, YouTube(downloader, youtube.address))


def open_video(reader: LinkReader) -> Item:
    (item,) = reader.open(WATCH).items
    return item


@pytest.mark.parametrize(
    "address",
    [WATCH, f"https://youtu.be/{VIDEO}?t=30", f"https://m.youtube.com/watch?v={VIDEO}&list=PLabcdefghijkl&index=2",
     f"https://www.youtube.com/shorts/{VIDEO}", f"https://youtube.com/live/{VIDEO}", f"http://youtube.com/embed/{VIDEO}/"],
)  # fmt: skip
def test_a_video_is_found_however_its_address_is_written(reader: LinkReader, address: str) -> None:
    offer = reader.open(address)
    assert (offer.kind, offer.title) == ("video", "Soup for a city")
    assert dict(offer.items[0].facts) == {
        "title": "Soup for a city",
        "show": "Kitchen Table",
        "url": WATCH,
        "media_url": WATCH,
        "guid": f"yt:video:{VIDEO}",
    }


@pytest.mark.parametrize(
    "address", ["https://www.youtube.com/@kitchen", "https://www.youtube.com/", "https://youtu.be/short"]
)
def test_what_is_neither_video_nor_playlist_says_what_to_paste(reader: LinkReader, address: str) -> None:
    with pytest.raises(FetchFailed, match="is neither a video nor a playlist; paste the address of one of these"):
        reader.open(address)


def test_captions_that_people_wrote_are_kept_with_their_times_and_facts(youtube: Publisher, reader: LinkReader) -> None:
    arrival = reader.fetch(open_video(reader))
    assert arrival.name.startswith("soup-for-a-city-")
    assert arrival.data.decode() == (
        "WEBVTT\nLanguage: en\n"
        "\n00:00:01.200 --> 00:00:06.700\nHow do you get two hundred volunteers to care about soup?\n"
        "\n00:00:06.900 --> 00:00:10.900\nYou don't talk about soup -> &lt;3 &amp; you sit down.\n"
        "\n01:00:00.500 --> 01:00:00.501\nNobody who has shared a table needs a speech.\n"
    )
    assert (arrival.facts["date"], arrival.facts["language"]) == ("2024-05-06", "en")
    assert "transcribed_by" not in arrival.facts
    reading = read_file(arrival.data, arrival.name, interview_id="soup", row=arrival.facts)
    assert "You don't talk about soup -> <3 & you sit down." in reading.transcript.turns[0].text
    assert not any("machine" in warning for warning in reading.warnings)
    assert [path.partition("?")[0] for path in youtube.asked] == [
        "/oembed",
        "/watch",
        "/youtubei/v1/player",
        "/api/timedtext",
    ]


def test_automatic_captions_are_marked_as_a_machines(youtube: Publisher, reader: LinkReader) -> None:
    youtube.serves["/youtubei/v1/player"] = player(track("en", automatic=True))
    arrival = reader.fetch(open_video(reader))
    assert arrival.facts["transcribed_by"] == MACHINE
    assert f"NOTE A machine's transcript: {MACHINE}" in arrival.data.decode()
    reading = read_file(arrival.data, arrival.name, interview_id="soup", row=arrival.facts)
    assert reading.warnings[0] == f"a machine's transcript ({MACHINE}): words and names may be misheard"
    assert "machine" not in reading.transcript.turns[0].text


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([track("de"), track("en"), track("en", automatic=True)], "lang=en&kind="),
        ([track("en"), track("de"), track("de", automatic=True)], "lang=de&kind="),  # German is spoken
        ([track("de"), track("en", automatic=True)], "lang=en&kind=asr"),
        ([track("en-GB"), track("en", automatic=True)], "lang=en-GB&kind="),
        ([track("fr"), track("en")], "lang=en&kind="),
        ([track("fr")], "lang=fr&kind="),
    ],
)
def test_captions_of_the_language_that_is_spoken_are_taken_and_peoples_first(
    youtube: Publisher, reader: LinkReader, offered: list[dict[str, object]], chosen: str
) -> None:
    youtube.serves["/youtubei/v1/player"] = player(*offered)
    reader.fetch(open_video(reader))
    assert youtube.asked[-1] == f"/api/timedtext?v={VIDEO}&{chosen}"


@pytest.mark.parametrize(
    ("path", "served", "told"),
    [
        ("/youtubei/v1/player", player(), "it has no captions"),
        ("/youtubei/v1/player", Served(status=429), "YouTube does not answer this network for now"),
        ("/watch", Served('<div class="g-recaptcha"></div>'), "YouTube does not answer this network for now"),
        ("/youtubei/v1/player", Served("not JSON"), "cannot be read; update the package youtube-transcript-api"),
        ("/youtubei/v1/player", Served('{"captions": 3}'), "cannot be read; update the package|gives no captions"),
        ("/api/timedtext", Served(""), "cannot be read; update the package youtube-transcript-api"),
        ("/api/timedtext", Served("<transcript></transcript>"), "its captions hold no words"),
        (
            "/youtubei/v1/player",
            Served('{"playabilityStatus": {"status": "ERROR", "reason": "This video is unavailable"}}'),
            "it is not there any more",
        ),
        (
            "/youtubei/v1/player",
            Served(
                '{"playabilityStatus": {"status": "LOGIN_REQUIRED",'
                ' "reason": "This video may be inappropriate for some users."}}'
            ),
            "only to adults",
        ),
    ],
)
def test_what_youtube_refuses_is_one_line(
    youtube: Publisher, reader: LinkReader, path: str, served: Served, told: str
) -> None:
    item = open_video(reader)
    youtube.serves[path] = served
    with pytest.raises(FetchFailed, match=told) as caught:
        reader.fetch(item)
    assert "\n" not in str(caught.value)


def test_a_private_video_is_refused_before_anything_is_fetched(youtube: Publisher, reader: LinkReader) -> None:
    youtube.serves["/oembed"] = Served("Unauthorized", status=401)
    with pytest.raises(FetchFailed, match=f"^The video {VIDEO}: it is private, or not there any more"):
        reader.open(WATCH)


def test_captions_that_lie_elsewhere_are_not_fetched(youtube: Publisher, reader: LinkReader) -> None:
    elsewhere = track("en") | {"baseUrl": "http://169.254.169.254/latest/meta-data/"}
    youtube.serves["/youtubei/v1/player"] = player(elsewhere)
    with pytest.raises(FetchFailed, match="at an address that is not YouTube's"):
        reader.fetch(open_video(reader))


def test_a_playlist_offers_what_its_feed_and_its_page_tell(youtube: Publisher, reader: LinkReader) -> None:
    serve_playlist(youtube)
    offer = reader.open("https://www.youtube.com/playlist?list=PLinvented0001")
    assert (offer.kind, offer.title, offer.notes) == ("playlist", "Cooks", ())
    assert [(item.key, item.title, str(item.day), item.transcript) for item in offer.items] == [
        (f"yt:video:{VIDEO}", "Soup for a city", "2024-05-06", "video"),
        (f"yt:video:{OTHER}", "Bread", "None", "video"),
    ]
    arrival = reader.fetch(offer.items[0])
    assert (arrival.facts["show"], arrival.facts["date"]) == ("Kitchen Table", "2024-05-06")
    # Asked of oEmbed, since the page does not tell.
    assert reader.fetch(offer.items[1]).facts["show"] == "Kitchen Table"


def test_a_playlist_whose_page_cannot_be_read_offers_what_its_feed_tells(
    youtube: Publisher, reader: LinkReader
) -> None:
    youtube.serves["/feeds/videos.xml"] = Served(
        f"""<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><title>Cooks</title>
        <entry><yt:videoId>{VIDEO}</yt:videoId><title>Soup</title></entry></feed>""",
        "text/xml",
    )
    assert [item.title for item in reader.open("https://www.youtube.com/playlist?list=PLinvented0001").items] == [
        "Soup"
    ]
    offer = reader.open("https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv")
    assert offer.notes == ("YouTube's feed tells the newest videos only; a playlist's address tells more",)
    youtube.serves["/feeds/videos.xml"] = Served("<feed xmlns='http://www.w3.org/2005/Atom'></feed>", "text/xml")
    with pytest.raises(FetchFailed, match="lists no videos"):
        reader.open("https://www.youtube.com/playlist?list=PLinvented0001")
