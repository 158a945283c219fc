"""Write an answer from ranked passages: choose the best ones and quote the words that answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from kb.answering.citation import cite
from kb.answering.window import CLOSELY, WIDE, Gains, Window, choose_window
from kb.model import Answer, Citation, Coverage, Group, Hit, Query, Sentence, Turn
from kb.retrieval.findings import SentenceScores
from kb.text.sentences import count_words

MOST_WORDS = 560  # of all quotations together
ALONE_WORDS = 150  # of the only quotation in an answer
FLOOR = 0.4  # passages below this share of the best passage's relevance are not quoted
THEME_FLOOR = 0.35  # the same, where several are wanted
MATTER_FLOOR = 0.55  # the same, where one passage answers: of 130 questions, none was answered by one below it
# Beyond the first quotations of an answer, each must reach this share of the best relevance: on the theme questions, a
# quotation between .4 and .65 of the best answers half as often as one above.
FIRST, CLOSE = 4, 0.65
# Below this relevance, no passage but the best is quoted for a theme. On 38 talks of public leaders, few of the
# quotations below it answer.
LIKELY = 0.12
# The best passage is shown alone if it exceeds the mean of the next ones by this much.
AHEAD, BEHIND = 0.35, slice(1, 12)


@dataclass(frozen=True, slots=True)
class Shape:
    """Limits of an answer."""

    most: int  # quotations
    first_words: int  # of the first quotation
    words: int  # of each other one
    floor: float = FLOOR  # share of the best relevance
    chance: float = 0.0  # relevance
    with_room: Gains = WIDE


# A specific question has one answer, shown with its context; the others are short, in case the first is not it.
OF_THEME, NEAREST_OF_THEME = Shape(8, 90, 90, THEME_FLOOR, LIKELY, CLOSELY), Shape(3, 90, 45, FLOOR, LIKELY, CLOSELY)
NEAREST = Shape(3, 110, 45)
OF_MATTER, OF_NAMED = Shape(3, 150, 45, MATTER_FLOOR), Shape(6, 150, 50, MATTER_FLOOR)


def write_brief(
    query: Query,
    hits: Sequence[Hit],
    coverage: Coverage,
    *,
    looks: Mapping[str, SentenceScores],
    turn: Callable[[str, int], Turn],
    is_theme: bool = False,
    is_named: bool = False,
) -> Answer:
    """Quote the best passages, alternating between leaders; no quotations if nobody answers the question.

    `hits` are ranked, best first; `looks` maps the passage id of each hit to its scores; `turn` returns a turn by
    interview id and index. `is_theme`: the question is about a theme, with many answers. `is_named`: the question names
    a leader or company.
    """
    if coverage.level == "none" or not hits:
        return Answer(query, (), replace(coverage, level="none"), tuple(hits))
    chosen = list(_choose(hits, looks, _choose_shape(coverage, is_theme=is_theme, is_named=is_named)))
    numbers = count(1)
    quoted = tuple(_quote(hit, window, next(numbers), turn) for hit, window in chosen)
    if not quoted:
        return Answer(query, (), replace(coverage, level="none"), tuple(hits))
    return Answer(query, (Group("", quoted),), count_shown(coverage, quoted), tuple(hits))


def quote_each(
    hits: Sequence[Hit], looks: Mapping[str, SentenceScores], turn: Callable[[str, int], Turn]
) -> Iterator[Citation]:
    """Quote the best part of each passage that is close to the best one; nothing but chat is left out."""
    numbers = count(1)
    best = max((looks[hit.passage.id].relevance for hit in hits), default=0.0)
    for hit in hits:
        look = looks[hit.passage.id]
        window = choose_window(hit.passage, look.scores) if look.relevance >= FLOOR * best else None
        if window:
            yield cite(hit, window.start, window.end, next(numbers), turn)


def count_shown(coverage: Coverage, quoted: Sequence[Sentence]) -> Coverage:
    """Set the counts of the coverage to those of the quotations shown."""
    cited = [citation for sentence in quoted for citation in sentence.citations]
    years = [one.interview.year for one in cited if one.interview.year]
    return replace(
        coverage,
        leaders=len({one.leader.name for one in cited}),
        passages=len({one.passage.id for one in cited}),
        first_year=min(years, default=None),
        last_year=max(years, default=None),
    )


def _choose_shape(coverage: Coverage, *, is_theme: bool, is_named: bool) -> Shape:
    if coverage.level == "near":
        return NEAREST_OF_THEME if is_theme and not is_named else NEAREST
    if is_named:
        return OF_NAMED
    return OF_THEME if is_theme else OF_MATTER


def _choose(hits: Sequence[Hit], looks: Mapping[str, SentenceScores], shape: Shape) -> Iterator[tuple[Hit, Window]]:
    """Choose passages and their quoted words, in order, within the shape and MOST_WORDS words."""
    words = shown = 0
    worthy = _take_turns(_keep_worthy(hits, looks, shape))
    close = max(LIKELY, CLOSE * max((looks[hit.passage.id].relevance for hit in worthy), default=0.0))
    for hit in worthy:
        if shown >= FIRST and looks[hit.passage.id].relevance < close:
            continue
        most_words = ALONE_WORDS if len(worthy) == 1 else shape.words if shown else shape.first_words
        window = choose_window(hit.passage, looks[hit.passage.id].scores, most_words, shape.with_room)
        if window is None:
            continue
        words += count_words(hit.passage.text[window.start : window.end])
        if shown and words > MOST_WORDS:
            return
        yield hit, window
        shown += 1
        if shown == shape.most:
            return


def _keep_worthy(hits: Sequence[Hit], looks: Mapping[str, SentenceScores], shape: Shape) -> list[Hit]:
    """Keep the hits close to the best one; only the best if it is far above the rest, or no other is likely."""
    relevance = [looks[hit.passage.id].relevance for hit in hits]
    rest, best = relevance[BEHIND], max(relevance)
    stands_alone = bool(rest) and relevance[0] == best and best - sum(rest) / len(rest) >= AHEAD
    floor = best - AHEAD / 2 if stands_alone else min(best, max(shape.floor * best, shape.chance))
    return [hit for hit, value in zip(hits, relevance, strict=True) if value >= floor]


def _take_turns(hits: Sequence[Hit]) -> list[Hit]:
    """Reorder hits: the first of every leader before the second of any."""
    spoken: Counter[str] = Counter()
    rounds = []
    for hit in hits:
        rounds.append(spoken[hit.passage.speaker])
        spoken[hit.passage.speaker] += 1
    return [hit for _, hit in sorted(zip(rounds, hits, strict=True), key=lambda pair: pair[0])]


def _quote(hit: Hit, window: Window, number: int, turn: Callable[[str, int], Turn]) -> Sentence:
    citation = cite(hit, window.start, window.end, number, turn)
    opens = citation.start_offset <= OPENING
    return Sentence(citation.quote, (citation,), asked=hit.passage.question if window.leans and opens else "")


OPENING = 40  # a quotation that starts within this many characters of its turn still answers the host's question
