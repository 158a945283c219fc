"""Find labels that were damaged in typing: stray marks, a misspelt name, a scrap before a colon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from ingest.script import Line
from ingest.speakers.format_traits import FormatTraits
from ingest.speakers.label_grammar import Grammar
from ingest.speakers.labels import LabelMatch, Shape, fold_label, is_machine, looks_like_name
from ingest.speakers.lower_words import LowerWords
from ingest.speakers.non_speech import ends_sentence, is_break_line, is_section, is_stage_direction
from ingest.speakers.vocabulary import NO_PEOPLE, ROLES
from kb.text.words import WORD

COLONS: frozenset[Shape] = frozenset(("colon", "chevron", "timed"))
FEW_LABELS = 4  # with fewer, the file has no habit of opening turns with a label and a colon
OFTEN = 5  # turns of a name; a label that is nearly equal to it and has at most RARE turns is a slip
RARE = 2
SLIP = 2  # letters that may be wrong, missing, doubled or swapped in a name
LONG_WORD = 4  # letters; shorter names that differ are different names: Jon and Don
LABEL = 60  # characters of a label
KEY = 3  # first letters by which labels are looked up
TOLD = 5  # damaged labels listed in one warning

# Emphasis and other signs left around a label: before it, after it with its colon, after the colon.
BEFORE = re.compile(r"(?:[^\w\s(\"“‘'«¿¡-]|_)(?:[^\w(\"“‘']|_)*")
BEHIND = re.compile(r"[\])>]?[*_\\\s]*[:;][*_\\]*\s*|[\])>][*_\\]*\s+")
STRAY = re.compile(r"[*_\\]{1,6}(?:\s+|$)")
BARE = re.compile(r"\s+(?:[-–—]+\s+)?(?=[^\W\d_])")  # after a label that lost its colon
SCRAP = re.compile(r"(?P<scrap>[^:\s]{1,20}(?: [^:\s]{1,20}){0,2}):(?P<gap>\s*)(?=[^\W\d_])")
ADDRESS = re.compile(r"(?i)(?:https?|ftp|mailto|www|localhost)\b|.*[@/.]\w")


@dataclass(frozen=True, slots=True)
class Repairs:
    """Damaged labels as they are read, and warnings about them."""

    matches: Mapping[int, LabelMatch]  # by line; after one of shape "scrap", the speaker is unknown
    warnings: tuple[str, ...] = ()


def repair_labels(
    lines: Sequence[Line], grammar: Grammar, *, people: Iterable[str], skip: Collection[int], traits: FormatTraits
) -> Repairs:
    """Read the damaged labels of a file whose turns open with a label and a colon."""
    count = Counter(match.label for match in grammar.matches.values() if match.shape in COLONS)
    if not traits.paragraphed or count.total() < FEW_LABELS:
        return Repairs({})
    slips = _find_slips(count, people)
    held = {index: _read_held(match, lines[index].text, slips) for index, match in grammar.matches.items()}
    reader = _DamageReader(count, grammar.lower)
    found = _read_paragraphs(lines, _unlabelled(lines, grammar, skip, traits), reader)
    scraps = [_scrap_of(lines[index].text) for index, match in found.items() if match.shape == "scrap"]
    return Repairs({**held, **found}, (*_tell_slips(slips), *_tell_scraps(scraps)))


def _find_slips(count: Mapping[str, int], people: Iterable[str]) -> dict[str, str]:
    """Map each label that comes once or twice, and is nearly equal to a frequent name, to that name."""
    named = {fold_label(name) for name in people}
    often = _Often(count)
    rare = [label for label, turns in count.items() if turns <= RARE and fold_label(label) not in named]
    return {label: name for label in rare if (name := often.find_like(label))}


class _Often:
    """The frequent full names, by each of their words."""

    def __init__(self, count: Mapping[str, int]) -> None:
        self._names: dict[str, set[str]] = {}
        for label, turns in count.items():
            words = fold_label(label).split()
            for word in words if turns >= OFTEN and len(words) > 1 else ():
                self._names.setdefault(word, set()).add(label)

    def find_like(self, label: str) -> str | None:
        """Return the one name from which a label differs by a slip; None if there is none, or several."""
        sharing = {name for word in fold_label(label).split() for name in self._names.get(word, ())}
        near = [name for name in sharing if _is_slip(label, name)]
        return near[0] if len(near) == 1 else None


def _is_slip(label: str, name: str) -> bool:
    """Whether two full names differ in one word, by a slip; first names alone are too similar to compare."""
    mine, theirs = fold_label(label).split(), fold_label(name).split()
    differ = [(one, other) for one, other in zip(mine, theirs, strict=False) if one != other]
    if len(mine) != len(theirs) or len(differ) != 1 or {" ".join(mine), " ".join(theirs)} & ROLES:
        return False
    ((one, other),) = differ
    is_name = one.isalpha() and other.isalpha() and min(len(one), len(other)) >= LONG_WORD
    return is_name and OSA.distance(one, other) <= SLIP


def _read_held(match: LabelMatch, text: str, slips: Mapping[str, str]) -> LabelMatch:
    """Correct an accepted label: a slip in its name, and stray marks after it."""
    stray = STRAY.match(text, match.words) if match.shape in COLONS else None
    label = slips.get(match.label, match.label)
    if label == match.label and not stray and not match.inferred:
        return match
    return replace(match, label=label, words=stray.end() if stray else match.words, inferred=label != match.label)


def _unlabelled(lines: Sequence[Line], grammar: Grammar, skip: Collection[int], traits: FormatTraits) -> Iterator[int]:
    """Yield the lines after the first label that open a paragraph without a label."""
    first = min(grammar.matches)
    before = ""
    for index, line in enumerate(lines):
        text = line.text.strip()
        opens = not before or (not traits.wrapped and ends_sentence(before))
        is_known = index <= first or index in grammar.matches or index in skip or line.heading
        if text and opens and not is_known and _may_be_spoken(text):
            yield index
        before = text


def _may_be_spoken(text: str) -> bool:
    is_aside = is_stage_direction(text) or is_section(text) or is_break_line(text, is_heading=False)
    return not is_aside and not text.startswith("> ")


def _read_paragraphs(lines: Sequence[Line], indexes: Iterable[int], reader: _DamageReader) -> dict[int, LabelMatch]:
    found = {index: match for index in indexes if (match := reader.read(lines[index].text))}
    numbers = [index for index, match in found.items() if match.shape == "scrap" and _is_number(lines[index].text)]
    # Several numbers are a list that a speaker counts off: '1: ...', '2: ...'.
    return {index: match for index, match in found.items() if len(numbers) < 2 or index not in numbers}


class _DamageReader:
    """Compares the openings of paragraphs with the labels of the file."""

    def __init__(self, count: Mapping[str, int], lower: LowerWords) -> None:
        labels = sorted((label for label in count if not is_machine(label)), key=len, reverse=True)
        owners = Counter(word for label in labels for word in set(label.split()))
        words = [word for word, owned in owners.items() if owned == 1 and len(word) > 1 and word[0].isupper()]
        self._labels: dict[str, list[str]] = {}  # by their first letters, the longest first
        for label in (*labels, *words):
            self._labels.setdefault(label[:KEY].casefold(), []).append(label)
        self._often = _Often(count)
        self._lower = lower

    def read(self, text: str) -> LabelMatch | None:
        """Read the label that a paragraph opens with, or a scrap of one; None if the paragraph has neither."""
        signs = BEFORE.match(text)
        place = signs.end() if signs else 0
        is_signed = ":" in text or ";" in text or "]" in text or ")" in text or ">" in text
        if is_signed and (match := self._read_known(text, place) or self._read_misspelt(text, place)):
            return match
        return LabelMatch("scrap", "", 0) if self._is_bare(text, place) or self._is_scrap(text) else None

    def _read_known(self, text: str, place: int) -> LabelMatch | None:
        """Read a label of the file between stray marks, or with a semicolon."""
        for label in self._labels_at(text, place):
            end = BEHIND.match(text, place + len(label))
            if end and (":" in end[0] or place or " " in label):
                return LabelMatch("colon", label, end.end())
        return None

    def _read_misspelt(self, text: str, place: int) -> LabelMatch | None:
        label = text[place : place + LABEL].partition(":")[0].rstrip(" *_")
        end = BEHIND.match(text, place + len(label))
        name = self._often.find_like(label) if end else None
        return LabelMatch("colon", name, end.end(), inferred=True) if end and name else None

    def _is_bare(self, text: str, place: int) -> bool:
        """Whether a full name stands right before the beginning of a sentence: 'Ada Byron Yes, we did.'"""
        longest = next((label for label in self._labels_at(text, place) if " " in label), None)
        end = BARE.match(text, place + len(longest)) if longest else None
        return end is not None and text[end.end()].isupper()

    def _labels_at(self, text: str, place: int) -> list[str]:
        folded = text[place : place + LABEL].casefold()
        return [label for label in self._labels.get(folded[:KEY], ()) if folded.startswith(label.casefold())]

    def _is_scrap(self, text: str) -> bool:
        """Whether the text before a colon is not a word of a sentence."""
        found = SCRAP.match(text) if ":" in text else None
        if not found or ADDRESS.match(found["scrap"]):
            return False
        scrap, is_glued = found["scrap"], not found["gap"] and " " not in found["scrap"]
        letters = sum(map(str.isalpha, scrap))
        return is_glued or letters == 0 or len(scrap) == 1 or self._is_strange_name(scrap)

    def _is_strange_name(self, scrap: str) -> bool:
        """Whether a scrap is a name whose words the file never has in lower case."""
        words = WORD.findall(scrap.casefold())
        is_name = looks_like_name(scrap) and fold_label(scrap) not in NO_PEOPLE | ROLES and scrap[0].isupper()
        return bool(words) and is_name and all(self._lower[word] == 0 for word in words)


def _scrap_of(text: str) -> str:
    """Shorten a scrap for a warning: up to its colon, or its first words."""
    before, colon, _ = text[:LABEL].partition(":")
    return f"{before}:" if colon else " ".join(text.split()[:3])


def _is_number(text: str) -> bool:
    before, _, after = text.partition(":")
    return before.isdigit() and after.startswith(" ")


def _tell_slips(slips: Mapping[str, str]) -> tuple[str, ...]:
    told = _enumerate([f"'{label}' as {name}" for label, name in slips.items()])
    return (f"names that look misspelt were read as those they are like: {told}",) if slips else ()


def _tell_scraps(scraps: Sequence[str]) -> tuple[str, ...]:
    told = _enumerate([f"'{scrap}'" for scrap in scraps])
    return (f"labels look damaged, and nobody is said to speak what follows them: {told}",) if scraps else ()


def _enumerate(damages: Sequence[str]) -> str:
    more = f" and {len(damages) - TOLD} more" if len(damages) > TOLD else ""
    return ", ".join(damages[:TOLD]) + more
