"""A PostgreSQL server that means harm, or is none: one clear line within a bounded time."""

import socket
import struct
import time
from pathlib import Path

import pytest
from raw_servers import Handle, RawServer, serve_raw
from servers import Postgres, find_port

from kb.cli.main import main
from kb.errors import StoreUnavailable
from kb.storage.postgres import PostgresDatabase
from kb.storage.postgres_connection import MAX_MESSAGE

pytest.importorskip("pg8000", reason="pip install 'fusion-kb[postgres]' is not done")

IN_FLIGHT = 16_000_000  # bytes that the two ends of a connection on this machine may hold
READY = b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I"  # authenticated, and ready for a query


def say_nothing(running: RawServer, connection: socket.socket) -> None:
    connection.recv(65_536)
    running.wait(connection)


def hang_up(running: RawServer, connection: socket.socket) -> None:
    connection.recv(65_536)


def speak_http(running: RawServer, connection: socket.socket) -> None:
    connection.recv(65_536)
    running.send(connection, b"HTTP/1.1 400 Bad Request\r\n\r\n")
    running.wait(connection)


def send_unknown_message(running: RawServer, connection: socket.socket) -> None:
    connection.recv(65_536)
    running.send(connection, b"\xff\0\0\0\x08abcd")
    running.wait(connection)


def send_negative_length(running: RawServer, connection: socket.socket) -> None:
    connection.recv(65_536)
    running.send(connection, b"R\xff\xff\xff\xff")
    running.wait(connection)


def send_endless_message(running: RawServer, connection: socket.socket) -> None:
    connection.recv(65_536)
    running.send(connection, b"N" + struct.pack("!i", 2**31 - 1))
    running.send_for_ever(connection)


def send_slow_message(running: RawServer, connection: socket.socket) -> None:
    connection.recv(65_536)
    running.send(connection, b"N" + struct.pack("!i", 1_000_000))
    running.send_for_ever(connection, b"a", pause=0.05)


def turn_bad(running: RawServer, connection: socket.socket) -> None:
    """Let everybody in, and answer the first statement with garbage."""
    connection.recv(65_536)
    running.send(connection, READY)
    connection.recv(65_536)
    running.send(connection, b"\xff\0\0\0\x08abcd")
    running.wait(connection)


@pytest.mark.parametrize("mode", ["disable", "prefer"])
@pytest.mark.parametrize(
    "handle",
    [
        say_nothing,
        hang_up,
        speak_http,
        send_unknown_message,
        send_negative_length,
        send_endless_message,
        send_slow_message,
        turn_bad,
    ],
)
def test_a_server_that_is_none_is_one_clear_line_within_a_bounded_time(handle: Handle, mode: str) -> None:
    with serve_raw(handle) as server:
        database = PostgresDatabase.at(f"postgresql://a:b@127.0.0.1:{server.port}/kb?sslmode={mode}", timeout=0.5)
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match=r"cannot be reached: .*correct KB_CATALOG_URL") as caught:
            database.has_tables()
        assert time.monotonic() - started < 25  # it would be 30 without a limit of one's own
        assert "\n" not in str(caught.value)
        database.close()
    assert server.sent < MAX_MESSAGE + IN_FLIGHT


def test_the_time_that_it_may_take_is_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve_raw(say_nothing) as server:
        monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("KB_CHROMA_URL", f"http://127.0.0.1:{find_port()}")
        monkeypatch.setenv("KB_CATALOG_URL", f"postgresql://a:b@127.0.0.1:{server.port}/kb?sslmode=disable")
        monkeypatch.setenv("KB_CATALOG_TIMEOUT", "0.5")
        started = time.monotonic()
        assert main(["search", "soup"]) == 2
    assert time.monotonic() - started < 25
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be reached: timed out" in line


def test_a_true_server_is_let_be_when_the_time_to_connect_is_over(postgres: Postgres) -> None:
    database = PostgresDatabase.at(postgres.make_database(), timeout=4.0)
    assert not database.has_tables()
    time.sleep(4.5)
    assert not database.has_tables()
    database.close()
