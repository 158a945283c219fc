"""Draft a plan in a fixed way: matters with several leaders first, one leader before anybody's second quotation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.errors import BadPack
from kb.exports.pack.material import Candidate, Material
from kb.exports.pack.plan import SHAPES, Plan, Segment, check_minutes, check_people
from kb.exports.pack.quotation import tidy
from kb.exports.pack.topics import Topic, make_general_topic
from kb.text.sentences import count_words

OPENING_WORDS = 12, 95  # fewest and most of an opening quotation, where there is a choice
FADING = 15  # ranks after which a quotation counts half
QUESTIONS = 3  # of a segment
FEWEST = 3  # segments, before quotations without a common matter make another
NEXT = 3  # quotations among which another sector is looked for
MOST_CHOSEN = 4  # quotations of a segment, where a person chose them


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A candidate with its rank, counted from 0."""

    candidate: Candidate
    rank: int

    @property
    def speaker(self) -> str:
        return self.candidate.quotation.speaker

    @property
    def sector(self) -> str | None:
        return self.candidate.quotation.leader.sector

    def sureness(self, topic: Topic) -> float:
        """How surely it speaks to a matter, less for one that was found late."""
        sure = max((value for one, value in self.candidate.topics if one.id == topic.id), default=0.0)
        return sure / (1 + self.rank / FADING)


_Group = tuple[Topic, Sequence[_Ranked]]


def draft_plan(material: Material, minutes: int, people: int, title: str = "") -> Plan:
    """Draft the plan of a workshop. Raises BadPack when there is no quotation, or a number cannot be used."""
    length, number = check_minutes(minutes), check_people(people)
    if not material.candidates:
        raise BadPack("There is no quotation to make a pack of; ask another question, or pin some quotations")
    shape = SHAPES[length]
    ranked = [_Ranked(one, rank) for rank, one in enumerate(material.candidates)]
    opening = _choose_opening(ranked)
    rest = [one for one in ranked if one is not opening] or [opening]
    chosen = -(-len(rest) // shape.segments)
    size = min(MOST_CHOSEN, max(shape.quotations, chosen)) if material.keeps_all else shape.quotations
    groups = list(_group(rest, opening, material, shape.segments, size))
    return Plan(
        title=tidy(title) or material.title,
        origin=material.origin,
        minutes=length,
        people=number,
        opening=opening.candidate.quotation,
        segments=tuple(_make_segments(groups)),
    )


def tell_left_out(material: Material, plan: Plan) -> tuple[str, ...]:
    """Tell how many quotations that a person chose have no room in a drafted plan, in one line; () for none."""
    kept = {one.id for one in plan.quotations}
    left = [one for one in material.candidates if one.quotation.id not in kept] if material.keeps_all else []
    if not left:
        return ()
    those = "quotation has" if len(left) == 1 else "quotations have"
    return (f"{len(left)} {those} no room in {plan.minutes} minutes; choose a longer workshop, or pin fewer.",)


def _choose_opening(ranked: Sequence[_Ranked]) -> _Ranked:
    """Choose the best quotation that is neither a scrap nor a speech."""
    fewest, most = OPENING_WORDS
    fitting = (one for one in ranked if fewest <= count_words(one.candidate.quotation.quote) <= most)
    return next(fitting, ranked[0])


def _group(rest: Sequence[_Ranked], opening: _Ranked, material: Material, number: int, size: int) -> Iterator[_Group]:
    """Gather quotations into at most so many groups, the matter with the most sure voices first."""
    pool, spoken = list(rest), Counter([opening.speaker])
    used: list[str] = []
    while pool and len(used) < number:
        fair = min(size, max(2, -(-len(pool) // (number - len(used)))))
        group = _choose_topic(pool, spoken, size, used, fewest=1 if material.has_given_topics else 2)
        topic, members = group or _choose_voices(pool, spoken, fair, used)
        if material.keeps_all and not group:  # the same leader again, before a quotation is left out
            members = [*members, *(one for one in pool if one not in members)][: max(fair, len(members))]
        is_weak = not group and (len(members) < 2 or len(used) >= FEWEST)
        if used and is_weak and not material.keeps_all:
            return
        yield topic, members
        used.append(topic.id)
        spoken.update(one.speaker for one in members)
        pool = [one for one in pool if one not in members]


def _choose_topic(
    pool: Sequence[_Ranked], spoken: Counter[str], size: int, used: Sequence[str], fewest: int
) -> _Group | None:
    """Choose the matter to which the most leaders who have not spoken yet speak surely; several before one alone."""
    topics = {topic.id: topic for one in pool for topic, _ in one.candidate.topics if topic.id not in used}
    groups = [(topic, _choose_members(pool, topic, spoken, size)) for topic in topics.values()]
    fitting = [group for group in groups if len(group[1]) > 1] or [group for group in groups if len(group[1]) >= fewest]
    return max(fitting, key=lambda group: _value(group[0], group[1], spoken), default=None)


def _choose_voices(pool: Sequence[_Ranked], spoken: Counter[str], size: int, used: Sequence[str]) -> _Group:
    """Choose of what is left the best of leaders who have not spoken yet."""
    waiting = sorted(pool, key=lambda one: (spoken[one.speaker], one.rank))
    general = make_general_topic(sum(one.startswith("voices-") for one in used))
    return general, _choose_different(waiting, spoken, size)


def _choose_members(pool: Sequence[_Ranked], topic: Topic, spoken: Counter[str], size: int) -> Sequence[_Ranked]:
    speaking = [one for one in pool if one.sureness(topic)]
    ordered = sorted(speaking, key=lambda one: (spoken[one.speaker], -one.sureness(topic)))
    return _choose_different(ordered, spoken, size)


def _choose_different(ordered: Sequence[_Ranked], spoken: Counter[str], size: int) -> Sequence[_Ranked]:
    """Choose quotations of different leaders; of the next few, one of a sector that has not spoken."""
    chosen: list[_Ranked] = []
    while len(chosen) < size:
        speakers = {one.speaker for one in chosen}
        sectors = {one.sector for one in chosen} - {None}
        left = [one for one in ordered if one.speaker not in speakers]
        if not left:
            break
        alike = [one for one in left[:NEXT] if spoken[one.speaker] == spoken[left[0].speaker]]
        chosen.append(next((one for one in alike if one.sector not in sectors), left[0]))
    return chosen


def _value(topic: Topic, members: Sequence[_Ranked], spoken: Counter[str]) -> float:
    return sum(one.sureness(topic) / (1 + spoken[one.speaker]) for one in members)


def _make_segments(groups: Sequence[_Group]) -> Iterator[Segment]:
    """Make the segments; no question and no behaviour stands in two of them, as long as there are others."""
    asked: set[str] = set()
    looked: set[str] = set()
    for topic, members in groups:
        fresh = [one for one in topic.questions if one not in asked]
        questions = (*fresh, *(one for one in topic.questions if one in asked))[:QUESTIONS]
        lens = next((one for one in topic.lenses if one not in looked), "")
        asked.update(questions)
        looked.add(lens)
        quoted = (one.candidate.quotation for one in sorted(members, key=lambda one: one.rank))
        yield Segment(topic.id, topic.heading, lens, tuple(quoted), questions)
