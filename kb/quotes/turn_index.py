"""Index the words of all turns, so that a run of words is found wherever somebody says it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.model import Interview, Leader, Span, Transcript, Turn
from kb.quotes.word_sequence import split_words

Positions = NDArray[np.int64]
BETWEEN = 0  # the id between two turns: no run of words crosses it
UNKNOWN = -1  # the id of a word that nobody says
BITS = 21  # of a word's id in the key of a gram; what collides is compared word by word
COMMON = 400  # occurrences above which a gram tells nothing about the place


@dataclass(frozen=True, slots=True)
class Place:
    """A run of words within one turn."""

    interview: Interview
    turn: Turn
    start: int  # characters of the turn's text
    end: int  # exclusive

    @property
    def text(self) -> str:
        """The words as they stand in the transcript."""
        return self.turn.text[self.start : self.end]

    @property
    def span(self) -> Span:
        """The slice of the turn."""
        return Span(self.turn.index, self.start, self.end)

    @property
    def leader(self) -> Leader:
        """Who says it, with role and company if the card gives them."""
        name = self.turn.speaker or "Not named"
        return self.interview.leader(name) or Leader(name)


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of a text that stand in the same order, without a gap, in a turn."""

    start: int  # word of the text
    length: int
    position: int  # word of the index

    @property
    def end(self) -> int:
        """The word of the text after it."""
        return self.start + self.length


class TurnIndex:
    """All words of all turns in one array, with their grams sorted; shared by all threads."""

    def __init__(self, transcripts: Iterable[Transcript]) -> None:
        self.turns: list[tuple[Interview, Turn]] = []
        self._ids: dict[str, int] = {}
        words: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        self._first: list[int] = []  # position of each turn's first word
        for transcript in transcripts:
            for turn in transcript.turns:
                split = split_words(turn.text)
                self.turns.append((transcript.interview, turn))
                self._first.append(len(words))
                words += [self._ids.setdefault(word, len(self._ids) + 1) for word in split.words]
                words.append(BETWEEN)
                starts += [*split.starts, len(turn.text)]
                ends += [*split.ends, len(turn.text)]
        self._words = np.array(words, dtype=np.int64)
        self._starts = np.array(starts, dtype=np.int32)
        self._ends = np.array(ends, dtype=np.int32)
        self._grams: dict[int, _Grams] = {}  # made when they are first needed: one word is found without

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self._words) - len(self.turns)

    def knows(self, word: str) -> bool:
        """Whether somebody says a word."""
        return all(one in self._ids for one in split_words(word).words)

    def look_up(self, words: Sequence[str]) -> list[int]:
        """Return the id of each word, `UNKNOWN` where nobody says it."""
        return [self._ids.get(word, UNKNOWN) for word in words]

    def find_run(self, ids: Sequence[int], within: tuple[int, int] | None = None) -> list[int]:
        """Return the positions at which these words stand in this order, without a gap, in one turn.

        `within` bounds the positions of the first and after the last word.
        """
        return [int(one) for one in self.find_positions(ids, within)]

    def find_positions(self, ids: Sequence[int], within: tuple[int, int] | None = None) -> Positions:
        """Return the same as an array."""
        if not ids or UNKNOWN in ids:
            return np.empty(0, dtype=np.int64)
        found = self._find_rarest(ids)
        first, end = within or (0, len(self._words))
        found = found[(found >= first) & (found + len(ids) <= end)]
        for step, word in enumerate(ids):
            found = found[self._words[found + step] == word]
        return found

    def find_segments(self, ids: Sequence[int], size: int = 3) -> list[Segment]:
        """Return the longest runs of these words that stand somewhere; grams that are everywhere begin none."""
        grams = self._find_grams(size)
        reached: dict[int, int] = {}  # for each diagonal, the word up to which it was compared
        found: list[Segment] = []
        for start in range(len(ids) - size + 1):
            for position in grams.find(ids[start : start + size], COMMON).tolist():
                if reached.get(position - start, -1) < start:
                    segment = self._extend(ids, start, position)
                    reached[position - start] = segment.end
                    if segment.length >= size:
                        found.append(segment)
        return found

    def turn_at(self, position: int) -> int:
        """Return the number of the turn in which a word stands."""
        return bisect_right(self._first, position) - 1

    def turns_at(self, positions: Positions) -> Positions:
        """Return the number of the turn in which each of some words stands."""
        return np.searchsorted(np.array(self._first, dtype=np.int64), positions, "right") - 1

    def bounds(self, turn: int) -> tuple[int, int]:
        """Return the positions of a turn's first word and after its last one."""
        end = self._first[turn + 1] if turn + 1 < len(self._first) else len(self._words)
        return self._first[turn], end - 1

    def ids_between(self, start: int, end: int) -> list[int]:
        """Return the ids of the words from one position to before another."""
        return [int(one) for one in self._words[start:end]]

    def place(self, position: int, length: int) -> Place:
        """Return the place of a run of words: they must lie within one turn."""
        interview, turn = self.turns[self.turn_at(position)]
        return Place(interview, turn, int(self._starts[position]), int(self._ends[position + length - 1]))

    def _find_rarest(self, ids: Sequence[int]) -> Positions:
        """Return where the run would begin by its rarest gram."""
        if len(ids) < 2:
            return np.flatnonzero(self._words == ids[0])
        size = min(3, len(ids))
        grams = self._find_grams(size)
        starts = range(len(ids) - size + 1)
        rarest = min(starts, key=lambda start: grams.count(ids[start : start + size]))
        found = grams.find(ids[rarest : rarest + size]) - rarest
        return found[(found >= 0) & (found + len(ids) <= len(self._words))]

    def _find_grams(self, size: int) -> _Grams:
        """Find the grams of a size; two threads that need them at once make the same."""
        if size not in self._grams:
            self._grams[size] = _Grams(self._words, size)
        return self._grams[size]

    def _extend(self, ids: Sequence[int], start: int, position: int) -> Segment:
        """Extend a match to both sides as far as the words agree."""
        first, begin = start, position
        while first > 0 and begin > 0 and self._words[begin - 1] == ids[first - 1]:
            first, begin = first - 1, begin - 1
        last, end = start, position
        while last < len(ids) and end < len(self._words) and self._words[end] == ids[last]:
            last, end = last + 1, end + 1
        return Segment(first, last - first, begin)


class _Grams:
    """The runs of some words at every position, sorted by their words."""

    def __init__(self, words: Positions, size: int) -> None:
        self._size = size
        keys = _make_keys([words[step : len(words) - size + 1 + step] for step in range(size)])
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]

    def count(self, ids: Sequence[int]) -> int:
        """Return how many positions have this gram, or one that collides with it."""
        first, end = self._range(ids)
        return end - first

    def find(self, ids: Sequence[int], limit: int | None = None) -> Positions:
        """Return the positions of a gram, in order; none where there are more than `limit`."""
        if UNKNOWN in ids:
            return np.empty(0, dtype=np.int64)
        first, end = self._range(ids)
        if limit is not None and end - first > limit:
            return np.empty(0, dtype=np.int64)
        return self._order[first:end]

    def _range(self, ids: Sequence[int]) -> tuple[int, int]:
        key = _make_keys([np.array([one], dtype=np.int64) for one in ids])[0]
        return int(np.searchsorted(self._sorted, key, "left")), int(np.searchsorted(self._sorted, key, "right"))


def _make_keys(columns: Sequence[Positions]) -> Positions:
    keys = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        keys = (keys << BITS) | (column & ((1 << BITS) - 1))
    return keys
