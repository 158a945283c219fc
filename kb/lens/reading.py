"""Judge all leaders' passages of an index from their stored token vectors; an interview is judged once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Vectors
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


class LensReader:
    """Caches the log odds of each interview's passages, by the name of its token file, and the last reading."""

    def __init__(self, lens: Lens, voices: Voices, passages: Callable[[Sequence[str]], Mapping[str, Passage]]) -> None:
        self._lens = lens
        self._voices = voices
        self._find_passages = passages
        self._odds: dict[str, Vectors] = {}
        self._last: tuple[int, tuple[JudgedPassage, ...]] = -1, ()
        self._lock = threading.Lock()

    def read(self, index: Index) -> tuple[JudgedPassage, ...]:
        """Return the passages of an index that attract or drive away, in its order."""
        with self._lock:
            generation, judged = self._last
            if generation != index.generation:
                judged = tuple(self._judge(index))
                self._last = index.generation, judged
            return judged

    def _judge(self, index: Index) -> Iterator[JudgedPassage]:
        odds = self._read_odds(index)
        places = self._lens.find_showing(odds).tolist()
        known = self._find_passages([index.passage_ids[place] for place in places])
        for place in places:
            passage = known.get(index.passage_ids[place])
            if passage:
                judgement = self._lens.judge(odds[place], passage.text)
                shows = self._lens.list_shown(odds[place], judgement, self._measure_likeness(index, place))
                yield JudgedPassage(passage, index.interviews[passage.interview_id], judgement, shows, place)

    def _measure_likeness(self, index: Index, place: int) -> Callable[[str], float]:
        def likeness(behaviour_id: str) -> float:
            behaviour = self._lens.framework.behaviour(behaviour_id)
            return float(self._voices.of(behaviour).match(*index.locate(place)).max()) if behaviour else 0.0

        return likeness

    def _read_odds(self, index: Index) -> Vectors:
        """Return the log odds of all passages, shape (passages, outputs); only new token files are judged."""
        names = {part.file.name: part.file for part in index.parts}
        self._odds = {name: self._odds[name] if name in self._odds else self._judge_file(names[name]) for name in names}
        empty = np.zeros((0, len(self._lens.head.outputs)), dtype=np.float32)
        return np.concatenate([empty, *(self._odds[part.file.name] for part in index.parts)])

    def _judge_file(self, file: TokenFile) -> Vectors:
        return self._lens.measure(list_windows_of(file))
