"""Put what people said in place of what the machine judged: their word counts where they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kb.lens.framework import SIDES, Framework, Side
from kb.lens.judge import Effect, Judgement
from kb.lens.reading import JudgedPassage
from kb.lens.stance import tell_stance
from kb.lens.tags import KeptTag
from kb.model import PART_BREAK, Passage, Span
from kb.retrieval.index import Index
from kb.storage.tag_table import Tag

Slice = tuple[int, int]  # characters of a passage
Shown = tuple[str, str]  # ids of a passage and of a behaviour
PassageLister = Callable[[str], Sequence[Passage]]  # of an interview


@dataclass(frozen=True, slots=True)
class Vote:
    """What a person said of a passage, in the words that they judged."""

    tag: Tag
    passage: Passage
    words: Slice


@dataclass(frozen=True, slots=True)
class Decided:
    """The passages that show something once people's word is counted."""

    judged: tuple[JudgedPassage, ...]
    confirmed: Mapping[Shown, Slice]  # where more people say yes than no, with the words that they judged
    votes: Mapping[Shown, Sequence[Vote]]  # the latest of each person
    machine: Mapping[str, JudgedPassage]  # what the machine alone judged, by id of the passage


def decide(
    judged: Sequence[JudgedPassage], kept: Iterable[KeptTag], index: Index, framework: Framework, list_of: PassageLister
) -> Decided:
    """Count people's votes: of as many yes as no, the machine's judgement stays."""
    votes = _collect_votes(kept, framework, list_of)
    agreed = list_agreed(votes)
    confirmed = {
        shown: next(one.words for one in reversed(votes[shown]) if one.tag.holds)
        for shown, holds in agreed.items()
        if holds
    }
    rejected = {shown for shown, holds in agreed.items() if not holds}
    machine = {one.passage.id: one for one in judged}
    added = _list_added(confirmed, votes, machine, index, framework)
    decided = (_apply(one, confirmed, rejected, framework) for one in (*judged, *added))
    return Decided(tuple(one for one in decided if one), confirmed, votes, machine)


def _collect_votes(
    kept: Iterable[KeptTag], framework: Framework, list_of: PassageLister
) -> dict[Shown, tuple[Vote, ...]]:
    """Collect the latest vote of each person on each behaviour of each passage; the tags come oldest first."""
    found: dict[Shown, dict[str, Vote]] = {}
    for one in kept:
        place = one.standing.found.place if one.is_verbatim and one.standing.found else None
        if place is None or one.tag.framework != framework.name or not framework.behaviour(one.tag.label):
            continue
        span = Span(place.turn.index, place.start, place.end)
        if located := locate_words(list_of(place.interview.id), span):
            given = found.setdefault((located[0].id, one.tag.label), {})
            given.pop(one.tag.person.casefold(), None)
            given[one.tag.person.casefold()] = Vote(one.tag, *located)
    return {shown: tuple(given.values()) for shown, given in found.items()}


def list_agreed(votes: Mapping[Shown, Sequence[Vote]]) -> dict[Shown, bool]:
    """List what more people say than not of a passage and a behaviour; where they are even, nothing."""
    sums = {shown: sum(1 if one.tag.holds else -1 for one in given) for shown, given in votes.items()}
    return {shown: number > 0 for shown, number in sums.items() if number}


def locate_words(passages: Iterable[Passage], span: Span) -> tuple[Passage, Slice] | None:
    """Find the passage that holds most of some words of a turn, and the words in it."""
    best: tuple[Passage, Slice] | None = None
    for passage in passages:
        before = 0
        for part in passage.parts:
            start, end = max(part.start, span.start), min(part.end, span.end)
            held = best[1][1] - best[1][0] if best else 0
            if part.turn == span.turn and end - start > held:
                best = passage, (before + start - part.start, before + end - part.start)
            before += part.end - part.start + len(PART_BREAK)
    return best


def _list_added(
    confirmed: Iterable[Shown],
    votes: Mapping[Shown, Sequence[Vote]],
    machine: Mapping[str, JudgedPassage],
    index: Index,
    framework: Framework,
) -> Iterator[JudgedPassage]:
    """List the passages in which people see a behaviour, and the machine none."""
    missing = {passage_id: votes[passage_id, label][0].passage for passage_id, label in confirmed}
    missing = {passage_id: one for passage_id, one in missing.items() if passage_id not in machine}
    places = {one: place for place, one in enumerate(index.passage_ids)} if missing else {}
    sides = {passage_id: _side_of(framework, label) for passage_id, label in confirmed}
    for passage_id, passage in missing.items():
        if passage_id in places:
            stance = tell_stance(passage.text, attracts=sides[passage_id] == "attracts")
            judgement = Judgement("neither", (), stance, 1.0, is_sure=True)
            yield JudgedPassage(passage, index.interviews[passage.interview_id], judgement, {}, places[passage_id])


def _apply(
    one: JudgedPassage, confirmed: Mapping[Shown, Slice], rejected: set[Shown], framework: Framework
) -> JudgedPassage | None:
    """Return a passage as people see it; None where nothing is left that it shows."""
    own, labels = one.passage.id, [behaviour.id for behaviour in framework.behaviours]
    yes = [label for label in labels if (own, label) in confirmed]
    no = {label for label in labels if (own, label) in rejected}
    if not yes and not no:
        return one
    shows = {label: chance for label, chance in one.shows.items() if label not in no} | dict.fromkeys(yes, 1.0)
    behaviours = dict.fromkeys([*yes, *(label for label in one.judgement.behaviours if label not in no)])
    left = {_side_of(framework, label) for label in (*behaviours, *shows)}
    sides = [side for side in SIDES if side in left]
    if not sides:
        return None
    effect: Effect = "both" if len(sides) == len(SIDES) else sides[0]
    return replace(one, judgement=replace(one.judgement, effect=effect, behaviours=tuple(behaviours)), shows=shows)


def _side_of(framework: Framework, label: str) -> Side:
    return next(one.side for one in framework.behaviours if one.id == label)
