"""Links to pages and files: kept as they are, under the name of what they hold, with address and licence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import SOUP
from documents import make_docx, make_pdf
from published import SOUP_JSON, SOUP_SRT, SOUP_VTT, Publisher, Served, publish

from ingest.links.download import Downloader
from ingest.links.offer import Recording
from ingest.links.reader import LinkReader
from kb.errors import FetchFailed

PAGE = """<!doctype html><html lang="en-GB"><head><title>Soup | Kitchen</title>
<meta property="og:title" content="Soup for a city">
<meta property="article:published_time" content="2024-05-06T08:00:00Z">
<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>
<p><b>Tom Verity:</b> How do you get two hundred volunteers to care about soup?</p>
<p><b>Mara Quill:</b> You let every one of them sit down and eat beside the people who come in.</p>
<p><a rel="license nofollow" href="https://creativecommons.org/licenses/by/4.0/"> CC BY
4.0</a></p></body></html>"""


@pytest.fixture
def running() -> Iterator[Publisher]:
    with publish() as publisher:
        yield publisher


@pytest.fixture
def reader() -> LinkReader:
    return LinkReader(Downloader(private=True))


def test_a_page_is_kept_as_it_is_with_what_it_states(running: Publisher, reader: LinkReader) -> None:
    running.serves["/talks/soup"] = Served(PAGE, "text/html")
    offer = reader.open(f"{running.address}/talks/soup#top")
    assert (offer.kind, offer.title) == ("page", "Soup for a city")
    assert offer.notes == (f"The page announces a feed; to choose from its episodes, add {running.address}/feed.xml",)
    arrival = reader.fetch(offer.items[0])
    assert arrival.data == PAGE.encode()
    assert arrival.name.startswith("soup-for-a-city-")
    assert arrival.name.endswith(".html")
    assert dict(arrival.facts) == {
        "url": f"{running.address}/talks/soup",
        "licence": "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
        "language": "en",
        "date": "2024-05-06",
        "fetched_from": f"{running.address}/talks/soup",
    }


@pytest.mark.parametrize(
    ("path", "body", "ending"),
    [
        ("/a.md", SOUP, ".md"),
        ("/a.txt", "Tom Verity: How is the soup today?\n\nMara Quill: The soup is fine, and so are we.\n", ".txt"),
        ("/a.vtt", SOUP_VTT, ".vtt"),
        ("/a", SOUP_VTT, ".vtt"),
        ("/a.php?file=1", SOUP_SRT, ".srt"),
        ("/a.json", SOUP_JSON, ".json"),
    ],
)
def test_a_file_is_kept_under_the_ending_of_what_it_holds(
    running: Publisher, reader: LinkReader, path: str, body: str, ending: str
) -> None:
    running.serves[path.partition("?")[0]] = Served(body, "application/octet-stream")
    offer = reader.open(f"{running.address}{path}")
    arrival = reader.fetch(offer.items[0])
    assert offer.kind == "file"
    assert arrival.data == body.encode()
    assert arrival.name.endswith(ending)
    assert arrival.facts["url"] == f"{running.address}{path}"


def test_documents_are_kept_byte_for_byte(running: Publisher, reader: LinkReader) -> None:
    lines = ("Tom Verity: How is the soup today?", "Mara Quill: The soup is fine, and so are we.")
    for ending, data in ((".docx", make_docx(*lines)), (".pdf", make_pdf(lines))):
        running.serves["/talk"] = Served(data, "application/octet-stream")
        arrival = reader.fetch(reader.open(f"{running.address}/talk").items[0])
        assert arrival.data == data
        assert arrival.name.endswith(ending)


def test_the_same_link_is_the_same_file_and_another_of_that_name_is_not(running: Publisher, reader: LinkReader) -> None:
    for path in ("/a/talk.vtt", "/b/talk.vtt"):
        running.serves[path] = Served(SOUP_VTT, "text/vtt")
    first, again, other = (
        reader.fetch(reader.open(f"{running.address}{path}").items[0]).name
        for path in ("/a/talk.vtt", "/a/talk.vtt", "/b/talk.vtt")
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<html><body><script>1</script></body></html>", "no words were found in the file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "this is an image"),
        (b"PK\x03\x04" + b"\0" * 50, "this is an archive"),
        ("", "the file is empty"),
    ],
)
def test_what_holds_no_transcript_is_refused_with_its_reason(
    running: Publisher, reader: LinkReader, body: str | bytes, told: str
) -> None:
    running.serves["/a"] = Served(body)
    with pytest.raises(FetchFailed, match=f"^{running.address}/a: {told}"):
        reader.open(f"{running.address}/a")


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/talk.mp3", "application/octet-stream", b"ID3"),
        ("/talk", "audio/mpeg", b"\xff\xfb" + b"\0" * 100),
        ("/talk", "application/octet-stream", b"\0\0\0\x20ftypM4A " + b"\0" * 100),
    ],
)
def test_a_recording_is_told_by_its_name_its_type_or_its_first_bytes(
    running: Publisher, reader: LinkReader, path: str, kind: str, body: bytes
) -> None:
    running.serves[path] = Served(body, kind)
    offer = reader.open(f"{running.address}{path}")
    assert offer.kind == "recording"
    assert offer.items[0].sources == (Recording(f"{running.address}{path}"),)
    assert not reader.can_fetch(offer.items[0])


def test_a_page_that_names_odd_links_and_dates_is_read_without_them(running: Publisher, reader: LinkReader) -> None:
    odd = PAGE.replace("https://creativecommons.org/licenses/by/4.0/", "javascript:alert(1)").replace(
        "2024-05-06T08", "soon"
    )
    running.serves["/a"] = Served(odd.replace('href="/feed.xml"', 'href="http://["'), "text/html")
    offer = reader.open(f"{running.address}/a")
    assert offer.notes == ()
    assert {"licence", "date"}.isdisjoint(offer.items[0].facts)
