"""Match the labels of a file to people whose full names are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ingest.speakers.labels import fold_label, is_machine
from ingest.speakers.person_name import PEERS, PersonName, fold_letters, read_name
from ingest.speakers.vocabulary import PARTICLES, ROLES
from kb.text.given_names import are_alike, is_given_name

LETTERS = re.compile(r"[\W_]+")
# Fit of a label to a name: the same words; more, fewer or abbreviated words; a given name's other form; a letter that
# differs; one word.
SAME, LONGER, ALIKE, NEAR, SHORT = 5, 4, 3, 2, 1
MISSPELT = 4  # letters of a word of which one may differ; a single word needs one more


def match_labels(labels: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Map each label to the one known name that it fits best, unless it may be short for another label."""
    fits = {label: fit for label in labels if (fit := _find_best(label, names))}
    return {
        label: name
        for label, (name, fit) in fits.items()
        if not _belongs_elsewhere(label, fit, name, labels) and not _is_rivalled(label, fit, name, fits)
    }


def measure_fit(label: str, name: str) -> int:
    """Rate how well a label fits a name, from SAME down to SHORT; 0 if it does not fit."""
    if is_machine(label) or fold_label(label) in ROLES:
        return 0
    mine, theirs = read_name(label), read_name(name)
    if not mine.words or not theirs.words or _differ_in_sex(mine, theirs):
        return 0
    if sorted(mine.words) == sorted(theirs.words) or "".join(mine.words) == "".join(theirs.words):
        return SAME
    if len(mine.words) == 1 or len(theirs.words) == 1:
        is_initials = label.isupper() and are_initials(label, name)
        return SHORT if is_initials or _is_short(mine, theirs) or _is_short(theirs, mine) else 0
    return _compare_full(mine.words, theirs.words)


def is_known(label: str, names: Iterable[str]) -> bool:
    """Whether a label means one of these people."""
    return any(measure_fit(label, name) for name in names)


def are_initials(letters: str, name: str) -> bool:
    """Whether letters are somebody's initials: 'JD' and 'J.D.' for Jane Doe, 'SB' and 'SdB' for Simone de Beauvoir."""
    wanted = fold_letters(LETTERS.sub("", letters))
    return 2 <= len(wanted) <= 4 and wanted in initials_of(name)


def initials_of(name: str) -> frozenset[str]:
    """Return a name's initials in lower case: all, without particles, first and last; none for a single word."""
    words = read_name(name).words
    if len(words) < 2:
        return frozenset()
    plain = tuple(word for word in words if word not in PARTICLES)
    return frozenset("".join(word[0] for word in some) for some in (words, plain or words, (words[0], words[-1])))


def _find_best(label: str, names: Sequence[str]) -> tuple[str, int] | None:
    """Find the one name that a label fits best, and how well; None if there is none, or several."""
    fits = {name: fit for name in names if (fit := measure_fit(label, name))}
    best = [name for name, fit in fits.items() if fit == max(fits.values())]
    return (best[0], fits[best[0]]) if len(best) == 1 else None


def _differ_in_sex(one: PersonName, other: PersonName) -> bool:
    return (one.is_man and other.is_woman) or (one.is_woman and other.is_man)


def _is_short(short: PersonName, full: PersonName) -> bool:
    """Whether one word, or a surname with a title, is short for a name. A title goes with a surname only."""
    if len(full.words) < 2 and len(short.words) > 1:
        return False
    word = short.words[0]
    if short.title:
        return short.words == full.words[-len(short.words) :] and len(short.words) < len(full.words)
    if len(short.words) > 1:
        return False
    is_misspelt = len(word) > MISSPELT and any(_is_misspelt(word, one) for one in (full.words[0], full.words[-1]))
    return word in full.words or (are_alike(word, full.words[0]) and not full.title) or is_misspelt


def _compare_full(mine: Sequence[str], theirs: Sequence[str]) -> int:
    """Rate how well two names of several words fit."""
    if set(theirs) < set(mine) or set(mine) < set(theirs) or _is_abbreviated(mine, theirs):
        return LONGER
    if mine[-1] == theirs[-1] and are_alike(mine[0], theirs[0]):
        return ALIKE
    if mine[0] in PEERS and theirs[-len(mine[1:]) :] == mine[1:]:
        return SHORT
    firsts, lasts = (mine[0], theirs[0]), (mine[-1], theirs[-1])
    is_near = (are_alike(*firsts) and _is_misspelt(*lasts)) or (lasts[0] == lasts[1] and _is_misspelt(*firsts))
    return NEAR if is_near else 0


def _is_misspelt(one: str, other: str) -> bool:
    """Whether two words differ in one letter: another, one more, or two neighbours that changed places."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) < MISSPELT or len(longer) - len(shorter) > 1 or (is_given_name(one) and is_given_name(other)):
        return False
    at = next((at for at, (mine, theirs) in enumerate(zip(shorter, longer, strict=False)) if mine != theirs), None)
    if at is None:
        return len(longer) > len(shorter)
    if len(longer) > len(shorter):
        return shorter[at:] == longer[at + 1 :]
    swapped = longer[at + 1 : at + 2] + longer[at] + longer[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or shorter[at:] == swapped


def _belongs_elsewhere(label: str, fit: int, name: str, labels: Sequence[str]) -> bool:
    """Whether a short label may be another's too: 'Adam', if both an Adam Miller and an Adam Stacoviak speak."""
    if fit > SHORT or len(read_name(label).words) > 1:
        return False
    fuller = (other for other in labels if len(read_name(other).words) > 1)
    return any(measure_fit(label, other) and not measure_fit(other, name) for other in fuller)


def _is_rivalled(label: str, fit: int, name: str, fits: Mapping[str, tuple[str, int]]) -> bool:
    """Whether a label that is written otherwise than the name has a rival, who may be the one that is meant."""
    rivals = {other: rank for other, (known, rank) in fits.items() if known == name and other != label}
    mine = read_name(label)
    if any(_differ_in_sex(mine, read_name(other)) and rank >= fit for other, rank in rivals.items()):
        return True
    if fit in (ALIKE, NEAR):
        return any(rank > fit or (rank == fit and not measure_fit(label, other)) for other, rank in rivals.items())
    is_longer = fit == SHORT and len(mine.words) > len(read_name(name).words)
    return is_longer and any(not measure_fit(label, other) for other in rivals)


def _is_abbreviated(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether both ends agree, one of them in full: 'J. Dorsey', 'Jack D.', 'Jack Patrick Dorsey' for Jack Dorsey."""
    first, last = (mine[0], theirs[0]), (mine[-1], theirs[-1])
    ends = [
        one == other or (len(one) == 1 and other.startswith(one)) or (len(other) == 1 and one.startswith(other))
        for one, other in (first, last)
    ]
    return all(ends) and (first[0] == first[1] or last[0] == last[1])
