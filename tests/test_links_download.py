"""Links: what a server sends is bounded in bytes as unpacked, in seconds and in redirects."""

from __future__ import annotations

import gzip
import io
import socket
import time
import zlib

import pytest
from published import Served, publish
from raw_servers import RawServer, serve_raw
from servers import find_port
from timing import measured

from ingest.links.download import MAX_REDIRECTS, Downloader, LinkLimits, Request
from kb.errors import FetchFailed


def downloader(*, most: int = 100_000, seconds: float = 60.0, pause: float = 60.0) -> Downloader:
    return Downloader(private=True, limits=LinkLimits(most, seconds, pause))


def send_packed(data: bytes, how: str = "gzip") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {how}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return head.encode() + data


def test_a_page_arrives_with_its_type_and_unpacked() -> None:
    with publish() as running:
        running.serves["/a"] = Served("soup " * 5_000, "Text/Plain; charset=utf-8", packed=True)
        found = downloader().get(f"{running.address}/a")
        assert (found.media_type, found.data) == ("text/plain", b"soup " * 5_000)
        assert running.requests[0][1]["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("packed", [False, True])
def test_more_bytes_than_the_limit_are_refused(packed: bool) -> None:
    with publish() as running:
        running.serves["/a"] = Served("a" * 100_001, packed=packed)
        running.serves["/b"] = Served("a" * 100_000, packed=packed)
        with pytest.raises(FetchFailed, match="has more than 100,000 bytes; it was not kept"):
            downloader().get(f"{running.address}/a")
        assert len(downloader().get(f"{running.address}/b").data) == 100_000


def test_a_bomb_is_unpacked_no_further_than_the_limit() -> None:
    bomb = zlib.compress(b"\0" * 300_000_000, 9)

    def handle(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        running.send(connection, send_packed(bomb, "deflate"))

    with serve_raw(handle) as running, measured() as taken, pytest.raises(FetchFailed, match="more than 100,000 bytes"):
        downloader().get(running.url)
    assert taken.seconds < 15


@pytest.mark.parametrize("how", ["gzip, gzip", "br", "zstd"])
def test_what_is_packed_twice_or_otherwise_is_refused(how: str) -> None:
    with publish() as running:
        running.serves["/a"] = Served("soup", headers={"Content-Encoding": how})
        with pytest.raises(FetchFailed, match="which was not asked for"):
            downloader().get(f"{running.address}/a")


def test_packed_data_that_is_damaged_or_cut_off_is_refused_and_two_members_are_one_text() -> None:
    whole = gzip.compress(b"soup and bread")
    answers = {"/cut": whole[:-9], "/bad": b"not packed at all", "/two": whole + gzip.compress(b", and salt")}
    with publish() as running:
        for path, data in answers.items():
            running.serves[path] = Served(data, headers={"Content-Encoding": "gzip"})
        for path in ("/cut", "/bad"):
            with pytest.raises(FetchFailed, match="damaged data"):
                downloader().get(f"{running.address}{path}")
        assert downloader().get(f"{running.address}/two").data == b"soup and bread, and salt"


def test_a_server_that_sends_for_ever_is_left_at_the_time_limit() -> None:
    def handle(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        running.send(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n")
        running.send_for_ever(connection, b"a", 0.05)

    check_time_limit(handle)


def test_a_server_that_never_ends_its_headers_is_left_at_the_time_limit() -> None:
    def handle(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        running.send(connection, b"HTTP/1.1 200 OK\r\nX-Slow: ")
        running.send_for_ever(connection, b"a", 0.05)

    check_time_limit(handle)


def check_time_limit(handle: object) -> None:
    with serve_raw(handle) as running:  # type: ignore[arg-type]
        began = time.monotonic()
        with pytest.raises(FetchFailed, match=r"cannot be reached \(.*\); check the address and the network"):
            downloader(seconds=0.6).get(running.url)
        assert 0.4 < time.monotonic() - began < 50
        assert running.hung_up.wait(60)


def test_redirects_share_one_time_limit() -> None:
    def handle(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        time.sleep(0.3)
        running.send(
            connection, b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    with serve_raw(handle) as running, pytest.raises(FetchFailed):
        downloader(seconds=0.5).get(running.url)
    assert len(running.received) <= 2


def test_silence_is_waited_for_no_longer_than_the_pause() -> None:
    def handle(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        running.wait(connection)

    with serve_raw(handle) as running:
        began = time.monotonic()
        with pytest.raises(FetchFailed, match="cannot be reached"):
            downloader(pause=0.3).get(running.url)
        assert time.monotonic() - began < 50


def test_five_redirects_are_followed_and_no_more() -> None:
    with publish() as running:
        for number in range(MAX_REDIRECTS + 1):
            running.serves[f"/{number}"] = Served(status=302, headers={"Location": f"{number + 1}"})
        running.serves[f"/{MAX_REDIRECTS + 1}"] = Served("the end")
        assert downloader().get(f"{running.address}/1").data == b"the end"
        with pytest.raises(FetchFailed, match="leads on more than 5 times"):
            downloader().get(f"{running.address}/0")


def test_what_is_sent_to_one_host_is_not_sent_on_to_another() -> None:
    with publish() as first, publish() as second:
        elsewhere = second.address.replace("127.0.0.1", "localhost")
        first.serves["/a"] = Served(status=302, headers={"Location": f"{elsewhere}/b"})
        second.serves["/b"] = Served("there")
        downloader().request(f"{first.address}/a", Request(headers={"Cookie": "hush"}))
        assert first.requests[0][1]["Cookie"] == "hush"
        assert "Cookie" not in second.requests[0][1]


@pytest.mark.parametrize(("status", "told"), [(404, "no such page"), (403, "refuses"), (429, "alone"), (500, "later")])
def test_a_refusal_says_what_to_do(status: int, told: str) -> None:
    with publish() as running:
        running.serves["/a"] = Served(status=status)
        with pytest.raises(FetchFailed, match=rf"answered {status}: .*{told}"):
            downloader().get(f"{running.address}/a")


def test_without_a_network_there_is_one_clear_line() -> None:
    with pytest.raises(FetchFailed, match=r"^nowhere\.invalid cannot be found; check the address and the network$"):
        downloader().get("https://nowhere.invalid/feed.xml")
    with pytest.raises(FetchFailed, match=r"cannot be reached \(.*\); check the address and the network$"):
        downloader().get(f"http://127.0.0.1:{find_port()}/")


def test_an_answer_that_is_not_http_is_refused() -> None:
    def handle(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        running.send(connection, b"220 mail.example ESMTP\r\n")

    with serve_raw(handle) as running, pytest.raises(FetchFailed, match="cannot be reached"):
        downloader().get(running.url)


def test_a_recording_is_saved_up_to_its_limit() -> None:
    with publish() as running:
        running.serves["/a.mp3"] = Served(b"ID3" + b"\0" * 50_000, "audio/mpeg")
        file = io.BytesIO()
        downloader(most=10).save(f"{running.address}/a.mp3", file)
        assert len(file.getvalue()) == 50_003
        with pytest.raises(FetchFailed, match="more than 1,000 bytes"):
            downloader().save(f"{running.address}/a.mp3", io.BytesIO(), 1_000)
