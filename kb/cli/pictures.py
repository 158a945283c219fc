"""Write the picture that a command was asked for, beside what it prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from kb.cli.terminal import complain
from kb.exports.picture_file import load_pictures, write_picture

if TYPE_CHECKING:
    from kb.exports.pictures import Chart


def keep_picture(path: Path | None, title: str, draw: Callable[[ModuleType], Chart], *, is_empty: bool) -> None:
    """Draw into a new file, where one is named; where there is nothing to draw, tell. Raises BadPicture."""
    if path is None:
        return
    if is_empty:
        complain(f"There is nothing to draw, so {path} is not written")
        return
    write_picture(draw(load_pictures()), title, path)
