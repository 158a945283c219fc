"""Judge all leaders' passages of an index from their stored token vectors; an interview is judged once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import Vectors
from kb.lens.correction import Correction
from kb.lens.judge import Judgement, Lens
from kb.lens.voices import Voices
from kb.lens.windows import list_windows_of
from kb.model import Interview, Passage
from kb.retrieval.index import Index
from kb.storage.token_file import TokenFile


@dataclass(frozen=True, slots=True)
class JudgedPassage:
    """A passage that shows something, with its place in the index."""

    passage: Passage
    interview: Interview
    judgement: Judgement
    shows: Mapping[str, float]  # behaviours that it clearly shows, for which it is counted and quoted: probabilities
    place: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a lens finds in passages, before it is corrected."""

    odds: Vectors  # (passages, outputs)
    passages: Vectors  # (passages, dimensions): mean token vectors


class LensReader:
    """Caches what the lens finds in each interview, by the name of its token file, and the last reading."""

    def __init__(self, lens: Lens, voices: Voices, passages: Callable[[Sequence[str]], Mapping[str, Passage]]) -> None:
        self._lens = lens
        self._voices = voices
        self._find_passages = passages
        self._measured: dict[str, Measured] = {}
        self._last: tuple[int, Correction | None, tuple[JudgedPassage, ...]] = -1, None, ()
        self._lock = threading.Lock()

    def read(self, index: Index, correction: Correction | None = None) -> tuple[JudgedPassage, ...]:
        """Return the passages of an index that attract or drive away, in its order."""
        with self._lock:
            generation, corrected_by, judged = self._last
            if generation != index.generation or corrected_by is not correction:
                judged = tuple(self._judge(index, correction))
                self._last = index.generation, correction, judged
            return judged

    def measure(self, index: Index) -> Measured:
        """Return what the lens alone finds in all passages of an index, in its order."""
        with self._lock:
            return self._measure(index)

    def measure_likeness(self, index: Index, place: int) -> Callable[[str], float]:
        """Return what tells how near a passage comes to a phrasing of a behaviour."""

        def likeness(behaviour_id: str) -> float:
            behaviour = self._lens.framework.behaviour(behaviour_id)
            return float(self._voices.of(behaviour).match(*index.locate(place)).max()) if behaviour else 0.0

        return likeness

    def _judge(self, index: Index, correction: Correction | None) -> Iterator[JudgedPassage]:
        measured = self._measure(index)
        odds = correction.weights.apply(measured.odds, measured.passages) if correction else measured.odds
        places = self._lens.find_showing(odds).tolist()
        known = self._find_passages([index.passage_ids[place] for place in places])
        for place in places:
            passage = known.get(index.passage_ids[place])
            if passage:
                judgement = self._lens.judge(odds[place], passage.text)
                shows = self._lens.list_shown(odds[place], judgement, self.measure_likeness(index, place))
                yield JudgedPassage(passage, index.interviews[passage.interview_id], judgement, shows, place)

    def _measure(self, index: Index) -> Measured:
        """Measure all passages; only new token files are read."""
        files = {part.file.name: part.file for part in index.parts}
        self._measured = {name: self._measured.get(name) or self._measure_file(files[name]) for name in files}
        found = [self._measured[part.file.name] for part in index.parts]
        return Measured(
            np.concatenate([np.zeros((0, len(self._lens.head.outputs)), np.float32), *(one.odds for one in found)]),
            np.concatenate([one.passages for one in found]) if found else np.zeros((0, 0), np.float32),
        )

    def _measure_file(self, file: TokenFile) -> Measured:
        windows = list_windows_of(file)
        return Measured(self._lens.measure(windows), windows.passages)
