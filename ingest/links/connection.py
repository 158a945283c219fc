"""Connections to the addresses that were checked, and to no others: a host is resolved once, and all is timed."""

from __future__ import annotations

import ssl
import time
import typing
from collections.abc import Iterable

import httpcore

from ingest.links.address import resolve_host

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Deadline:
    """The moment at which a download must be over."""

    def __init__(self, seconds: float, pause: float) -> None:
        self.seconds = seconds
        self._pause = pause  # seconds without a byte
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that the next step may take. Raises httpcore.ReadTimeout when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"it did not end within {self.seconds:g} seconds")
        return min(left, self._pause)


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections for one download. A name that changes its address meanwhile changes nothing here."""

    def __init__(self, deadline: Deadline, *, private: bool) -> None:
        self._deadline = deadline
        self._private = private
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline decides
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers. Raises FetchFailed when one may not be reached."""
        failure: Exception = httpcore.ConnectError("it has no address")
        for address in resolve_host(host, port, private=self._private):
            try:
                stream = self._network.connect_tcp(address, port, self._deadline.left(), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step takes at most what is left."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._stream.get_extra_info(info)
