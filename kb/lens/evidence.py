"""Choose the evidence of a framework: behaviours by number of leaders, each with its best quotations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kb.answering.citation import cite
from kb.lens.framework import Behaviour, Side
from kb.lens.quoting import Quoted
from kb.lens.reading import JudgedPassage
from kb.lens.stance import Stance
from kb.model import Citation, Hit, Turn
from kb.text.words import SPOKEN_WORD

MOST_BEHAVIOURS = 8  # of a side that are shown
MOST_QUOTATIONS = 3  # of a behaviour, each by another leader
ENOUGH = 3  # leaders who are quoted, for an answer


@dataclass(frozen=True, slots=True)
class LensQuotation:
    """A quotation that shows a behaviour."""

    citation: Citation
    behaviour_id: str
    stance: Stance
    confidence: float  # 0 to 1: probability that its passage shows the behaviour
    is_confirmed: bool = False  # by people
    is_sure: bool = True  # False: the passage shows it less clearly than those that are counted


@dataclass(frozen=True, slots=True)
class BehaviourEvidence:
    """A behaviour with what shows it."""

    behaviour: Behaviour
    leaders: int  # who show it clearly
    passages: int  # that show it clearly
    quotations: tuple[LensQuotation, ...]  # best first, each by another leader


@dataclass(frozen=True, slots=True)
class SideEvidence:
    """The behaviours of a side, those of most leaders first."""

    side: Side
    behaviours: tuple[BehaviourEvidence, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides of a framework, the one that is asked for first."""

    framework: str  # its name
    is_learnt: bool  # False: judged by the framework's phrasings alone, which is less sure
    sides: tuple[SideEvidence, ...]
    leaders: int  # who show any of it
    leaders_asked: int  # within the filters
    judgements: int = 0  # of people, from which the lens was learnt anew

    @property
    def is_enough(self) -> bool:
        """Whether it answers the question by itself; with fewer leaders the search answers better."""
        return self.leaders >= ENOUGH

    def of(self, side: Side) -> SideEvidence:
        """The evidence of one side."""
        return next(one for one in self.sides if one.side == side)

    @property
    def quotations(self) -> tuple[LensQuotation, ...]:
        """All quotations, in the order of their numbers."""
        return tuple(one for side in self.sides for shown in side.behaviours for one in shown.quotations)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of all quotations, by number."""
        return tuple(one.citation for one in self.quotations)


Quoter = Callable[[JudgedPassage, str], Quoted | None]
TurnFinder = Callable[[str, int], Turn]


def gather_side(
    side: Side, behaviours: Sequence[Behaviour], judged: Sequence[JudgedPassage], quote: Quoter, turn: TurnFinder
) -> SideEvidence:
    """Gather the evidence of one side; a passage is quoted once, for what it shows best."""
    by_leaders = sorted(
        ((behaviour, [one for one in judged if behaviour.id in one.shows]) for behaviour in behaviours),
        key=lambda pair: (-len({one.passage.speaker for one in pair[1]}), -len(pair[1])),
    )
    quoted: set[str] = set()  # passages, and the words of quotations
    shown = []
    for behaviour, passages in by_leaders[:MOST_BEHAVIOURS]:
        quotations = tuple(_choose(_quote_in_order(behaviour.id, passages, quote, turn), quoted))
        if quotations:
            leaders = len({one.passage.speaker for one in passages})
            shown.append(BehaviourEvidence(behaviour, leaders, len(passages), quotations))
    return SideEvidence(side, tuple(shown))


def list_quotations(
    behaviour_id: str, judged: Iterable[JudgedPassage], quote: Quoter, turn: TurnFinder
) -> list[LensQuotation]:
    """Quote each passage's words that show a behaviour, best first; a passage of nothing but chat is left out."""
    found = _quote_in_order(behaviour_id, judged, quote, turn)
    return sorted(found, key=lambda one: (not one.is_confirmed, -one.confidence))


def sort_passages(behaviour_id: str, judged: Iterable[JudgedPassage]) -> list[JudgedPassage]:
    """Sort passages by how surely they show a behaviour; those that people confirmed are first."""
    return sorted(judged, key=lambda one: -one.shows[behaviour_id])


def _quote_in_order(
    behaviour_id: str, judged: Iterable[JudgedPassage], quote: Quoter, turn: TurnFinder
) -> Iterator[LensQuotation]:
    """Quote passages, best first, one when it is asked for: what people confirmed is surest."""
    for one in sort_passages(behaviour_id, judged):
        words = quote(one, behaviour_id)
        if words:
            hit = Hit(one.passage, one.interview, words.confidence)
            citation = cite(hit, words.start, words.end, 1, turn)
            yield LensQuotation(citation, behaviour_id, one.judgement.stance, words.confidence, words.is_confirmed)


def number_quotations(sides: Sequence[SideEvidence]) -> tuple[SideEvidence, ...]:
    """Number the citations from 1, in the order in which they are shown."""
    numbers = iter(range(1, 10**6))
    return tuple(
        replace(
            side,
            behaviours=tuple(
                replace(
                    shown,
                    quotations=tuple(
                        replace(one, citation=replace(one.citation, number=next(numbers))) for one in shown.quotations
                    ),
                )
                for shown in side.behaviours
            ),
        )
        for side in sides
    )


def _choose(quotations: Iterable[LensQuotation], quoted: set[str]) -> Iterator[LensQuotation]:
    """Choose the best quotations of different leaders that are not quoted yet, and note them."""
    leaders: set[str] = set()
    for one in quotations:
        words = " ".join(SPOKEN_WORD.findall(one.citation.quote.lower()))
        if one.citation.leader.name in leaders or quoted & {one.citation.passage.id, words}:
            continue
        leaders.add(one.citation.leader.name)
        quoted |= {one.citation.passage.id, words}
        yield one
        if len(leaders) == MOST_QUOTATIONS:
            return
