"""Read CHAT, the transcripts of CLAN and TalkBank: tiers by speakers' codes, whom the head names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.readers.text_encoding import decode_text
from ingest.readers.words import name_speaker
from ingest.script import Line, Script
from kb.errors import UnreadableFile

HEAD = re.compile(r"\s*@(?:UTF8|Begin|Font|PID|Window|Languages|Participants)\b", re.I)
TIER = re.compile(r"^\*\w{1,12}:\s", re.M)
SPOKEN = re.compile(r"\*(\w{1,12}):\s*")
HEADER = re.compile(r"@([A-Za-z ]{2,40}):\s*")
BULLET = re.compile(r"\x15%?(?:snd:\"[^\"\n]{0,200}\"_)?(\d{1,9})_\d{1,9}\x15|\x15[^\x15\n]{0,200}\x15")
# What a transcriber adds to the words, in the order in which it is removed.
MARKUP = (
    (re.compile(r"\[[^\[\]\n]{0,200}\]"), ""),  # repetitions, overlaps, corrections, comments
    (re.compile(r"&[=*~{}+][^\s]*"), ""),  # laughs, gestures, another speaker's murmur, fragments
    (re.compile(r"&-?(?=\w)"), ""),  # fillers: '&-uh'
    (re.compile(r"\(\.{1,3}\)|\(\d{1,3}(?:[.:]\d{0,3})?\.?\)"), ""),  # pauses
    (re.compile(r"(?<!\w)0[a-z]\w*"), ""),  # words left out
    (re.compile(r"@[a-z](?::[a-z]{1,8})?(?:\$\w{1,8})?\b"), ""),  # kinds of words: 'bzz@o'
    (re.compile(r"\+(?:/{1,2}[.?]|!\?|\.{2,3}\??|\"/?\.?|[\^,<+.])"), ""),  # how an utterance ends or begins
    (re.compile(r"[<>↑↓⇗↗→↘⇘∞≈≋≡∙⌈⌉⌊⌋∆∇*▁▔☺♋⁇‡„ˈˌ^]"), ""),
    (re.compile(r"[()](?=\w)|(?<=\w)[()]"), ""),  # sounds left out: '(be)cause'
    (re.compile(r"(?<=\w)[_+](?=\w)"), " "),  # compounds: 'New_York'
    (re.compile(r"(?<=[^\W\d]):(?=[^\W\d])"), ""),  # long sounds
)
UNHEARD = re.compile(r"\b(?:xxx?|yyy?|www)\b")
BEFORE_MARK = re.compile(r"\s+(?=[.,?!;:](?:\s|$))")
ASKERS = frozenset({"investigator", "interviewer", "experimenter", "host", "moderator"})
ANSWERERS = frozenset({"participant", "interviewee", "subject", "informant", "guest", "speaker", "narrator", "patient"})
CODES = {
    "eng": "en",
    "deu": "de",
    "fra": "fr",
    "spa": "es",
    "ita": "it",
    "nld": "nl",
    "por": "pt",
    "zho": "zh",
    "jpn": "ja",
}
NO_NAMES = frozenset({"unidentified", "text"})


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as the head lists one: a code, mostly a name, and a role."""

    name: str
    role: str


def read(data: bytes, _name: str) -> Script:
    """Read the speakers' tiers of a CHAT file. Raises UnreadableFile when it is binary or holds none."""
    text, _ = decode_text(data)
    rows = list(_join_rows(text.split("\n")))
    people = _read_people(rows)
    lines = tuple(line for row in rows if (line := _read_tier(row, people)))
    if not lines:
        raise UnreadableFile("this CHAT file holds no speaker's tier; export the talk itself, with its words")
    return Script("chat", lines, _card(rows, people))


def is_chat(text: str) -> bool:
    """Whether a text begins with the head of a CHAT file."""
    return HEAD.match(text) is not None and TIER.search(text) is not None


def _join_rows(rows: Sequence[str]) -> Iterator[str]:
    """Yield the tiers and headers, with the rows that continue them, which begin with a tab."""
    whole: list[str] = []
    for row in rows:
        if row[:1] in ("\t", " ") and whole:
            whole.append(row.strip())
            continue
        if whole:
            yield " ".join(whole)
        whole = [row.rstrip()]
    yield " ".join(whole)


def _read_people(rows: Sequence[str]) -> dict[str, Person]:
    """Read '@Participants: INV Ada_Byron Investigator, PAR Participant'; codes of one role stay codes."""
    listed = next((row.partition(":")[2] for row in rows if row.lower().startswith("@participants:")), "")
    parts = [part.split() for part in listed.split(",") if part.split()]
    roles = [part[-1] for part in parts if len(part) == 2]
    people: dict[str, Person] = {}
    for code, *rest in parts:
        role = rest[-1] if rest else ""
        name = " ".join(rest[:-1]).replace("_", " ").strip()
        if not name and roles.count(role) == 1 and role.lower() not in NO_NAMES:
            name = role.replace("_", " ")
        people[code] = Person(name or code, role.replace("_", " "))
    return people


def _read_tier(row: str, people: Mapping[str, Person]) -> Line | None:
    tier = SPOKEN.match(row)
    if not tier:
        return None
    words = row[tier.end() :]
    bullet = next((found for found in BULLET.finditer(words) if found[1]), None)
    text = _clean(BULLET.sub(" ", words))
    person = people.get(tier[1])
    speaker = name_speaker(person.name if person else tier[1])
    start = int(bullet[1]) / 1000 if bullet else None
    return Line(text, start=start, speaker=speaker) if re.search(r"\w", text) else None


def _clean(words: str) -> str:
    for pattern, plain in MARKUP:
        words = pattern.sub(plain, words)
    return BEFORE_MARK.sub("", " ".join(UNHEARD.sub("…", words).split()))


def _card(rows: Sequence[str], people: Mapping[str, Person]) -> dict[str, object]:
    card: dict[str, object] = {}
    for office, roles in (("interviewer", ASKERS), ("interviewee", ANSWERERS)):
        # An office alone names nobody who could be a leader, but it tells who asks.
        names = [
            one.name
            for one in people.values()
            if one.role.lower() in roles and (office == "interviewer" or one.name.lower() != one.role.lower())
        ]
        if names:
            card[office] = names
    headers = {found[1].lower(): row[found.end() :].strip() for row in rows if (found := HEADER.match(row))}
    for key, header in (("title", "title"), ("date", "date"), ("language", "languages")):
        if value := headers.get(header, "").partition(",")[0].strip():
            card[key] = CODES.get(value, value) if key == "language" else value
    return card
