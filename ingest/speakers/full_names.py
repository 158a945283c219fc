"""Settle what each speaker is called: legends, initials, roles with a name behind them, short forms of full names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from ingest.script import Line, Script
from ingest.speakers.labels import GUID, fold_label, is_machine, looks_like_name, read_titled
from ingest.speakers.vocabulary import (
    CREDENTIALS,
    CROWDS,
    GUEST_ROLES,
    HONORIFICS,
    HOST_ROLES,
    NOBODY,
    PARTICLES,
    ROLES,
)

HEAD_LINES = 120  # with words; a legend or a list of speakers stands before the talk
CARD_KEYS = (
    "speakers", "speaker", "guests", "guest", "guest_name", "hosts", "host", "interviewer", "interviewers",
    "interviewee", "interviewees", "participants", "narrator", "moderator", "people", "cast", "leader", "leaders",
)  # fmt: skip
GUEST_KEYS = (
    "guest", "guests", "guest_name", "interviewee", "interviewees", "narrator", "leader", "leaders", "speaker",
    "speakers",
)  # fmt: skip
INTERVIEW_WITH = re.compile(
    r"(?i:interview|conversation|q\s?&\s?a|talk|chat)\s+(?i:with|of|:)\s+"
    r"(?P<name>[A-Z][\w.'’-]+(?:\s+[A-Z][\w.'’-]+){1,3})\s*(?:$|[,:;(|–—-])"
)
PAIR = re.compile(
    r"\s*(?P<key>[^\W_][^:=\n\t]{0,40}?)\s*(?:[:=：\t]|\s[-–—]\s|\.{2,})\s*(?P<value>[^\s:=].{1,120}?)\s*$"
)
INITIALS = re.compile(
    r"(?P<name>[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,4})\s*[\[(](?P<initials>[A-Z][A-Za-z.]{0,4})[\])]"
)
DEPONENT = re.compile(
    r"\s*(?:(?i:(?:videotaped |video |remote |oral )*(?:deposition|testimony|examination) of )"
    r"(?P<name>(?:[A-Z][\w.'’-]*\s?){2,5})[,.]?\s*$"
    r"|(?P<sworn>[A-Z][A-Z.'’-]*(?: [A-Z][A-Z.'’-]*){1,4}),?\s+"
    r"(?:(?:after )?having |being |called |was called |a witness |the witness |sworn ))"
)
DEPONENT_LINES = 600  # appearances and an index may stand before
ROSTER_HEADS = frozenset(
    "company participants, corporate participants, other participants, conference call participants, "
    "call participants, participants, presenters, speakers, analysts, executives, attendees".split(", ")
)
TITLED_LENGTH = 160  # characters of a line with a name and a title
RARE = 2  # turns
ASKERS = frozenset(("q", "question", "interviewer", "the interviewer"))
ANSWERERS = frozenset(("a", "answer", "interviewee", "the witness", "witness", "the deponent"))
LIST_MARK = re.compile(r"\s*(?:[,;/&+]|\band\b|\by\b|\bund\b|\bwith\b)\s*", re.I)
ASIDE_MARK = re.compile(r"[\[(]\s*([^\[\]()]{1,12}?)\s*[\])]\s*$")
ROLE_ASIDE = re.compile(r"\s*[\[(][^\[\]()]*[\])]\s*$")


@dataclass(frozen=True, slots=True)
class Legend:
    """Who the file's head says its labels are."""

    names: Mapping[str, str] = field(default_factory=dict)  # folded label -> name
    people: tuple[str, ...] = ()  # all names given
    hosts: frozenset[str] = frozenset()  # names that stand behind 'Interviewer' and the like
    guests: frozenset[str] = frozenset()  # names that stand behind 'Interviewee' and the like
    lines: frozenset[int] = frozenset()  # the lines that say so, which nobody speaks


def card_names(script: Script) -> list[str]:
    """The people whom the front matter names as speakers."""
    names: list[str] = []
    for key in CARD_KEYS:
        names += _names_in(script.card.get(key))
    return [name for name in names if looks_like_name(name)]


def read_legend(lines: Sequence[Line]) -> Legend:
    """Names behind labels, from lines such as 'JD = Jane Doe', 'Interviewer: Jane Doe' and 'Jane Doe (JD)'."""
    names: dict[str, str] = {}
    used: set[int] = set()
    people: list[str] = []
    for index in _head(lines):
        pairs = list(_pairs(lines[index].text)) or _lone_name(lines[index].text, lines)
        for label, name in pairs:
            names.setdefault(label, name)
            people.append(name)
            used.add(index)
    if deponent := _find_deponent(lines):
        names.setdefault("deponent", deponent)
    hosts = frozenset(name for label, name in names.items() if label in HOST_ROLES)
    guests = frozenset(name for label, name in names.items() if label in GUEST_ROLES)
    roster = read_roster(lines)
    return Legend(
        names, tuple(dict.fromkeys([*people, *roster.values()])), hosts, guests, frozenset(used) | frozenset(roster)
    )


def read_roster(lines: Sequence[Line]) -> dict[int, str]:
    """The people of a list of participants, by line: names with titles, one right under the other or under its head."""
    titled = {
        index: found[0]
        for index, line in enumerate(lines)
        if len(line.text) < TITLED_LENGTH and (found := read_titled(line.text))
    }
    filled = [index for index, line in enumerate(lines) if line.text.strip()]
    neighbours = {two for one, two in pairwise(filled) if one in titled and two in titled}
    neighbours |= {one for one, two in pairwise(filled) if one in titled and two in titled}
    neighbours |= {
        two for one, two in pairwise(filled) if two in titled and fold_label(lines[one].text) in ROSTER_HEADS
    }
    return {index: titled[index] for index in sorted(neighbours)}


def find_answerer(script: Script) -> str | None:
    """The one person whom the file's facts say is interviewed: the guest, or a name that is the whole title."""
    for key in GUEST_KEYS:
        names = [name for name in _names_in(script.card.get(key)) if looks_like_name(name)]
        if names:
            return names[0] if len(names) == 1 else None
    title = script.card.get("title")
    if not isinstance(title, str):
        return None
    titled = INTERVIEW_WITH.search(title)
    name = titled["name"] if titled else title.strip()
    return name if _is_person(name) and len(name.split()) < 4 else None


def settle_names(
    labels: Mapping[str, int], legend: Legend, people: Iterable[str], *, unify: bool
) -> dict[str, str | None]:
    """What to call the speaker behind each label, by the label as written; None for labels that are nobody's."""
    settled = {label: _plain_name(label, legend) for label in labels}
    # On screen two names that look alike are two people, unless one of them hardly comes.
    rare = {name: True for label, name in settled.items() if name and (unify or labels[label] <= RARE)}
    full = _fuller_forms([*people, *legend.people, *rare], initialled={*rare, *legend.people})
    return {label: _fullest(name, full) if name else None for label, name in settled.items()}


def is_host_aside(aside: str) -> bool:
    """Whether what stands in brackets after a name makes this person the host."""
    return fold_label(aside) in HOST_ROLES


def _names_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in LIST_MARK.split(value) if part.strip()]
    if isinstance(value, Mapping):
        return _names_in(value.get("name"))
    if isinstance(value, Iterable):
        return [name for item in value for name in (_names_in(item) if isinstance(item, str | Mapping) else [])]
    return []


def _head(lines: Sequence[Line]) -> list[int]:
    filled = [index for index, line in enumerate(lines[: HEAD_LINES * 3]) if line.text.strip() and not line.speaker]
    return filled[:HEAD_LINES]


def _find_deponent(lines: Sequence[Line]) -> str | None:
    """The witness, from 'DEPOSITION OF ADA BYRON' or 'ADA BYRON, having been duly sworn'."""
    texts = [line.text for line in lines[:DEPONENT_LINES] if line.text.strip()]
    for text, after in zip_longest(texts, texts[1:], fillvalue=""):
        if found := DEPONENT.match(f"{text} {after}" if text.endswith(",") else text):
            return (found["name"] or found["sworn"]).strip(" ,.")
    return None


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    if len(text) > 160:
        return
    for found in INITIALS.finditer(text) if "(" in text or "[" in text else ():
        if _are_initials(found["initials"], found["name"]):
            yield fold_label(found["initials"]), _last_words(found["name"], found["initials"])
    pair = PAIR.match(text)
    if not pair:
        return
    value = ROLE_ASIDE.sub("", pair["value"]).strip(" .,;")
    value = value if _is_person(value) else value.partition(",")[0].strip()  # a title may follow the name
    if _is_person(value):
        label, mark = ROLE_ASIDE.sub("", pair["key"]), ASIDE_MARK.search(pair["key"])  # 'Interviewer (Q)'
        for key in (label, mark[1] if mark else ""):
            if fold_label(key) in HOST_ROLES | GUEST_ROLES | {"q", "a"} or _are_initials(key, value):
                yield fold_label(key), value
    elif _is_person(pair["key"]) and 1 < len(pair["value"]) < 5 and _are_initials(pair["value"], pair["key"]):
        yield fold_label(pair["value"]), pair["key"].strip()


def _lone_name(text: str, lines: Sequence[Line]) -> list[tuple[str, str]]:
    """'Interviewer: Andreas' names someone, unless 'Interviewer:' begins other lines too."""
    pair = PAIR.match(text) if len(text) < TITLED_LENGTH else None
    key = fold_label(pair["key"]) if pair else ""
    value = ROLE_ASIDE.sub("", pair["value"]).strip() if pair else ""
    if (
        not pair
        or key not in HOST_ROLES | GUEST_ROLES
        or " " in value
        or not value[:1].isupper()
        or not value[-1].isalpha()
    ):
        return []
    is_only = (
        sum(1 for line in lines if line.text.startswith(pair["key"]) and fold_label(line.text.partition(":")[0]) == key)
        == 1
    )
    return [(key, value)] if is_only else []


def _is_person(text: str) -> bool:
    """Whether a value is the name of one person, and no sentence."""
    words = text.split()
    if not 2 <= len(words) <= 5 or fold_label(text) in ROLES or not looks_like_name(text):
        return False
    return text[-1:] not in "?!" and sum(1 for word in words if word[0].isupper() or word.lower() in PARTICLES) == len(
        words
    )


def _are_initials(initials: str, name: str) -> bool:
    letters = re.sub(r"[^\w]", "", initials).casefold()
    words = [word for word in re.split(r"[\s-]+", name.casefold()) if word.strip(".") not in HONORIFICS | CREDENTIALS]
    full = "".join(word[0] for word in words if word)
    plain = "".join(word[0] for word in words if word and word not in PARTICLES)
    return 1 < len(letters) < 5 and letters in (full, plain, full[0] + full[-1] if len(full) > 2 else full)


def _last_words(name: str, initials: str) -> str:
    """The name right before its initials, without words of the sentence it stands in."""
    words = name.split()
    for size in range(2, len(words)):
        if _are_initials(initials, " ".join(words[-size:])):
            return " ".join(words[-size:])
    return name


def _plain_name(label: str, legend: Legend) -> str | None:
    folded = fold_label(label)
    if folded in NOBODY or folded in CROWDS or not folded:
        return None
    if folded in legend.names:
        return legend.names[folded]
    for labels, named in ((ASKERS, legend.hosts), (ANSWERERS, legend.guests)):
        if folded in labels and len(named) == 1:
            return next(iter(named))
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
        and _is_person(f"{second} {first}")
    ):
        return f"{second} {first}"
    return name


def _fuller_forms(names: Iterable[str], initialled: Collection[str]) -> dict[str, set[str]]:
    """Full names by each short form of them: first name, surname, with one initial; for some their initials too."""
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
        if name in initialled:
            forms["".join(word[0] for word in words).casefold()].add(name)
    return forms


def _fullest(name: str, full: Mapping[str, set[str]]) -> str:
    """The one full name that a label may be short for; the name as it is where there are none or several."""
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
