"""Tell which label in a file means which person whose full name is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from ingest.speakers.labels import is_machine
from ingest.speakers.vocabulary import CREDENTIALS, HONORIFICS, ROLES

BRACKETS = re.compile(r"[\[(][^\[\]()]*[\])]")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
SAME, LONGER, SHORT = 3, 2, 1  # how surely a label means a name: the same words, more or abbreviated words, one of them


def match_labels(labels: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The known name behind each label that fits exactly one of them, and none of the other labels better."""
    matched: dict[str, str] = {}
    for label in labels:
        fits = {name: fit for name in names if (fit := measure_fit(label, name))}
        best = [name for name, fit in fits.items() if fit == max(fits.values())]
        if len(best) == 1 and not _belongs_elsewhere(label, fits[best[0]], best[0], labels):
            matched[label] = best[0]
    return matched


def measure_fit(label: str, name: str) -> int:
    """How surely a label means the person of that name, from SAME down to SHORT; 0 if it does not."""
    if is_machine(label) or label.casefold() in ROLES:
        return 0
    mine, theirs = _words(label), _words(name)
    if not mine or not theirs:
        return 0
    if sorted(mine) == sorted(theirs) or "".join(mine) == "".join(theirs):
        return SAME
    if len(theirs) > 1 and set(theirs) < set(mine):
        return LONGER
    if len(mine) > 1:
        return LONGER if _is_abbreviated(mine, theirs) else 0
    return SHORT if mine[0] in theirs or _are_initials(label, theirs) else 0


def is_known(label: str, names: Iterable[str]) -> bool:
    """Whether a label means one of these people."""
    return any(measure_fit(label, name) for name in names)


def _belongs_elsewhere(label: str, fit: int, name: str, labels: Sequence[str]) -> bool:
    """'Adam' is nobody's in particular where both an Adam Miller and an Adam Stacoviak speak."""
    if fit > SHORT:
        return False
    mine = set(_words(label))
    return any(mine < set(_words(other)) and not measure_fit(other, name) for other in labels)


def _words(name: str) -> list[str]:
    """The words of a name without accents, case, titles, degrees, brackets; 'Lovelace, Ada' is turned round."""
    plain = unicodedata.normalize("NFKD", BRACKETS.sub(" ", name).strip() or name.strip(" []()"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
    last, comma, first = plain.partition(",")
    if comma and first.strip() and first.strip(" .") not in CREDENTIALS:
        plain = f"{first} {last}"
    words: list[str] = WORD.findall(plain.replace(".", " "))
    bare = [word for word in words if word not in CREDENTIALS]
    while len(bare) > 1 and bare[0] in HONORIFICS:
        bare = bare[1:]
    return bare or words


def _is_abbreviated(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """'J. Dorsey', 'Jack D.' and 'Jack Patrick Dorsey' for Jack Dorsey: ends agree, at least one of them in full."""
    first, last = (mine[0], theirs[0]), (mine[-1], theirs[-1])
    ends = [one == other or (len(one) == 1 and other.startswith(one)) for one, other in (first, last)]
    return all(ends) and (first[0] == first[1] or last[0] == last[1])


def _are_initials(label: str, words: Sequence[str]) -> bool:
    letters = re.sub(r"[\W_]", "", label)
    if not 2 <= len(letters) <= 4 or not letters.isupper() or len(words) < 2:
        return False
    initials = "".join(word[0] for word in words)
    return letters.casefold() in (initials, initials[0] + initials[-1])
