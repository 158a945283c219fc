"""The gate over the real interviews: lies and truths made of their sentences, as a model might write them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import pytest
from given_passages import check_text
from lies import LIES, TRUTHS, Case, Ground, Maker, list_sentences

from kb.answering.citation import cite
from kb.embedding.protocol import Embedder
from kb.generation.grounding.evidence import Evidence
from kb.generation.grounding.similarity import ClaimMatcher
from kb.generation.grounding.verdict import CheckedSentence, Source
from kb.knowledge_base import KnowledgeBase
from kb.model import Citation, Hit, Query, Turn
from kb.text.words import content_words

pytestmark = pytest.mark.slow

SEED = 20  # any number; the thresholds were chosen with others, on the questions with an even number
CASES = 1_050  # of lies, and of truths
SOURCES = 8

Judged = tuple[Case, tuple[CheckedSentence, ...]]


@pytest.fixture(scope="module")
def found(real: KnowledgeBase, questions: list[dict[str, str]]) -> list[list[Hit]]:
    """What the questions that chose no threshold find."""
    return [real.search(Query(question["query"], limit=SOURCES)) for question in questions[1::2]]


@pytest.fixture(scope="module")
def lies(real: KnowledgeBase, embedder: Embedder, found: list[list[Hit]]) -> list[Judged]:
    return judge(real, embedder, make_cases(found, LIES, CASES))


@pytest.fixture(scope="module")
def truths(real: KnowledgeBase, embedder: Embedder, found: list[list[Hit]]) -> list[Judged]:
    return judge(real, embedder, make_cases(found, TRUTHS, CASES))


def test_no_quotation_is_shown_that_its_speaker_did_not_say(
    real: KnowledgeBase, lies: list[Judged], truths: list[Judged]
) -> None:
    transcript = cache(real.transcript)
    shown = 0
    for case, sentences in lies + truths:
        for sentence in sentences:
            for part in sentence.quotations:
                citation = part.citation
                assert citation is not None
                turn = transcript(citation.interview.id).turns[citation.turn]
                assert turn.text[citation.start_offset : citation.end_offset] == part.text, case
                assert turn.role == "leader"
                assert turn.speaker is not None
                assert turn.speaker in sentence.draft, case
                shown += 1
    assert shown > len(truths) / 2


def test_lies_are_marked_or_struck(lies: list[Judged]) -> None:
    share = report("lies marked", lies, is_right=lambda sentences: not is_verified(sentences))
    assert share >= 0.95


def test_true_sentences_are_left_alone(truths: list[Judged]) -> None:
    share = report("truths left alone", truths, is_right=is_verified)
    assert share >= 0.95


def make_cases(found: Sequence[Sequence[Hit]], makers: Sequence[Maker], count: int) -> list[Case]:
    """As many cases of each kind, over passages that questions found."""
    rng = random.Random(SEED)
    sentences = [(hit.interview.id, one) for hits in found for hit in hits for one in list_sentences(hit)]
    words = [word.text for _, one in sentences for word in content_words(one) if len(word.text) >= 5]
    cases: list[Case] = []
    for make in makers:
        made = _make_some(make, found, sentences, words, rng)
        cases += [next(made) for _ in range(count // len(makers))]
    return cases


def _make_some(
    make: Maker,
    found: Sequence[Sequence[Hit]],
    sentences: Sequence[tuple[str, str]],
    words: Sequence[str],
    rng: random.Random,
) -> Iterator[Case]:
    while True:
        sources = tuple(Source(number, hit) for number, hit in enumerate(rng.choice(found), 1))
        source = rng.choice(sources)
        own = list_sentences(source.hit)
        here = {one.hit.interview.id for one in sources}
        elsewhere = [text for interview_id, text in rng.sample(sentences, 60) if interview_id not in here]
        if own and elsewhere:
            text = make(Ground(source, rng.choice(own), sources, elsewhere, words), rng)
            if text:
                yield Case(make.__name__, text, sources)


def judge(knowledge_base: KnowledgeBase, embedder: Embedder, cases: Sequence[Case]) -> list[Judged]:
    """Each case through the gate as `KnowledgeBase.write` sets it up."""
    comparer = ClaimMatcher(embedder)
    transcript = cache(knowledge_base.transcript)

    def read_turn(interview_id: str, index: int) -> Turn:
        return transcript(interview_id).turns[index]

    def cite_turn(hit: Hit, start: int, end: int, number: int) -> Citation:
        return cite(hit, start, end, number, read_turn)

    return [(case, check_text(case.text, Evidence(case.sources, comparer.match, cite_turn))) for case in cases]


def is_verified(sentences: Sequence[CheckedSentence]) -> bool:
    return all(sentence.verdict == "verified" for sentence in sentences)


def report(title: str, judged: Sequence[Judged], *, is_right: Callable[[Sequence[CheckedSentence]], bool]) -> float:
    """Print the share that is judged rightly, kind by kind; return it over all."""
    right = Counter(case.kind for case, sentences in judged if is_right(sentences))
    total = Counter(case.kind for case, _ in judged)
    share = right.total() / total.total()
    print(f"\n{title}: {right.total():,} of {total.total():,}, {share:.1%}")
    for kind, count in total.items():
        print(f"  {kind:32} {right[kind]:4} of {count}")
    return share
