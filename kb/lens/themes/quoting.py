"""Choose the words of a passage that speak of a theme, as answers cut them."""

from __future__ import annotations

from kb.answering.window import Window, choose_window
from kb.lens.themes.judge import ThemeJudge
from kb.lens.voices import Voice
from kb.lens.windows import list_windows_in
from kb.model import Passage
from kb.retrieval.index import Index

MOST_WORDS = 80  # of a quotation
SENTENCE_SHARE = 0.03  # of a sentence's log odds, beside its likeness to the theme's sentences


def choose_words(
    judge: ThemeJudge, voice: Voice, index: Index, place: int, passage: Passage, column: int
) -> Window | None:
    """Choose the sentences that speak of a theme; None where all of the passage is chat."""
    windows, sentences = list_windows_in(*index.locate(place))
    odds = windows.spread(judge.measure(windows)[:, column], sentences)
    return choose_window(passage, voice.match(*index.locate(place)) + SENTENCE_SHARE * odds, MOST_WORDS)
