"""Decide from the whole file which labels name speakers: those that recur, or that are a known name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.readers.clock import is_stamp
from ingest.script import Line
from ingest.speakers.alternation import Key, find_alternating, tell_doubtful
from ingest.speakers.job_titles import is_firm, is_title
from ingest.speakers.labels import (
    LabelMatch,
    Shape,
    fold_label,
    is_machine,
    is_unnamed,
    looks_like_name,
    read_label_matches,
    read_titled,
)
from ingest.speakers.lower_words import LowerWords, label_words
from ingest.speakers.vocabulary import (
    ANSWER_MARKS,
    BREAKS,
    CROWDS,
    NO_PEOPLE,
    NOBODY,
    PARTICLES,
    QUESTION_MARKS,
    ROLES,
    SECTIONS,
)
from kb.text.words import WORD

SENTENCE_ENDS = frozenset('.!?…:)]"”’-–—')
# Shapes without a sign of their own, and the share of paragraphs that must open with them.
WEAK: tuple[tuple[tuple[Shape, ...], float], ...] = (
    (("bracket",), 0.05),
    (("stop",), 0.1),
    (("tab",), 0.2),
    (("heading", "alone"), 0.1),
    (("dash",), 0.2),
)
SHORT = 30  # characters; a shorter line is not running text
SAID = frozenset(
    ("all", "both", "everyone", "president", "speaker", *QUESTION_MARKS, *ANSWER_MARKS)
)  # roles that also occur in speech before a colon
KIN = 10  # at most so many labels that share a word are looked at
DENSE = 0.8  # share of paragraphs with a label, above which every label counts: the file labels everything
LABELLED = 0.3  # share above which a label may come only once


@dataclass(frozen=True, slots=True)
class Grammar:
    """The label of each line that has one, by the line's index."""

    matches: Mapping[int, LabelMatch]
    lower: LowerWords  # how often each word occurs in lower case
    candidates: Mapping[int, tuple[LabelMatch, ...]]  # all readings of each line
    warnings: tuple[str, ...] = ()  # where two readings are near each other

    @property
    def is_empty(self) -> bool:
        """Whether the file names nobody."""
        return not self.matches


def find_grammar(lines: Sequence[Line], *, names: Iterable[str] = (), skip: Collection[int] = ()) -> Grammar:
    """Find the lines that open with a speaker's label. `names` are people whom the file names elsewhere."""
    evidence = _Evidence(lines, names, skip)
    accepted = evidence.accept()
    matches = {}
    for index, candidates in evidence.candidates.items():
        for match in candidates:
            if (match.shape, fold_label(match.label)) in accepted:
                matches[index] = match
                break
    return Grammar(_tell_namesakes_apart(matches), evidence.lower, evidence.candidates, evidence.warnings)


def _tell_namesakes_apart(matches: Mapping[int, LabelMatch]) -> dict[int, LabelMatch]:
    """Keep the text in brackets if it separates two people of one name: 'Ada (Acme)' and 'Ada (Bolt)'."""
    asides: dict[str, set[str]] = {}
    for match in matches.values():
        if match.aside and fold_label(match.aside) not in ROLES:
            asides.setdefault(match.label, set()).add(fold_label(match.aside))
    namesakes = {label for label, found in asides.items() if not _are_one(found)}
    return {
        index: replace(match, label=f"{match.label} ({match.aside})")
        if match.label in namesakes and match.aside
        else match
        for index, match in matches.items()
    }


def _are_one(asides: Collection[str]) -> bool:
    """Whether texts in brackets are one text, cut at the margin in places."""
    longest = max(asides, key=len)
    return all(longest.startswith(aside) for aside in asides)


class _Evidence:
    """Evidence from the whole file for and against its possible labels."""

    def __init__(self, lines: Sequence[Line], names: Iterable[str], skip: Collection[int]) -> None:
        self.candidates: dict[int, tuple[LabelMatch, ...]] = {}
        self.count: Counter[Key] = Counter()
        self.spelling: dict[Key, str] = {}
        self.titled: set[Key] = set()  # names with a title after them or under them
        self.paragraphs = 0
        self.captions = 0  # lines with a time of their own
        self.known = {word for name in names for word in label_words(name)}
        self._collect(lines, skip)
        self.lower = LowerWords(lines, self.count)
        self.warnings: tuple[str, ...] = ()  # about labels that may be speech
        self._kin: dict[tuple[Shape, str], list[Key]] = {}

    def accept(self) -> set[Key]:
        """Return the labels that are accepted."""
        fields = {key for key in self.count if key[0] == "field"}
        if self._total(fields) > LABELLED * self.paragraphs:
            return fields
        timed, colon = self._accept_timed(), self._accept_colon()
        if self._total(timed) > max(4, self._total(colon)):
            colon = set()
        accepted = fields | timed | colon
        if self._total(accepted) < max(2, 0.05 * self.paragraphs):
            accepted |= self._best_weak()
        accepted |= self._also(accepted)
        found = find_alternating(self.candidates, accepted, spelling=self.spelling, paragraphs=self.paragraphs)
        self.warnings = tell_doubtful(found - accepted, self.spelling)
        return accepted | found

    def _also(self, accepted: set[Key]) -> set[Key]:
        """Return labels of accepted people in other explicit shapes, and of roles and nobody before a colon."""
        if not accepted:
            return set()
        named = {folded for _, folded in accepted}
        explicit: tuple[Shape, ...] = ("timed", "chevron", "colon", "heading")
        others = (ROLES - SAID) | NOBODY | CROWDS
        said = {shape for shape, _ in accepted}
        return {
            key
            for key in self.count
            if (key[0] in explicit and key[1] in named)
            or (key[0] in ("chevron", "colon") and key[1] in others)
            or (key[0] in said and is_unnamed(self.spelling[key]))
        }

    def _collect(self, lines: Sequence[Line], skip: Collection[int]) -> None:
        before = ""  # text of the line before
        for index, line in enumerate(lines):
            text = line.text.strip()
            if text and index not in skip:
                self.captions += line.start is not None
                self.paragraphs += _opens_paragraph(line, text, before)
                matches = read_label_matches(line)
                if matches and matches[-1].shape in ("alone", "heading"):
                    is_employer = is_firm(text) and self._last_is_name(index, lines)
                    matches = matches[:-1] if is_employer else self._with_name(matches, before, lines, index)
                if matches:
                    self.candidates[index] = matches
                    self._count(matches)
            before = "" if index in skip else text
        self.paragraphs = max(1, self.paragraphs)

    def _last_is_name(self, index: int, lines: Sequence[Line]) -> bool:
        """Whether the line before is a name on a line of its own."""
        before = next((place for place in range(index - 1, max(-1, index - 3), -1) if lines[place].text.strip()), -1)
        return any(match.shape in ("alone", "heading") for match in self.candidates.get(before, ()))

    def _count(self, matches: Iterable[LabelMatch]) -> None:
        for match in matches:
            key = (match.shape, fold_label(match.label))
            self.count[key] += 1
            self.spelling.setdefault(key, match.label)
            if match.aside and match.shape in ("alone", "heading") and is_title(match.aside):
                self.titled.add(key)

    def _with_name(
        self, matches: tuple[LabelMatch, ...], before: str, lines: Sequence[Line], index: int
    ) -> tuple[LabelMatch, ...]:
        """Keep a name on a line of its own only if words follow it and it cannot continue the line before it."""
        *others, name = matches
        title, after = _text_after(lines, index)
        stands_apart = not before or before[-1] in SENTENCE_ENDS or len(before) < SHORT or name.shape == "heading"
        if not after or read_titled(after) or not stands_apart:
            return tuple(others)
        return (*others, replace(name, aside=title) if title and not name.aside else name)

    def _accept_timed(self) -> set[Key]:
        keys = [key for key in self.count if key[0] == "timed"]
        held = {key for key in keys if self._is_plausible(key) or (self.count[key] > 2 and self._is_handle(key))}
        if self._total(held) > LABELLED * self.paragraphs:
            held |= {
                key
                for key in keys
                if len(key[1].split()) < 4 and key[1] not in NO_PEOPLE and not self._is_ordinary(key)
            }
        is_enough = self._total(held) > 1 or any(self._is_known(folded) for _, folded in held)
        return held if is_enough else {key for key in held if is_machine(self.spelling[key])}

    def _accept_colon(self) -> set[Key]:
        keys = [key for key in self.count if key[0] in ("colon", "chevron")]
        held = {key for key in keys if self._recurs(key)}
        held -= {("colon", "q"), ("colon", "a")} if not {("colon", "q"), ("colon", "a")} <= held else set()
        total = self._total(held)
        once = {key for key in keys if self._is_somebody(key)}
        if len(once) > 1 and self._total(once) > DENSE * self.paragraphs:
            held |= once
        people = {key for key in held if self._is_known(key[1]) or is_machine(self.spelling[key]) or key[1] in ROLES}
        if not people and (len(held) < 2 or total < 4) and total < LABELLED * self.paragraphs:
            return set()
        if total > DENSE * self.paragraphs:
            return held | {key for key in keys if self._is_likely(key)}
        if total > 1:
            held |= self._once(keys, held)
        return held

    def _is_likely(self, key: Key) -> bool:
        """Whether a label is likely in a file that labels everything; in captions people use any name they like."""
        size = len(key[1].split())
        is_free = size < 5 if self.captions > self.paragraphs / 2 else size == 1 and not self._is_ordinary(key)
        return key[1] not in NO_PEOPLE and (looks_like_name(self.spelling[key]) or is_free)

    def _is_somebody(self, key: Key) -> bool:
        """Whether a label is a full name, a role or a machine's label, with which speech almost never begins."""
        if key[1] in ROLES or is_machine(self.spelling[key]):
            return True
        is_full = len(key[1].split()) > 1 and self._is_plausible(key)
        return is_full and all(self.lower[word] == 0 for word in label_words(key[1]))

    def _recurs(self, key: Key) -> bool:
        label = self.spelling[key]
        if is_machine(label) or self._is_known(key[1]) or (key[0] == "chevron" and self._is_plausible(key)):
            return True
        return self._family(key) > 1 and (self._is_plausible(key) or (self.count[key] > 2 and self._is_handle(key)))

    def _family(self, key: Key) -> int:
        """Count a label; for one that comes once, count its short and long forms too: 'Ada', 'Ada Byron'."""
        timed = self.count[("timed", key[1])] if key[0] == "colon" else 0  # 'Ada:' here, 'Ada: [0:12]' there
        if self.count[key] + timed > 1:
            return self.count[key] + timed
        words = set(key[1].split())
        kin = {other for word in words for other in self._by_word().get((key[0], word), ())[:KIN] if other != key}
        return 1 + sum(
            self.count[other] for other in kin if words < (others := set(other[1].split())) or words > others
        )

    def _by_word(self) -> Mapping[tuple[Shape, str], list[Key]]:
        """Index the labels by shape and word."""
        if not self._kin:
            for key in self.count:
                for word in key[1].split():
                    self._kin.setdefault((key[0], word), []).append(key)
        return self._kin

    def _once(self, keys: Iterable[Key], held: set[Key]) -> set[Key]:
        """Return the labels that come only once but are accepted, given those that recur."""
        familiar = {word for _, other in held for word in other.split()}
        is_labelled = self._total(held) > LABELLED * self.paragraphs
        return {key for key in keys if self._comes_once(key, familiar, is_labelled=is_labelled)}

    def _comes_once(self, key: Key, familiar: Collection[str], *, is_labelled: bool) -> bool:
        """Whether a label that comes once counts: it is a name, and no word of it occurs in lower case elsewhere."""
        folded = key[1]
        if (
            self.count[key] > 1
            or not looks_like_name(self.spelling[key])
            or folded in NO_PEOPLE
            or not WORD.search(folded)
            or self.spelling[key].startswith("the ")
        ):
            return False
        if folded in ROLES:
            return is_labelled
        words = [word for word in label_words(self.spelling[key]) if word not in familiar]
        is_person = 1 < len(folded.split()) < 6 or (not words and is_labelled)
        return is_person and all(self.lower[word] == 0 for word in words)

    def _best_weak(self) -> set[Key]:
        """Return the labels of the one weak shape that opens most lines, if it opens enough."""
        best: set[Key] = set()
        for shapes, share in WEAK:
            keys = [key for key in self.count if key[0] in shapes]
            held = {key for key in keys if self._holds_weakly(key)}
            held |= self._once(keys, held) if held else set()
            has_names = len(held) > 1 or any(is_machine(self.spelling[key]) for key in held)
            least = 2 if "heading" in {shape for shape, _ in held} else 3
            if has_names and self._total(held) > max(least, share * self.paragraphs, self._total(best)):
                best = held
        return best

    def _holds_weakly(self, key: Key) -> bool:
        if is_machine(self.spelling[key]) or (key in self.titled and self._is_plausible(key)):
            return True
        return (self.count[key] > 1 and self._is_plausible(key) and key[1] not in CROWDS) or (
            self._is_known(key[1]) and len(key[1].split()) > 1
        )

    def _is_plausible(self, key: Key) -> bool:
        folded = key[1]
        if self._is_known(folded) or folded in ROLES:
            return True
        return looks_like_name(self.spelling[key]) and folded not in BREAKS and not self._is_ordinary(key)

    def _is_known(self, folded: str) -> bool:
        words = [word for word in label_words(folded) if word not in PARTICLES]
        return bool(words) and all(word in self.known for word in words)

    def _is_handle(self, key: Key) -> bool:
        """Whether a word in lower case is a name: it comes as a label at least as often as elsewhere."""
        folded = key[1]
        is_word = len(folded.split()) == 1 and folded not in NO_PEOPLE
        return is_word and self.lower[folded] <= 2 * self.count[key]

    def _is_ordinary(self, key: Key) -> bool:
        """Whether all words of a label occur in lower case, and more often than the label does."""
        words = label_words(key[1])
        return bool(words) and all(self.lower[word] > max(1, self.count[key]) for word in words)

    def _total(self, keys: Iterable[Key]) -> int:
        return sum(self.count[key] for key in keys)


def _text_after(lines: Sequence[Line], index: int) -> tuple[str, str]:
    """Return the title that follows a name, if any, and the words after it; skip blank lines and times."""
    title = ""
    for line in lines[index + 1 : index + 6]:
        text = line.text.strip()
        if not text or is_stamp(text):
            continue
        if title or not is_title(text) or (read_titled(text) and not is_firm(text)):
            return title, "" if fold_label(text) in SECTIONS else text
        title = text
    return title, ""


def _opens_paragraph(line: Line, text: str, before: str) -> bool:
    """Whether a line begins a paragraph; a line all in brackets does not count."""
    if text[0] in "[(" and text[-1] in ")]":
        return False
    return not before or line.start is not None or line.heading or before[-1] in SENTENCE_ENDS
