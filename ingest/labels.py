"""Find the labels by which a file says who speaks, over the whole file rather than line by line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ingest.script import Line

Shape = Literal["field", "timed", "colon", "bracket", "dash", "tab", "alone"]

CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
RANGE = rf"{CLOCK}(?:\s{{0,3}}(?:-{{1,3}}>|[-–—]|to)\s{{0,3}}{CLOCK})?"
STAMP = rf"(?:\[\s{{0,3}}{RANGE}\s{{0,3}}\]|\(\s{{0,3}}{RANGE}\s{{0,3}}\)|<{RANGE}>|{RANGE})(?![\d:])"

LEAD = re.compile(rf"\s*(?:(?:>>+|[-–—•*])\s*)?(?:(?P<stamp>{STAMP})\s*(?:[-–—|:,]\s*)?)?(?:>>+\s*)?")
NAME = r"(?P<name>[^\W_][^:：\n\t\[\]<>|={}]{0,58}?|[^\W_])"
ASIDE = r"(?:\s*[\[(](?P<aside>[^\[\]()\d:]{2,40})[\])])?"
COLON = re.compile(rf"{NAME}{ASIDE}\s*(?:[-–—,]?\s*(?P<stamp>{STAMP}))?\s*[:：](?![\d/])\s*")
TIMED_ALONE = re.compile(rf"{NAME}{ASIDE}\s*[-–—|,·•@]?\s*(?P<stamp>{STAMP})\s*$")
TIMED_INLINE = re.compile(rf"{NAME}{ASIDE}\s+(?P<stamp>[\[(]\s?{RANGE}\s?[\])])\s+")
BRACKET = re.compile(r"(?:\[(?P<name>[^\[\]\n]{1,60})\]|<(?P<angled>[^<>\n]{1,60})>)\s*[:：]?\s*")
DASH = re.compile(r"(?P<name>[^\W_][^:\n\t\[\]<>|]{0,40}?)\s+(?:[-–—]|--)\s+")
TAB = re.compile(r"(?P<name>[^\W_][^:\n\t]{0,58}?)[.:]?\s*\t\s*")
QUESTION_ANSWER = re.compile(r"(?P<name>[QA])(?:\s*[.:)\-–—]+\s*|\s{2,}|\t\s*)(?=\S)|(?P<alone>[QA])[.:]?\s*$")
ALONE = re.compile(rf"{NAME}{ASIDE}\s*$")

MACHINE = re.compile(
    r"(?i)(?:unknown|unidentified)?[ _-]?(?:speaker|spk|participant|interviewee|interviewer|guest|person|voice|s|ch|channel)[ _#-]*(?:\d{1,3}|[A-Z])$"
)
PARTICLES = frozenset(
    "de da di do dos du del della den der des van von vom zu zur la le las los el al bin ibn ben of the and y e und et i jr sr phd o'".split()
)
TITLES = frozenset("mr mrs ms dr prof sir dame st sen rep gov gen lt col capt hon rev jr sr".split())
ROLE_WORDS = frozenset(
    "interviewer interviewee host cohost co-host guest moderator presenter narrator announcer reporter journalist anchor question questioner answer "
    "speaker operator audience chair chairman chairwoman chairperson president judge witness clerk counsel facilitator panelist student caller "
    "man woman male female unknown unidentified everyone all both q a interpreter translator".split()
)
NO_PEOPLE = frozenset(
    "break outro intro introduction conclusion file filename name address disclaimer crowd management date place location note notes title subject re topic "
    "source duration length time url link links website email phone fax tel copyright tags tag category categories keywords summary abstract "
    "description published recorded recording transcript transcription transcribed transcriber editor edited language version section chapter part "
    "episode season series show podcast music sound silence applause laughter laughs inaudible crosstalk end start beginning warning update "
    "correction step figure table example exhibit page line sponsor sponsors ad advertisement resources references timestamps overview details "
    "remember think first second third finally also however next then so but because yes no ok okay well now here there where when what why how who "
    "which this that these those if i and it's i'm ps p.s spoiler tip tips pro con pros cons fact facts problem solution result results".split()
)
WORD = re.compile(r"[^\W\d_][\w'’.-]*")


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of a line, read as a label."""

    shape: Shape
    label: str
    words: int  # offset at which the words begin
    start: float | None = None  # seconds
    aside: str = ""  # what stands in brackets after the name


@dataclass(frozen=True, slots=True)
class Grammar:
    """The labels of a file that name a speaker or a part."""

    labels: frozenset[tuple[Shape, str]]
    breaks: frozenset[str] = field(default=frozenset())

    def open(self, line: Line) -> Opening | None:
        """The label at the beginning of the line, if it is one of this file's."""
        for opening in read_openings(line):
            if (opening.shape, fold_label(opening.label)) in self.labels:
                return opening
        return None

    @property
    def is_empty(self) -> bool:
        """Whether the file names nobody."""
        return not self.labels


def find_grammar(lines: Sequence[Line], roster: Iterable[str] = ()) -> Grammar:
    """The labels that hold over the file: they recur, or someone's name stands behind them."""
    evidence = _Evidence(lines, roster)
    accepted = {key for key in evidence.count if evidence.holds_strongly(key)}
    accepted |= {key for key in evidence.count if key[0] == "colon" and evidence.holds_as_colon(key, accepted)}
    if evidence.covered(accepted) < 3:
        accepted |= evidence.best_weak_shape()
    return Grammar(frozenset(accepted))


def read_openings(line: Line) -> list[Opening]:
    """All ways to read a line's beginning as a label, the most explicit first."""
    if line.speaker:
        return [Opening("field", line.speaker, 0, line.start)]
    text = line.text
    lead = LEAD.match(text)
    place = lead.end() if lead else 0
    start = read_clock(lead["stamp"]) if lead else None
    return [opening for opening in _openings_at(text, place, start) if opening.label]


def read_clock(stamp: str | None) -> float | None:
    """Seconds of the first time in a stamp: '[00:04:01.06]' is 241.06."""
    found = re.search(CLOCK, stamp) if stamp else None
    if not found:
        return None
    seconds = 0.0
    for part in found[0].replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return round(seconds, 3)


def fold_label(label: str) -> str:
    """A label without case and spacing, as labels are compared."""
    return " ".join(label.casefold().rstrip(".").split())


def looks_like_name(label: str) -> bool:
    """Whether a label has the shape of a name, a role or a machine's label, rather than of speech."""
    if MACHINE.match(label) or fold_label(label) in ROLE_WORDS:
        return True
    words = label.replace("(", " ").replace(")", " ").split()
    if not 1 <= len(words) <= 7 or re.search(r"[!?;…\"“”]|\d{3}", label):
        return False
    if any(word.endswith(".") and len(word) > 3 and word.strip(".").lower() not in TITLES for word in words[:-1]):
        return False
    bare = [word.strip(".,'’&/").lower() for word in words]
    if bare[0] in NO_PEOPLE or fold_label(label) in NO_PEOPLE:
        return False
    if words[0].lower() in PARTICLES and words[0].islower() and len(words) == 1:
        return False
    return all(_is_name_word(word) for word in words)


def _is_name_word(word: str) -> bool:
    bare = word.strip(".,'’&/-")
    if not bare:
        return True
    return not bare[0].islower() or bare in PARTICLES or bare[:2] in ("d'", "d’", "l'") or any(map(str.isupper, bare))


def _openings_at(text: str, place: int, start: float | None) -> list[Opening]:
    found: list[Opening] = []
    if qa := QUESTION_ANSWER.match(text, place):
        found.append(Opening("colon", qa["name"] or qa["alone"], qa.end(), start))
    if colon := COLON.match(text, place):
        stamp = read_clock(colon["stamp"])
        shape: Shape = "timed" if stamp is not None else "colon"
        found.append(_opening(shape, colon, start if stamp is None else stamp))
    if timed := TIMED_ALONE.match(text, place) or TIMED_INLINE.match(text, place):
        found.append(_opening("timed", timed, read_clock(timed["stamp"])))
    if bracket := BRACKET.match(text, place):
        found.append(Opening("bracket", (bracket["name"] or bracket["angled"]).strip(), bracket.end(), start))
    for weak, pattern in (("tab", TAB), ("dash", DASH), ("alone", ALONE)):
        if match := pattern.match(text, place):
            is_timed = start is not None and weak != "tab"
            found.append(_opening("timed" if is_timed else weak, match, start))  # type: ignore[arg-type]
    return found


def _opening(shape: Shape, match: re.Match[str], start: float | None) -> Opening:
    aside = (match.groupdict().get("aside") or "").strip()
    return Opening(shape, match["name"].strip(" ,-–—"), match.end(), start, aside)


class _Evidence:
    """What a file as a whole says for or against its possible labels."""

    def __init__(self, lines: Sequence[Line], roster: Iterable[str]) -> None:
        self.count: Counter[tuple[Shape, str]] = Counter()
        self.spelling: dict[str, str] = {}
        self.lines = 0
        lower: Counter[str] = Counter()
        for line in lines:
            if not line.text.strip():
                continue
            self.lines += 1
            for opening in read_openings(line):
                folded = fold_label(opening.label)
                self.count[opening.shape, folded] += 1
                self.spelling.setdefault(folded, opening.label)
            lower.update(word for word in WORD.findall(line.text[:2000]) if word[0].islower())
        self.lower = lower
        self.known = {
            word for name in roster for word in fold_label(name).split() if len(word) > 1 and word not in PARTICLES
        }

    def holds_strongly(self, key: tuple[Shape, str]) -> bool:
        shape, folded = key
        label = self.spelling[folded]
        if shape == "field":
            return True
        if shape in ("colon", "timed", "bracket", "dash", "tab") and MACHINE.match(label):
            return True
        return (
            shape == "timed"
            and (looks_like_name(label) or self._is_handle(folded, 3))
            and self._shape_total("timed") >= 2
        )

    def holds_as_colon(self, key: tuple[Shape, str], accepted: set[tuple[Shape, str]]) -> bool:
        folded = key[1]
        if self._is_known(folded):
            return True
        label = self.spelling[folded]
        if not looks_like_name(label):
            return self._is_handle(folded, 4)
        if len(accepted) > 1 and folded not in ROLE_WORDS:
            return any(folded == other for _, other in accepted)
        if self._is_ordinary_word(folded):
            return folded in ROLE_WORDS and self.count[key] > 1
        return self.count[key] > 1 or len(folded.split()) > 1

    def best_weak_shape(self) -> set[tuple[Shape, str]]:
        best: set[tuple[Shape, str]] = set()
        for shape in ("bracket", "tab", "dash", "alone"):
            held = {key for key in self.count if key[0] == shape and self._holds_weakly(key)}
            if len(held) > 1 and self.covered(held) > max(3, self.covered(best), 0.05 * self.lines):
                best = held
        return best

    def covered(self, keys: Iterable[tuple[Shape, str]]) -> int:
        """How many lines open with one of the labels."""
        return sum(self.count[key] for key in keys)

    def _holds_weakly(self, key: tuple[Shape, str]) -> bool:
        folded = key[1]
        return self._is_known(folded) or (
            self.count[key] > 1 and looks_like_name(self.spelling[folded]) and not self._is_ordinary_word(folded)
        )

    def _shape_total(self, shape: Shape) -> int:
        return sum(count for (other, _), count in self.count.items() if other == shape)

    def _is_known(self, folded: str) -> bool:
        words = [word.strip(".,()") for word in folded.split()]
        return bool(words) and all(word in self.known for word in words)

    def _is_handle(self, folded: str, least: int) -> bool:
        """Names in lower case are told from speech by recurring as labels and hardly ever as words."""
        seen = max(self.count["colon", folded], self.count["timed", folded])
        return (
            " " not in folded
            and folded not in NO_PEOPLE
            and seen >= least
            and self.lower[self.spelling[folded]] <= 2 * seen
        )

    def _is_ordinary_word(self, folded: str) -> bool:
        label = self.spelling[folded]
        return " " not in folded and self.lower[label.lower()] > 2 * max(
            self.count["colon", folded], self.count["alone", folded]
        )


def spellings(lines: Sequence[Line], grammar: Grammar) -> Mapping[str, str]:
    """How each label is written when it first comes."""
    first: dict[str, str] = {}
    for line in lines:
        if opening := grammar.open(line):
            first.setdefault(fold_label(opening.label), opening.label)
    return first
