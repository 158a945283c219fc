"""Plans of workshops for the tests, over made transcripts that verify them as the stored ones do."""

from __future__ import annotations

from collections.abc import Sequence

from kb.exports.pack.draft import draft_plan
from kb.exports.pack.material import Candidate, Material, gather_from_quotations
from kb.exports.pack.plan import Plan
from kb.exports.pack.quotation import PackQuotation
from kb.exports.pack.topics import topic_of_behaviour
from kb.lens.framework import load_framework
from kb.model import Interview, Leader, Span, Transcript, Turn

SHORT = "Everybody on the floor knew why we were there, and nobody needed a speech about it."
URL = "https://example.org/talks/7"


def make_talk(
    name: str,
    *quotes: str,
    title: str = "A talk",
    sample: bool = False,
    url: str | None = URL,
    sector: str | None = None,
) -> Transcript:
    """An interview in which a leader answers the host with each of the quotes, in turns with words round them."""
    leader = Leader(name, role="chief executive", company=f"{name} & Co", sector=sector)
    card = Interview(
        name.casefold()[:40], title, (leader,), host="Max Ruh", show="The show", year=2021, url=url, sample=sample
    )
    turns: list[Turn] = []
    for quote in quotes:
        asked = "What did you learn from the people who worked with you in that year?"
        turns.append(Turn(len(turns), "Max Ruh", "host", asked))
        turns.append(Turn(len(turns), name, "leader", f"Before it all. {quote} After it all.", start=61.0 * len(turns)))
    return Transcript(card, tuple(turns))


def quote_all(*talks: Transcript) -> list[PackQuotation]:
    """The quotes of some talks, as quotations."""
    return [
        PackQuotation(
            talk.interview,
            turn.speaker or "",
            Span(turn.index, len("Before it all. "), len(turn.text) - len(" After it all.")),
            turn.text[len("Before it all. ") : -len(" After it all.")],
            start=turn.start,
            start_is_exact=True,
        )
        for talk in talks
        for turn in talk.turns
        if turn.role == "leader"
    ]


def make_talks(number: int, *, sample: bool = False) -> list[Transcript]:
    """Talks of as many leaders, with two quotes each."""
    names = [f"Leader {chr(65 + place)}" for place in range(number)]
    return [make_talk(one, f"{SHORT} ({one})", f"{one} said it twice. {SHORT}", sample=sample) for one in names]


def make_material(quoted: Sequence[PackQuotation], title: str = "What holds us together") -> Material:
    """Material whose quotations speak to the behaviours of the bundled framework, one after another."""
    behaviours = load_framework().behaviours[:4]
    topics = [topic_of_behaviour(one) for one in behaviours]
    return gather_from_quotations(
        title,
        "From the lens",
        [(one, topics[place // 2 % len(topics)], 0.9 - place / 100) for place, one in enumerate(quoted)],
    )


def make_plan(talks: Sequence[Transcript], minutes: int = 90, title: str = "What holds us together") -> Plan:
    """The plan of some talks."""
    return draft_plan(make_material(quote_all(*talks), title), minutes, 12)


def make_loose_material(quoted: Sequence[PackQuotation]) -> Material:
    """Material whose quotations speak to no known matter."""
    return Material("Loose", "From a collection", tuple(map(Candidate, quoted)), keeps_all=True)


class Stored:
    """Interviews as they are stored now; verifies as the quote desk does."""

    def __init__(self, talks: Sequence[Transcript]) -> None:
        self.talks = {one.interview.id: one for one in talks}

    def verify(self, quoted: Sequence[PackQuotation]) -> list[Transcript | None]:
        return [self._stand(one) for one in quoted]

    def _stand(self, one: PackQuotation) -> Transcript | None:
        talk = self.talks.get(one.interview.id)
        if talk is None or one.span.turn >= len(talk.turns):
            return None
        turn = talk.turns[one.span.turn]
        is_same = turn.text[one.span.start : one.span.end] == one.quote and turn.speaker == one.speaker
        return talk if is_same else None
