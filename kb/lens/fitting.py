"""Fit what is added to a lens's log odds: logistic regression that stays near the lens where people say nothing.

Each output gets weights over the lens's log odds and the passage's mean token vector; the behaviours of a side share a
part of them. Few labels move them little: each weight has a prior around 0, and passages that nobody judged count as
labelled by the lens itself, together as much as people's labels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kb.embedding.arrays import Scores, Vectors
from kb.lens.correction import Weights
from kb.lens.framework import SIDES, Side
from kb.lens.judge import Lens, raise_odds
from kb.lens.labelled import Labelled
from kb.lens.reading import Measured

# Standard deviations of the weights before anything is known: of the constant, of an output's own log odds, of those of
# its side, of each other output, and of each dimension of the passage's vector. All log odds are in units of the lens.
CONSTANT, OWN, SIDE, OTHER, VECTOR = 1.5, 0.5, 0.25, 0.1, 2.0
MOST = 4.0  # units that are added or taken away at most, whatever a passage is like
STEPS, NEAR_ENOUGH = 30, 1e-4

Numbers = NDArray[np.float64]
Columns = NDArray[np.int64]
Design = NDArray[np.float64]  # (passages, 1 + outputs + dimensions): the constant, log odds, the vector, around 0


@dataclass(frozen=True, slots=True)
class Rows:
    """What one output is learnt from."""

    places: Columns  # rows of the design
    margins: Numbers  # log odds of the lens alone, above the bar from which it holds
    targets: Numbers  # 0 to 1
    weights: Numbers


@dataclass(frozen=True, slots=True)
class Given:
    """What is learnt from: passages that people judged, then others, with the log odds of the lens alone."""

    lens: Lens
    labelled: Sequence[Labelled]
    odds: Vectors  # (passages, outputs)
    unit: float  # log odds that are much for this lens

    @classmethod
    def of(cls, lens: Lens, labelled: Sequence[Labelled], others: Measured) -> Given:
        """Put them together; those of a lens by phrasings are spread wider than those of a learnt one."""
        odds = np.concatenate([np.stack([one.odds for one in labelled]), others.odds])
        return cls(lens, labelled, odds, max(1.0, float(odds.std(axis=0).mean())))


def fit_weights(lens: Lens, labelled: Sequence[Labelled], others: Measured) -> Weights:
    """Fit the weights of all outputs; those of one that nobody judged are 0."""
    given = Given.of(lens, labelled, others)
    vectors = np.concatenate([np.stack([one.vector for one in labelled]), others.passages])
    known = np.concatenate([given.odds / given.unit, vectors], axis=1).astype(np.float64)
    middle = known.mean(axis=0)
    design = np.concatenate([np.ones((len(known), 1)), known - middle], axis=1)
    weights = np.zeros((given.odds.shape[1], design.shape[1]))
    for side in SIDES:
        place = lens.place(side)
        if of_side := _list_side_rows(given, side):
            spread = _list_spread(weights.shape, place, place)
            weights[place] = _solve(design, of_side, spread) / lens.bars.slope[side]
        behaviours = {lens.place(one.id): _list_rows(given, side, one.id) for one in lens.framework.of(side)}
        _fit_behaviours(design, {own: rows for own, rows in behaviours.items() if rows}, place, weights)
    weights[:, 0] -= weights[:, 1:] @ middle
    weights *= given.unit
    weights[:, 1 : 1 + len(weights)] /= given.unit
    return Weights(weights.astype(np.float32), MOST * given.unit)


def judge_labelled(lens: Lens, labelled: Sequence[Labelled], weights: Weights | None = None) -> list[dict[str, bool]]:
    """Say for each label of each passage whether the lens shows the passage for it, corrected or as it is."""
    odds = np.stack([one.odds for one in labelled])
    if weights:
        odds = weights.apply(odds, np.stack([one.vector for one in labelled]))
    shown = [_list_shown(lens, one, row) for one, row in zip(labelled, odds, strict=True)]
    return [{label: label in found for label in one.labels} for one, found in zip(labelled, shown, strict=True)]


def _list_shown(lens: Lens, one: Labelled, odds: Scores) -> Mapping[str, float]:
    return lens.list_shown(odds, lens.judge(odds, one.text), one.likeness.__getitem__)


def _fit_behaviours(design: Design, rows: Mapping[int, Rows], side: int, weights: Design) -> None:
    """Fit the behaviours of a side, by their places: first what they share, then what each has alone."""
    if not rows:
        return
    relative = {own: _list_relative(weights.shape, own, side) for own in rows}
    together = np.concatenate([design[one.places][:, relative[own]] for own, one in rows.items()])
    names = ("margins", "targets", "weights")
    margins, targets, shares = (np.concatenate([getattr(one, name) for one in rows.values()]) for name in names)
    pooled = Rows(np.arange(len(together)), margins, targets, shares)
    width = together.shape[1]
    common = _solve(together, pooled, np.array([CONSTANT, OWN, SIDE, *[VECTOR] * (width - 3)]))
    for own, one in rows.items():
        moved = replace(one, margins=one.margins + design[one.places][:, relative[own]] @ common)
        weights[own] = _solve(design, moved, _list_spread(weights.shape, own, side))
        weights[own, relative[own]] += common


def _list_relative(shape: tuple[int, ...], own: int, side: int) -> Columns:
    """List the columns that mean the same for each behaviour: the constant, its own, its side's, and the vector."""
    outputs, width = shape
    return np.array([0, 1 + own, 1 + side, *range(1 + outputs, width)], dtype=np.int64)


def _list_spread(shape: tuple[int, ...], own: int, side: int) -> Numbers:
    """List the standard deviations of the weights of an output."""
    outputs, width = shape
    spread = np.array([CONSTANT, *[OTHER] * outputs, *[VECTOR] * (width - 1 - outputs)])
    spread[1 + side] = SIDE
    spread[1 + own] = OWN
    return spread


def _solve(design: Design, rows: Rows, spread: Numbers) -> Numbers:
    """Find the likeliest weights, by Newton's steps, each halved until it makes them likelier."""
    known = design[rows.places] * spread
    found = np.zeros(len(spread))
    loss = _measure_loss(known, rows, found)
    for _ in range(STEPS):
        chance = _to_chance(rows.margins + known @ found)
        slope = known.T @ (rows.weights * (chance - rows.targets)) + found
        curvature = (known.T * (rows.weights * chance * (1 - chance))) @ known + np.eye(len(spread))
        step = np.linalg.solve(curvature, slope)
        while (moved := _measure_loss(known, rows, found - step)) > loss and np.abs(step).max() > NEAR_ENOUGH:
            step = step / 2
        if np.abs(step).max() <= NEAR_ENOUGH:
            break
        found, loss = found - step, moved
    scaled: Numbers = found * spread
    return scaled


def _measure_loss(known: Design, rows: Rows, weights: Numbers) -> float:
    """Measure how unlikely the targets are under these weights, and the weights themselves."""
    odds = rows.margins + known @ weights
    missed = rows.weights * (np.logaddexp(0, odds) - rows.targets * odds)
    return float(missed.sum() + weights @ weights / 2)


def _list_rows(given: Given, side: Side, behaviour_id: str) -> Rows | None:
    """List the rows of a behaviour: where a label says so, the lens is to show the passage, else not."""
    bars, column = given.lens.bars, given.odds[:, given.lens.place(behaviour_id)]
    margins = column.astype(np.float64) - bars.shown[side]
    labels = {place: one.labels[behaviour_id] for place, one in enumerate(given.labelled) if behaviour_id in one.labels}
    for place in labels:
        chance = float(column[place])
        raised = raise_odds(chance, given.labelled[place].likeness[behaviour_id])
        margins[place] = raised - given.lens.bar(side, chance)
    return _make_rows(given, labels, margins)


def _list_side_rows(given: Given, side: Side) -> Rows | None:
    """List the rows of a side: it holds where people see a behaviour of it, and not where they reject all it shows."""
    lens, bars = given.lens, given.lens.bars
    bar = min(bars.effect[side], bars.sure[side])
    chance = bars.slope[side] * given.odds[:, lens.place(side)].astype(np.float64) + bars.shift[side]
    said = {place: _judge_side(lens, side, one) for place, one in enumerate(given.labelled)}
    return _make_rows(
        given, {place: holds for place, holds in said.items() if holds is not None}, chance - math.log(bar / (1 - bar))
    )


def _judge_side(lens: Lens, side: Side, one: Labelled) -> bool | None:
    """Say what people's labels mean for a side of a passage; None where they leave it open."""
    sides = {known.id: known.side for known in lens.framework.behaviours}
    said = [holds for label, holds in one.labels.items() if sides[label] == side]
    if any(said) or not said:
        return True if said else None
    left = [label for label in _list_shown(lens, one, one.odds) if sides[label] == side and label not in one.labels]
    return None if left else False


def _make_rows(given: Given, labels: Mapping[int, bool], margins: Numbers) -> Rows | None:
    """Join people's labels with the passages that nobody judged, for which the lens speaks; None without a label."""
    if not labels:
        return None
    own, others = np.array(list(labels), dtype=np.int64), np.arange(len(given.labelled), len(margins))
    margins = margins / given.unit
    shares = np.full(len(others), len(own) / max(len(others), 1))
    return Rows(
        places=np.concatenate([own, others]),
        margins=margins[np.concatenate([own, others])],
        targets=np.concatenate([np.array(list(labels.values()), dtype=float), _to_chance(margins[others])]),
        weights=np.concatenate([np.ones(len(own)), shares]),
    )


def _to_chance(odds: Numbers) -> Numbers:
    chance: Numbers = 1 / (1 + np.exp(-odds))
    return chance
