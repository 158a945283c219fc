"""Judge all leaders' passages of an index by theme, from their stored token vectors; an interview is judged once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.embedding.arrays import PassageIndices, Vectors
from kb.lens.themes.judge import BAR, FLOOR, LIKENESS_MIDDLE, LIKENESS_WEIGHT, WIDE, ThemeJudge
from kb.lens.voices import Voice
from kb.lens.windows import list_windows_of
from kb.model import Interview, Passage, Query
from kb.retrieval.filters import filter_interviews
from kb.retrieval.index import Index
from kb.retrieval.lexicon import Theme
from kb.storage.token_file import TokenFile

UNSEEN = -30.0  # log odds of a passage that cannot be quoted, or stays below the floor
TOGETHER = 500  # passages that are read from the catalog at once

PassageFinder = Callable[[Sequence[str]], Mapping[str, Passage]]


@dataclass(frozen=True, slots=True)
class ThemeReading:
    """The log odds of all passages of a generation, and who speaks in those that speak of a theme."""

    generation: int
    odds: NDArray[np.float16]  # (passages, themes): as they were judged
    raised: NDArray[np.float16]  # (passages, themes): raised by likeness, by which they are shown
    speakers: Mapping[int, str]  # place of a passage that may speak of any -> its leader
    interviews: Mapping[int, Interview]  # the same -> its interview

    @property
    def speaks(self) -> NDArray[np.bool_]:
        """Whether each passage speaks of each theme, surely enough to be shown, shape (passages, themes)."""
        return self.raised >= BAR

    def keep(self, query: Query) -> PassageIndices:
        """Return the places of the passages that may speak of any theme, within the filters of a query."""
        within = filter_interviews(query, {one.id: one for one in self.interviews.values()}.values())
        wanted = {name.casefold() for name in query.leaders}
        kept = [
            place
            for place, speaker in self.speakers.items()
            if (within is None or self.interviews[place].id in within) and (not wanted or speaker.casefold() in wanted)
        ]
        return np.array(kept, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _JudgedFile:
    """The log odds of the passages of an interview."""

    odds: NDArray[np.float16]
    raised: NDArray[np.float16]


class ThemeReader:
    """Caches the log odds of each interview's passages, by the name of its token file, and the last reading."""

    def __init__(self, judge: ThemeJudge, voice_of: Callable[[Theme], Voice], passages: PassageFinder) -> None:
        self._judge = judge
        self._voice_of = voice_of
        self._find_passages = passages
        self._files: dict[str, _JudgedFile] = {}
        self._last: ThemeReading | None = None
        self._lock = threading.Lock()

    def read(self, index: Index) -> ThemeReading:
        """Return what the passages of an index speak of."""
        with self._lock:
            if self._last is None or self._last.generation != index.generation:
                self._last = self._read(index)
            return self._last

    def _read(self, index: Index) -> ThemeReading:
        """Judge the passages of an index; only new token files are read."""
        known, parts = self._files, {part.file.name: part.file for part in index.parts}
        self._files = {name: known[name] if name in known else self._judge_file(file) for name, file in parts.items()}
        files = [self._files[part.file.name] for part in index.parts]
        empty = np.zeros((0, len(self._judge.themes)), dtype=np.float16)
        odds = np.concatenate([empty, *(one.odds for one in files)])
        raised = np.concatenate([empty, *(one.raised for one in files)])
        speakers = self._list_speakers(index, np.flatnonzero((odds >= WIDE).any(axis=1)).tolist())
        interviews = {place: index.interviews[index.interview_of(place)] for place in speakers}
        return ThemeReading(index.generation, odds, raised, speakers, interviews)

    def _list_speakers(self, index: Index, places: Sequence[int]) -> dict[int, str]:
        speakers: dict[int, str] = {}
        for first in range(0, len(places), TOGETHER):
            some = {index.passage_ids[place]: place for place in places[first : first + TOGETHER]}
            speakers |= {some[one.id]: one.speaker for one in self._find_passages(list(some)).values()}
        return dict(sorted(speakers.items()))

    def _judge_file(self, file: TokenFile) -> _JudgedFile:
        windows = list_windows_of(file)
        odds: Vectors = windows.best(self._judge.measure(windows))
        odds[~self._judge.is_worth(windows)] = UNSEEN
        raised = np.full_like(odds, UNSEEN)
        for place, column in np.argwhere(odds >= FLOOR).tolist():
            likeness = float(self._voice_of(self._judge.themes[column]).match(file, place).max())
            raised[place, column] = odds[place, column] + LIKENESS_WEIGHT * (likeness - LIKENESS_MIDDLE)
        return _JudgedFile(odds.astype(np.float16), raised.astype(np.float16))
