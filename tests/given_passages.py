"""Two passages that a language model was given, and how what it writes of them is checked."""

from __future__ import annotations

import numpy as np

from kb.answering.citation import cite
from kb.generation.grounding.evidence import Evidence
from kb.generation.grounding.gate import read_stream
from kb.generation.grounding.similarity import TokenSimilarity
from kb.generation.grounding.verdict import CheckedSentence, Source
from kb.model import Citation, Hit, Interview, Leader, Passage, Span, Turn
from kb.text.sentences import sentence_spans
from kb.text.words import find_words

MARA = (
    "You do not talk about soup. You let every volunteer sit down and eat beside the people who come in."
    " We tried posters once, and the posters did nothing at all. The week a manager shouted at the kitchen crew,"
    " eleven of them never came back, and I don't blame a single one of them for it."
)
OTTO = (
    "I stood on the loading dock at six in the morning and told every shift myself — with the numbers on a board."
    " They said “no” to a consultant. Since the crews hold the pen we have had none, and before that four burns a year."
)


def meet_by_stem(claim: str, text: str) -> TokenSimilarity:
    """A likeness that a person can work out: 1 where a sentence has the word, else 0."""
    words = find_words(claim)
    sentences = [{word.stem for word in find_words(text[start:end])} for start, end in sentence_spans(text)]
    scores = np.array([[float(word.stem in stems) for stems in sentences] for word in words], dtype=np.float32)
    return TokenSimilarity(tuple((word.start, word.end) for word in words), scores.reshape(len(words), len(sentences)))


def make_source(number: int, speaker: str, *turns: str, company: str = "Ladle House") -> Source:
    """A passage made of whole turns of one speaker."""
    parts = tuple(Span(2 * index + 1, 0, len(text)) for index, text in enumerate(turns))
    passage = Passage(f"talk-{number}:1-2", f"talk-{number}", parts, speaker, "\n\n".join(turns))
    interview = Interview(f"talk-{number}", "A talk", (Leader(speaker, company=company),), year=2019)
    return Source(number, Hit(passage, interview, 1.0))


def give(*sources: Source) -> Evidence:
    """What the model was given, and how to check it."""

    def read_turn(interview_id: str, index: int) -> Turn:
        passage = next(one.hit.passage for one in sources if one.hit.passage.interview_id == interview_id)
        texts = passage.text.split("\n\n")
        return Turn(index, passage.speaker, "leader", texts[(index - 1) // 2])

    def cite_turn(hit: Hit, start: int, end: int, number: int) -> Citation:
        return cite(hit, start, end, number, read_turn)

    return Evidence(sources, meet_by_stem, cite_turn)


def check_text(text: str, evidence: Evidence) -> tuple[CheckedSentence, ...]:
    """A text that a model wrote at once, checked as it is read from a stream."""
    *_, reading = read_stream([text], evidence)
    return reading.sentences


GIVEN = give(make_source(1, "Mara Quill", MARA), make_source(2, "Otto Brandl", OTTO, company="Eisenach Mill"))
