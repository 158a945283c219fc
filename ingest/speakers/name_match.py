"""Match the labels of a file to people whose full names are known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ingest.speakers.labels import fold_label, is_machine
from ingest.speakers.vocabulary import CREDENTIALS, HONORIFICS, PARTICLES, ROLES
from kb.text.words import WORD

BRACKETS = re.compile(r"[\[(][^\[\]()]*[\])]")
LETTERS = re.compile(r"[\W_]+")
SAME, LONGER, SHORT = 3, 2, 1  # fit of a label to a name: the same words, more or abbreviated words, one word


def match_labels(labels: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Map each label to the one known name that it fits best, unless it may be short for another label."""
    matched: dict[str, str] = {}
    for label in labels:
        fits = {name: fit for name in names if (fit := measure_fit(label, name))}
        best = [name for name, fit in fits.items() if fit == max(fits.values())]
        if len(best) == 1 and not _belongs_elsewhere(label, fits[best[0]], best[0], labels):
            matched[label] = best[0]
    return matched


def measure_fit(label: str, name: str) -> int:
    """Rate how well a label fits a name, from SAME down to SHORT; 0 if it does not fit."""
    if is_machine(label) or fold_label(label) in ROLES:
        return 0
    mine, theirs = name_words(label), name_words(name)
    if not mine or not theirs:
        return 0
    if sorted(mine) == sorted(theirs) or "".join(mine) == "".join(theirs):
        return SAME
    if len(theirs) > 1 and set(theirs) < set(mine):
        return LONGER
    if len(mine) > 1:
        return LONGER if _is_abbreviated(mine, theirs) else 0
    is_short = mine[0] in theirs or (label.isupper() and are_initials(label, name))
    return SHORT if is_short else 0


def is_known(label: str, names: Iterable[str]) -> bool:
    """Whether a label means one of these people."""
    return any(measure_fit(label, name) for name in names)


def are_initials(letters: str, name: str) -> bool:
    """Whether letters are somebody's initials: 'JD' and 'J.D.' for Jane Doe, 'SB' and 'SdB' for Simone de Beauvoir."""
    wanted = _fold(LETTERS.sub("", letters))
    return 2 <= len(wanted) <= 4 and wanted in initials_of(name)


def initials_of(name: str) -> frozenset[str]:
    """Return a name's initials in lower case: all, without particles, first and last; none for a single word."""
    words = name_words(name)
    if len(words) < 2:
        return frozenset()
    plain = tuple(word for word in words if word not in PARTICLES)
    return frozenset("".join(word[0] for word in some) for some in (words, plain or words, (words[0], words[-1])))


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """Split a name into words, without accents, case, titles, degrees, brackets; 'Lovelace, Ada' is reversed."""
    plain = _fold(BRACKETS.sub(" ", name).strip() or name.strip(" []()"))
    last, comma, first = plain.partition(",")
    if comma and first.strip() and first.strip(" .") not in CREDENTIALS:
        plain = f"{first} {last}"
    words = tuple(WORD.findall(plain.replace(".", " ").replace("-", " ")))
    bare = tuple(word for word in words if word not in CREDENTIALS)
    while len(bare) > 1 and bare[0] in HONORIFICS:
        bare = bare[1:]
    return bare or words


def _belongs_elsewhere(label: str, fit: int, name: str, labels: Sequence[str]) -> bool:
    """Whether a short label may be another's too: 'Adam', if both an Adam Miller and an Adam Stacoviak speak."""
    if fit > SHORT:
        return False
    mine = set(name_words(label))
    return any(mine < set(name_words(other)) and not measure_fit(other, name) for other in labels)


def _is_abbreviated(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether both ends agree, one of them in full: 'J. Dorsey', 'Jack D.', 'Jack Patrick Dorsey' for Jack Dorsey."""
    first, last = (mine[0], theirs[0]), (mine[-1], theirs[-1])
    ends = [one == other or (len(one) == 1 and other.startswith(one)) for one, other in (first, last)]
    return all(ends) and (first[0] == first[1] or last[0] == last[1])


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
