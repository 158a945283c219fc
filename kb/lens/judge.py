"""Judge what passages show of the behaviours of a framework: by the learnt weights, or by the phrasings alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from kb.embedding.arrays import PassageIndices, Scores, Vectors
from kb.lens.framework import SIDES, Framework, Side
from kb.lens.stance import Stance, tell_stance
from kb.lens.windows import Windows

Effect = Literal["attracts", "drives_away", "both", "neither"]

# Log odds for a unit of likeness to a behaviour's phrasings, and the likeness that adds none.
LIKENESS_WEIGHT, LIKENESS_MIDDLE = 12.0, 0.5
# Below the floor, only words that are nearly a phrasing are shown: from these log odds on, and not further down.
CLEAR, LIKENESS_MOST = 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a passage shows."""

    effect: Effect
    behaviours: tuple[str, ...]  # ids, the main one first; empty for "neither"
    stance: Stance  # '' for "neither"
    confidence: float  # 0 to 1: probability of the effect; of "neither", that there is none
    is_sure: bool  # False: in the band where too many judgements are wrong

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides of its behaviours."""
        return tuple(side for side in SIDES if self.effect in (side, "both"))


class Head(Protocol):
    """Gives log odds of each output: the two sides, then the behaviours."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in order."""

    def judge(self, windows: Vectors, passages: Vectors) -> Vectors:
        """Compute log odds of windows; both inputs have shape (windows, dimensions)."""

    def finish(self, best: Vectors) -> Vectors:
        """Turn the best log odds of the windows of passages into those of outputs, shape (passages, outputs)."""


@dataclass(frozen=True, slots=True)
class Bars:
    """From where on something holds, measured by cross-validation (LENS.md)."""

    slope: Mapping[Side, float]  # log odds to those of the probability that was measured
    shift: Mapping[Side, float]
    effect: Mapping[Side, float]  # probability from which the passage has this effect
    sure: Mapping[Side, float]  # probability from which that is sure
    neither: float  # probability of both sides below which it surely has no effect
    behaviour: Mapping[Side, float]  # log odds from which a passage is said to show a behaviour beside its main one
    floor: Mapping[Side, float]  # log odds of a behaviour below which only great likeness to its phrasings helps
    shown: Mapping[Side, float]  # the same, raised by likeness, from which a passage is counted and quoted for one


def raise_odds(chance: float, likeness: float) -> float:
    """Raise the log odds of a behaviour by likeness to its phrasings, or lower them."""
    return chance + LIKENESS_WEIGHT * (likeness - LIKENESS_MIDDLE)


@dataclass(frozen=True, slots=True)
class Lens:
    """A framework with what judges by it."""

    framework: Framework
    head: Head
    bars: Bars
    is_learnt: bool  # False: by phrasings alone, which is less sure
    basis: str = ""  # names the framework and all that its log odds rest on

    def probabilities(self, odds: Vectors) -> dict[Side, Scores]:
        """Return the probability of each side, shape (passages,), from log odds of shape (passages, outputs)."""
        return {side: self._probability(odds[:, self.place(side)], side) for side in SIDES}

    def measure(self, windows: Windows) -> Vectors:
        """Return the log odds of passages by their windows, shape (passages, outputs)."""
        return self.head.finish(windows.best(self.head.judge(windows.vectors, windows.passages[windows.owners])))

    def find_showing(self, odds: Vectors) -> PassageIndices:
        """Return the numbers of the passages that attract or drive away; `odds` has shape (passages, outputs)."""
        bars = self.bars
        chances = self.probabilities(odds)
        shown = [found >= min(bars.effect[side], bars.sure[side]) for side, found in chances.items()]
        return np.flatnonzero(np.any(shown, axis=0))

    def place(self, output: str) -> int:
        """Return the column of an output."""
        return self.head.outputs.index(output)

    def judge(self, odds: Scores, text: str) -> Judgement:
        """Judge a passage by its log odds, shape (outputs,)."""
        chances = {side: float(found[0]) for side, found in self.probabilities(odds[np.newaxis]).items()}
        effect, is_sure, confidence = self._decide(chances)
        if effect == "neither":
            return Judgement("neither", (), "", confidence, is_sure)
        sides = [side for side in SIDES if effect in (side, "both")]
        stance = tell_stance(text, attracts="attracts" in sides)
        return Judgement(effect, self._name_behaviours(odds, sides), stance, confidence, is_sure)

    def list_shown(self, odds: Scores, judgement: Judgement, likeness: Callable[[str], float]) -> dict[str, float]:
        """List the behaviours that a passage shows so clearly that it is counted and quoted for them: probabilities.

        `likeness` tells how near the passage comes to a phrasing of a behaviour, as a mean cosine of word pieces.
        """
        found: dict[str, float] = {}
        for side in judgement.sides:
            for one in self.framework.of(side):
                chance = float(odds[self.place(one.id)])
                if chance < self.bars.floor[side] - LIKENESS_MOST:
                    continue
                raised = raise_odds(chance, likeness(one.id))
                if raised >= self.bar(side, chance):
                    found[one.id] = 1 / (1 + math.exp(-raised))
        return found

    def bar(self, side: Side, chance: float) -> float:
        """Return the raised log odds from which a passage is counted for a behaviour, by its log odds before."""
        return self.bars.shown[side] if chance >= self.bars.floor[side] else CLEAR

    def _decide(self, chances: Mapping[Side, float]) -> tuple[Effect, bool, float]:
        """Return the effect, whether it is sure, and its probability."""
        bars = self.bars
        sure: list[Side] = [side for side in SIDES if chances[side] >= bars.sure[side]]
        if len(sure) == len(SIDES):
            return "both", True, min(chances.values())
        side = sure[0] if sure else max(SIDES, key=lambda one: chances[one] - bars.effect[one])
        if sure or chances[side] >= bars.effect[side]:
            return side, bool(sure), chances[side]
        highest = max(chances.values())
        return "neither", highest < bars.neither, 1 - highest

    def _name_behaviours(self, odds: Scores, sides: Sequence[Side]) -> tuple[str, ...]:
        """Return the likeliest behaviour of each side first, then others that hold too."""
        found: list[tuple[float, str]] = []
        mains: list[str] = []
        for side in sides:
            scored = sorted(
                ((float(odds[self.place(one.id)]), one.id) for one in self.framework.of(side)), reverse=True
            )
            mains.append(scored[0][1])
            found += [pair for pair in scored[1:] if pair[0] >= self.bars.behaviour[side]]
        return (*mains, *(one for _, one in sorted(found, reverse=True)))

    def _probability(self, odds: Scores, side: Side) -> Scores:
        known: Scores = 1 / (1 + np.exp(-(self.bars.slope[side] * odds + self.bars.shift[side])))
        return known
