"""Make an answer of hits: leaders' own sentences, each cited, or the word that the interviews do not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kb.arrays import Scores
from kb.errors import UnfoundQuote
from kb.model import Answer, Citation, Coverage, Group, Hit, Query, Sentence, Turn
from kb.sentences import count_words, sentence_spans

MIN_SENTENCE = 6  # words; fewer rarely stand alone
MAX_SENTENCE = 60  # words; more is no sentence but a speech without full stops
MAX_SENTENCES = 8
MAX_A_LEADER = 2
PASSAGE_SHARE = 0.3  # of a sentence's score, how much its passage lends


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could go into the answer."""

    hit: Hit
    start: int  # characters into the passage
    end: int
    score: float

    @property
    def text(self) -> str:
        """The sentence itself."""
        return self.hit.passage.text[self.start : self.end]


def write_brief(
    query: Query,
    hits: Sequence[Hit],
    coverage: Coverage,
    *,
    sentences: Mapping[str, Scores],
    turn: Callable[[str, int], Turn],
) -> Answer:
    """The sentences of different leaders that answer best; none when the interviews do not cover the question.

    `sentences` gives, for each hit's passage id, how well each of its sentences matches the question;
    `turn` gives a turn of an interview by its index.
    """
    if coverage.level == "none":
        return Answer(query, (), coverage, tuple(hits))
    chosen = _choose([candidate for hit in hits for candidate in _list_candidates(hit, sentences[hit.passage.id])])
    cited = tuple(
        Sentence(candidate.text, (cite(candidate.hit, candidate.start, candidate.end, number, turn),))
        for number, candidate in enumerate(chosen, 1)
    )
    groups = (Group("", cited),) if cited else ()
    return Answer(query, groups, coverage, tuple(hits))


def cite(hit: Hit, start: int, end: int, number: int, turn: Callable[[str, int], Turn]) -> Citation:
    """Point at a slice of a passage, checked against the turn that it comes from."""
    passage = hit.passage
    span = passage.locate(start, end)
    source = turn(passage.interview_id, span.turn)
    quote = passage.text[start:end]
    if source.text[span.start : span.end] != quote or source.speaker != passage.speaker:
        raise UnfoundQuote(f"{passage.id} does not hold {quote!r} at {span.start} to {span.end} of turn {span.turn}")
    mark = source.mark_at(span.start)
    has_own_time = mark is not None and mark.start is not None
    return Citation(
        number=number,
        passage=passage,
        interview=hit.interview,
        turn=span.turn,
        start_offset=span.start,
        end_offset=span.end,
        quote=quote,
        start=mark.start if mark and has_own_time else source.start if source.start is not None else passage.start,
        start_is_exact=has_own_time or source.start is not None,
        page=mark.page if mark and mark.page is not None else source.page,
    )


def describe_coverage(coverage: Coverage) -> str:
    """One line: who speaks to the question, how often, when; or that nobody does."""
    if coverage.level == "none":
        missing = f" No interview mentions {' or '.join(coverage.unknown)}." if coverage.unknown else ""
        return f"The interviews do not say.{missing}"
    years = f"{coverage.first_year} to {coverage.last_year}"
    if coverage.first_year == coverage.last_year:
        years = str(coverage.first_year or "")
    counts = f"{coverage.leaders} of {coverage.leaders_asked} leaders, {coverage.passages} passages"
    return f"{counts}{', ' + years if years else ''} ({coverage.level})"


def _list_candidates(hit: Hit, scores: Scores) -> list[Candidate]:
    """The sentences of a passage that can stand alone; what lies beyond the model's window has no score."""
    spans = sentence_spans(hit.passage.text)
    return [
        Candidate(hit, start, end, float(score) + PASSAGE_SHARE * hit.score)
        for (start, end), score in zip(spans, scores, strict=False)
        if MIN_SENTENCE <= count_words(hit.passage.text[start:end]) <= MAX_SENTENCE
    ]


def _choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best first, a few from each leader, no sentence twice."""
    chosen: list[Candidate] = []
    spoken: dict[str, int] = {}
    texts: set[str] = set()
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        speaker = candidate.hit.passage.speaker
        if spoken.get(speaker, 0) >= MAX_A_LEADER or candidate.text in texts:
            continue
        chosen.append(candidate)
        texts.add(candidate.text)
        spoken[speaker] = spoken.get(speaker, 0) + 1
        if len(chosen) == MAX_SENTENCES:
            break
    return chosen
