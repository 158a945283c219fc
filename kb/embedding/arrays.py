"""Array types shared by the packages, with their shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (texts, dimensions) or (dimensions,), rows of length 1
Pieces = NDArray[np.int32]  # (word pieces,): ids in the model's vocabulary
QuantizedTokens = NDArray[np.int8]  # (word pieces, projected dimensions)
Offsets = NDArray[np.int64]  # (runs + 1,): start of each run, and end of the last one
TokenSimilarities = NDArray[np.float32]  # (query's word pieces, runs): cosine of the best match
Scores = NDArray[np.float32]  # (runs,)
PassageIndices = NDArray[np.int64]  # (any,): positions of passages, or of interviews, in the index
PassageMask = NDArray[np.bool_]  # (any,)


def normalise(rows: Vectors) -> Vectors:
    """Scale rows to length 1."""
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return unit
