"""Decide over the whole file which possible labels name speakers: a label recurs, or someone's name stands behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ingest.labels import Opening, Shape, fold_label, is_machine, looks_like_name, read_openings
from ingest.script import Line
from ingest.vocabulary import BREAKS, CROWDS, NO_PEOPLE, PARTICLES, ROLES

Key = tuple[Shape, str]

SAMPLE = 400_000  # characters in which words in lower case are counted
SENTENCE_ENDS = frozenset('.!?…:)]"”’-–—')
WORD = re.compile(r"[^\W\d_][^\W\d_'’-]*(?:['’-][^\W\d_]+)*")
WEAK: tuple[Shape, ...] = ("bracket", "stop", "tab", "heading", "alone", "dash")
WEAK_SHARE = {"bracket": 0.05, "stop": 0.1, "tab": 0.2, "heading": 0.1, "alone": 0.1, "dash": 0.2}  # of the paragraphs
DENSE = 0.8  # share of paragraphs with a label from which on every label counts: the file labels everything
LABELLED = 0.3  # share from which on a label may come once


@dataclass(frozen=True, slots=True)
class Grammar:
    """The label of each line that has one, by the line's index."""

    openings: dict[int, Opening]

    @property
    def is_empty(self) -> bool:
        """Whether the file names nobody."""
        return not self.openings


def find_grammar(lines: Sequence[Line], *, names: Iterable[str] = (), skip: Collection[int] = ()) -> Grammar:
    """Which lines open with a speaker's label; `names` are people whom the file names elsewhere."""
    evidence = _Evidence(lines, names, skip)
    accepted = evidence.accept()
    openings = {}
    for index, candidates in evidence.candidates.items():
        for opening in candidates:
            if (opening.shape, fold_label(opening.label)) in accepted:
                openings[index] = opening
                break
    return Grammar(openings)


class _Evidence:
    """What the file as a whole says for and against its possible labels."""

    def __init__(self, lines: Sequence[Line], names: Iterable[str], skip: Collection[int]) -> None:
        self.candidates: dict[int, tuple[Opening, ...]] = {}
        self.count: Counter[Key] = Counter()
        self.spelling: dict[Key, str] = {}
        self.paragraphs = 0
        self.known = {word for name in names for word in _name_words(name)}
        self._collect(lines, skip)
        self._lower = _count_lower_words(lines) if self.count else Counter()

    def accept(self) -> set[Key]:
        """The labels that hold."""
        fields = {key for key in self.count if key[0] == "field"}
        if self._total(fields) > 0.3 * self.paragraphs:
            return fields
        timed = self._accept_timed()
        colon = self._accept_colon()
        if self._total(timed) > 4 and self._total(timed) > self._total(colon):
            named = {folded for _, folded in timed}
            colon = {key for key in colon if key[1] in named or self._is_known(key[1])}
        strong = fields | timed | colon
        if self._total(strong) >= max(2, 0.05 * self.paragraphs):
            return strong
        return strong | self._best_weak()

    def _collect(self, lines: Sequence[Line], skip: Collection[int]) -> None:
        before = ""  # text of the line before
        for index, line in enumerate(lines):
            text = line.text.strip()
            if text and index not in skip:
                self.paragraphs += not before or line.start is not None or line.heading or before[-1] in SENTENCE_ENDS
                openings = self._usable(read_openings(line), before, _text_after(lines, index))
                for opening in openings:
                    folded = fold_label(opening.label)
                    self.count[opening.shape, folded] += 1
                    self.spelling.setdefault((opening.shape, folded), opening.label)
                if openings:
                    self.candidates[index] = openings
            before = text
        self.paragraphs = max(1, self.paragraphs)

    def _usable(self, openings: tuple[Opening, ...], before: str, after: str) -> tuple[Opening, ...]:
        """A name on a line of its own needs words after it, and nothing that it could go on from before it."""
        if not openings or openings[-1].shape != "alone":
            return openings
        stands_apart = not before or before[-1] in SENTENCE_ENDS or len(before) < 30
        return tuple(opening for opening in openings if opening.shape != "alone" or (stands_apart and after))

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
        keys = [key for key in self.count if key[0] == "colon"]
        held = {key for key in keys if self._recurs(key)}
        held -= {("colon", "q"), ("colon", "a")} if not {("colon", "q"), ("colon", "a")} <= held else set()
        total = self._total(held)
        people = {key for key in held if self._is_known(key[1]) or is_machine(self.spelling[key]) or key[1] in ROLES}
        if not people and (len(held) < 2 or total < 4) and total < LABELLED * self.paragraphs:
            return set()
        if total > DENSE * self.paragraphs:
            return held | {key for key in keys if len(key[1].split()) < 6 and key[1] not in NO_PEOPLE}
        if held and total > 2:
            held |= {key for key in keys if self._comes_once(key, held)}
        return held

    def _recurs(self, key: Key) -> bool:
        label = self.spelling[key]
        if is_machine(label) or self._is_known(key[1]):
            return True
        return self.count[key] > 1 and (self._is_plausible(key) or (self.count[key] > 2 and self._is_handle(key)))

    def _comes_once(self, key: Key, held: set[Key]) -> bool:
        """A label that comes a single time counts where nothing in it is said in lower case elsewhere."""
        folded = key[1]
        if (
            self.count[key] > 1
            or not looks_like_name(self.spelling[key])
            or folded in NO_PEOPLE
            or not WORD.search(folded)
        ):
            return False
        if folded in ROLES:
            return self._total(held) > LABELLED * self.paragraphs
        familiar = {word for _, other in held for word in other.split()}
        words = [word for word in _name_words(self.spelling[key]) if word not in familiar]
        is_person = 1 < len(folded.split()) < 6 or (not words and self._total(held) > LABELLED * self.paragraphs)
        return is_person and all(self._lower[word] == 0 for word in words)

    def _best_weak(self) -> set[Key]:
        best: set[Key] = set()
        for shape in WEAK:
            keys = [key for key in self.count if key[0] == shape]
            held = {key for key in keys if self._holds_weakly(key)}
            is_enough = self._total(held) > max(3, WEAK_SHARE[shape] * self.paragraphs, self._total(best))
            if (len(held) > 1 or any(is_machine(self.spelling[key]) for key in held)) and is_enough:
                best = held | {key for key in keys if self._comes_once(key, held)}
        return best

    def _holds_weakly(self, key: Key) -> bool:
        if is_machine(self.spelling[key]):
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
        words = [word for word in _name_words(folded) if word not in PARTICLES]
        return bool(words) and all(word in self.known for word in words)

    def _is_handle(self, key: Key) -> bool:
        """A name in lower case is told from speech by standing as a label more often than anywhere else."""
        folded = key[1]
        is_word = len(folded.split()) == 1 and folded not in NO_PEOPLE
        return is_word and self._lower[folded] <= 2 * self.count[key]

    def _is_ordinary(self, key: Key) -> bool:
        """Whether all words of a label are said in lower case too, and more often than the label comes."""
        words = _name_words(key[1])
        return bool(words) and all(self._lower[word] > max(1, self.count[key]) for word in words)

    def _total(self, keys: Iterable[Key]) -> int:
        return sum(self.count[key] for key in keys)


def _text_after(lines: Sequence[Line], index: int) -> str:
    """The words that follow a line, over one blank line."""
    for line in lines[index + 1 : index + 3]:
        if line.text.strip():
            return line.text
    return ""


def _name_words(name: str) -> list[str]:
    return [word for word in WORD.findall(name.casefold()) if word not in PARTICLES or len(word) == 1]


def _count_lower_words(lines: Sequence[Line]) -> Counter[str]:
    """How often each word stands in lower case; labels themselves are left out by being capitals."""
    counted: Counter[str] = Counter()
    room = SAMPLE
    for line in lines:
        counted.update(word for word in WORD.findall(line.text[:room]) if word[0].islower())
        room -= len(line.text)
        if room <= 0:
            break
    return counted
