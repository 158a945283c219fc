"""Limit what a server may send over HTTP: its bytes are counted as they arrive, and its connections cut from outside.

A client reads a line, or a whole answer, before anybody sees a word of it: one that never ends would fill the memory.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import httpx

OPENED = ("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")


class ResponseRefused(httpx.TransportError):
    """Raised when a response breaks a limit; the message is one line."""


class HttpLimits:
    """Limits of each response of a client. No redirect is followed: another host gets neither words nor key."""

    def __init__(self, max_bytes: int, max_seconds: float) -> None:
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._is_cut = False

    def install(self, client: httpx.Client) -> None:
        """Put the limits on a client, before its first request."""
        client.follow_redirects = False
        client.headers["Accept-Encoding"] = "identity"  # a few compressed bytes can hold gigabytes
        client.event_hooks = {"request": [self._watch_connections], "response": [self._limit]}

    def cut(self) -> None:
        """Cut all connections; a thread that waits for a response is told at once."""
        with self._lock:
            self._is_cut = True
            for one in self._sockets:
                _shut_down(one)

    def check(self, size: int, seconds: float) -> None:
        """Check what has arrived of a response. Raises ResponseRefused."""
        if self._is_cut:
            raise ResponseRefused("the connection was cut")
        if size > self.max_bytes:
            raise ResponseRefused(f"the server sent more than {self.max_bytes:,} bytes")
        if seconds > self.max_seconds:
            raise ResponseRefused(f"the server did not end its answer within {self.max_seconds:g} seconds")

    def _watch_connections(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._note

    def _note(self, event: str, info: dict[str, Any]) -> None:
        if not event.endswith(OPENED):
            return
        opened = info["return_value"].get_extra_info("socket")
        with self._lock:
            self._sockets = [*(one for one in self._sockets if one.fileno() >= 0), opened]
            if self._is_cut:
                _shut_down(opened)

    def _limit(self, response: httpx.Response) -> None:
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise ResponseRefused("the server compressed its answer, which was not asked for")
        response.stream = _LimitedStream(cast(httpx.SyncByteStream, response.stream), self)


class _LimitedStream(httpx.SyncByteStream):
    """The bytes of a response, counted and timed."""

    def __init__(self, stream: httpx.SyncByteStream, limits: HttpLimits) -> None:
        self._stream = stream
        self._limits = limits

    def __iter__(self) -> Iterator[bytes]:
        began, size = time.monotonic(), 0
        for chunk in self._stream:
            size += len(chunk)
            self._limits.check(size, time.monotonic() - began)
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _shut_down(connection: socket.socket) -> None:
    # Not closed: the thread that reads does that, else another connection could get its number while it is read.
    with suppress(OSError):  # it is closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # an SSLSocket's own method would unwrap it first
