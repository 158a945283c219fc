"""Tell whether two names are one person's, as a reader of newspapers would."""

from __future__ import annotations

import re

from kb.text.given_names import are_alike

TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir lord lady dame baroness baron rev captain president senator chef".split()
)
SUFFIXES = frozenset("jr sr ii iii iv phd md mba esq ceo cto founder".split())
PART = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SHORTEST = 3  # letters that a short form shares with the name


def is_same_person(one: str | None, other: str | None) -> bool:
    """Whether two names can be one person's: equal surnames and first names that agree, or a first name alone."""
    first, second = _parts(one), _parts(other)
    if not first or not second:
        return False
    if len(first) == 1 or len(second) == 1:
        short, long = sorted((first, second), key=len)
        return short[0] == long[-1] or _is_same_first(short[0], long[0])
    return first[-1] == second[-1] and _is_same_first(first[0], second[0])


def _is_same_first(one: str, other: str) -> bool:
    if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
        return True
    short, long = sorted((one, other), key=len)
    return (len(short) >= SHORTEST and long.startswith(short)) or are_alike(one, other)


def _parts(name: str | None) -> list[str]:
    found = [part.casefold().replace("’", "'").removesuffix("'s") for part in PART.findall(name or "")]
    return [part for part in found if part not in TITLES and part not in SUFFIXES]
