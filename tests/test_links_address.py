"""Links: only public machines are reached, at the address that was checked, however a link is written."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from published import Served, publish, serve_podcast

from ingest.links.address import read_address, resolve_host
from ingest.links.download import Downloader
from ingest.links.reader import LinkReader
from kb.errors import FetchFailed

Found = list[tuple[int, int, int, str, tuple[str, int]]]


def answer_with(*addresses: str) -> Callable[..., Found]:
    """A resolver that knows one host of several addresses."""
    return lambda host, port, **_: [(0, 0, 0, "", (address, port)) for address in addresses]


@pytest.mark.parametrize(
    "address",
    ["ftp://example.org/a", "file:///etc/passwd", "gopher://example.org", "javascript://a", "//example.org/a",
     "example.org", "http://", "http://[::1", "http://example.org:99999/", "http://example.org:0/",
     "http://exa mple.org/", "http://a\nb/", "http://example.org/" + "a" * 3_000],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(FetchFailed, match="is not a web address") as caught:
        read_address(address)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://user@example.org/", "https://user:hush@example.org/", "http://:hush@example.org/"]
)
def test_a_name_or_a_password_in_an_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(FetchFailed, match="user's name or a password") as caught:
        read_address(address)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
     "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
     "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::1", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe",
     "fe80::1%lo"],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answer_with(address))
    with pytest.raises(FetchFailed, match="is no public address"):
        resolve_host("host.example", 80)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_a_public_address_is_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answer_with(address))
    assert resolve_host("host.example", 443) == [address]


def test_a_host_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answer_with("93.184.215.14", "10.0.0.1"))
    with pytest.raises(FetchFailed, match=r"^host\.example is no public address"):
        resolve_host("host.example", 80)


def test_an_intranet_may_be_permitted_and_what_is_nobodys_stays_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "fc00::1", "::ffff:10.0.0.1"):
        monkeypatch.setattr(socket, "getaddrinfo", answer_with(address))
        assert resolve_host("host.example", 80, private=True) == [address]
    for address in ("169.254.169.254", "fe80::1", "224.0.0.1", "240.0.0.1", "0.0.0.0", "::"):
        monkeypatch.setattr(socket, "getaddrinfo", answer_with(address))
        with pytest.raises(FetchFailed):
            resolve_host("host.example", 80, private=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:7f00:1]"]
)
def test_this_machine_is_not_reached_however_it_is_written(host: str) -> None:
    with publish() as running:
        port = running.address.rpartition(":")[2]
        with pytest.raises(FetchFailed, match=r"is no public address|is not a web address"):
            LinkReader(Downloader()).open(f"http://{host}:{port}/")
        assert running.asked == []


def test_a_name_that_changes_its_address_after_the_check_is_reached_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo
    with publish() as running:
        running.serves["/talk.txt"] = Served("Ada Vance: Hello there, all of you.\n\nMax Ruh: And hello to you.\n")
        port = int(running.address.rpartition(":")[2])

        def rebind(host: str, *arguments: object, **options: object) -> object:
            if host != "rebound.example":
                return real(host, *arguments, **options)  # type: ignore[arg-type]
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"  # the second has no server
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", rebind)
        found = Downloader(private=True).get(f"http://rebound.example:{port}/talk.txt")
        assert found.data.startswith(b"Ada Vance")
        assert asked == ["rebound.example"]
        assert running.requests[0][1]["Host"] == f"rebound.example:{port}"


def test_a_redirect_to_a_machine_that_may_not_be_reached_is_refused() -> None:
    with publish() as running:
        running.serves["/a"] = Served(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
        running.serves["/b"] = Served(status=301, headers={"Location": "file:///etc/passwd"})
        running.serves["/c"] = Served(status=307, headers={"Location": "http://user:hush@127.0.0.1/"})
        for path, told in (("/a", "is no public address"), ("/b", "is not a web address"), ("/c", "a user's name")):
            with pytest.raises(FetchFailed, match=told):
                Downloader(private=True).get(f"{running.address}{path}")


def test_a_transcript_that_a_feed_says_lies_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    with publish() as running:
        feed = serve_podcast(running)
        running.serves["/feed.xml"] = Served(
            str(running.serves["/feed.xml"].body).replace(
                f'url="{running.address}/bread.vtt"', 'url="http://inside.example/"'
            )
        )
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *rest, **options: (
                answer_with("169.254.169.254")(host, *rest)
                if host == "inside.example"
                else real(host, *rest, **options)
            ),
        )
        reader = LinkReader(Downloader(private=True))
        bread = reader.open(feed).items[1]
        with pytest.raises(FetchFailed, match=r"^inside\.example is no public address"):
            reader.fetch(bread)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with publish() as proxy, publish() as running:
        running.serves["/a"] = Served("here")
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        assert Downloader(private=True).get(f"{running.address}/a").data == b"here"
        assert proxy.asked == []
