"""Lies and truths made of real sentences by general transformations, as a language model would write them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.generation.grounding.verdict import Source
from kb.model import Hit
from kb.text.numbers import extract_numbers
from kb.text.sentences import count_words, sentence_spans

FRAMES = (
    "{name} says: “{quote}” {mark}.",
    '{name} puts it this way: "{quote}" {mark}.',
    "“{quote}” {mark}, says {name}.",
    "As {name} remembers, “{quote}” {mark}",
    "According to {name}, ‘{quote}’ {mark}.",
)
REPORTS = (
    "{name} says that {claim} {mark}.",
    "{name} explains that {claim} {mark}.",
    "According to {name}, {claim} {mark}.",
    "In the words of {name}, {claim} {mark}.",
)
PERSONS = {
    "i": "they", "me": "them", "my": "their", "mine": "theirs", "myself": "themselves", "i'm": "they are",
    "i've": "they have", "i'd": "they would", "i'll": "they will", "am": "are", "we": "they", "us": "them",
    "our": "their", "ours": "theirs", "we're": "they are", "we've": "they have", "we'd": "they would",
    "we'll": "they will", "you": "one", "your": "one's", "you're": "one is", "don't": "do not", "didn't": "did not",
    "can't": "cannot", "won't": "will not", "isn't": "is not", "it's": "it is", "that's": "that is",
    "there's": "there is", "wasn't": "was not", "doesn't": "does not", "gonna": "going to", "wanna": "want to",
}  # fmt: skip
FILLERS = re.compile(
    r"(?i)(?:^|(?<=[\s,]))(?:you know|i mean|sort of|kind of|basically|literally|actually|obviously|like),\s*"
    r"|^(?:and|so|but|well|yeah|no|right|okay|because)[,\s]+"
)
SAME_MEANING = {
    "begin": "start", "started": "began", "big": "large", "biggest": "largest", "company": "business",
    "companies": "businesses", "folks": "people", "guy": "man", "guys": "people", "kids": "children", "money": "cash",
    "job": "position", "wanted": "wished", "really": "truly", "maybe": "perhaps", "hard": "difficult", "talk": "speak",
    "talked": "spoke", "talking": "speaking", "huge": "enormous", "awesome": "great", "amazing": "wonderful",
    "stuff": "things", "everybody": "everyone", "hire": "recruit", "hired": "recruited", "build": "create",
    "building": "creating", "built": "created", "buy": "purchase", "bought": "purchased", "happy": "glad",
    "quickly": "fast", "whole": "entire", "smart": "clever", "customers": "clients", "customer": "client",
}  # fmt: skip
NUMBERS = "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty".split()
NEGATION = re.compile(r"(?i)\b(?:not|never)\s|n['’]t\b")
VERB = re.compile(r"(?i)\b(was|were|is|are|had|has|have|would|could|should|will|can|did|do)\b(?!n)")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
CLAUSE = re.compile(r"[,;:—]\s+|\s+--\s+")


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence as a model might write it, and the passages it was given."""

    kind: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """A real sentence, the passage it comes from, and what else is at hand for lying."""

    source: Source
    sentence: str
    sources: tuple[Source, ...]
    elsewhere: Sequence[str]  # sentences of other interviews
    words: Sequence[str]  # content words of the interviews, as often as they occur

    @property
    def name(self) -> str:
        return self.source.hit.passage.speaker

    @property
    def others(self) -> list[Source]:
        return [one for one in self.sources if one.hit.passage.speaker != self.name]


Maker = Callable[[Ground, random.Random], str | None]


def list_sentences(hit: Hit, least: int = 8, most: int = 40) -> list[str]:
    """The sentences of a passage that can stand alone in an answer."""
    text = hit.passage.text
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    return [one for one in sentences if least <= count_words(one) <= most and '"' not in one and "“" not in one]


def report(sentence: str) -> str:
    """A sentence in the third person, without what only speech has: true if the sentence is."""
    plain = FILLERS.sub("", FILLERS.sub("", sentence.rstrip(" .!?…-"))).replace("...", ",").replace(" -- ", ", ")
    told = WORD.sub(lambda found: PERSONS.get(found.group().lower().replace("’", "'"), found.group()), plain)
    first = told.split(maxsplit=1)[0] if told.split() else ""
    return told if first in sentence[1:] or not first.istitle() else told[:1].lower() + told[1:]


def _frame(ground: Ground, rng: random.Random, quote: str, *, name: str = "", mark: str = "") -> str:
    return rng.choice(FRAMES).format(
        name=name or ground.name, quote=quote.rstrip(" .") if rng.random() < 0.5 else quote,
        mark=mark or f"[{ground.source.number}]",
    )  # fmt: skip


def _report(ground: Ground, rng: random.Random, claim: str, *, name: str = "", mark: str = "") -> str:
    return rng.choice(REPORTS).format(name=name or ground.name, claim=claim, mark=mark or f"[{ground.source.number}]")


# What is true


def quote_exactly(ground: Ground, rng: random.Random) -> str | None:
    return _frame(ground, rng, ground.sentence)


def quote_in_other_type(ground: Ground, rng: random.Random) -> str | None:
    marks = str.maketrans({"'": "’", "\u2019": "'", " ": rng.choice([" ", "\u00a0", "  "])})
    return _frame(ground, rng, ground.sentence.replace("...", "…").replace(" -- ", "—").translate(marks))


def quote_a_part(ground: Ground, rng: random.Random) -> str | None:
    parts = [part for part in CLAUSE.split(ground.sentence) if count_words(part) >= 5]
    return f"“{rng.choice(parts).rstrip(' .')},” {ground.name} says [{ground.source.number}]." if parts else None


def quote_with_a_gap(ground: Ground, rng: random.Random) -> str | None:
    parts = [part.rstrip(" .") for part in CLAUSE.split(ground.sentence) if count_words(part) >= 4]
    if len(parts) < 3 or NEGATION.search(ground.sentence):
        return None
    return _frame(ground, rng, f"{parts[0]} ... {parts[-1]}")


def quote_two_leaders(ground: Ground, rng: random.Random) -> str | None:
    other = rng.choice(ground.others) if ground.others else None
    sentences = list_sentences(other.hit) if other else []
    if not other or not sentences:
        return None
    return (
        f"{ground.name} says “{ground.sentence}” [{ground.source.number}], while {other.hit.passage.speaker}"
        f" says “{rng.choice(sentences)}” [{other.number}]."
    )


def report_faithfully(ground: Ground, rng: random.Random) -> str | None:
    return _report(ground, rng, report(ground.sentence))


def report_a_part(ground: Ground, rng: random.Random) -> str | None:
    parts = [part for part in CLAUSE.split(ground.sentence) if count_words(part) >= 6]
    return _report(ground, rng, report(rng.choice(parts))) if parts else None


def report_in_other_words(ground: Ground, rng: random.Random) -> str | None:
    told = report(ground.sentence)
    changed = WORD.sub(lambda found: SAME_MEANING.get(found.group().lower(), found.group()), told)
    return _report(ground, rng, changed) if changed != told else None


# What is not


def invent_a_quotation(ground: Ground, rng: random.Random) -> str | None:
    return _frame(ground, rng, rng.choice(ground.elsewhere))


def change_a_word(ground: Ground, rng: random.Random) -> str | None:
    changed = _swap_word(ground.sentence, ground.words, rng)
    return _frame(ground, rng, changed) if changed else None


def flip_a_negation(ground: Ground, rng: random.Random) -> str | None:
    changed = _flip(ground.sentence, rng)
    return _frame(ground, rng, changed) if changed else None


def change_a_number(ground: Ground, rng: random.Random) -> str | None:
    changed = _swap_number(ground.sentence, rng)
    return _frame(ground, rng, changed) if changed else None


def name_another_leader(ground: Ground, rng: random.Random) -> str | None:
    other = rng.choice(ground.others) if ground.others else None
    return _frame(ground, rng, ground.sentence, name=other.hit.passage.speaker) if other else None


def name_and_cite_another_leader(ground: Ground, rng: random.Random) -> str | None:
    other = rng.choice(ground.others) if ground.others else None
    if not other:
        return None
    return _frame(ground, rng, ground.sentence, name=other.hit.passage.speaker, mark=f"[{other.number}]")


def cite_what_was_not_given(ground: Ground, rng: random.Random) -> str | None:
    mark = f"[{len(ground.sources) + rng.randint(1, 40)}]"
    make = rng.choice((_frame, _report))
    return make(ground, rng, ground.sentence if make is _frame else report(ground.sentence), mark=mark)


def cite_nothing(ground: Ground, rng: random.Random) -> str | None:
    return _report(ground, rng, report(ground.sentence), mark=" ").replace("  .", ".")


def report_a_wrong_number(ground: Ground, rng: random.Random) -> str | None:
    changed = _swap_number(report(ground.sentence), rng)
    return _report(ground, rng, changed) if changed else None


def report_from_elsewhere(ground: Ground, rng: random.Random) -> str | None:
    return _report(ground, rng, report(rng.choice(ground.elsewhere)))


def report_from_another_passage(ground: Ground, rng: random.Random) -> str | None:
    other = rng.choice(ground.others) if ground.others else None
    sentences = list_sentences(other.hit) if other else []
    return _report(ground, rng, report(rng.choice(sentences))) if sentences else None


def report_of_another_leader(ground: Ground, rng: random.Random) -> str | None:
    other = rng.choice(ground.others) if ground.others else None
    return _report(ground, rng, report(ground.sentence), name=other.hit.passage.speaker) if other else None


def report_the_opposite(ground: Ground, rng: random.Random) -> str | None:
    changed = _flip(report(ground.sentence), rng)
    return _report(ground, rng, changed) if changed else None


def report_another_thing(ground: Ground, rng: random.Random) -> str | None:
    changed = _swap_word(report(ground.sentence), ground.words, rng)
    return _report(ground, rng, changed) if changed else None


TRUTHS: tuple[Maker, ...] = (
    quote_exactly, quote_in_other_type, quote_a_part, quote_with_a_gap, quote_two_leaders, report_faithfully,
    report_a_part, report_in_other_words,
)  # fmt: skip
LIES: tuple[Maker, ...] = (
    invent_a_quotation, change_a_word, flip_a_negation, change_a_number, name_another_leader,
    name_and_cite_another_leader, cite_what_was_not_given, cite_nothing, report_a_wrong_number, report_from_elsewhere,
    report_from_another_passage, report_of_another_leader, report_the_opposite, report_another_thing,
)  # fmt: skip


def _swap_word(sentence: str, words: Sequence[str], rng: random.Random) -> str | None:
    found = [one for one in WORD.finditer(sentence) if len(one.group()) >= 5 and one.group().islower()]
    if not found:
        return None
    old = rng.choice(found)
    new = rng.choice([word for word in rng.choices(words, k=20) if word[:4] != old.group()[:4]])
    return sentence[: old.start()] + new + sentence[old.end() :]


def _swap_number(sentence: str, rng: random.Random) -> str | None:
    figures = [
        one for one in re.finditer(r"\d+|[a-z]+", sentence) if extract_numbers(one.group()) and one.group() != "couple"
    ]
    if not figures:
        return None
    old = rng.choice(figures)
    new = str(int(old.group()) + rng.randint(1, 9)) if old.group().isdigit() else rng.choice(NUMBERS)
    return None if new == old.group() else sentence[: old.start()] + new + sentence[old.end() :]


def _flip(sentence: str, rng: random.Random) -> str | None:
    """Drop a negation, or put one in."""
    negations = list(NEGATION.finditer(sentence))
    if negations:
        one = rng.choice(negations)
        return sentence[: one.start()] + sentence[one.end() :]
    verb = VERB.search(sentence)
    return sentence[: verb.end()] + " not" + sentence[verb.end() :] if verb else None
