"""What a search finds: ranked passages, with what an answer needs to know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kb.arrays import Scores
from kb.model import Hit, Interview, Passage
from kb.retrieval.lexicon import Theme


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage's place in the ranking."""

    passage_id: str
    interview_id: str
    score: float
    is_named: bool  # the question names its leader or company
    shares_words: bool  # the keyword leg found it too
    evidence: float  # how surely it speaks to the question, as coverage is judged by


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """What the search knows of a passage besides its rank."""

    scores: Scores  # (sentences,): how well each answers; those beyond the model's window are missing
    relevance: float  # chance that the passage answers, 0 to 1


def make_hits(
    ranked: Sequence[Ranked],
    *,
    passages: Callable[[Sequence[str]], Mapping[str, Passage]],
    interviews: Mapping[str, Interview],
) -> list[Hit]:
    """Passages with their scores; one that the catalog does not know any more is passed over."""
    known = passages([one.passage_id for one in ranked])
    return [
        Hit(known[one.passage_id], interviews[one.interview_id], one.score, _tell_why(one))
        for one in ranked
        if one.passage_id in known
    ]


def _tell_why(one: Ranked) -> tuple[str, ...]:
    legs = (("named", one.is_named), ("meaning", True), ("words", one.shares_words))
    return tuple(leg for leg, found_it in legs if found_it)


@dataclass(frozen=True, slots=True)
class RetrievalResult:
    """What a search knows of a question besides the ranking, for whoever writes an answer."""

    ranked: tuple[Ranked, ...] = ()
    looks: Mapping[str, SentenceScores] = field(default_factory=dict)  # passage id -> what is known of it
    score: float = 0.0  # how surely the question is spoken to
    unknown: tuple[str, ...] = ()  # names in the question that no interview mentions
    themes: tuple[Theme, ...] = ()  # that the question asks about
    is_named: bool = False  # the question names who is to answer
    is_placed: bool = False  # it does, or it surely asks about a theme that some passage may speak to
    meant: tuple[str, ...] = ()  # whom it was taken to name, where it spells them otherwise
