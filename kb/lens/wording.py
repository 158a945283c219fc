"""Say in words what the lens found; the doors share them."""

from __future__ import annotations

from kb.lens.evidence import BehaviourEvidence, Evidence, LensQuotation, SideEvidence
from kb.lens.framework import Side
from kb.lens.stance import Stance

HEADINGS: dict[Side, str] = {"attracts": "What attracts people", "drives_away": "What drives people away"}
STANCES: dict[Stance, str] = {"does": "does it", "warns": "warns of it", "tells": "tells of it", "": ""}


def describe_evidence(evidence: Evidence) -> str:
    """What the evidence rests on, in a sentence; that it is less sure, where it is."""
    if not evidence.quotations:
        which = "The interviews within these filters show" if evidence.leaders_asked else "No interview shows"
        return f"{which} nothing of {evidence.framework} that is sure enough to be quoted."
    rests = (
        f"{evidence.framework}: {evidence.leaders} of {count(evidence.leaders_asked, 'leader')}, in their own words."
    )
    doubt = "" if evidence.is_learnt else " Judged by the framework's phrasings alone, so it is less sure."
    return f"{rests}{doubt}{describe_learnt(evidence.judgements)} A machine chose them: read before you conclude."


def describe_learnt(judgements: int) -> str:
    """That the lens was learnt anew from people, with a space before it; '' where it was not."""
    return f" Learnt anew from {count(judgements, 'judgement')} of people." if judgements else ""


def describe_side(side: SideEvidence) -> str:
    """That a side has nothing to show; '' where it has."""
    return "" if side.behaviours else "Nothing that is sure enough to be quoted."


def describe_behaviour(shown: BehaviourEvidence) -> str:
    """How many leaders show a behaviour, and in how many passages."""
    return f"{count(shown.leaders, 'leader')}, {count(shown.passages, 'passage')}"


def describe_quotation(one: LensQuotation) -> str:
    """Whether the leader does it, warns of it or tells of it; that people confirmed it, where they did."""
    said = STANCES[one.stance]
    return f"{said} · confirmed by people" if one.is_confirmed else said


def count(number: int, noun: str) -> str:
    """A number of things: '1 leader', '14 leaders'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
