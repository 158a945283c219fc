"""The files that interviews were read from, which may have moved or left since."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path


def is_gone(path: Path) -> bool:
    """Whether there is certainly no such file: one that cannot be looked for, in a locked folder, may be there."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def hash_file(path: Path) -> str | None:
    """Return a file's SHA-256; None if it cannot be opened."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
