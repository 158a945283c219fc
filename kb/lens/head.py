"""The learnt lens: an output for each side and each behaviour, over the hidden layer of the theme head.

Its input is a window of a few sentences and the passage that contains it; the best window decides for the passage.
LENS.md describes the data, the licence and the figures.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kb.arrays import Scores, Vectors
from kb.errors import ModelMissing
from kb.lens.framework import load_framework
from kb.lens.judge import Bars, Lens
from kb.retrieval.theme_head import CARRIED as THEME_HEAD
from kb.retrieval.theme_head import SCALE, ThemeHead, load_theme_head

CARRIED = Path(__file__).with_name("lens.npz")
FACTS = "lens.json"  # beside the weights: their hash, that of the theme head, and the bars that were measured with both
WEIGHTS = ("out", "direct", "bias")
AT_ONCE = 8_192  # windows through the hidden layer at once: they take 13 MB


@dataclass(frozen=True, slots=True)
class LensHead:
    """The weights of the outputs; the input is a window's mean token vector, then its passage's."""

    outputs: tuple[str, ...]  # the two sides, then the ids of the behaviours
    themes: ThemeHead  # whose hidden layer is shared
    out: Vectors  # (outputs, hidden)
    direct: Vectors  # (outputs, 2 x dimensions)
    bias: Scores  # (outputs,)

    def judge(self, windows: Vectors, passages: Vectors) -> Vectors:
        """Compute log odds, shape (windows, outputs); both inputs have shape (windows, dimensions)."""
        odds = [np.zeros((0, len(self.outputs)), dtype=np.float32)]
        for first in range(0, len(windows), AT_ONCE):
            rows = slice(first, first + AT_ONCE)
            known = np.concatenate([windows[rows], passages[rows]], axis=1) * np.float32(SCALE)
            odds.append(hide(self.themes, known) @ self.out.T + known @ self.direct.T + self.bias)
        return np.concatenate(odds)


def hide(themes: ThemeHead, known: Vectors) -> Vectors:
    """Return the hidden layer of the theme head, shape (windows, hidden), for its input."""
    inside: Vectors = np.maximum(known @ themes.hidden.T + themes.hidden_bias, 0)
    return inside


@cache
def load_lens(path: Path = CARRIED) -> Lens:
    """Load the bundled framework with its weights. Raises ModelMissing when they cannot be read or are others."""
    try:
        facts = json.loads(path.with_name(FACTS).read_text(encoding="utf-8"))
        content = _read_checked(path, str(facts["sha256"]))
        _read_checked(THEME_HEAD, str(facts["theme_head"]))
        with np.load(io.BytesIO(content)) as read:
            weights = {name: read[name].astype(np.float32) for name in WEIGHTS}
            outputs = tuple(map(str, read["outputs"]))
        head = LensHead(outputs, load_theme_head(), **weights)
        return Lens(load_framework(), head, Bars(**facts["bars"]), is_learnt=True)
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
