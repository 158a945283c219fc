"""Servers that keep to no protocol: a function gets each connection, and what it sends is counted."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CHUNK = b"a" * 65_536


@dataclass
class RawServer:
    """A running server, and what became of its connections."""

    port: int
    stopping: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)  # set when the other side has
    received: list[bytes] = field(default_factory=list)
    sent: int = 0  # bytes

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def receive(self, connection: socket.socket) -> None:
        """Take in a request, headers and body."""
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(65_536)
        head, _, body = request.partition(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        while len(body) < int(length.partition(b":")[2]):
            body += connection.recv(65_536)
        self.received.append(head + b"\r\n\r\n" + body)

    def send(self, connection: socket.socket, data: bytes) -> None:
        connection.sendall(data)
        self.sent += len(data)

    def send_for_ever(self, connection: socket.socket, chunk: bytes = CHUNK, pause: float = 0.0) -> None:
        while not self.stopping.wait(pause):
            self.send(connection, chunk)

    def wait(self, connection: socket.socket) -> None:
        """Say nothing until the other side hangs up."""
        connection.settimeout(0.1)
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                if not connection.recv(65_536):
                    raise ConnectionResetError


Handle = Callable[[RawServer, socket.socket], None]


@contextmanager
def serve_raw(handle: Handle) -> Iterator[RawServer]:
    """Run a server on a free port of this machine for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = RawServer(listening.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(running, listening, handle), daemon=True)
        thread.start()
        yield running
        running.stopping.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def answer(running: RawServer, connection: socket.socket, body: bytes, kind: str = "application/json") -> None:
    """Answer a request in HTTP, and close."""
    running.receive(connection)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    running.send(connection, head.encode() + body)


def _accept(running: RawServer, listening: socket.socket, handle: Handle) -> None:
    while not running.stopping.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_handle, args=(running, connection, handle), daemon=True).start()


def _handle(running: RawServer, connection: socket.socket, handle: Handle) -> None:
    with connection:
        try:
            handle(running, connection)
        except OSError:
            running.hung_up.set()
