"""Read the beginning of a line as a speaker's label, in every way that transcripts write labels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ingest.readers.clock import BRACKETED, CLOCK, LONG_CLOCK, RANGE, STAMP, read_clock
from ingest.script import Line
from ingest.speakers.job_titles import FIRMS, is_title
from ingest.speakers.role_words import ANSWERS, BEFORE_ROLES, GUESTS, HOSTS, NAMELESS, QUESTIONS, SPEAKERS, VOICES
from ingest.speakers.vocabulary import (
    CREDENTIALS,
    HONORIFICS,
    NO_PEOPLE,
    NOBODY,
    PARTICLES,
    ROLES,
    TITLE_WORDS,
)

# field: the format says it; timed: "Ada (00:12)"; chevron: ">> ADA: ..."; colon: "Ada: ..."; stop: "Mr. KING. ...";
# heading and alone: a name on a line of its own;
# scrap: the rest of a label that cannot be read; the other shapes are as named.
Shape = Literal["field", "timed", "chevron", "colon", "bracket", "stop", "tab", "dash", "heading", "alone", "scrap"]

SHORTENED = HONORIFICS | CREDENTIALS  # a full stop after these ends no sentence
DASHES = (" - ", " – ", " — ", " -- ", " | ")
EXAMINER_OPENS = 40  # characters in which an examiner's line says so
HEAD = 160  # characters looked at; no label is longer
LABEL = 60  # characters of a name, with the text in brackets after it
LEAD = re.compile(
    rf"\s*(?:(?:>+|[-–—•*·♪])\s*)?(?:(?P<stamp>{STAMP})(?:\s*[-–—|:,.]+(?=\s|[^\W\d_]))?\s*)?(?:>>+\s*|[-–—]\s+)?"
    r"(?:\(?\d{1,3}[.)]\s+(?=[^\W\d_]))?"  # '1. Q:'
    r"(?:[#@§$~]{1,3}(?=[^\W\d_]))?"  # '#Ada:', as programs that code interviews want it
)
NAME = r"(?P<name>[^\W_](?:[^:：\n\t\[\]<>|={}\"“”]{0,58}?[^\s:：\[\]<>|={}(（·•@–—-])??)"
ASIDE = r"(?:\s*[\[(（](?P<aside>[^\[\]()（）\d:]{1,40})[\])）])?"
COLON = re.compile(
    rf"{NAME}{ASIDE}\s*(?:[-–—,|]?\s*(?P<stamp>{STAMP})\s*)?(?::{{1,2}}(?![\d/\\:：])|：{{1,2}})"
    rf"(?:\s*(?P<second>{BRACKETED}|{LONG_CLOCK}(?=\s|$)|{CLOCK}(?=\s*$)))?\s*"
)
TIMED_ALONE = re.compile(rf"{NAME}{ASIDE}\s*(?:--|[-–—|,·•@])?\s*(?P<stamp>{STAMP})\s*[-–—]?\s*$")
TIMED_INLINE = re.compile(
    rf"{NAME}{ASIDE}(?:\s*(?P<stamp>{BRACKETED})[\s:]*|\s\s+(?P<second>{CLOCK})\s+|\s(?P<third>{LONG_CLOCK})\s+)(?=\S)"
)
BRACKET = re.compile(
    rf"(?:\[(?P<name>[^\[\]\n:]{{1,{LABEL}}})\]|[<{{](?P<other>[^<>{{}}\n/:]{{1,{LABEL}}})[>}}]"
    rf"|\((?P<round>[^()\n:]{{1,{LABEL}}})\))"
    rf"\s*(?P<stamp>{STAMP})?\s*[:：]?\s*"
)
ANGLE = re.compile(rf"{NAME}{ASIDE}\s?>\s+(?=[^\s>])")  # 'Ada> Yes.', as programs for chats write it
STOP = re.compile(
    r"(?P<name>(?:(?:Mr|Mrs|Ms|Dr|Sen|Rep|Senator|Chairman|Chairwoman|The|Secretary|Judge|Justice)\.?\s)?"
    r"[A-Z][A-Z'’-]{2,}(?:\s[A-Z][A-Z'’-]+){0,3}|(?:Mr|Mrs|Ms|Dr|Senator)\.?\s[A-Z][\w'’-]+)\.\s+(?=[A-Z\"“\[(])"
)
TIMED_BRACKET = re.compile(
    rf"\[(?P<name>[^\W_][^\[\]\n:]{{0,50}}?)\s*[,;|–—-]?\s+(?P<stamp>{RANGE})\]\s*[:：]?\s*|"
    rf"\[(?P<second>{RANGE})\s*[,;|–—-]?\s+(?P<other>[^\W_][^\[\]\n:]{{0,50}}?)\]\s*[:：]?\s*"
)
DASH = re.compile(rf"(?P<name>[^\W_][^:\n\t\[\]<>|]{{0,40}}?){ASIDE}\s+(?:--|[-–—|])\s+(?=\S)")
TAB = re.compile(rf"(?P<name>[^\W_][^:\n\t]{{0,58}}?){ASIDE}\s*[.:]?\s*\t\s*")
ALONE = re.compile(rf"{NAME}{ASIDE}\s*$")
QUESTION_ANSWER = re.compile(r"(?P<name>[QA])(?:\s*[.:)\]]+(?:\s+|$)|\s*[-–—]\s+|\s{2,}|\t\s*)")
DIGIT = re.compile(r"\d")
STAMP_ENDS = frozenset("])>}#")  # or a digit
COUNTED = 20  # characters in which a counted question has its number
NUMBERED = re.compile(
    r"(?:(?P<name>(?-i:[QA]))[.#]?(?:\s?\((?=\d))?|"
    rf"(?P<other>{'|'.join(map(re.escape, sorted(QUESTIONS | ANSWERS, key=len, reverse=True)))})[ .#]{{0,2}})"
    r"\d{1,3}\)?\s{0,2}[.:：)\]]{1,2}(?:\s+|$|(?<=：))",
    re.I,
)
SURNAMES = r"(?-i:\s(?:(?:d[aei]|l[ae]|v[ao]n|de[rn]|al|bin)\s){0,2}[A-Z][\w.'’-]{0,24}){1,5}?"
EXAMINER = re.compile(
    rf"\s*(?:(?:\w+[- ])?EXAMINATION\s+)?BY\s+(?P<name>(?:MR|MS|MRS|DR|MISS|THE)\.?{SURNAMES})"
    r"(?:\s*\([^()]{1,30}\))?\s*[:.]?\s*$",
    re.I,
)
TITLED = re.compile(
    r"(?P<name>[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,4}?)\s*(?:--|[-–—|,/])\s*(?P<title>\S.{1,110})$"
)

MACHINE = re.compile(
    r"(?:(?:unknown|unidentified)[ _-])?(?:"
    + "|".join(map(re.escape, sorted(SPEAKERS)))
    + r"|speaker|spk|spkr|participant|interviewee|interviewer|guest|person|voice|host"
    r"|moderator|respondent|student|attendee|channel|sprecher(?:in)?|orador|hablante|locuteur|intervenant|male|female)"
    r"[ _#.-]*(?:\d{1,8}|[A-Z])(?:[ _-]\d{1,2})?$|(?:s|p|ch)[ _-]?\d{1,3}$",
    re.I,
)
ROLE_NUMBER = re.compile(r"[\s_.#-]*(?:no\.?\s?|nr\.?\s?)?\d{1,3}$")
SMALL = frozenset("a and from in of off on or the".split())
LINKS = frozenset("to for from on in at before behalf with".split())  # within the name of an office
LINKED = re.compile(rf"\s(?:{'|'.join(sorted(LINKS))})\s")
MOST_WORDS = 6  # of a label that names nobody
NAME_WORDS = 7  # of a label that names somebody
UNNAMED_WORD = re.compile(r"[^\W_]+")
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
FIRM_FORM = re.compile(r"(?:LLC|L\.?L\.?P|L\.P|PLC|plc|Inc|Ltd|Corp|AG|N\.?V)\b")
DASH_SIGNS = frozenset("-–—")
SOUND = re.compile(
    r"(?i)\b(?:laugh|chuckl|sigh|clap|cheer|speak|sing|play|cough|groan|cry|whisper|shout|scream|humm|knock|ring|typ|sob"
    r"|gasp|sniff|giggl|scoff|clear|music|applau|inaudib|indistinct|chatter|mumbl|snort|grunt|yell)\w{0,6}\b"
)
RANK = re.compile(r"\b(?:Chief|Executive|Senior|Vice|Managing|General|Global|Corporate|Associate|Assistant|Deputy)\b")
LAST_FIRST = re.compile(r"[^\W\d_][\w'’-]+, [^\W\d_][\w'’.-]+(?: [^\W\d_]\.?)?$")
SPOKEN_MARK = re.compile(r"[!?;…\"“”]|\d{3}|, (?!jr|sr|ph|m\.?d|esq|ii|mba|cpa|cfa)", re.I)


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """The beginning of a line, read as a label."""

    shape: Shape
    label: str
    words: int  # offset at which the words begin
    start: float | None = None  # seconds
    aside: str = ""  # the text in brackets after the name, or the title after it
    inferred: bool = False  # the file writes the label differently


def read_label_matches(line: Line) -> tuple[LabelMatch, ...]:
    """Return all ways to read a line's beginning as a label, the most explicit first."""
    if line.speaker:
        return (LabelMatch("field", line.speaker.strip(" :\t"), 0, line.start),)
    head = line.text[:HEAD]
    if not head or head.isspace() or match_examiner(head):
        return ()
    lead = LEAD.match(head)
    place = lead.end() if lead else 0
    start = read_clock(lead["stamp"]) if lead else None
    matches = _matches_at(head, place, start, line.heading, len(line.text) < HEAD)
    if ">>" in head[:place]:
        matches = [replace(match, shape="chevron") if match.shape == "colon" else match for match in matches]
    elif head[:place].strip()[-1:] in DASH_SIGNS:  # '- [Ada] Yes.'
        matches = [replace(match, shape="chevron") if _is_voice(match, line.text) else match for match in matches]
    return tuple(matches)


def match_examiner(text: str) -> re.Match[str] | None:
    """Match a line that says whose questions follow: 'CROSS-EXAMINATION BY MR. HALE:'."""
    opening = text.lstrip()[:EXAMINER_OPENS].lower()
    return EXAMINER.match(text) if opening.startswith("by") or "examination" in opening else None


def _is_voice(match: LabelMatch, text: str) -> bool:
    """Whether a name in brackets behind a dash says who speaks; it may also say what is heard."""
    return match.shape == "bracket" and bool(text[match.words :].strip()) and not SOUND.search(match.label)


@lru_cache(maxsize=16_384)
def fold_label(label: str) -> str:
    """Normalise a label for comparison: without case and extra spaces."""
    return " ".join(label.casefold().strip(" .:-–—").split())


def looks_like_name(label: str) -> bool:
    """Whether a label has the shape of a name, a role or a machine's label, not of speech."""
    folded = fold_label(label)
    if is_machine(label) or folded in ROLES or folded in NOBODY:
        return True
    if read_role(label) or is_unnamed(label):
        return True
    words = re.sub(r"\([^()]*\)|[()]", " ", label).split()
    is_spoken = SPOKEN_MARK.search(label) is not None and not LAST_FIRST.match(label)
    if not words or len(words) > NAME_WORDS or folded in NO_PEOPLE or is_spoken:
        return False
    if fold_label(words[0]) in NO_PEOPLE and fold_label(words[0]) not in ("the", "and") and len(words) < 3:
        return False
    if len(words) > 2 and words[0][0].isupper() and words[-1][0].isupper():  # 'Counsel to the Inquiry'
        words = [word for word in words if word not in LINKS]
    return all(map(_is_name_word, words)) and any(not _is_small(word) for word in words) and _stops_are_short(words)


def is_machine(label: str) -> bool:
    """Whether a program gave this label: 'Speaker 1', 'SPEAKER_00', a bare identifier."""
    return MACHINE.match(label) is not None or GUID.match(label) is not None


@lru_cache(maxsize=4096)
def read_role(label: str) -> str:
    """Return the word of a role that a label is, without its number and 'the'; empty if it is none."""
    folded = fold_label(label)
    bare = ROLE_NUMBER.sub("", folded).removeprefix("the ")
    for role in (folded, bare, LINKED.split(bare)[0]):
        if role in ROLES:
            return role
    *before, last = bare.split() or [""]
    is_role = last in HOSTS or last in GUESTS
    return last if is_role and before and len(before) < 4 and BEFORE_ROLES.issuperset(before) else ""


@lru_cache(maxsize=4096)
def is_unnamed(label: str) -> bool:
    """Whether a label tells a voice without naming it: 'UNIDENTIFIED FEMALE', 'Man in Audience', 'Unknown Analyst'."""
    words = UNNAMED_WORD.findall(label)[:MOST_WORDS]
    folded = [word.casefold() for word in words if not word.isdigit()]
    if not folded or not all(word[0].isupper() or word in SMALL for word in words if not word.isdigit()):
        return False
    return folded[0] in NAMELESS or (len(folded) > 1 and VOICES.issuperset(folded))


def read_titled(text: str) -> tuple[str, str] | None:
    """Read name and title from a line that holds nothing else: 'Ada Byron, Acme Inc. - CEO'."""
    text = text.strip()
    if not text[:1].isupper():
        return None
    if text.endswith((" Q", " A")):
        text = text[:-2].rstrip()
    if not is_title(text):
        return None
    found = TITLED.match(text)
    words = text.split()
    size = 2 + (len(words) > 2 and len(words[1].strip(".")) == 1)
    name, title = (found["name"], found["title"]) if found else (" ".join(words[:size]), " ".join(words[size:]))
    is_name = title and looks_like_name(name) and not (TITLE_WORDS.search(name) or RANK.search(name))
    if FIRM_FORM.match(title):  # 'Hollis Advisors, LLC, Research Division'
        return None
    return (name, title) if is_name else None


def _matches_at(head: str, place: int, start: float | None, is_heading: bool, is_short: bool) -> list[LabelMatch]:
    """Match labels with a sign of their own, then weak ones."""
    first = head[place : place + 1]
    digit = DIGIT.search(head, place)  # a time and a count have one; looking for it first is fast
    if numbered := NUMBERED.match(head, place) if digit and digit.start() < place + COUNTED else None:
        return [match for match in [_make("colon", numbered, start)] if match]
    found: list[LabelMatch | None] = []
    if ":" in head[place:] or "：" in head[place:]:
        found.append(_make("colon", COLON.match(head, place), start))
        if digit:
            timed = TIMED_ALONE.match(head, place) if is_short and _ends_like_stamp(head) else None
            found.append(_make("timed", timed or TIMED_INLINE.match(head, place), start))
        if first == "[":
            found.append(_make("timed", TIMED_BRACKET.match(head, place), start))
    if first in "QA":
        found.append(_make("colon", QUESTION_ANSWER.match(head, place), start))
    if ">" in head[place + 1 :]:
        found.append(_make("bracket", ANGLE.match(head, place), start))
    if first in ("[", "<", "{", "("):
        found.append(_make("bracket", BRACKET.match(head, place), start))
    found += _weak_matches(head, place, start, is_heading, is_short)
    return [match for match in found if match and match.label]


def _ends_like_stamp(text: str) -> bool:
    last = text.rstrip().rstrip("-–—").rstrip()[-1:]
    return last.isdigit() or last in STAMP_ENDS


def _weak_matches(
    head: str, place: int, start: float | None, is_heading: bool, is_short: bool
) -> list[LabelMatch | None]:
    """Match labels without a sign of their own: only their recurrence separates them from speech."""
    found: list[LabelMatch | None] = []
    if ". " in head[:LABEL]:
        found.append(_make("stop", STOP.match(head, place), start))
    if "\t" in head and not is_heading:
        found.append(_make("tab", TAB.match(head, place), start))
    if (" -" in head or " –" in head or " —" in head or " |" in head) and any(sign in head for sign in DASHES):
        found.append(_make("dash", DASH.match(head, place), start))
    if not is_short:
        return found
    alone: Shape = "heading" if is_heading else "alone"
    rest = head[place:].strip()
    says_title = rest[:1].isupper() and is_title(rest.removesuffix(" Q").removesuffix(" A"))
    if says_title and (titled := read_titled(rest)):
        found.append(LabelMatch("timed" if start is not None else alone, titled[0], len(head), start, titled[1]))
    elif (
        len(head) - place <= LABEL
        and not _runs_on(rest)
        and not _ends_like_speech(rest)
        and (not says_title or _names_no_office(rest))
    ):
        found.append(_make(alone, ALONE.match(head, place), start))
    return found


def _runs_on(text: str) -> bool:
    """Whether a line has more words than a name, and begins as one within a sentence does."""
    return text[:1].islower() and text.count(" ") >= NAME_WORDS


def _names_no_office(text: str) -> bool:
    """Whether what looks like a title is a label: 'Moderator', 'Unknown Analyst'."""
    return bool(read_role(text)) or is_unnamed(text)


def _ends_like_speech(text: str) -> bool:
    """Whether a line of its own ends as a sentence does: 'Yeah.', 'Right?'; names end with an initial or a degree."""
    if text[-1:] != ".":
        return text[-1:] in "?!…,;。？！؟"
    last = text.split()[-1].rstrip(".")
    is_short = len(last) < 2 or "." in last or fold_label(last) in SHORTENED
    return not is_short and not text.endswith(FIRMS)


def _make(shape: Shape, match: re.Match[str] | None, start: float | None) -> LabelMatch | None:
    """Make a label from a pattern's match; a time before or after it makes it a timed one."""
    if match is None:
        return None
    parts = {key: value for key, value in match.groupdict().items() if value}
    stamp = read_clock(parts.get("stamp") or parts.get("second") or parts.get("third"))
    moment = start if stamp is None else stamp
    name, aside = _split_title((parts.get("name") or parts.get("other") or parts.get("round") or "").strip(" ,-–—*_"))
    is_timed = moment is not None and (shape not in ("bracket", "tab") or stamp is not None)
    return LabelMatch("timed" if is_timed else shape, name, match.end(), moment, parts.get("aside", aside).strip())


def _split_title(label: str) -> tuple[str, str]:
    """Split a job title from a name: 'Ada Byron, CEO of Acme'."""
    name, comma, title = label.partition(", ")
    is_title = (
        comma and (fold_label(title) in ROLES or TITLE_WORDS.search(title)) and fold_label(title) not in CREDENTIALS
    )
    return (name, title) if is_title and len(name.split()) < 5 else (label, "")


def _is_name_word(word: str) -> bool:
    bare = word.strip(".,'’‘&/-")
    if not bare or _is_small(word):
        return True
    return not bare[0].islower() or bare[:2] in ("d'", "d’", "l'", "l’") or any(map(str.isupper, bare))


def _is_small(word: str) -> bool:
    return word.strip(".,'’&/-").lower() in PARTICLES and word.islower()


def _stops_are_short(words: list[str]) -> bool:
    """Whether each full stop follows an initial, a title or a credential; any other ends a sentence."""
    for word in words:
        bare = word.rstrip(".,")
        if word.endswith(".") and len(bare) > 1 and "." not in bare and fold_label(bare) not in SHORTENED:
            return False
    return True
