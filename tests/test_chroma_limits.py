"""A Chroma server that means harm, or is none: what it sends is bounded, and what is wrong is one clear line."""

import gzip
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from raw_servers import Handle, RawServer, answer, serve_raw

from kb.embedding.protocol import Embedder
from kb.errors import StoreUnavailable
from kb.storage.chroma_session import MAX_BYTES
from kb.storage.vector_store import VectorStore

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
IN_FLIGHT = 16_000_000  # bytes that the two ends of a connection on this machine may hold


def send_endless_answer(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    running.send(connection, HEAD + b'\r\n{"a": "')
    running.send_for_ever(connection)


def send_slow_answer(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    running.send(connection, HEAD + b'\r\n{"a": "')
    running.send_for_ever(connection, b"a", pause=0.05)


def send_bomb(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    body = gzip.compress(bytes(50_000_000))
    head = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    running.send(connection, HEAD + head.encode() + body)


def send_page(running: RawServer, connection: socket.socket) -> None:
    answer(running, connection, b"<h1>It works!</h1>", "text/html")


def send_list(running: RawServer, connection: socket.socket) -> None:
    answer(running, connection, b"[1, 2, 3]")


def send_error_page(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    running.send(connection, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2000\r\n\r\n" + b"<br>\n" * 400)


def hang_up(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)


def open_failing(url: str, folder: Path, timeout: float = 30.0) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        VectorStore.open(folder, url, "model:1", timeout=timeout)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return str(caught.value)


@pytest.mark.parametrize(
    ("handle", "problem"),
    [
        (send_endless_answer, f"the server sent more than {MAX_BYTES:,} bytes"),
        (send_bomb, "the server compressed its answer, which was not asked for"),
        (send_page, "unexpected character"),
        (send_list, "must be a mapping, not list"),
        (send_error_page, "502"),
        (hang_up, "Server disconnected"),
    ],
)
def test_what_is_no_answer_is_one_clear_line(handle: Handle, problem: str, tmp_path: Path) -> None:
    with serve_raw(handle) as server:
        said = open_failing(server.url, tmp_path)
    assert said.startswith(f"The vector store at {server.url} cannot be opened")
    assert problem in said
    assert server.sent < MAX_BYTES + IN_FLIGHT


@pytest.mark.parametrize("handle", [send_endless_answer, send_slow_answer])
def test_an_answer_that_does_not_end_is_given_up_and_cut(handle: Handle, tmp_path: Path) -> None:
    started = time.monotonic()
    with serve_raw(handle) as server:
        open_failing(server.url, tmp_path, timeout=0.5)
        assert time.monotonic() - started < 25  # it would be 30 without a limit of one's own
        assert server.hung_up.wait(60)


def test_another_host_does_not_get_the_token(tmp_path: Path) -> None:
    def redirect(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        running.send(
            connection, f"HTTP/1.1 307 Elsewhere\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n".encode()
        )

    with serve_raw(send_list) as other, serve_raw(redirect) as server:
        open_failing(server.url, tmp_path)
    assert server.received
    assert other.received == []


@pytest.mark.parametrize(
    ("handle", "problem"),
    [(send_endless_answer, "bytes"), (send_slow_answer, "did not end its answer"), (send_error_page, "502")],
)
def test_a_server_that_turns_bad_later_is_bounded_too(
    handle: Callable[[RawServer, socket.socket], None],
    problem: str,
    chroma_server: str,
    embedder: Embedder,
    tmp_path: Path,
) -> None:
    """What stands before a true server forwards its answers until it is told to send its own."""
    is_bad = threading.Event()

    def forward(running: RawServer, connection: socket.socket) -> None:
        if is_bad.is_set():
            handle(running, connection)
            return
        running.receive(connection)
        head, _, body = running.received[-1].partition(b"\r\n\r\n")
        method, path, _ = head.decode().split(" ", 2)
        kind = {"Content-Type": "application/json"}
        found = httpx.request(method, chroma_server + path, content=body, headers=kind, timeout=30)
        headers = f"HTTP/1.1 {found.status_code} -\r\nContent-Length: {len(found.content)}\r\nConnection: close\r\n\r\n"
        running.send(connection, headers.encode() + found.content)

    with serve_raw(forward) as server:
        vectors = VectorStore.open(tmp_path, server.url, embedder.fingerprint, timeout=6.0)
        is_bad.set()
        with pytest.raises(StoreUnavailable, match=problem) as caught:
            vectors.passage_ids("soup")
        assert "\n" not in str(caught.value)
        vectors.close()
    assert server.sent < MAX_BYTES + IN_FLIGHT
