"""Matters on which leaders pull in opposite directions: two poles each, with sentences of either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kb.text.yaml_files import read_carried

CARRIED = Path(__file__).with_name("poles.yaml")


@dataclass(frozen=True, slots=True)
class Pole:
    """One side of a matter."""

    name: str
    said: tuple[str, ...]  # as leaders say it


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter with its two sides."""

    themes: tuple[str, ...]  # ids of the themes in which it comes up
    one: Pole
    other: Pole


@cache
def load_matters() -> tuple[Matter, ...]:
    """Load the bundled matters."""
    read = read_carried(CARRIED)
    return tuple(Matter(tuple(row["themes"]), _read_pole(row["one"]), _read_pole(row["other"])) for row in read)


def _read_pole(row: Mapping[str, Any]) -> Pole:
    return Pole(row["name"], tuple(row["said"]))
