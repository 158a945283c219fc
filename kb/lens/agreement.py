"""How far two agree on what passages show: two people, or a person and the machine, by Cohen's kappa."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from kb.lens.framework import Framework
from kb.lens.people import Decided

MACHINE = "the machine"
FEWEST = 2  # kappa of fewer answers, or of two who always gave the same one, says nothing

Answers = dict[str, dict[str, bool]]  # of one person: what they said of each behaviour, by passage


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of all behaviours of the passages that both have judged: those that both spoke of, and those of which neither did
    (neither sees them).
    """

    one: str
    other: str
    passages: int
    answers: int
    same: int  # answers that are the same
    kappa: float | None  # -1 to 1; None where chance cannot be told from agreement


def list_agreements(decided: Decided, framework: Framework) -> list[Agreement]:
    """Compare each two people, then each person with the machine."""
    people = _collect_answers(decided)
    labels = [one.id for one in framework.behaviours]
    pairs = [
        *((one, other, people[one], people[other]) for one, other in combinations(sorted(people), 2)),
        *((one, MACHINE, people[one], _ask_machine(decided, people[one])) for one in sorted(people)),
    ]
    found = (_compare(one, other, left, right, labels) for one, other, left, right in pairs)
    return [one for one in found if one.answers]


def _collect_answers(decided: Decided) -> dict[str, Answers]:
    """Collect what each person said; names that differ in capitals are one."""
    found: dict[str, Answers] = {}
    names: dict[str, str] = {}
    for (passage_id, label), votes in decided.votes.items():
        for vote in votes:
            name = names.setdefault(vote.tag.person.casefold(), vote.tag.person)
            found.setdefault(name, {}).setdefault(passage_id, {})[label] = vote.tag.holds
    return found


def _ask_machine(decided: Decided, asked: Mapping[str, Mapping[str, bool]]) -> Answers:
    """Say what the machine sees in passages, and that it does not see what a person was asked about beside."""
    return {
        passage_id: dict.fromkeys(spoken, False)
        | (dict.fromkeys(judged.shows, True) if (judged := decided.machine.get(passage_id)) else {})
        for passage_id, spoken in asked.items()
    }


def _compare(one: str, other: str, left: Answers, right: Answers, labels: list[str]) -> Agreement:
    shared = left.keys() & right.keys()
    answers = [pair for passage_id in shared for pair in _pair(left[passage_id], right[passage_id], labels)]
    same = sum(mine == theirs for mine, theirs in answers)
    return Agreement(one, other, len(shared), len(answers), same, _measure_kappa(answers))


def _pair(left: Mapping[str, bool], right: Mapping[str, bool], labels: list[str]) -> Iterator[tuple[bool, bool]]:
    for label in labels:
        if (label in left) == (label in right):
            yield left.get(label, False), right.get(label, False)


def _measure_kappa(answers: list[tuple[bool, bool]]) -> float | None:
    if len(answers) < FEWEST or len({one for pair in answers for one in pair}) < FEWEST:
        return None
    from sklearn.metrics import cohen_kappa_score  # here: it takes a second to import, for one table

    left, right = zip(*answers, strict=True)
    return float(cohen_kappa_score(left, right))
