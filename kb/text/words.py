"""Words of a text by what they do: carry meaning, name somebody, deny something."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kb.text.stopwords import FUNCTION_WORDS

_LETTERS = r"[^\W\d_]+"
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")  # letters and digits, with what apostrophes join
SPOKEN_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*")  # no digits
COMPOUND = re.compile(rf"{_LETTERS}(?:['’-]{_LETTERS})*")  # with what hyphens join too
CLAUSE_END = re.compile(r"[,;:.!?—]|\s--?\s")
CLAUSE_WORDS = frozenset("but after before when while because since until if unless although".split())
NEGATION_SCOPE = 3  # words that carry meaning which a negation denies, within its clause
DENIALS = frozenset(
    "not never no nobody none nothing neither nor without hardly cannot"
    " refuse refuses refused fail fails failed".split()
)
# Words by which somebody is reported to speak.
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
SHORTEST = 3  # letters of a stem


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands."""

    text: str  # in lower case, with a plain apostrophe
    start: int
    end: int
    is_name: bool  # a capital inside a sentence

    @property
    def stem(self) -> str:
        """What its forms have in common, roughly."""
        return stem(self.text)


def find_words(text: str) -> list[Word]:
    """The words of a text, in order."""
    return [_make_word(text, found) for found in COMPOUND.finditer(text)]


def content_words(text: str) -> list[Word]:
    """Those that carry meaning, without the ones that only report."""
    return [word for word in find_words(text) if word.text not in FUNCTION_WORDS and word.text not in REPORTING]


def negated_stems(text: str) -> set[str]:
    """Stems of the words that a negation denies: the next few that carry meaning, within its clause."""
    return set(_read_denied(text))


def count_denials(text: str, shared: Collection[str]) -> int:
    """How many words deny something, from shortly before the first of the shared stems to the last of them."""
    words = find_words(text)
    places = [place for place, word in enumerate(words) if word.stem in shared and word.text not in FUNCTION_WORDS]
    near = words[max(0, places[0] - NEGATION_SCOPE) : places[-1] + 1] if places else []
    return sum(word.text in DENIALS or word.text.endswith("n't") for word in near)


def stem(word: str) -> str:
    """A word without its ending; "sharing", "shared" and "shares" are one."""
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
    before = text[: found.start()].rstrip(" \t\"“”'‘’*_(>[-")
    opens = not before or before[-1] in ".!?:…\n"
    return Word(word.lower().replace("’", "'"), *found.span(), is_name=word[0].isupper() and not opens and word != "I")
