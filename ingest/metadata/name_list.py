"""Split a list of people into names, and what follows a name from the name: a role, the number of an episode."""

from __future__ import annotations

import re

ROLE_WORD = re.compile(
    r"(?i)\b(?:ceo|cto|coo|cfo|cpo|chief|founder|co-?founder|president|chair(?:man|woman|person)?|director|owner|mayor"
    r"|partner|head|principal|superintendent|minister|secretary|governor|creator|author|professor|vp|entrepreneur)\b"
)
TITLED = re.compile(r"(?P<name>[^,(–—]{3,60}?)\s*(?:,|\(|\s[-–—]\s)\s*(?P<rest>[^()]{2,160}?)\)?$")
LAST_FIRST = re.compile(r"(?P<last>[^\s,]+), (?P<first>[^\s,]+)$")
JOINT = re.compile(r"\s*(?:&|\band\b|\bwith\b|(?<=\s)\+)\s*")  # of two people; a comma may join a name and a role too
LIST_MARK = re.compile(rf"\s*,\s*|{JOINT.pattern}")
# What the title of an episode adds to its guest's name: 'Ada Stone 2.0', 'Ada Stone Live', 'Ada Stone (part 2)'.
EPISODE = re.compile(
    r"(?i)[\s,:–—-]{1,6}[(\[]?(?:#?\d+(?:\.\d+)?|(?:part|pt\.?|episode|ep\.?|vol\.?|round|take)\s*#?(?:\d+|[ivx]+|one|two|three|four)"
    r"|live|returns|again|redux|revisited|encore|rerun|uncut|extended|bonus|remastered)[)\]]?$"
)
FULL_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,4}$")
ONE_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]*$")


def split_names(text: str) -> list[str]:
    """Split 'A; B', 'A, B and C' and 'A + B' into people, each with the role that follows the name."""
    text = EPISODE.sub("", text) if " " in EPISODE.sub("", text) else text
    if ";" in text:
        return [part.strip() for part in text.split(";")]
    if ROLE_WORD.search(text):
        return _split_titled(text)
    if found := LAST_FIRST.match(text):
        return [f"{found['first']} {found['last']}"]
    parts = [part for part in LIST_MARK.split(text) if part]
    if all(" " in part for part in parts):
        return parts
    joined = [part for part in JOINT.split(text) if part]
    # 'Tim and Ada Stone' are two people; 'Ben and Jerry' may be a firm.
    are_people = all(ONE_NAME.match(part) or FULL_NAME.match(part) for part in joined)
    return joined if are_people and any(" " in part for part in joined) else [text]


def split_title(text: str) -> tuple[str, str]:
    """Split 'Ada Lovelace, CEO of Acme' into the name and what follows it; '' if no role follows."""
    found = TITLED.match(text)
    if found and ROLE_WORD.search(found["rest"]):
        return found["name"].strip(), found["rest"].strip()
    return text.strip(), ""


def drop_episode(name: str) -> str:
    """Drop what the title of an episode adds to a name."""
    short = EPISODE.sub("", name).strip(" ,:–—-")
    return short if FULL_NAME.match(short) else name


def _split_titled(text: str) -> list[str]:
    """Split people some of whom have a role after the name; 'founder and CEO' is one person's."""
    parts = [part for part in JOINT.split(text) if part]
    names = [split_title(part) for part in parts]
    are_people = all(FULL_NAME.match(name) and not ROLE_WORD.search(name) for name, _ in names)
    return parts if are_people and names[-1][1] else [text]
