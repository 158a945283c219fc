"""Run the app of a checkout, of this commit or another, for a bench."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from bench.inputs import MissingInput, require

START_SECONDS = 120.0  # until the app must answer its first question


@contextmanager
def serve_app(project: Path, home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the app of a checkout until the block ends. Raises MissingInput when it does not start."""
    require(project / "app.py", "--before")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    as_made = {"MALLOC_ARENA_MAX": "2"}  # as `make app` starts it
    environment = {**as_made, **os.environ, "KB_HOME": str(home.resolve()), "PYTHONPATH": str(project)}
    with subprocess.Popen(
        command, cwd=project, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _await_health(port, process)
            yield process, port
        finally:
            process.terminate()


def _await_health(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise MissingInput("The app does not start; run `streamlit run app.py` and look at what it says")
