"""Choose the words of a passage that show a behaviour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kb.answering.window import choose_window
from kb.arrays import PassageIndices, Scores, Vectors, normalise
from kb.lens.framework import SIDES
from kb.lens.judge import Lens
from kb.lens.reading import JudgedPassage
from kb.retrieval.index import Index
from kb.retrieval.maxsim import passage_rows, sentence_vectors
from kb.text.sentences import sentence_spans

MOST_WORDS = 70  # of a quotation
SENTENCE_SHARE = 0.03  # of a sentence's log odds in its score, which the window weighs in units of cosines
BEHAVIOUR_SHARE = 0.5  # of the behaviour's log odds beside those of its side
LEAST = 0.5  # of the bar of its side: words below are not quoted, the passage shows the behaviour elsewhere


@dataclass(frozen=True, slots=True)
class Quoted:
    """A slice of a passage that shows a behaviour."""

    start: int  # characters into the passage
    end: int
    confidence: float  # probability that the words have the effect of the behaviour's side
    rank: float  # larger: surer that they show this behaviour


def quote_passage(lens: Lens, index: Index, judged: JudgedPassage, behaviour_id: str) -> Quoted | None:
    """Choose the sentences that show a behaviour; None where no words do by themselves."""
    text = judged.passage.text
    sentences = sentence_vectors(*index.locate(judged.place))
    scores = SENTENCE_SHARE * _score(lens, _judge(lens, sentences, judged, index), behaviour_id)
    window = choose_window(judged.passage, scores, MOST_WORDS)
    if window is None:
        return None
    inside = [start < window.end and end > window.start for start, end in sentence_spans(text)][: len(sentences)]
    vector = _join(index, judged.place, np.flatnonzero(inside))
    odds = _judge(lens, vector[np.newaxis], judged, index)
    side = next(side for side in SIDES if any(one.id == behaviour_id for one in lens.framework.of(side)))
    confidence = float(lens.probabilities(odds)[side][0])
    if confidence < LEAST * lens.bars.sure[side]:
        return None
    return Quoted(window.start, window.end, confidence, float(_score(lens, odds, behaviour_id)[0]))


def _judge(lens: Lens, vectors: Vectors, judged: JudgedPassage, index: Index) -> Vectors:
    whole = normalise(passage_rows(*index.locate(judged.place)).astype(np.float32).sum(axis=0))
    return lens.head.judge(vectors, np.tile(whole, (len(vectors), 1)))


def _score(lens: Lens, odds: Vectors, behaviour_id: str) -> Scores:
    side = next(side for side in SIDES if any(one.id == behaviour_id for one in lens.framework.of(side)))
    found: Scores = odds[:, lens.place(side)] + BEHAVIOUR_SHARE * odds[:, lens.place(behaviour_id)]
    return found.astype(np.float32)


def _join(index: Index, place: int, sentences: PassageIndices) -> Vectors:
    """Return the mean token vector of some consecutive sentences of a passage."""
    file, number = index.locate(place)
    offsets = file.sentence_offsets(number)
    if not len(sentences):
        return normalise(passage_rows(file, number).astype(np.float32).sum(axis=0))
    rows = file.codes[offsets[sentences[0]] : offsets[sentences[-1] + 1]]
    return normalise(rows.astype(np.float32).sum(axis=0))
