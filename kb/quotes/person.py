"""Tell whether two names are one person's, as a reader of newspapers would."""

from __future__ import annotations

import re

TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir lord lady dame baroness baron rev captain president senator chef".split()
)
SUFFIXES = frozenset("jr sr ii iii iv phd md mba esq ceo cto founder".split())
PART = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SHORTEST = 3  # letters that a short form shares with the name: Tom and Thomas do not, Tim and Timothy do
SHORT_FORMS = (
    "alexander alex sandy", "andrew andy drew", "anthony tony", "benjamin ben", "catherine kate cathy",
    "katherine kate kathy katie", "charles charlie chuck", "christopher chris kit", "daniel dan danny",
    "david dave", "edward ed eddie ted ned", "elizabeth liz beth betty lisa eliza", "francis frank", "frederick fred",
    "geoffrey geoff jeff", "jeffrey jeff", "gregory greg", "henry harry hank", "jacob jake", "james jim jimmy jamie",
    "jennifer jen jenny", "john jack johnny", "jonathan jon", "joseph joe joey", "joshua josh", "kenneth ken kenny",
    "lawrence larry", "leonard leo len", "margaret maggie meg peggy", "matthew matt", "michael mike mick",
    "nathaniel nathan nate", "nicholas nick", "patricia pat patty tricia", "patrick pat paddy", "peter pete",
    "philip phil", "rebecca becky", "richard rick dick rich", "robert rob bob bobby robbie", "ronald ron",
    "samuel sam", "stephen steve", "steven steve", "susan sue suzy", "thomas tom tommy", "timothy tim",
    "theodore theo ted", "tobias toby", "victoria vicky tori", "walter walt", "william will bill billy liam",
)  # fmt: skip
_FORMS = [frozenset(line.split()) for line in SHORT_FORMS]


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
    return (len(short) >= SHORTEST and long.startswith(short)) or any({one, other} <= forms for forms in _FORMS)


def _parts(name: str | None) -> list[str]:
    found = [part.casefold().replace("’", "'").removesuffix("'s") for part in PART.findall(name or "")]
    return [part for part in found if part not in TITLES and part not in SUFFIXES]
