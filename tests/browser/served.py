"""The app as a person meets it: a server of its own, and a browser that tells what it asked for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright
from servers import find_port

PATIENCE = 60_000  # milliseconds for anything to appear: the machine may have other things to do
MOST_WAITING = 120  # seconds for the app to start, and to end
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Streamlit's script looks for its server beside a page's own address first, then at the root.
PROBE = re.compile(r"/\w+/_stcore/(?:health|host-config)$")


@contextmanager
def serve(home: Path, log: Path, **variables: str) -> Iterator[str]:
    """Run the app on a free port of this machine; `log` gets every other machine that it turns to.

    `variables` are set in its environment.
    """
    port = find_port()
    command = [sys.executable, HERE / "watched.py", log, "run", ROOT / "app.py", "--server.port", str(port)]
    environment = {**os.environ, "KB_HOME": str(home), **variables}
    process = subprocess.Popen(list(map(str, command)), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(MOST_WAITING)


@contextmanager
def open_browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        browser = playwright.chromium.launch(executable_path=system, args=QUIET)
    except Error as error:
        if system or os.environ.get("CI"):
            raise
        pytest.skip(f"there is no Chromium; run: playwright install chromium ({error.message.splitlines()[0]})")
    yield browser
    browser.close()


@contextmanager
def watch(page: Page) -> Iterator[Page]:
    """Fail when the page reports an error, or asks any machine but this one for anything."""
    wrong: list[str] = []

    def note(said: str, *, is_fine: bool) -> None:
        if not is_fine:
            wrong.append(said)

    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("request", lambda request: note(f"asked for {request.url}", is_fine=_is_local(request.url)))
    page.on(
        "response",
        lambda one: note(f"{one.status} {one.url}", is_fine=one.status < 400 or bool(PROBE.search(one.url))),
    )
    page.on(
        "console",
        lambda line: note(f"console: {line.text}", is_fine=line.type != "error" or "404 (Not Found)" in line.text),
    )
    yield page
    assert wrong == [], wrong


def _is_local(address: str) -> bool:
    return address.startswith(("http://127.0.0.1:", "data:", "blob:"))


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + MOST_WAITING
    while time.monotonic() < until:
        assert process.poll() is None, "the app stopped while starting"
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the app did not start within {MOST_WAITING} seconds")
