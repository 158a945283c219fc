"""Move a damaged folder of a store aside, so that it can be made again and nothing of it is deleted."""

from __future__ import annotations

import os
import re
from itertools import count
from pathlib import Path

ASIDE = re.compile(r"(?:chroma|tokens)\.damaged(?:-\d+)?", re.ASCII)  # in the home folder


def move_aside(folder: Path) -> Path:
    """Rename a folder; returns its new path. Raises OSError."""
    first = folder.with_name(f"{folder.name}.damaged")
    names = (first if number == 1 else first.with_name(f"{first.name}-{number}") for number in count(1))
    return folder.rename(next(path for path in names if not os.path.lexists(path)))


def is_aside(name: str) -> bool:
    """Whether an entry of the home folder is a folder that was moved aside."""
    return ASIDE.fullmatch(name) is not None
