"""Results of a search: ranked passages, with the scores that an answer needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kb.embedding.arrays import Scores
from kb.model import Hit, Interview, Passage
from kb.retrieval.lexicon import Theme


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage in the ranking."""

    passage_id: str
    interview_id: str
    score: float
    is_named: bool  # the question names its leader or company
    shares_words: bool  # it holds most rare words of the question
    evidence: float  # answerability score of this passage alone


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """Scores of a passage and its sentences."""

    scores: Scores  # (sentences,): how well each answers; sentences beyond the model's window are missing
    relevance: float  # probability that the passage answers


def make_hits(
    ranked: Sequence[Ranked],
    *,
    passages: Callable[[Sequence[str]], Mapping[str, Passage]],
    interviews: Mapping[str, Interview],
) -> list[Hit]:
    """Build hits from ranked passages; passages that are no longer in the catalog are skipped."""
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
    """The result of a search: the ranking, and facts about the question for the answer."""

    ranked: tuple[Ranked, ...] = ()
    looks: Mapping[str, SentenceScores] = field(default_factory=dict)  # passage id -> its scores
    score: float = 0.0  # answerability of the question
    unknown: tuple[str, ...] = ()  # names in the question that no interview mentions
    themes: tuple[Theme, ...] = ()  # themes that the question asks about
    is_named: bool = False  # the question names a leader or company
    is_placed: bool = False  # it is named, or clearly asks about a theme that some passage may answer
    is_touched: bool = False  # clearly asks about a theme that passages of several interviews are likely to answer
    meant: tuple[str, ...] = ()  # correct spellings of misspelt names
