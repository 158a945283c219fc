"""docs/threat-model.md and docs/nginx.conf are true: limits, names and paths are the code's, and hosts are checked."""

import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module

import pytest
from conftest import ROOT
from servers import TIMEOUT, answers_at, find_port, wait_until

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NGINX = (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8")
STREAMLIT = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
# | what | at most | `CONSTANT` (`path`) |
LIMITS = re.findall(r"^\|[^|]+\| ([\d,]+)[^|]*\| `(\w+)` \(`([\w/]+\.py)`\) \|$", PAGE, re.M)
NAMED = re.findall(r"`(\w+)` in `([\w/]+\.py)`", PAGE)
PATHS = sorted({one for one in re.findall(r"`([\w./-]+)`", PAGE) if "/" in one and "." in one and "//" not in one})
HANDSHAKE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n"
)


@pytest.mark.parametrize(("value", "name", "path"), LIMITS)
def test_a_limit_is_that_of_the_code(value: str, name: str, path: str) -> None:
    module = import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    assert getattr(module, name) == int(value.replace(",", ""))


def test_every_row_of_limits_is_checked() -> None:
    table = PAGE.partition("## What is bounded")[2].partition("\n\nRedirects")[0]
    assert len(LIMITS) == len([line for line in table.splitlines() if line.startswith("|")]) - 2


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize(("name", "path"), NAMED)
def test_every_function_that_is_named_stands_in_its_file(name: str, path: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.M)


def test_every_setting_that_is_named_is_one() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "kb").rglob("*.py"))
    assert [name for name in set(re.findall(r"`(KB_[A-Z_]+)`", PAGE)) if name not in code] == []


def test_the_page_is_one_page() -> None:
    assert len(PAGE.split()) < 1_000


def test_the_proxy_forbids_frames_asks_for_a_login_and_lets_uploads_through() -> None:
    headers = dict(re.findall(r'add_header ([\w-]+) ("[^"]+"|[\w-]+) always;', NGINX))
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "auth_basic_user_file" in NGINX
    assert "ssl_reject_handshake on" in NGINX
    (size,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert int(size) > STREAMLIT["server"]["maxUploadSize"]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the app."""
    port = find_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "KB_HOME": str(tmp_path_factory.mktemp("home"))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: answers_at(f"http://127.0.0.1:{port}/_stcore/health"), process)
    yield port
    process.terminate()
    process.wait(timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1", "127.0.0.1", 101),
        ("localhost", "localhost", 101),
        ("elsewhere.example", "elsewhere.example", 403),  # a name that was pointed at this machine
        ("127.0.0.1", "elsewhere.example", 403),
    ],
)
def test_a_page_elsewhere_opens_no_connection_to_the_app(app: int, host: str, origin: str, status: int) -> None:
    request = f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{app}\r\nOrigin: http://{origin}:{app}\r\n{HANDSHAKE}"
    with socket.create_connection(("127.0.0.1", app), 20) as connection:
        connection.sendall(request.encode())
        assert connection.recv(100).split()[1] == str(status).encode()
