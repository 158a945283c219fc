"""Classify labels: a person, one who asks or answers, a machine's number, nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ingest.speakers.labels import LINKED, fold_label, is_machine, is_unnamed, looks_like_name, read_role
from ingest.speakers.role_words import LONE_VOICES
from ingest.speakers.vocabulary import (
    ANSWER_MARKS,
    ANSWERERS,
    ASKERS,
    CROWDS,
    NOBODY,
    PARTICLES,
    QUESTION_MARKS,
    ROLES,
)

# Ids and channels that programs write in place of a name. 'S1' may be spoken, so it is not a label by itself.
PROGRAM_ID = re.compile(
    r"[0-9a-f-]{16,}|[^\s@]+@[\w.-]+|[A-Z]{1,2}_?S?\d{1,3}$|(?-i:[A-Z]{1,4})[-_ ]?\d{1,5}$"
    r"|\w*(?:tag|label|channel)[ _]\d+$",
    re.I,
)


FUNCTION_WORDS = frozenset(("and", "the", "of", "a"))  # of English; no name begins or ends with one


def is_person(label: str) -> bool:
    """Whether a label is a person's name, not a machine's label or a role."""
    is_nameless = bool(read_role(label)) or is_nobody(label) or is_unnamed(label) or fold_label(label) in LONE_VOICES
    return not (is_nameless or is_machine(label) or PROGRAM_ID.match(label) or LINKED.search(label))


def is_full_name(text: str) -> bool:
    """Whether a text is the full name of one person, not a sentence."""
    words = text.split()
    if not 2 <= len(words) <= 5 or fold_label(text) in ROLES or not looks_like_name(text):
        return False
    if words[0].casefold() in FUNCTION_WORDS or words[-1].casefold() in FUNCTION_WORDS:
        return False
    return text[-1:] not in "?!" and all(word[0].isupper() or word.lower() in PARTICLES for word in words)


def is_nobody(label: str) -> bool:
    """Whether a label names nobody in particular: 'Unknown', 'Applause'."""
    folded = fold_label(label)
    return not folded or folded in NOBODY or folded in CROWDS


def is_asker(label: str) -> bool:
    """Whether a label is that of a person who asks: 'Q', 'Interviewer'."""
    return read_role(label) in ASKERS


def is_answerer(label: str) -> bool:
    """Whether a label is that of a person who answers: 'A', 'Guest'."""
    return read_role(label) in ANSWERERS


def name_offices(labels: Iterable[str], hosts: Collection[str], guests: Collection[str]) -> dict[str, str]:
    """Map labels of those who ask to the one known host, and labels of those who answer to the one known guest.

    Two titles, such as host and moderator, may be two people and are not mapped; 'Q' and 'A' go with any title.
    """
    named: dict[str, str] = {}
    sides = ((ASKERS, QUESTION_MARKS, hosts), (ANSWERERS, ANSWER_MARKS, guests))
    for office, marks, people in sides:
        holders = [label for label in labels if read_role(label) in office]
        titles = {fold_label(label).removeprefix("the ") for label in holders if read_role(label) not in marks}
        if len(people) == 1 and len(titles) < 2:
            named.update(dict.fromkeys(holders, next(iter(people))))
    return named
