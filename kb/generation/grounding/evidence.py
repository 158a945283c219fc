"""The evidence for checking generated text: the passages given to the model, and their speakers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.generation.grounding.injection import find_prompt_injection
from kb.generation.grounding.markup import Quotation, find_citations, find_quotations
from kb.generation.grounding.similarity import TokenSimilarity
from kb.generation.grounding.verdict import Source
from kb.model import PART_BREAK, Citation, Hit, Passage
from kb.text.normalise import NormalisedText, normalise
from kb.text.words import find_words

Matcher = Callable[[str, str], TokenSimilarity]  # claim, passage text -> how well each word of the claim is matched
Citer = Callable[[Hit, int, int, int], Citation]  # hit, start and end in its passage, number -> a checked citation


@dataclass(frozen=True, slots=True)
class Floors:
    """Minimum similarities of a supported claim; chosen on half of the real questions."""

    mean: float = 0.8  # mean over the claim's content words
    word: float = 0.45  # the worst matched word


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passages, with the functions that compare claims and make citations."""

    sources: tuple[Source, ...]
    match: Matcher
    cite: Citer
    floors: Floors = Floors()

    def source(self, number: int) -> Source | None:
        """Return the passage with this number, or None."""
        return next((source for source in self.sources if source.number == number), None)

    def quote(self, source: Source, start: int, end: int) -> Citation:
        """Cite a slice of a passage, checked against its turn. Raises UnfoundQuote when they differ."""
        return self.cite(source.hit, start, end, source.number)

    @property
    def speakers(self) -> frozenset[str]:
        """Names of the speakers of the passages."""
        return frozenset(source.hit.passage.speaker for source in self.sources)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it, with its citations."""

    text: str
    quotations: tuple[Quotation, ...]
    cited: tuple[Source, ...]
    evidence: Evidence
    last_leader: str | None  # the referent of "he" or "she"

    def before(self, quotation: Quotation) -> str:
        """Return the text between the previous quotation and this one."""
        ends = (one.end for one in self.quotations if one.end <= quotation.start)
        return self.text[max(ends, default=0) : quotation.start]

    def after(self, quotation: Quotation) -> str:
        """Return the text between this quotation and the next one."""
        starts = (one.start for one in self.quotations if one.start >= quotation.end)
        return self.text[quotation.end : min(starts, default=len(self.text))]


def read_draft(text: str, evidence: Evidence, last_leader: str | None) -> Draft:
    """Parse a generated sentence: its quotations, and the passages that its numbers cite."""
    numbers = dict.fromkeys(number for mark in find_citations(text) for number in mark.numbers)
    cited = tuple(source for number in numbers if (source := evidence.source(number)))
    return Draft(text, tuple(find_quotations(text)), cited, evidence, last_leader)


def list_named(text: str, speakers: Iterable[str]) -> set[str]:
    """Return the speakers named in a text: by full name, else by surname, else by first name."""
    words = {text[word.start : word.end].removesuffix("'s").removesuffix("’s") for word in find_words(text)}
    names = {name: name.split() for name in speakers}
    full = {name for name in names if name in text}
    surnames = {name for name, parts in names.items() if parts[-1] in words}
    return full or surnames or {name for name, parts in names.items() if parts[0] in words}


def list_foreign(claim: str, cited: Sequence[Source]) -> list[str]:
    """Return names in a claim that occur neither in the cited passages nor in their metadata."""
    texts = [text for source in cited for text in (describe(source), trusted_text(source))]
    known = {word.text.removesuffix("'s") for text in texts for word in find_words(text)}
    names = [word for word in find_words(claim) if word.is_name and word.text.removesuffix("'s") not in known]
    return list(dict.fromkeys(claim[word.start : word.end] for word in names))


def trusted_text(source: Source) -> str:
    """Return the text of a passage up to its first prompt injection."""
    text = source.hit.passage.text
    return text[: find_prompt_injection(text)]


def describe(source: Source) -> str:
    """Describe a passage: speaker, interview and question. A claim may use the names in it."""
    passage, interview = source.hit.passage, source.hit.interview
    leader = interview.leader(passage.speaker)
    company, role = (leader.company, leader.role) if leader else (None, None)
    known = (passage.speaker, company, role, interview.title, interview.show, interview.host, passage.question)
    return " ".join(one for one in known if one)


def fold_parts(passage: Passage) -> tuple[tuple[int, NormalisedText], ...]:
    """Normalise each turn of a passage and return it with its start: no quotation crosses two turns."""
    return _fold_parts(passage.text, tuple(part.end - part.start for part in passage.parts))


@lru_cache(maxsize=256)
def _fold_parts(text: str, lengths: tuple[int, ...]) -> tuple[tuple[int, NormalisedText], ...]:
    folded: list[tuple[int, NormalisedText]] = []
    start = 0
    for length in lengths:
        folded.append((start, normalise(text[start : start + length])))
        start += length + len(PART_BREAK)
    return tuple(folded)
