"""Tell whether two given names are one: Tim is Timothy, Kate is Katherine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

CARRIED = Path(__file__).with_name("short_names.txt")


def are_alike(one: str, other: str) -> bool:
    """Whether two given names, in lower case, may be one person's: equal, or long and short for the same name."""
    return one == other or bool(_read_table().get(one, frozenset()) & _read_table().get(other, frozenset()))


def is_given_name(word: str) -> bool:
    """Whether a word, in lower case, is a given name that the table has."""
    return word in _read_table()


@lru_cache(maxsize=1)
def _read_table() -> dict[str, frozenset[str]]:
    """Read the table: each name, and the full names that it may stand for."""
    full: dict[str, set[str]] = {}
    for line in CARRIED.read_text(encoding="utf-8").casefold().splitlines():
        name, colon, short = line.partition(":")
        if colon and not line.startswith("#"):
            for form in (name, *(form.strip() for form in short.split(","))):
                full.setdefault(form.strip(), set()).add(name.strip())
    return {form: frozenset(names) for form, names in full.items()}
