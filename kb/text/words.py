"""Classify the words of a text: content words, names, negations."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kb.text.stopwords import FUNCTION_WORDS

_LETTERS = r"[^\W\d_]+"
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")  # letters and digits, joined by apostrophes
SPOKEN_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*")  # no digits
COMPOUND = re.compile(rf"{_LETTERS}(?:['’-]{_LETTERS})*")  # joined by hyphens too
CLAUSE_END = re.compile(r"[,;:.!?—]|\s--?\s")
CLAUSE_WORDS = frozenset("but after before when while because since until if unless although".split())
NEGATION_SCOPE = 3  # content words after a negation that it denies, within its clause
DENIALS = frozenset(
    "not never no nobody none nothing neither nor without hardly cannot"
    " refuse refuses refused fail fails failed".split()
)
# Words that report speech.
REPORTING = frozenset(
    "account add added adds advise advises advised argue argued argues believe believed believes call called calls"
    " case claim claimed claims compare company describe described describes emphasise emphasises emphasize emphasized"
    " emphasizes executive explain explained explains express expressed expresses feel feels felt founder founders"
    " highlight highlights interview interviews leader leaders learn learned learnt mention mentioned mentions note"
    " noted notes observe observed observes passage passages pointed points puts quote quoted quotes recall recalled"
    " recalls remark remarked remarks remember remembered remembers report reported reports share shared shares"
    " speaker speakers speak speaks state stated states stress stressed stresses suggest suggested suggests talk talks"
    " tell tells think thinks thought told view views word words".split()
)
SUFFIXES = ("ations", "ation", "ments", "ment", "ingly", "ings", "ing", "edly", "ies", "ied", "ers", "ness", "ed",
            "er", "es", "ly", "s", "e", "y")  # fmt: skip
SHORTEST = 3  # minimum letters of a stem
SKIPPED = frozenset(" \t\"“”'‘’*_(>[-")  # between the end of a sentence and the first word of the next one


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its position."""

    text: str  # in lower case, with a plain apostrophe
    start: int
    end: int
    is_name: bool  # capitalised inside a sentence

    @property
    def stem(self) -> str:
        """Approximate stem, shared by the forms of the word."""
        return stem(self.text)


def find_words(text: str) -> list[Word]:
    """Return the words of a text, in order."""
    return [_make_word(text, found) for found in COMPOUND.finditer(text)]


def content_words(text: str) -> list[Word]:
    """Return the content words of a text, without words that report speech."""
    return [word for word in find_words(text) if word.text not in FUNCTION_WORDS and word.text not in REPORTING]


def negated_stems(text: str) -> set[str]:
    """Return the stems in the scope of a negation: the next few content words of its clause."""
    return set(_read_denied(text))


def count_denials(text: str, shared: Collection[str]) -> int:
    """Count negations from shortly before the first shared stem to the last one."""
    words = find_words(text)
    places = [place for place, word in enumerate(words) if word.stem in shared and word.text not in FUNCTION_WORDS]
    near = words[max(0, places[0] - NEGATION_SCOPE) : places[-1] + 1] if places else []
    return sum(word.text in DENIALS or word.text.endswith("n't") for word in near)


def stem(word: str) -> str:
    """Strip the ending of a word; "sharing", "shared" and "shares" have one stem."""
    plain = word.removesuffix("'s")
    for suffix in SUFFIXES:
        if plain.endswith(suffix) and len(plain) - len(suffix) >= SHORTEST:
            cut = plain[: -len(suffix)]
            return cut[:-1] if len(cut) > SHORTEST and cut[-1] == cut[-2] and cut[-1] not in "aeiou" else cut
    return plain


def _read_denied(text: str) -> Iterator[str]:
    left = 0
    before = 0
    for word in find_words(text):
        if CLAUSE_END.search(text, before, word.start) or word.text in CLAUSE_WORDS:
            left = 0
        before = word.end
        if word.text in DENIALS or word.text.endswith("n't"):
            left = NEGATION_SCOPE
        elif left and word.text not in FUNCTION_WORDS:
            left -= 1
            yield word.stem


def _make_word(text: str, found: re.Match[str]) -> Word:
    word = found.group()
    before = found.start()
    while before and text[before - 1] in SKIPPED:
        before -= 1
    opens = not before or text[before - 1] in ".!?:…\n"
    return Word(word.lower().replace("’", "'"), *found.span(), is_name=word[0].isupper() and not opens and word != "I")
