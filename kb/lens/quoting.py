"""Choose the words of a passage that show a behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from kb.answering.window import choose_window
from kb.embedding.arrays import Scores
from kb.lens.judge import Lens
from kb.lens.reading import JudgedPassage
from kb.lens.voices import Voice
from kb.lens.windows import list_windows_in
from kb.retrieval.index import Index

MOST_WORDS = 80  # of a quotation
SENTENCE_SHARE = 0.03  # of a sentence's log odds, beside its likeness to the phrasings


@dataclass(frozen=True, slots=True)
class Quoted:
    """A slice of a passage that shows a behaviour."""

    start: int  # characters into the passage
    end: int
    confidence: float  # probability that the passage shows the behaviour
    is_confirmed: bool = False  # by people


def quote_passage(lens: Lens, voice: Voice, index: Index, judged: JudgedPassage, behaviour_id: str) -> Quoted | None:
    """Choose the sentences that show a behaviour; None where all of the passage is chat."""
    likeness = voice.match(*index.locate(judged.place))
    scores = likeness + SENTENCE_SHARE * _score_sentences(lens, index, judged.place, behaviour_id)
    window = choose_window(judged.passage, scores, MOST_WORDS)
    return Quoted(window.start, window.end, judged.shows[behaviour_id]) if window else None


def _score_sentences(lens: Lens, index: Index, place: int, behaviour_id: str) -> Scores:
    windows, sentences = list_windows_in(*index.locate(place))
    raw = lens.head.judge(windows.vectors, windows.passages[windows.owners])
    return windows.spread(lens.head.finish(raw)[:, lens.place(behaviour_id)], sentences)
