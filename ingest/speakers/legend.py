"""Read from the head of a file whom its labels name: legends, lists of participants, the deponent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from ingest.script import Line
from ingest.speakers.identity import is_answerer, is_asker, is_full_name
from ingest.speakers.job_titles import is_title
from ingest.speakers.labels import fold_label, read_label_matches, read_titled
from ingest.speakers.legend_codes import Code, read_codes
from ingest.speakers.name_match import are_initials
from ingest.speakers.vocabulary import ANSWER_MARKS, QUESTION_MARKS

HEAD_LINES = 120  # lines with words; a legend or a list of speakers comes before the talk
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
DEPONENT_LINES = 600  # appearances and an index may come before
ROSTER_HEADS = frozenset(
    "company participants, corporate participants, other participants, conference call participants, "
    "call participants, participants, presenters, speakers, analysts, executives, attendees".split(", ")
)
TITLED_LENGTH = 160  # characters of a line with a name and a title
ROLE_ASIDE = re.compile(r"\s*[\[(][^\[\]()]*[\])]\s*$")
ASIDE_MARK = re.compile(r"[\[(]\s*([^\[\]()]{1,12}?)\s*[\])]\s*$")


@dataclass(frozen=True, slots=True)
class Legend:
    """Names that the file's head gives for its labels, and all people whom it names."""

    names: Mapping[str, str] = field(default_factory=dict)  # folded label -> name
    people: tuple[str, ...] = ()  # all names given
    hosts: frozenset[str] = frozenset()  # names given for 'Interviewer' and similar labels
    guests: frozenset[str] = frozenset()  # names given for 'Interviewee' and similar labels
    codes: tuple[str, ...] = ()  # labels that the file explains: 'I', 'MQ'
    asking: frozenset[str] = frozenset()  # folded codes of those who ask
    lines: frozenset[int] = frozenset()  # the lines of the legend, which nobody speaks


def read_legend(lines: Sequence[Line]) -> Legend:
    """Read names for labels from lines such as 'JD = Jane Doe', 'Interviewer: Jane Doe' and 'Jane Doe (JD)'."""
    names: dict[str, str] = {}
    used: set[int] = set()
    people: list[str] = []
    for index, label, name in _head_pairs(lines):
        names.setdefault(label, name)
        people.append(name)
        used.add(index)
    if deponent := _find_deponent(lines):
        for label in ("deponent", "the deponent", "witness", "the witness"):
            names.setdefault(label, deponent)
    codes = _head_codes(lines)
    explained = [code for own in codes.values() for code in own]
    hosts = _named(names, explained, is_asker)
    guests = _named(names, explained, is_answerer)
    for code in explained:
        sole = hosts if is_asker(code.role) else guests if is_answerer(code.role) else frozenset()
        if name := code.name or (next(iter(sole)) if len(sole) == 1 else ""):
            names.setdefault(fold_label(code.label), name)
            people.append(name)
    roster = read_roster(lines)
    return Legend(
        names,
        tuple(dict.fromkeys([*people, *roster.values()])),
        hosts,
        guests,
        codes=tuple(code.label for code in explained),
        asking=frozenset(fold_label(code.label) for code in explained if is_asker(code.role)),
        lines=frozenset(used) | frozenset(roster) | frozenset(codes),
    )


def read_roster(lines: Sequence[Line]) -> dict[int, str]:
    """Read a list of participants, by line: names with titles, directly under one another or under the list's head."""
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


def _head(lines: Sequence[Line]) -> list[int]:
    filled = [index for index, line in enumerate(lines[: HEAD_LINES * 3]) if line.text.strip() and not line.speaker]
    return filled[:HEAD_LINES]


def _head_pairs(lines: Sequence[Line]) -> Iterator[tuple[int, str, str]]:
    """Yield line, label and name of each pair in the head; after a label has spoken, a name is an answer: 'A: Ada.'"""
    spoken: set[str] = set()
    for index in _head(lines):
        text = lines[index].text
        first, colon, _ = text.partition(":")
        if not colon or fold_label(first) not in spoken:
            yield from ((index, *pair) for pair in list(_pairs(text)) or _lone_name(text, lines))
        if colon:
            spoken.add(fold_label(first))


def _head_codes(lines: Sequence[Line]) -> dict[int, tuple[Code, ...]]:
    """Read the codes that lines of the head explain, by line, and that open lines of the talk."""
    found = {index: codes for index in _head(lines) if (codes := read_codes(lines[index].text))}
    opening = Counter(
        match.label for line in lines if found for match in read_label_matches(line) if match.label.isupper()
    )
    used = {index: tuple(code for code in codes if opening[code.label] > 1) for index, codes in found.items()}
    return {index: codes for index, codes in used.items() if codes}


def _named(names: Mapping[str, str], codes: Iterable[Code], is_office: Callable[[str], bool]) -> frozenset[str]:
    """List the people who have an office, by their labels or by the codes that the file explains."""
    own = {name for label, name in names.items() if is_office(label)}
    return frozenset(own | {code.name for code in codes if code.name and is_office(code.role)})


def _find_deponent(lines: Sequence[Line]) -> str | None:
    """Find the witness in 'DEPOSITION OF ADA BYRON' or 'ADA BYRON, having been duly sworn'."""
    texts = [line.text for line in lines[:DEPONENT_LINES] if line.text.strip()]
    for text, after in zip_longest(texts, texts[1:], fillvalue=""):
        if found := DEPONENT.match(f"{text} {after}" if text.endswith(",") else text):
            return (found["name"] or found["sworn"]).strip(" ,.")
    return None


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    if len(text) > 160:
        return
    for found in INITIALS.finditer(text) if "(" in text or "[" in text else ():
        if are_initials(found["initials"], found["name"]):
            yield fold_label(found["initials"]), _last_words(found["name"], found["initials"])
    pair = PAIR.match(text)
    if not pair:
        return
    value = ROLE_ASIDE.sub("", pair["value"]).strip(" .,;")
    if not is_full_name(value):
        value, _, rest = (part.strip() for part in value.partition(","))  # a title may follow the name
        if fold_label(pair["key"]) in QUESTION_MARKS | ANSWER_MARKS and not (rest and is_title(rest)):
            return  # a first answer: 'A: Mary, our cook, was there'
    if is_full_name(value):
        label, mark = ROLE_ASIDE.sub("", pair["key"]), ASIDE_MARK.search(pair["key"])  # 'Interviewer (Q)'
        for key in (label, mark[1] if mark else ""):
            if is_asker(key) or is_answerer(key) or are_initials(key, value):
                yield fold_label(key), value
    elif is_full_name(pair["key"]) and 1 < len(pair["value"]) < 5 and are_initials(pair["value"], pair["key"]):
        yield fold_label(pair["value"]), pair["key"].strip()


def _lone_name(text: str, lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Read a lone name such as 'Interviewer: Andreas', unless 'Interviewer:' begins other lines too."""
    pair = PAIR.match(text) if len(text) < TITLED_LENGTH else None
    key = fold_label(pair["key"]) if pair else ""
    value = ROLE_ASIDE.sub("", pair["value"]).strip() if pair else ""
    if (
        not pair
        or not (is_asker(key) or is_answerer(key))
        or key in QUESTION_MARKS | ANSWER_MARKS
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


def _last_words(name: str, initials: str) -> str:
    """Return the name right before its initials, without other words of the sentence."""
    words = name.split()
    for size in range(2, len(words)):
        if are_initials(initials, " ".join(words[-size:])):
            return " ".join(words[-size:])
    return name
