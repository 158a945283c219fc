"""Read from a line what its codes mean: 'I = Interviewer, MQ = Marta Quill', 'Respondent: Tobias Renn (R)'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.speakers.identity import is_full_name
from ingest.speakers.labels import fold_label, read_role
from ingest.speakers.vocabulary import ANSWERERS, ASKERS

LONGEST = 200  # characters of a line that explains codes
SIGN = re.compile(r"[=:：)\]]|[A-Z]\d{0,3}[\])]?\s{0,3}[-–—]")  # what a line with a code has
HEAD = re.compile(
    r"(?i)\s*(?:legend|key|abbreviations?|codes?|speakers?|participants?|legende|abkürzungen|teilnehmer\w*|siglas|sigles)"
    r"\s*[:：]\s*(?=\S)"
)
PARTS = re.compile(r"\s*[;|\t]\s*|,\s+|\s{3,}|\s+/\s+|\.\s+(?=[\[(]?[A-Z]{1,4}\d{0,3}[\])]?\s*[=:–—-])")
_CODE = r"[\[(]?(?P<code>[^\W\d_a-zà-ÿ]{1,4}\d{0,3})[\])]?"
CODE_FIRST = re.compile(
    rf"\W{{0,3}}{_CODE}\s{{0,3}}(?:=|[:：]|[-–—]|\bis\b|\bfor\b)\s{{0,3}}(?P<value>[^=:：\[\]()]{{2,60}})"
)
CODE_LAST = re.compile(
    r"\W{0,3}(?P<value>[^=:：\[\]()]{2,60}?)\s{0,3}(?:[\[(]|=\s{0,3}[\"'“]?|[:：]\s{0,3}|\s[-–—]\s{0,3})"
    r"(?P<code>[^\W\d_a-zà-ÿ]{1,4}\d{0,3})[\"'”]?[\])]?\s*$"
)
OFFICE = re.compile(r"\s*(?P<office>[^=:：\[\]()]{2,40}?)\s*(?:[:：]|\s[-–—])\s*(?=\S)")
ASIDE = re.compile(r"\s*[\[(]([^\[\]()]{1,40})[\])]\s*$")
NOUN_WORDS = 3  # of what a code may stand for besides a role or a name: 'Client', 'Shop Owner'


@dataclass(frozen=True, slots=True)
class Code:
    """A code with what the file says of it."""

    label: str
    name: str = ""
    role: str = ""  # a word for who asks or answers


def read_codes(text: str) -> tuple[Code, ...]:
    """Read the codes that a line explains; none if no role and no name is among what they mean."""
    if len(text) > LONGEST or not SIGN.search(text):
        return ()
    head = HEAD.match(text)
    office = OFFICE.match(text) if not head else None
    if office and read_role(office["office"]) and (one := _read_one(text[office.end() :], read_role(office["office"]))):
        return (one,)
    parts = PARTS.split(text[head.end() :] if head else text)
    found = [code for part in parts for code in _read_part(part)]
    is_legend = any(code.name or code.role for code in found) and len(found) >= (1 if len(parts) == 1 else 2)
    return tuple(found) if is_legend else ()


def _read_one(rest: str, role: str) -> Code | None:
    """Read 'Marta Quill (I)' after 'Interviewer:'."""
    last = CODE_LAST.match(rest)
    return Code(last["code"], last["value"].strip(), role) if last and is_full_name(last["value"].strip()) else None


def _read_part(part: str) -> Iterator[Code]:
    aside = ASIDE.search(part)
    for found in (CODE_FIRST.fullmatch(part[: aside.start()] if aside else part), CODE_LAST.match(part)):
        if found:
            yield from _explain(found["code"], found["value"].strip(" .,"), aside[1].strip() if aside else "")
            return


def _explain(code: str, value: str, aside: str) -> Iterator[Code]:
    role = _office(value) or _office(aside)
    name = next((text for text in (value, aside) if is_full_name(text) and not read_role(text)), "")
    starts = {word[0].casefold() for word in value.split()}
    is_noun = len(value.split()) <= NOUN_WORDS and value[:1].isupper()
    if code[0].casefold() in starts and (role or name or is_noun):
        yield Code(code, name, role)


def _office(text: str) -> str:
    role = read_role(text)
    return role if role in ASKERS | ANSWERERS and fold_label(text) != fold_label(role[:1]) else ""
