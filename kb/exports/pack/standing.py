"""Check a plan against the stored interviews at the moment of export, and read what stands round each quotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kb.errors import BadPack
from kb.exports.pack.plan import Plan, Segment
from kb.exports.pack.quotation import PackQuotation, tidy
from kb.model import Transcript, Turn
from kb.text.sentences import count_words, sentence_spans

AROUND = 320  # characters of the leader's own words shown before a quotation, and after it
NEAR = 6  # turns before a quotation in which what was asked is looked for
FEWEST_WORDS = 4  # of what was asked
ASKED = 400  # characters of what the host said before

Verifier = Callable[[Sequence[PackQuotation]], Sequence[Transcript | None]]


@dataclass(frozen=True, slots=True)
class Context:
    """What stands round a quotation, verbatim, for those who prepare."""

    asked: str  # the last words of the host, or of another, before the turn; '' if there are none
    asked_by: str
    before: str  # the leader's own words before the quotation, in the same turn
    after: str


@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """A plan whose quotations all stand in their interviews, ready to be written."""

    plan: Plan
    contexts: Mapping[str, Context]  # by the id of the quotation
    left_out: tuple[str, ...] = ()  # quotations that no longer stand, one line each

    def number(self, quotation: PackQuotation) -> int:
        """The number of a quotation in the list of sources, counted from 1."""
        return [one.id for one in self.plan.quotations].index(quotation.id) + 1


def check_plan(plan: Plan, verify: Verifier) -> CheckedPlan:
    """Keep what stands in its interview, character for character, said by the same leader; name what is left out.

    Words with control characters, or marks that turn text around, are left out too: no page shows them as they stand.

    Raises BadPack when nothing is left.
    """
    quoted = plan.quotations
    found = dict(zip((one.id for one in quoted), verify(quoted), strict=True))
    contexts = {one.id: _read_context(one, stored) for one in quoted if one.is_plain and (stored := found[one.id])}
    left_out = tuple(_tell_left_out(one) for one in quoted if one.id not in contexts)
    return CheckedPlan(_keep(plan, contexts) if left_out else plan, contexts, left_out)


def _tell_left_out(one: PackQuotation) -> str:
    why = "no longer stand in their interview" if one.is_plain else "hold marks that no page can show as they are"
    return f"Left out: the words of {one.name} in {tidy(one.interview.title)} {why}."


def _keep(plan: Plan, standing: Mapping[str, Context]) -> Plan:
    """Drop the quotations that do not stand, and the segments that have no other."""
    kept = [_keep_in(one, standing) for one in plan.segments]
    segments = tuple(one for one in kept if one.quotations)
    first = next((one for segment in segments for one in segment.quotations), None)
    opening = plan.opening if plan.opening.id in standing else first
    if opening is None or not segments:
        raise BadPack("No quotation of the plan stands in its interview any more; make the plan again")
    return replace(plan, opening=opening, segments=segments)


def _keep_in(segment: Segment, standing: Mapping[str, Context]) -> Segment:
    return replace(segment, quotations=tuple(one for one in segment.quotations if one.id in standing))


def _read_context(quotation: PackQuotation, stored: Transcript) -> Context:
    span = quotation.span
    turn = stored.turns[span.turn]
    asked = _find_asked(stored.turns[: span.turn], turn)
    return Context(
        asked=_cut_front(asked.text, ASKED) if asked else "",
        asked_by=tidy(asked.speaker or "") if asked else "",
        before=_cut_front(turn.text[: span.start].rpartition("\n\n")[2], AROUND),
        after=_cut_back(turn.text[span.end :].partition("\n\n")[0], AROUND),
    )


def _find_asked(earlier: Sequence[Turn], turn: Turn) -> Turn | None:
    """Find what a host, or another who is no leader, said last before a turn; a word of assent is no question."""
    near = reversed(earlier[-NEAR:])
    others = (one for one in near if one.speaker != turn.speaker and one.role != "leader" and one.kind == "talk")
    return next((one for one in others if count_words(one.text) >= FEWEST_WORDS), None)


def _cut_front(text: str, most: int) -> str:
    """Keep the last sentences of a text, within so many characters; of a longer one, its last words."""
    whole = text.strip()
    if len(whole) <= most:
        return whole
    starts = [start for start, _ in sentence_spans(whole) if len(whole) - start <= most]
    if starts:
        return whole[starts[0] :]
    return f"…{whole[-most:].partition(' ')[2]}"


def _cut_back(text: str, most: int) -> str:
    """Keep the first sentences of a text, within so many characters; of a longer one, its first words."""
    whole = text.strip()
    if len(whole) <= most:
        return whole
    ends = [end for _, end in sentence_spans(whole) if end <= most]
    if ends:
        return whole[: ends[-1]]
    return f"{whole[:most].rpartition(' ')[0]}…"
