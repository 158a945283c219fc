"""Read the people of a JSON transcript: the value of a speaker's field, and lists of names by id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ingest.readers.fields import fold_field, rank

ROSTERS = frozenset({"speakers", "contributors", "participants", "people", "voices", "speakernames", "speakermap"})
ROSTER_ID = rank("id spkid speakerid speaker sid slug label key @id")
ROSTER_NAME = rank("name speakername displayname fullname label id @id")
NUMBERED = re.compile(r"\d")


def read_who(value: object) -> object:
    """Read a speaker field's value; if it is an object, the name in it."""
    if isinstance(value, dict):
        named = sorted((ROSTER_NAME[fold_field(key)], key) for key in value if fold_field(key) in ROSTER_NAME)
        value = value[named[0][1]] if named else None
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, int | float) else None


def note_names(path: str, node: Mapping[str, object], names: dict[str, str]) -> None:
    """Note the names that a list or a table of speakers gives."""
    if not path.endswith("]"):
        names.update({key: value for key, value in node.items() if isinstance(value, str) and value.strip()})
        named = {key: read_who(value) for key, value in node.items() if isinstance(value, dict)}
        names.update({key: value for key, value in named.items() if isinstance(value, str)})
        return
    ids = sorted((ROSTER_ID[fold_field(key)], key) for key in node if fold_field(key) in ROSTER_ID)
    name = read_who(dict(node))
    if ids and isinstance(name, str) and isinstance(node[ids[0][1]], str | int):
        names[str(node[ids[0][1]])] = name


def list_names(value: object) -> list[str]:
    """Return a plain list of people's names; labels with numbers in them name nobody."""
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
    is_plain = names and len(names) == len(value)  # type: ignore[arg-type]  # names come from a list
    return names if is_plain and not any(map(NUMBERED.search, names)) else []


def number_names(speakers: Iterable[object], listed: Sequence[str]) -> dict[str, str]:
    """Map the numbers of speakers to the names of a list, counted from 0, or from 1 if no other way fits."""
    numbers = {speaker for speaker in speakers if isinstance(speaker, int)}
    first = next((first for first in (0, 1) if numbers and numbers <= set(range(first, len(listed) + first))), None)
    return {} if first is None else {str(number + first): name for number, name in enumerate(listed)}
