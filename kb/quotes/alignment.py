"""Align a quotation with the turn that it most resembles: which of its words stand there, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from kb.quotes.turn_index import Segment, TurnIndex

TURNS = 8  # the turns with the most common words are aligned
STRETCHES = 6  # of a turn
STEP = 4  # words; stretches that begin nearer to each other are one
SLACK = 4  # words around the common ones that are aligned too


@dataclass(frozen=True, slots=True)
class Block:
    """Words that agree."""

    start: int  # word of the quotation
    position: int  # word of the index
    length: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """A quotation beside one turn: blocks of words that agree, in order."""

    blocks: tuple[Block, ...]
    words: int  # of the quotation
    turn: int

    @property
    def matched(self) -> int:
        """Number of words that agree."""
        return sum(block.length for block in self.blocks)

    @property
    def position(self) -> int:
        """The first word of the index that agrees."""
        return self.blocks[0].position

    @property
    def length(self) -> int:
        """Number of the turn's words from the first that agrees to the last."""
        return self.blocks[-1].position + self.blocks[-1].length - self.position

    @property
    def share(self) -> float:
        """Share of words that agree, of the quotation and of the turn's words beside it, 0 to 1."""
        return 2 * self.matched / (self.words + self.length)

    @property
    def largest_gap(self) -> int:
        """The most words of the turn that are left out at one place."""
        pairs = pairwise(self.blocks)
        return max((after.position - before.position - before.length for before, after in pairs), default=0)

    @property
    def largest_addition(self) -> tuple[int, int]:
        """The longest run of the quotation's words that the turn lacks: first word and after the last."""
        edges = [
            (0, 0),
            *((block.start, block.start + block.length) for block in self.blocks),
            (self.words, self.words),
        ]
        runs = [(before[1], after[0]) for before, after in pairwise(edges)]
        return max(runs, key=lambda run: run[1] - run[0])


def align(index: TurnIndex, ids: Sequence[int], segments: Sequence[Segment]) -> list[Alignment]:
    """Align words with the turns that share the most of them, best first."""
    shared: dict[int, list[Segment]] = {}
    for segment in segments:
        shared.setdefault(index.turn_at(segment.position), []).append(segment)
    likely = sorted(shared, key=lambda turn: -_count_covered(shared[turn]))[:TURNS]
    found = [one for turn in likely for one in _align_turn(index, ids, turn, shared[turn])]
    return sorted(found, key=lambda one: (-one.share, one.length))


def _align_turn(index: TurnIndex, ids: Sequence[int], turn: int, segments: Sequence[Segment]) -> list[Alignment]:
    """Align with the stretches of a turn around its longest common runs."""
    first, end = index.bounds(turn)
    slack = SLACK + len(ids) // 3
    longest = sorted(segments, key=lambda one: -one.length)
    begins = list(dict.fromkeys((one.position - one.start) // STEP for one in longest))[:STRETCHES]
    windows = [(max(first, begin * STEP - slack), min(end, begin * STEP + STEP + len(ids) + slack)) for begin in begins]
    return [one for window in windows for one in _align_window(index, ids, turn, window)]


def _align_window(index: TurnIndex, ids: Sequence[int], turn: int, window: tuple[int, int]) -> Iterator[Alignment]:
    """Align from both ends: of words that are said twice, one takes the first and the other the last."""
    said = index.ids_between(*window)
    for is_reversed in (False, True):
        blocks = _list_reversed(ids, said) if is_reversed else _list_blocks(ids, said)
        kept = _trim([replace(one, position=window[0] + one.position) for one in blocks])
        if kept:
            yield Alignment(tuple(kept), len(ids), turn)


def _list_blocks(ids: Sequence[int], said: Sequence[int]) -> list[Block]:
    opcodes = LCSseq.opcodes(list(ids), list(said))
    return [Block(one.src_start, one.dest_start, one.src_end - one.src_start) for one in opcodes if one.tag == "equal"]


def _list_reversed(ids: Sequence[int], said: Sequence[int]) -> list[Block]:
    blocks = _list_blocks(ids[::-1], said[::-1])
    return [
        Block(len(ids) - one.start - one.length, len(said) - one.position - one.length, one.length)
        for one in reversed(blocks)
    ]


def _trim(blocks: list[Block]) -> list[Block]:
    """Drop single words at the ends that agree by chance, far from the others."""
    kept = blocks
    while len(kept) > 1 and _is_stray(kept[0], kept[1].position - kept[0].position - kept[0].length):
        kept = kept[1:]
    while len(kept) > 1 and _is_stray(kept[-1], kept[-1].position - kept[-2].position - kept[-2].length):
        kept = kept[:-1]
    return kept


def _is_stray(block: Block, gap: int) -> bool:
    return block.length <= 2 and gap > 2 * block.length


def _count_covered(segments: Sequence[Segment]) -> int:
    """Count the words that some segment covers."""
    return len({word for one in segments for word in range(one.start, one.end)})
