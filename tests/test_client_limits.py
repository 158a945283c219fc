"""A language model's server that means harm: what it sends is bounded, and it sends nobody elsewhere."""

import gzip
import socket

import pytest
from raw_servers import RawServer, serve_raw

from kb.errors import LanguageModelFailed
from kb.generation.client import MAX_BYTES, open_language_model
from kb.generation.prompt import Prompt
from kb.settings import LanguageModelSettings

PROMPT = Prompt("Answer from the passages.", "Passage one: a secret recipe for soup.")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
IN_FLIGHT = 16_000_000  # bytes that the two ends of a connection on this machine may hold


def ask(server: RawServer, kind: str = "openai-like", timeout: float = 30.0, key: str | None = None) -> str:
    """What went wrong."""
    url = f"{server.url}/v1" if kind == "openai-like" else server.url
    model = open_language_model(LanguageModelSettings(kind, "claude-3-haiku-20240307", url, key, timeout))
    with pytest.raises(LanguageModelFailed) as caught:
        list(model.stream(PROMPT))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def send_endless_line(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    running.send(connection, HEAD + b"\r\ndata: ")
    running.send_for_ever(connection)


def send_slow_line(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    running.send(connection, HEAD + b"\r\ndata: ")
    running.send_for_ever(connection, b"a", pause=0.05)


def send_endless_headers(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    running.send_for_ever(connection, b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01)


def say_nothing(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    running.wait(connection)


def send_bomb(running: RawServer, connection: socket.socket) -> None:
    running.receive(connection)
    body = gzip.compress(b"data: " + bytes(50_000_000))
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    running.send(connection, head + body)


@pytest.mark.parametrize("kind", ["openai-like", "ollama", "anthropic"])
def test_an_endless_line_is_stopped_by_its_bytes_and_the_connection_is_cut(kind: str) -> None:
    if kind == "anthropic":
        pytest.importorskip("llama_index.llms.anthropic", reason="pip install 'fusion-kb[anthropic]' is not done")
    with serve_raw(send_endless_line) as server:
        assert f"was stopped: the server sent more than {MAX_BYTES:,} bytes" in ask(server, kind)
        assert server.hung_up.wait(60)
    assert server.sent < MAX_BYTES + IN_FLIGHT


@pytest.mark.parametrize("handle", [send_slow_line, send_endless_headers, say_nothing])
def test_a_server_that_never_says_a_word_is_cut_off_when_it_is_given_up(
    handle: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_raw(handle) as server:  # type: ignore[arg-type]
        assert "said nothing for 1 seconds" in ask(server, timeout=1.0)
        assert server.hung_up.wait(60)


def test_an_answer_that_is_compressed_is_not_unpacked() -> None:
    with serve_raw(send_bomb) as server:
        assert "was stopped: the server compressed its answer" in ask(server)


@pytest.mark.parametrize("status", [302, 307, 308])
@pytest.mark.parametrize("kind", ["openai-like", "ollama"])
def test_another_host_gets_neither_the_passages_nor_the_key(kind: str, status: int) -> None:
    def redirect(running: RawServer, connection: socket.socket) -> None:
        running.receive(connection)
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {other.url}/v1/chat/completions\r\nContent-Length: 0\r\n\r\n"
        running.send(connection, head.encode())

    with serve_raw(say_nothing) as other, serve_raw(redirect) as server:
        problem = ask(server, kind, key="secret-word")
    assert (
        problem == f"The language model's server sends to another address (HTTP {status}); set KB_LLM_URL to that one"
    )
    assert b"secret recipe" in server.received[0]
    assert other.received == []
