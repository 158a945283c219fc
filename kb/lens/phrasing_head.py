"""Judge by phrasings alone: how much nearer a window is to a behaviour's phrasings than to talk about other matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Vectors
from kb.errors import ModelMissing
from kb.lens.framework import SIDES, Framework
from kb.lens.judge import Bars

OTHER_MATTERS = Path(__file__).with_name("other_matters.txt")  # sentences of leaders that show no behaviour, invented
SLOPE = 20.0  # from a difference of cosines to log odds
# Probabilities from which an effect holds, and is called sure: higher than those of the learnt lens (docs/lens.md).
BARS = Bars(
    slope=dict.fromkeys(SIDES, 1.0),
    shift=dict.fromkeys(SIDES, 0.0),
    effect={"attracts": 0.5, "drives_away": 0.6},
    sure={"attracts": 0.8, "drives_away": 0.85},
    neither=0.15,
    behaviour=dict.fromkeys(SIDES, 1.0),
    floor={"attracts": 0.0, "drives_away": 0.5},
    shown={"attracts": 1.5, "drives_away": 2.0},
)

Encoder = Callable[[Sequence[str]], Vectors]  # mean token vectors of texts, as those of windows


@dataclass(frozen=True, slots=True)
class PhrasingHead:
    """The mean token vectors of a framework's phrasings, and of talk about other matters."""

    outputs: tuple[str, ...]
    phrasings: Vectors  # (phrasings, dimensions)
    firsts: tuple[int, ...]  # number of the first phrasing of each behaviour
    is_of_side: Vectors  # (sides, behaviours): 0, or -inf where the behaviour is on the other side
    others: Vectors  # (sentences, dimensions)

    def judge(self, windows: Vectors, passages: Vectors) -> Vectors:  # noqa: ARG002 - as the learnt head
        """Compute log odds, shape (windows, outputs); `passages` is not used."""
        if not len(windows):
            return np.zeros((0, len(self.outputs)), dtype=np.float32)
        nearest = np.maximum.reduceat(windows @ self.phrasings.T, self.firsts, axis=1)
        elsewhere = (windows @ self.others.T).max(axis=1, keepdims=True)
        odds = np.float32(SLOPE) * (nearest - elsewhere)
        sides = (odds[:, np.newaxis, :] + self.is_of_side).max(axis=2)
        found: Vectors = np.concatenate([sides, odds], axis=1).astype(np.float32)
        return found

    def finish(self, best: Vectors) -> Vectors:
        """Return log odds as they are."""
        return best


def make_phrasing_head(framework: Framework, encode: Encoder) -> PhrasingHead:
    """Encode the phrasings of a framework. Raises ModelMissing or StoreUnavailable."""
    counts = [len(one.phrasings) for one in framework.behaviours]
    return PhrasingHead(
        outputs=(*SIDES, *(one.id for one in framework.behaviours)),
        phrasings=encode([text for one in framework.behaviours for text in one.phrasings]),
        firsts=tuple(np.cumsum([0, *counts[:-1]]).tolist()),
        is_of_side=np.array(
            [[0.0 if one.side == side else -np.inf for one in framework.behaviours] for side in SIDES], dtype=np.float32
        ),
        others=encode(read_other_matters()),
    )


@cache
def read_other_matters() -> tuple[str, ...]:
    """Read the sentences about other matters. Raises ModelMissing when they cannot be read."""
    try:
        lines = OTHER_MATTERS.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelMissing(f"{OTHER_MATTERS} cannot be read: {error}; reinstall the package") from error
    return tuple(line for line in lines if line.strip() and not line.startswith("#"))
