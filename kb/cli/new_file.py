"""Write a file that a command was asked for: a new one, never over another."""

from __future__ import annotations

from pathlib import Path

from kb.errors import BadReport


def check_new(path: Path) -> None:
    """Raise BadReport where there is a file already."""
    if path.exists():
        raise BadReport(f"There is a file {path} already; name another")


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet. Raises BadReport when it cannot be written."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise BadReport(f"The file {path} cannot be written: {error.strerror or error}") from error
