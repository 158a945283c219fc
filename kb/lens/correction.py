"""A correction of a lens, learnt from people's judgements: what it adds to the log odds, and how it is stored."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from kb.embedding.arrays import Vectors
from kb.storage.damage import UNREADABLE

TOLD = ("basis", "judgements", "interviews", "before", "after", "at")
LARGEST = 1_000_000  # characters of what is stored


class DamagedCorrection(Exception):
    """Raised when what is stored is not what was learnt; it can be learnt again."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What is added to log odds: linear in the lens's own log odds and the mean token vector of a passage."""

    values: Vectors  # (outputs, 1 + outputs + dimensions)
    most: float  # log odds that are added or taken away at most

    def apply(self, odds: Vectors, passages: Vectors) -> Vectors:
        """Correct log odds, shape (passages, outputs); `passages` are their vectors, shape (passages, dimensions)."""
        if not len(odds):
            return odds
        known = np.concatenate([np.ones((len(odds), 1), np.float32), odds, passages], axis=1)
        corrected: Vectors = (odds + np.clip(known @ self.values.T, -self.most, self.most)).astype(np.float32)
        return corrected


@dataclass(frozen=True, slots=True)
class Correction:
    """What was learnt from people's judgements, and how much better it is."""

    basis: str  # names the framework and the weights that it corrects
    judgements: int  # that it was learnt from
    interviews: int
    before: float  # balanced agreement with people, 0 to 1, of the lens alone
    after: float  # with the correction, each interview judged by what was learnt from the others
    at: str  # date and time in ISO 8601, UTC
    weights: Weights = field(repr=False, compare=False)


def write_correction(correction: Correction) -> str:
    """Write a correction as text, with a checksum of all of it."""
    values = correction.weights.values
    told = {name: getattr(correction, name) for name in TOLD}
    told["weights"] = base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
    told["outputs"], told["most"] = len(values), correction.weights.most
    body = json.dumps(told)
    return f"{_hash(body)} {body}"


def read_correction(text: str) -> Correction:
    """Read what was written. Raises DamagedCorrection."""
    digest, _, body = text[:LARGEST].partition(" ")
    if digest != _hash(body):
        raise DamagedCorrection("the checksum is that of something else")
    try:
        told = json.loads(body)
        numbers = np.frombuffer(base64.b64decode(told["weights"], validate=True), dtype="<f4")
        read = Correction(
            basis=str(told["basis"]),
            judgements=int(told["judgements"]),
            interviews=int(told["interviews"]),
            before=float(told["before"]),
            after=float(told["after"]),
            at=str(told["at"]),
            weights=Weights(numbers.reshape(int(told["outputs"]), -1).astype(np.float32), float(told["most"])),
        )
    except (*UNREADABLE, KeyError, AttributeError) as error:
        raise DamagedCorrection("it has another form") from error
    if not (np.isfinite(read.weights.values).all() and np.isfinite([read.before, read.after, read.weights.most]).all()):
        raise DamagedCorrection("its numbers are none")
    return read


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
