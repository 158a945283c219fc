"""Settle each speaker's name: the name for a label, and the full form of a short name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from ingest.metadata.name_list import ROLE_WORD, split_title
from ingest.metadata.values import FIELDS, as_text, fold_key
from ingest.script import Script
from ingest.speakers.identity import is_full_name, is_nobody, name_offices
from ingest.speakers.labels import GUID, fold_label, is_machine, looks_like_name
from ingest.speakers.legend import ROLE_ASIDE, Legend
from ingest.speakers.name_match import initials_of
from ingest.speakers.vocabulary import CREDENTIALS, HONORIFICS, ROLES

GUEST_KEYS = tuple(key for key in FIELDS["leader"] if key not in ("name", "person", "people"))
CARD_KEYS = (*GUEST_KEYS, *FIELDS["host"], "people", "participants", "cast")
INTERVIEW_WITH = re.compile(
    r"(?i:interview|conversation|q\s?&\s?a|talk|chat)\s+(?i:with|of|:)\s+"
    r"(?P<name>[A-Z][\w.'’-]+(?:\s+[A-Z][\w.'’-]+){1,3})\s*(?:$|[,:;(|–—-])"
)
RARE = 2  # turns
ASIDE = re.compile(r"\s*\([^()]*\)")
LIST_MARK = re.compile(r"\s*(?:[,;/&+]|\band\b|\by\b|\bund\b|\bwith\b)\s*", re.I)


def card_names(script: Script) -> list[str]:
    """List the people whom the front matter names as speakers."""
    card = _read_card(script)
    return [name for key in CARD_KEYS for name in card.get(key, ())]


def find_answerer(script: Script) -> str | None:
    """Find the one person who is interviewed, from the file's facts: the guest, or the name in the title."""
    card = _read_card(script)
    for key in GUEST_KEYS:
        if names := card.get(key):
            return names[0] if len(names) == 1 else None
    title = script.card.get("title")
    if not isinstance(title, str):
        return None
    titled = INTERVIEW_WITH.search(title)
    name = titled["name"] if titled else title.strip()
    return name if is_full_name(name) and len(name.split()) < 4 else None


def find_asker(script: Script) -> str | None:
    """Find the one host whom the file's facts name."""
    card = _read_card(script)
    names = next((card[key] for key in FIELDS["host"] if card.get(key)), [])
    return names[0] if len(names) == 1 else None


def settle_names(
    labels: Mapping[str, int], legend: Legend, people: Iterable[str], *, unify: bool
) -> dict[str, str | None]:
    """Map each label, as written, to its speaker's name; None for labels that name nobody."""
    open_labels = [label for label in labels if fold_label(label) not in legend.names]
    offices = name_offices(open_labels, legend.hosts, legend.guests)
    settled = {label: offices.get(label) or _plain_name(label, legend) for label in labels}
    # In captions two similar names are two people, unless one of them is rare.
    rare = {name: True for label, name in settled.items() if name and (unify or labels[label] <= RARE)}
    full = _fuller_forms([*people, *legend.people, *rare], initialled={*rare, *legend.people})
    return {label: _fullest(name, full) if name else None for label, name in settled.items()}


def _read_card(script: Script) -> dict[str, list[str]]:
    """Read the people at each key of the front matter that names some."""
    facts = ((fold_key(key), value) for key, value in script.card.items())
    return {key: [*filter(looks_like_name, _names_in(value))] for key, value in facts if key in CARD_KEYS}


def _names_in(value: object) -> list[str]:
    """Read the names in a value, without roles: 'Ada Byron, CEO' is one person."""
    if isinstance(value, str):
        text = ASIDE.sub(lambda aside: "" if ROLE_WORD.search(aside[0]) else aside[0], as_text(value) or "")
        parts = [split_title(part)[0] for part in LIST_MARK.split(text) if part]
        return parts[:1] + [part for part in parts[1:] if not _is_role(part)]
    if isinstance(value, Mapping):
        return _names_in(value.get("name"))
    if isinstance(value, Iterable):
        return [name for item in value for name in (_names_in(item) if isinstance(item, str | Mapping) else [])]
    return []


def _is_role(part: str) -> bool:
    """Whether what follows a name is certainly their role: 'Anthony Head' may be a second person."""
    return bool(ROLE_WORD.match(part) or (ROLE_WORD.search(part) and not is_full_name(part)))


def _plain_name(label: str, legend: Legend) -> str | None:
    if is_nobody(label):
        return None
    if fold_label(label) in legend.names:
        return legend.names[fold_label(label)]
    name = " ".join(label.strip(" :\t").split())
    if aside := ROLE_ASIDE.search(name):
        inside = fold_label(aside[0].strip(" []()"))
        name = name[: aside.start()].strip() if inside in ROLES and name[: aside.start()].strip() else name
    first, comma, second = name.partition(", ")
    if (
        comma
        and " " not in first
        and len(second.split()) < 3
        and fold_label(second) not in CREDENTIALS
        and is_full_name(f"{second} {first}")
    ):
        return f"{second} {first}"
    return name


def _fuller_forms(names: Iterable[str], initialled: Collection[str]) -> dict[str, set[str]]:
    """Index full names by short form: first name, surname, one initial; for `initialled` names also all initials."""
    forms: dict[str, set[str]] = defaultdict(set)
    for name in dict.fromkeys(names):
        words = [word for word in name.split() if fold_label(word) not in CREDENTIALS]
        if (
            len(words) < 2
            or is_machine(name)
            or GUID.search(name)
            or fold_label(words[0]) in HONORIFICS
            or fold_label(name) in ROLES
        ):
            continue
        forms[name.casefold()].add(name)
        for short in (
            words[0],
            words[-1],
            f"{words[0]} {words[-1]}",
            f"{words[0]} {words[-1][0]}",
            f"{words[0][0]} {words[-1]}",
        ):
            forms[fold_label(short).replace(".", "")].add(name)
        for initials in initials_of(name) if name in initialled else ():
            forms[initials].add(name)
    return forms


def _fullest(name: str, full: Mapping[str, set[str]]) -> str:
    """Return the one full name that a name may be short for; the name itself if there are none or several."""
    if fold_label(name) in ROLES or is_machine(name) or fold_label(name.split()[0]) in HONORIFICS:
        return name
    candidates = full.get(fold_label(name).replace(".", ""), set())
    longest = {form for form in candidates if not any(form != other and _contains(other, form) for other in candidates)}
    return (
        min(longest, key=lambda form: (form.isupper(), form))
        if len({form.casefold() for form in longest}) == 1
        else name
    )


def _contains(longer: str, shorter: str) -> bool:
    return set(shorter.casefold().split()) < set(longer.casefold().split())
