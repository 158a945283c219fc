"""Judge of which themes windows of passages speak: by the theme head, or by likeness to the sentences of a theme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import PassageMask, Vectors
from kb.lens.windows import Windows
from kb.retrieval.lexicon import Theme
from kb.retrieval.relevance import Logistic, judge_voices
from kb.retrieval.theme_head import ThemeHead

# A passage speaks of a theme when its log odds, from a floor on, pass a bar once they are raised by its likeness to a
# sentence of the theme. Both were set by reading what is shown (docs/themes.md).
FLOOR, BAR = 0.5, 2.5
VOICE_SHIFT = 2.0  # added to the log odds by likeness alone, which are lower
WIDE = 0.0  # log odds from which on a passage may come up in a tension
LIKENESS_WEIGHT, LIKENESS_MIDDLE = 12.0, 0.5
WORTH_BAR = -1.0  # log odds that a passage can be quoted at all
AT_ONCE = 8_192  # windows through the hidden layer at once: they take 13 MB

Encoder = Callable[[Sequence[str]], Vectors]  # texts to their mean token vectors, shape (texts, dimensions)


@dataclass(frozen=True, slots=True)
class ThemeJudge:
    """What judges by the themes of a lexicon; the learnt ones are the first."""

    themes: tuple[Theme, ...]
    learnt: int  # number of the themes that the head was learnt for
    head: ThemeHead | None
    worth: Logistic | None  # of a passage's mean token vector; None with another embedding model
    voices: Vectors  # (sentences, dimensions): of the themes that were not learnt, one theme after the other
    ends: tuple[int, ...]  # end of each such theme's sentences

    def is_learnt(self, theme: Theme) -> bool:
        """Whether a theme was learnt from tagged passages; False: it is judged by likeness, less surely."""
        return theme in self.themes[: self.learnt]

    def measure(self, windows: Windows) -> Vectors:
        """Return the log odds of each window, shape (windows, themes)."""
        odds = [np.zeros((0, len(self.themes)), dtype=np.float32)]
        for first in range(0, len(windows.vectors), AT_ONCE):
            rows = slice(first, first + AT_ONCE)
            odds.append(self._measure(windows.vectors[rows], windows.passages[windows.owners[rows]]))
        return np.concatenate(odds)

    def is_worth(self, windows: Windows) -> PassageMask:
        """Whether passages can be quoted at all, shape (passages,)."""
        if self.worth is None:
            return np.ones(len(windows.passages), dtype=bool)
        worth: PassageMask = self.worth.judge(windows.passages) >= WORTH_BAR
        return worth

    def _measure(self, windows: Vectors, passages: Vectors) -> Vectors:
        found = [np.zeros((0, len(windows)), dtype=np.float32)]
        if self.head and self.learnt:
            found.append(self.head.judge(windows, passages, [one.id for one in self.themes[: self.learnt]]))
        first = 0
        for end in self.ends:
            found.append(VOICE_SHIFT + judge_voices(self.voices[first:end] @ windows.T)[np.newaxis])
            first = end
        odds: Vectors = np.concatenate(found).T
        return odds


def make_judge(
    themes: Sequence[Theme], carried: Sequence[Theme], head: ThemeHead | None, worth: Logistic | None, encode: Encoder
) -> ThemeJudge:
    """Make a judge; themes that are not among those the head was learnt for are encoded. Raises as `encode`."""
    known = [one for one in themes if head and one in carried and one.id in head.places]
    others = [one for one in themes if one not in known]
    texts = [voice for one in others for voice in one.voices]
    voices = encode(texts) if texts else np.zeros((0, 0), dtype=np.float32)
    ends = tuple(np.cumsum([len(one.voices) for one in others]).tolist())
    return ThemeJudge((*known, *others), len(known), head, worth, voices, ends)
