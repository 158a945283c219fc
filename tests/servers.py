"""Real servers, started here on free ports of this machine: Chroma, and PostgreSQL where it is installed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx

TIMEOUT = 120  # seconds for a server to come up, and to end
USER, PASSWORD = "founder", "p@ss/word:1"


def _list_ports() -> Iterator[int]:
    """Ports that the system gives to no connection, each once; other workers of pytest-xdist have others."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    mine = range(20_000 + worker % WORKERS, 32_000, WORKERS)
    yield from random.SystemRandom().sample(mine, len(mine))


WORKERS = 16  # between which the ports are divided
PORTS = _list_ports()


def find_port() -> int:
    """A port where nobody listens, and where nobody will but who asked for it."""
    for port in PORTS:
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is left")


def wait_until(is_up: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    ticks = threading.Event()
    until = time.monotonic() + TIMEOUT
    while not is_up():
        assert process.poll() is None, "the server stopped while starting"
        assert time.monotonic() < until, "the server did not come up"
        ticks.wait(0.1)


@contextmanager
def run_chroma(folder: Path, port: int | None = None) -> Iterator[str]:
    """The address of a Chroma server, on a port that is free where none is given."""
    port = port or find_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "RUST_LOG": "error"},
    )
    try:
        wait_until(lambda: answers(url), process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=TIMEOUT)


def answers(url: str) -> bool:
    return answers_at(f"{url}/api/v2/heartbeat")


def answers_at(address: str) -> bool:
    try:
        return httpx.get(address, timeout=1).is_success
    except httpx.HTTPError:
        return False


def find_postgres() -> Path | None:
    """The folder of PostgreSQL's programs: on the path, or where Debian puts them."""
    on_path = [Path(found).resolve().parent for name in ("initdb", "postgres") if (found := shutil.which(name))]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in (*on_path, *debian) if (folder / "initdb").exists()), None)


class Postgres:
    """A server of its own in a temporary folder, which can be stopped and started again."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="kb-postgres-"))
        # PostgreSQL refuses to run as root.
        self._as: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if not os.getuid() else {}
        self._numbers = count(1)
        self.port = find_port()
        (self._folder / "password").write_text(PASSWORD, encoding="utf-8")
        if self._as:
            for path in (self._folder, self._folder / "password"):
                shutil.chown(path, self._as["user"], self._as["group"])
        self._run("initdb", "--no-sync", "-E", "UTF8", "--locale=C", "-U", USER, "--auth=scram-sha-256",
                  f"--pwfile={self._folder / 'password'}")  # fmt: skip
        self.start()

    def start(self) -> None:
        options = [
            "-p",
            str(self.port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={self._folder}",
        ]
        self._process = subprocess.Popen(
            [
                str(self._programs / "postgres"),
                "-D",
                str(self._folder / "data"),
                *options,
                "-c",
                "fsync=off",
                "-c",
                "full_page_writes=off",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            **self._as,
        )
        wait_until(self._accepts, self._process)

    def stop(self) -> None:
        """End all connections and the server, as for an upgrade."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=TIMEOUT)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}:p%40ss%2Fword%3A1@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}:p%40ss%2Fword%3A1@/{database}?host={self._folder}".replace("@/", f"@:{self.port}/")

    def make_database(self, options: str = "") -> str:
        """The address of a new, empty database."""
        name = f"kb{next(self._numbers)}"
        self.run(self.url(), f"CREATE DATABASE {name} {options}")
        return self.url(name)

    @staticmethod
    def run(url: str, statement: str) -> list[list[Any]]:
        from pg8000.native import Connection

        from kb.storage.postgres import parse_address

        address, options = parse_address(url)
        connection = Connection(
            address.username or "",
            password=address.password,
            host=address.host or "",
            port=address.port or 5432,
            database=address.database,
            **options,
        )
        try:
            return list(connection.run(statement) or [])
        finally:
            connection.close()

    def _accepts(self) -> bool:
        try:
            return self.run(self.url(), "SELECT 1") == [[1]]
        except Exception:  # noqa: BLE001 - not yet
            return False

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *options]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, **self._as)
