"""The learnt lens: an output for each side and each behaviour, over the hidden layer of the theme head.

Its input is a window of a few sentences and the passage that contains it; the best window decides for the passage. For
a behaviour, what the theme head says of related themes is weighed with it. LENS.md describes the data, the licence and
the figures.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Scores, Vectors
from kb.errors import ModelMissing
from kb.lens.framework import SIDES, Side, load_framework, name_basis
from kb.lens.judge import Bars, Lens
from kb.retrieval.theme_head import CARRIED as THEME_HEAD
from kb.retrieval.theme_head import SCALE, ThemeHead, load_theme_head

CARRIED = Path(__file__).with_name("lens.npz")
FACTS = "lens.json"  # beside the weights: their hash, that of the theme head, and the bars that were measured with both
WEIGHTS = ("out", "direct", "bias")
FEATURES = ("side", "behaviour", "other side", "related themes", "lead over the side's other behaviours")
AT_ONCE = 8_192  # windows through the hidden layer at once: they take 13 MB


@dataclass(frozen=True, slots=True)
class LensHead:
    """The weights of the outputs; the input is a window's mean token vector, then its passage's."""

    outputs: tuple[str, ...]  # the two sides, then the ids of the behaviours
    themes: ThemeHead  # whose hidden layer is shared
    out: Vectors  # (outputs, hidden)
    direct: Vectors  # (outputs, 2 x dimensions)
    bias: Scores  # (outputs,)
    related: Mapping[str, tuple[str, ...]]  # behaviour -> ids of the themes that it is close to
    weights: Mapping[Side, tuple[float, ...]]  # of FEATURES of a behaviour of this side, and the bias

    def judge(self, windows: Vectors, passages: Vectors) -> Vectors:
        """Compute log odds, shape (windows, outputs + behaviours): of the outputs, then of the related themes."""
        width = 2 * len(self.outputs) - len(SIDES)
        odds = [np.zeros((0, width), dtype=np.float32)]
        for first in range(0, len(windows), AT_ONCE):
            rows = slice(first, first + AT_ONCE)
            known = np.concatenate([windows[rows], passages[rows]], axis=1) * np.float32(SCALE)
            odds.append(self.judge_hidden(hide(self.themes, known), known))
        return np.concatenate(odds)

    def judge_hidden(self, hidden: Vectors, known: Vectors) -> Vectors:
        """Compute the same from the hidden layer of the theme head and its input."""
        own = hidden @ self.out.T + known @ self.direct.T + self.bias
        names = [theme for one in self.outputs[len(SIDES) :] for theme in self.related[one]]
        rows = [self.themes.places[name] for name in names]
        close = hidden @ self.themes.out[rows].T + known @ self.themes.direct[rows].T + self.themes.bias[rows]
        firsts = np.cumsum([0, *(len(self.related[one]) for one in self.outputs[len(SIDES) : -1])])
        found: Vectors = np.concatenate([own, np.maximum.reduceat(close, firsts, axis=1)], axis=1).astype(np.float32)
        return found

    def finish(self, best: Vectors) -> Vectors:
        """Weigh the best log odds of passages into those of each output, shape (passages, outputs)."""
        finished = best[:, : len(self.outputs)].copy()
        for side, weights in self.weights.items():
            features = list_features(best, self.outputs, side)
            *slopes, bias = np.array(weights, dtype=np.float32)
            finished[:, list_columns(self.outputs, side)] = features @ np.array(slopes) + bias
        return finished


def hide(themes: ThemeHead, known: Vectors) -> Vectors:
    """Return the hidden layer of the theme head, shape (windows, hidden), for its input."""
    inside: Vectors = np.maximum(known @ themes.hidden.T + themes.hidden_bias, 0)
    return inside


def list_columns(outputs: Sequence[str], side: Side) -> list[int]:
    """List the columns of the behaviours of a side."""
    sides = {one.id: one.side for one in load_framework().behaviours}
    return [place for place, name in enumerate(outputs) if sides.get(name) == side]


def list_features(best: Vectors, outputs: Sequence[str], side: Side) -> Vectors:
    """List FEATURES of each behaviour of a side, shape (passages, behaviours, features)."""
    columns = list_columns(outputs, side)
    own = best[:, columns]
    close = best[:, [len(outputs) + column - len(SIDES) for column in columns]]
    ordered = np.sort(own, axis=1)
    highest = np.where(own == ordered[:, -1:], ordered[:, -2:-1], ordered[:, -1:])  # of the others
    whole, other = best[:, outputs.index(side), np.newaxis], best[:, 1 - outputs.index(side), np.newaxis]
    features: Vectors = np.stack(
        [np.broadcast_to(whole, own.shape), own, np.broadcast_to(other, own.shape), close, own - highest], axis=2
    )
    return features


@cache
def load_lens(path: Path = CARRIED) -> Lens:
    """Load the bundled framework with its weights. Raises ModelMissing when they cannot be read or are others."""
    try:
        told = path.with_name(FACTS).read_text(encoding="utf-8")
        facts = json.loads(told)
        content = _read_checked(path, str(facts["sha256"]))
        _read_checked(THEME_HEAD, str(facts["theme_head"]))
        with np.load(io.BytesIO(content)) as read:
            weights = {name: read[name].astype(np.float32) for name in WEIGHTS}
            outputs = tuple(map(str, read["outputs"]))
        related = {name: tuple(themes) for name, themes in facts["related"].items()}
        pairs = {side: tuple(facts["weights"][side]) for side in SIDES}
        head = LensHead(outputs, load_theme_head(), **weights, related=related, weights=pairs)
        framework = load_framework()
        basis = name_basis(framework, told)  # the hashes of both weights are in it
        return Lens(framework, head, Bars(**facts["bars"]), is_learnt=True, basis=basis)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ModelMissing(f"The lens {path} cannot be read: {error}; reinstall the package") from error


def hash_weights(content: bytes) -> str:
    """Return the SHA-256 of a file of weights."""
    return hashlib.sha256(content).hexdigest()


def _read_checked(path: Path, expected: str) -> bytes:
    """Read weights that must be those that were measured together."""
    content = path.read_bytes()
    found = hash_weights(content)
    if found != expected:
        raise ModelMissing(
            f"The weights {path} are not those that were measured (SHA-256 {found[:12]}, expected {expected[:12]});"
            " reinstall the package"
        )
    return content
