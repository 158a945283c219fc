"""Make an answer of hits: leaders' own sentences, each cited, or the word that the interviews do not say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from kb.arrays import Codes, Scores, Vectors
from kb.errors import UnfoundQuote
from kb.model import PART_BREAK, Answer, Citation, Coverage, Group, Hit, Passage, Query, Sentence, Turn
from kb.sentences import count_words, sentence_spans
from kb.themes import Worded, group_sentences, label_groups

MIN_SENTENCE = 6  # words; fewer rarely stand alone
MAX_SENTENCE = 60  # words; more is no sentence but a speech without full stops
MAX_SENTENCES = 12
MAX_A_LEADER = 2  # sentences
PASSAGE_SHARE = 0.3  # of a sentence's score, how much its passage lends
QUESTION_LOSS = 0.1  # a leader's own question is seldom an answer
# What leans on the sentence before: it is quoted along.
LEANING = re.compile(
    r"(?:(?:and|but|so|because|or|also|then|plus)\b,? ?)*"
    r"(?:it|it['’]s|that|that['’]s|this|these|those|they|they['’]re|he|she|which|such|because|there)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Look:
    """What the search knows of a passage's sentences, in their order; those beyond the model's window are missing."""

    scores: Scores  # (sentences,): how well each matches the question
    vectors: Vectors  # (sentences, dimensions): what each says, of length 1
    rows: Codes  # (word pieces, dimensions): of the passage


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could go into the answer."""

    hit: Hit
    start: int  # characters into the passage
    end: int
    score: float
    vector: Vectors  # (dimensions,)

    @property
    def text(self) -> str:
        """The sentence itself, with the one that it leans on."""
        return self.hit.passage.text[self.start : self.end]


def write_brief(
    query: Query,
    hits: Sequence[Hit],
    coverage: Coverage,
    *,
    looks: Mapping[str, Look],
    turn: Callable[[str, int], Turn],
    question: Vectors | None,
    place_words: Callable[[str], Sequence[tuple[int, int]]],
) -> Answer:
    """The sentences of different leaders that answer best, grouped by what they say; none where nobody answers.

    `looks` tells of each hit's passage, by its id, what the search knows; `turn` gives a turn of an interview by its
    index; `question` is the question's vector, as `looks` have them of sentences; `place_words` tells where in a
    passage's text the word pieces stand whose rows `looks` have.
    """
    if coverage.level == "none":
        return Answer(query, (), coverage, tuple(hits))
    candidates = [candidate for hit in hits for candidate in _list_candidates(hit, looks[hit.passage.id])]
    groups = _group(_choose(candidates))
    labels = _label(groups, query.text, question, looks, place_words)
    numbers = count(1)
    cited = [
        Group(label, tuple(_quote(candidate, next(numbers), turn) for candidate in members))
        for label, members in zip(labels, groups, strict=True)
    ]
    return Answer(query, tuple(cited), coverage, tuple(hits))


def _group(chosen: Sequence[Candidate]) -> list[list[Candidate]]:
    if not chosen:
        return []
    numbered = group_sentences(np.stack([one.vector for one in chosen]), [one.score for one in chosen])
    return [[chosen[number] for number in numbers] for numbers in numbered]


def _label(
    groups: Sequence[Sequence[Candidate]],
    question: str,
    vector: Vectors | None,
    looks: Mapping[str, Look],
    place_words: Callable[[str], Sequence[tuple[int, int]]],
) -> list[str]:
    """A label for each group; one group needs none."""
    if len(groups) < 2 or vector is None:
        return [""] * len(groups)

    def word(one: Candidate) -> Worded:
        passage = one.hit.passage
        rows = looks[passage.id].rows
        spans = place_words(passage.text)[: len(rows)]
        inside = [place for place, (start, end) in enumerate(spans) if one.start <= start and end <= one.end]
        shifted = [(spans[place][0] - one.start, spans[place][1] - one.start) for place in inside]
        return Worded(one.text, shifted, rows[inside].astype(np.float32))

    return label_groups([[word(one) for one in group] for group in groups], question, vector)


def _quote(candidate: Candidate, number: int, turn: Callable[[str, int], Turn]) -> Sentence:
    return Sentence(candidate.text, (cite(candidate.hit, candidate.start, candidate.end, number, turn),))


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
    passages = "1 passage" if coverage.passages == 1 else f"{coverage.passages:,} passages"
    counts = f"{coverage.leaders:,} of {coverage.leaders_asked:,} leaders, {passages}"
    return f"{counts}{', ' + years if years else ''} ({coverage.level})"


def describe_groups(answer: Answer) -> str:
    """One line of counts and of their words: '5 leaders are quoted: 3 around “a ship of volunteers”; ...'."""
    labelled = [group for group in answer.groups if group.label]
    leaders = len({citation.leader.name for citation in answer.citations})
    if len(labelled) < 2 or leaders < 2:  # one label alone says little of the whole
        return ""
    said = [
        f"{len({citation.leader.name for one in group.sentences for citation in one.citations})} around “{group.label}”"
        for group in labelled
    ]
    return f"{leaders} leaders are quoted: {'; '.join(said)}."


def _list_candidates(hit: Hit, look: Look) -> Iterator[Candidate]:
    """The sentences of a passage that can stand alone, or with the one before them."""
    text = hit.passage.text
    spans = sentence_spans(text)
    for number, ((start, end), score) in enumerate(zip(spans, look.scores, strict=False)):
        begin = _lean_back(hit.passage, spans, number) if number else start
        if count_words(text[start:end]) >= MIN_SENTENCE and count_words(text[begin:end]) <= MAX_SENTENCE:
            worth = float(score) + PASSAGE_SHARE * hit.score - QUESTION_LOSS * text[start:end].endswith("?")
            yield Candidate(hit, begin, end, worth, look.vectors[number])


def _lean_back(passage: Passage, spans: Sequence[tuple[int, int]], number: int) -> int:
    """Where a quotation of a sentence begins: with the one before it where it says 'that' or 'they' of it."""
    (before, before_end), (start, end) = spans[number - 1], spans[number]
    leans = LEANING.match(passage.text, start, end) is not None
    is_one_turn = PART_BREAK not in passage.text[before_end:start]
    is_short = count_words(passage.text[before:end]) <= MAX_SENTENCE
    return before if leans and is_one_turn and is_short else start


def _choose(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The best first, a few from each leader, no words twice."""
    chosen: list[Candidate] = []
    spoken: Counter[str] = Counter()
    for candidate in sorted(candidates, key=lambda one: (-one.score, one.hit.passage.id, one.start)):
        if spoken[candidate.hit.passage.speaker] < MAX_A_LEADER and not _repeats(candidate, chosen):
            chosen.append(candidate)
            spoken[candidate.hit.passage.speaker] += 1
        if len(chosen) == MAX_SENTENCES:
            break
    return chosen


def _repeats(candidate: Candidate, chosen: Iterable[Candidate]) -> bool:
    """Whether a sentence is chosen already, or shares words with one of the same passage that is."""
    return any(
        candidate.text == one.text
        or (candidate.hit.passage.id == one.hit.passage.id and candidate.start < one.end and one.start < candidate.end)
        for one in chosen
    )
