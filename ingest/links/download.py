"""Download what an address leads to, within limits: bytes as unpacked, seconds in all, redirects that are checked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO

import httpcore
import httpx

from ingest.links.address import read_address, shorten_address
from ingest.links.connection import CheckedBackend, Deadline
from kb.errors import FetchFailed

MAX_BYTES = 50_000_000  # of a page, a feed or a file, unpacked; SIZE_LIMIT is what is read of a file
MAX_MEDIA = 1_000_000_000  # bytes of a recording
MAX_SECONDS = 60  # from the first connection to the last byte, redirects included
MAX_MEDIA_SECONDS = 3_600  # of a recording
MAX_PAUSE = 20  # seconds without a byte
MAX_REDIRECTS = 5
PIECE = 65_536  # bytes that are unpacked at a time
REDIRECTS = frozenset((301, 302, 303, 307, 308))
ANY_COMPRESSION = 32 + zlib.MAX_WBITS  # gzip or zlib, told by the first bytes
OWN_HEADERS = {"User-Agent": "fusion-kb", "Accept": "*/*", "Accept-Encoding": "gzip"}
BROKEN = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """How much is taken from an address."""

    max_bytes: int = MAX_BYTES
    max_seconds: float = MAX_SECONDS
    max_pause: float = MAX_PAUSE  # seconds


@dataclass(frozen=True, slots=True)
class Download:
    """What an address gave."""

    address: str  # after redirects
    media_type: str  # as the server says, such as 'text/html'; '' if it says none
    data: bytes = field(repr=False)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a server."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of a response, and its body as it arrives."""

    address: httpx.URL
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: Iterator[bytes]  # as sent

    @property
    def media_type(self) -> str:
        """The type of the body, in lower case and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Downloader:
    """Downloads from public addresses; with `private`, from this machine and its network too."""

    def __init__(self, *, private: bool = False, limits: LinkLimits | None = None) -> None:
        self._private = private
        self._limits = limits or LinkLimits()
        self._tls = httpx.create_ssl_context()

    def get(self, address: str) -> Download:
        """Download an address. Raises FetchFailed when that is not permitted, fails or takes too much."""
        found = self.request(address, Request())
        if found.status != 200:
            raise FetchFailed(tell_status(address, found.status))
        return found

    def request(self, address: str, request: Request) -> Download:
        """Send a request, and return the response whatever its status. Raises FetchFailed as `get` does."""
        with self._open(address, request, self._limits.max_seconds) as answer:
            data = b"".join(_unpack(answer, self._limits.max_bytes))
            return Download(str(answer.address), answer.media_type, data, answer.status)

    def look(self, address: str, without_body: Callable[[str, str], bool]) -> Download:
        """Download an address, or its head alone where `without_body` says so of address and media type.

        Raises FetchFailed as `get` does.
        """
        with self._open(address, Request(), self._limits.max_seconds) as answer:
            if answer.status != 200:
                raise FetchFailed(tell_status(address, answer.status))
            is_head = without_body(str(answer.address), answer.media_type)
            data = b"" if is_head else b"".join(_unpack(answer, self._limits.max_bytes))
            return Download(str(answer.address), answer.media_type, data)

    def save(self, address: str, file: IO[bytes], max_bytes: int = MAX_MEDIA) -> None:
        """Download a recording into a file. Raises FetchFailed as `get` does, and OSError when it cannot be written."""
        with self._open(address, Request(), MAX_MEDIA_SECONDS) as answer:
            if answer.status != 200:
                raise FetchFailed(tell_status(address, answer.status))
            for piece in _unpack(answer, max_bytes):
                file.write(piece)

    @contextmanager
    def _open(self, address: str, request: Request, seconds: float) -> Iterator[Answer]:
        """Open the answer at the end of all redirects."""
        deadline = Deadline(seconds, self._limits.max_pause)
        target, sent = read_address(address), request
        with ExitStack() as opened:
            try:
                for _ in range(MAX_REDIRECTS + 1):
                    answer = opened.enter_context(self._send(target, sent, deadline))
                    following = _find_redirect(answer, request)
                    if following is None:
                        yield answer
                        return
                    if following.host != target.host:
                        sent = Request()  # cookies and the like are not for another host
                    target = following
            except BROKEN as error:
                shown = shorten_address(str(target))
                reason = str(error) or "the connection broke off"
                raise FetchFailed(f"{shown} cannot be reached ({reason}); check the address and the network") from error
        raise FetchFailed(f"{shorten_address(address)} leads on more than {MAX_REDIRECTS} times; it was not fetched")

    @contextmanager
    def _send(self, target: httpx.URL, request: Request, deadline: Deadline) -> Iterator[Answer]:
        address = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        headers = {**OWN_HEADERS, **request.headers, "Host": target.netloc.decode("ascii"), "Connection": "close"}
        backend = CheckedBackend(deadline, private=self._private)
        with (
            httpcore.ConnectionPool(self._tls, network_backend=backend) as pool,
            pool.stream(request.method, address, headers=_encode(headers), content=request.body) as response,
        ):
            named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            yield Answer(target, response.status, named, response.iter_stream())


def tell_status(address: str, status: int) -> str:
    """Tell that a server refused, and what to do about it."""
    reasons = {
        401: "it asks for a login, and only public pages are fetched",
        403: "it refuses to give this to a program; download the file in a browser and add that",
        404: "there is no such page; check the address",
        410: "the page is gone",
        429: "it asks to be left alone for a while; try again later",
    }
    return f"{shorten_address(address)} answered {status}: {reasons.get(status, 'try again later')}"


def _encode(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


def _find_redirect(answer: Answer, request: Request) -> httpx.URL | None:
    location = answer.headers.get("location")
    if answer.status not in REDIRECTS or not location or request.method != "GET":
        return None
    try:
        following = answer.address.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(f"{shorten_address(str(answer.address))} leads on to what is no web address") from error
    return read_address(str(following))


def _unpack(answer: Answer, limit: int) -> Iterator[bytes]:
    """Yield the body, counted as unpacked: a few compressed bytes can hold gigabytes. Raises FetchFailed."""
    shown = shorten_address(str(answer.address))
    packing = answer.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise FetchFailed(f"{shown} answered in {packing[:20]}, which was not asked for; it was not fetched")
    size = 0
    try:
        for piece in answer.body if packing in ("", "identity") else _inflate(answer.body):
            size += len(piece)
            if size > limit:
                raise FetchFailed(f"{shown} has more than {limit:,} bytes; it was not kept")
            yield piece
    except (zlib.error, EOFError) as error:
        raise FetchFailed(f"{shown} answered with damaged data ({error}); try again later") from error


def _inflate(body: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack a compressed body, a piece at a time. Raises zlib.error, or EOFError when it is cut off."""
    unpacker = zlib.decompressobj(ANY_COMPRESSION)
    for chunk in body:
        waiting = chunk
        while waiting:
            if unpacker.eof:  # another member follows
                unpacker = zlib.decompressobj(ANY_COMPRESSION)
            yield unpacker.decompress(waiting, PIECE)
            waiting = unpacker.unconsumed_tail or unpacker.unused_data
    while not unpacker.eof:  # what the last call had no room for
        piece = unpacker.decompress(b"", PIECE)
        if not piece:
            raise EOFError("it is cut off")
        yield piece
