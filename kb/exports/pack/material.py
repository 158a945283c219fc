"""What a pack is made from: quotations for a question, for a theme, or of a collection, each with its matters."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from kb.errors import BadPack
from kb.exports.pack.quotation import PackQuotation, from_citation, from_kept, tidy
from kb.exports.pack.topics import Topic, list_related, topic_of_behaviour, topic_of_theme
from kb.knowledge_base import KnowledgeBase
from kb.lens.evidence import Evidence
from kb.lens.framework import Framework
from kb.model import Answer, Query
from kb.retrieval.lexicon import Theme
from kb.retrieval.theme_sorter import ThemeOdds
from kb.text.sentences import count_words

DEPTH = 40  # passages that are looked at for a question
FLOOR = -0.5  # log odds below which words do not speak of a theme
OTHER_SIDE = 0.7  # what a behaviour counts of the side that is not asked for first
ENOUGH = 16  # quotations for a workshop of three hours
MOST_ANSWERED = 10  # of these, where few quotations are found
MOST_RELATED = 9  # themes next to that of the question that are searched
MATTERS = 4  # of them with several voices: enough
CITED = 0.9  # how surely a quotation of an answer speaks to the theme of the question
NEAR = 0.6  # and one of the answer to a theme next to it
NEXT = 0.85  # what each of them counts, beside the one before
MOST_TOPICS = 3  # of a quotation
FEWEST_WORDS = 6  # of a quotation that the search adds to those of the answer
UNCLEAR = ("[unintelligible", "[inaudible", "[crosstalk")  # what a transcriber could not hear


Asker = Callable[[Query], Answer]


class NothingToQuote(BadPack):
    """Raised when the interviews do not speak to a question, or nothing of a collection stands any more."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quotation that may stand in the pack, with the matters that it speaks to, the surest first."""

    quotation: PackQuotation
    topics: tuple[tuple[Topic, float], ...] = ()  # each with how surely, 0 to 1


@dataclass(frozen=True, slots=True)
class Material:
    """What a plan is drafted from."""

    title: str
    origin: str  # one line: the question, the theme or the collection
    candidates: tuple[Candidate, ...]  # best first
    has_given_topics: bool = False  # each stands under its matter, be it alone there
    keeps_all: bool = False  # a person chose them: none is left out for being one too many
    warnings: tuple[str, ...] = ()  # what could not be taken, one line each


def gather(
    knowledge_base: KnowledgeBase, query: Query, theme: str = "", collection: str = "", ask: Asker | None = None
) -> Material:
    """Gather for a theme or from a collection, by name, where one is given, else for the question of the query.

    `ask` answers a query, where an answer may be known already.

    Raises BadPack when there is nothing to quote or no such theme, BadCollection, or BadQuestion.
    """
    if theme:
        return gather_for_theme(knowledge_base, find_theme(knowledge_base, theme), query, ask)
    if collection:
        return gather_from_collection(knowledge_base, collection)
    if sides := knowledge_base.lens.takes(query.text):
        evidence = knowledge_base.lens.evidence(query, sides[0])
        if evidence.sides[0].behaviours:  # the side that is asked for
            return gather_from_evidence(query.text, evidence, knowledge_base.lens.framework)
    return gather_for_question(knowledge_base, query, ask)


def gather_for_question(knowledge_base: KnowledgeBase, query: Query, ask: Asker | None = None) -> Material:
    """Gather what the answer quotes, and more: on a theme, what is said to the themes next to it, else what is found.

    Raises BadPack when the interviews do not answer, BadQuestion when it cannot be asked.
    """
    answer = (ask or knowledge_base.ask)(query)
    if not answer.is_covered:
        raise NothingToQuote("The interviews do not speak to this, so there is nothing to quote; ask in other words")
    quoted = [from_citation(one) for one in answer.citations]
    named = [topic_of_theme(one) for one in knowledge_base.themes() if one.id in {two.id for two in answer.themes}]
    own = [_trust(one, named) for one in _sort(knowledge_base, quoted)]
    related = list_related([one.id for one in answer.themes], knowledge_base.themes())
    if related:
        more = list(_search_related(knowledge_base, query, related[:MOST_RELATED], quoted))
    else:
        more = [_sort(knowledge_base, _list_more(knowledge_base, replace(query, limit=DEPTH), quoted))]
    candidates = list(_take_turns([own, *more], is_theme=bool(related)))
    if len(candidates) < ENOUGH:  # few speak surely to the themes next to it: what the answers to these quote
        candidates.extend(_answer_related(knowledge_base, query, candidates, related[:MOST_ANSWERED]))
    title = tidy(query.text)
    return Material(title, f"From the question: {title}", tuple(candidates))


def gather_for_theme(knowledge_base: KnowledgeBase, theme: Theme, within: Query, ask: Asker | None = None) -> Material:
    """Gather what the interviews say to a theme; `within` holds the filters. Raises as `gather_for_question`."""
    gathered = gather_for_question(knowledge_base, replace(within, text=theme.questions[0]), ask)
    return replace(gathered, title=tidy(theme.name), origin=f"From the theme: {tidy(theme.name)}")


def gather_from_collection(knowledge_base: KnowledgeBase, name: str) -> Material:
    """Gather the quotations of a collection, in its order; those that no longer stand are left out, with a warning.

    Raises BadCollection when there is none of this name, BadPack when none of its quotations stands.
    """
    collection = knowledge_base.collections.find(name)
    kept = knowledge_base.collections.refind(knowledge_base.collections.pins(collection.id))
    quoted = [one for one in map(from_kept, kept) if one]
    warnings = [f"Quotation {number}: {one.warning}" for number, one in enumerate(kept, 1) if one.warning]
    if not quoted:
        raise NothingToQuote(
            f"No quotation of the collection {collection.name!r} stands in its interview; pin some first"
        )
    title = tidy(collection.name)
    return Material(
        title, f"From the collection: {title}", _sort(knowledge_base, quoted), keeps_all=True, warnings=tuple(warnings)
    )


def gather_from_evidence(title: str, evidence: Evidence, framework: Framework) -> Material:
    """Gather what shows the behaviours of a framework: in turns from its sides, the one that is asked for first."""
    in_turns = chain.from_iterable(zip_longest(*(side.behaviours for side in evidence.sides)))
    asked = evidence.sides[0].side
    quoted = [
        (
            from_citation(one.citation),
            topic_of_behaviour(shown.behaviour, framework),
            one.confidence * NEXT**place * (1.0 if shown.behaviour.side == asked else OTHER_SIDE),
        )
        for place, shown in enumerate(filter(None, in_turns))
        for one in shown.quotations
    ]
    return gather_from_quotations(title, f"From the question: {title}, through {evidence.framework}", quoted)


def gather_from_quotations(title: str, origin: str, quoted: Iterable[tuple[PackQuotation, Topic, float]]) -> Material:
    """Gather quotations whose matter is known, such as those of the lens; each with how surely it speaks to it."""
    candidates = tuple(Candidate(one, ((topic, sure),)) for one, topic, sure in quoted)
    return Material(tidy(title), tidy(origin), candidates, has_given_topics=True)


def find_theme(knowledge_base: KnowledgeBase, name: str) -> Theme:
    """Find a theme by its id or its name. Raises BadPack when there is none."""
    wanted = " ".join(name.split()).casefold()
    for theme in knowledge_base.themes():
        if wanted in (theme.id.casefold(), theme.name.casefold()):
            return theme
    raise BadPack(f"There is no theme {tidy(name, 80)!r}; see them on the page Browse, under Themes")


def _search_related(
    knowledge_base: KnowledgeBase, query: Query, related: Sequence[Theme], quoted: Sequence[PackQuotation]
) -> Iterator[Sequence[Candidate]]:
    """Search the themes next to that of a question, one after another, until enough of them have several voices."""
    among = [one.id for one in related]
    fading = {theme_id: NEXT**place for place, theme_id in enumerate(among, 1)}
    shared = 0
    for theme in related:
        asked = replace(query, text=theme.questions[0], limit=DEPTH // 2)
        more = _list_more(knowledge_base, asked, quoted)
        found = [_fade(one, fading) for one in _sort(knowledge_base, more, among)]
        yield found
        voices = {one.quotation.speaker for one in found if theme.id in {topic.id for topic, _ in one.topics}}
        shared += len(voices) > 1
        if shared == MATTERS:
            return


def _answer_related(
    knowledge_base: KnowledgeBase, query: Query, known: Sequence[Candidate], related: Sequence[Theme]
) -> Iterator[Candidate]:
    """Yield what the answers to the themes next to that of the question quote, each theme's as speaking to it."""
    taken = [one.quotation for one in known]
    for place, theme in enumerate(related):
        answer = knowledge_base.ask(replace(query, text=theme.questions[0]))
        for citation in answer.citations if answer.is_covered else ():
            quotation = from_citation(citation)
            if not any(_overlap(quotation, one) for one in taken):
                taken.append(quotation)
                yield Candidate(quotation, ((topic_of_theme(theme), NEAR * NEXT**place),))


def _list_more(knowledge_base: KnowledgeBase, query: Query, quoted: Sequence[PackQuotation]) -> list[PackQuotation]:
    found = (from_citation(one) for one in knowledge_base.quotes.cite(query))
    return [one for one in found if _is_plain(one.quote) and not any(_overlap(one, other) for other in quoted)]


def _trust(candidate: Candidate, named: Sequence[Topic]) -> Candidate:
    """Count a quotation of the answer as one that speaks to the themes of the question, and less to any other."""
    known = dict(candidate.topics)
    other = {topic: NEAR * sure for topic, sure in known.items()}
    own = {topic: max(CITED, known.get(topic, 0.0)) for topic in named}
    ordered = sorted({**other, **own}.items() if named else known.items(), key=lambda one: -one[1])
    return replace(candidate, topics=tuple(ordered))


def _fade(candidate: Candidate, fading: Mapping[str, float]) -> Candidate:
    """Make matters that are further from the question count less."""
    return replace(candidate, topics=tuple((one, sure * fading.get(one.id, 1.0)) for one, sure in candidate.topics))


def _take_turns(gathered: Sequence[Sequence[Candidate]], *, is_theme: bool) -> Iterator[Candidate]:
    """Yield the answer's own quotations, then the others in turns, each once; on a theme, those that speak to one."""
    own, *others = gathered
    yield from own
    taken: list[PackQuotation] = []
    for one in chain.from_iterable(zip_longest(*others)):
        if one is None or (is_theme and not one.topics) or any(_overlap(one.quotation, two) for two in taken):
            continue
        taken.append(one.quotation)
        yield one


def _sort(
    knowledge_base: KnowledgeBase, quoted: Sequence[PackQuotation], among: Collection[str] | None = None
) -> tuple[Candidate, ...]:
    """Tell of each quotation to which themes it speaks; `among` these alone, where some are given."""
    topics = {one.id: topic_of_theme(one) for one in knowledge_base.themes() if not among or one.id in among}
    judged = knowledge_base.sorter.sort([(one.interview.id, one.span) for one in quoted])
    return tuple(Candidate(one, _name_topics(odds, topics)) for one, odds in zip(quoted, judged, strict=True))


def _name_topics(odds: ThemeOdds, topics: dict[str, Topic]) -> tuple[tuple[Topic, float], ...]:
    spoken = (theme for theme in odds if theme in topics and odds[theme] >= FLOOR)
    best = sorted(spoken, key=lambda theme: -odds[theme])[:MOST_TOPICS]
    return tuple((topics[theme], 1 / (1 + math.exp(-odds[theme]))) for theme in best)


def _is_plain(quote: str) -> bool:
    """Whether words can be shown alone: enough of them, all heard, from the beginning of a sentence."""
    return count_words(quote) >= FEWEST_WORDS and not quote[:1].islower() and not any(one in quote for one in UNCLEAR)


def _overlap(one: PackQuotation, other: PackQuotation) -> bool:
    if (one.interview.id, one.span.turn) != (other.interview.id, other.span.turn):
        return False
    return one.span.start < other.span.end and other.span.start < one.span.end
