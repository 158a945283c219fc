"""Late interaction (MaxSim): compare the token vectors of a question with those of passages, windows and sentences.

As in ColBERT (Khattab and Zaharia, SIGIR 2020): a passage matches a question if each of the question's word pieces has
a similar one in the passage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.arrays import Offsets, PassageIndices, QuantizedTokens, TokenSimilarities, Vectors, normalise
from kb.embedding.token_codes import DIMENSIONS, LEVELS
from kb.storage.token_file import TokenFile

WINDOW, FEWEST_ROWS = 3, 6  # maximum sentences of a window, and its minimum rows
ROWS_TOGETHER = 8_192  # token vectors copied together before the comparison: they fit a core's cache
ROWS_AT_ONCE = 65_536  # token vectors compared at once: with 64 word pieces of a query, the products take 16 MB


@dataclass(frozen=True, slots=True)
class Run:
    """The rows of consecutive passages of an interview."""

    codes: QuantizedTokens
    passages: int


def list_windows(at: Offsets) -> tuple[PassageIndices, PassageIndices]:
    """Return the first and end sentence of each window of up to WINDOW sentences; a short passage is one window.

    `at` holds the first row of each sentence, and the end of the last one.
    """
    sentences = len(at) - 1
    runs = [(first, first + size) for size in range(1, WINDOW + 1) for first in range(sentences - size + 1)]
    told = [(first, end) for first, end in runs if at[end] - at[first] >= FEWEST_ROWS]
    firsts, ends = zip(*(told or [(0, sentences)]), strict=True)
    return np.array(firsts), np.array(ends)


def match_runs(query: QuantizedTokens, runs: Sequence[Run], lengths: Offsets) -> TokenSimilarities:
    """Compute the best cosine of each query word piece in each passage of these runs, in order.

    `lengths` is the number of rows of each passage.
    """
    found = [np.zeros((len(query), 0), dtype=np.float32)]
    first = 0
    for batch in _batch(runs):
        codes = batch[0].codes if len(batch) == 1 else np.concatenate([run.codes for run in batch])
        last = first + sum(run.passages for run in batch)
        found.append(match_codes(query, codes, np.concatenate([[0], np.cumsum(lengths[first:last])])))
        first = last
    return np.concatenate(found, axis=1)


def passage_vectors(runs: Sequence[Run], lengths: Offsets) -> Vectors:
    """Return the mean token vector of each passage, shape (passages, projected dimensions), of length 1."""
    summed = []
    first = 0
    for batch in _batch(runs):
        codes = batch[0].codes if len(batch) == 1 else np.concatenate([run.codes for run in batch])
        last = first + sum(run.passages for run in batch)
        ends = np.cumsum(lengths[first:last])
        sums = np.cumsum(codes, axis=0, dtype=np.int32)[ends - 1]
        summed.append(np.diff(sums, axis=0, prepend=np.zeros((1, codes.shape[1]), np.int32)))
        first = last
    if not summed:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    return normalise(np.concatenate(summed).astype(np.float32))


def match_sentences(query: QuantizedTokens, file: TokenFile, place: int) -> TokenSimilarities:
    """Compute the best cosine of each query word piece in each sentence of a passage."""
    offsets = file.sentence_offsets(place)
    return match_codes(query, file.codes[offsets[0] : offsets[-1]], offsets - offsets[0])


def sentence_vectors(file: TokenFile, place: int) -> Vectors:
    """Return the mean token vector of each sentence, shape (sentences, DIMENSIONS); zeros if it has no words."""
    offsets = file.sentence_offsets(place)
    codes = passage_rows(file, place).astype(np.float32)
    sums = np.concatenate([np.zeros((1, codes.shape[1]), np.float32), np.cumsum(codes, axis=0)])
    at = offsets - offsets[0]
    return normalise(sums[at[1:]] - sums[at[:-1]])


def window_vectors(file: TokenFile, place: int) -> Vectors:
    """Return the mean token vector of each window of a passage, shape (windows, projected dimensions), of length 1.

    Windows of very few words are left out; a passage that has no others is one window.
    """
    codes = passage_rows(file, place)
    sums = np.zeros((len(codes) + 1, codes.shape[1]), np.int32)
    np.cumsum(codes, axis=0, out=sums[1:])
    offsets = file.sentence_offsets(place)
    at = offsets - offsets[0]
    firsts, ends = list_windows(at)
    return normalise((sums[at[ends]] - sums[at[firsts]]).astype(np.float32))


def passage_rows(file: TokenFile, place: int) -> QuantizedTokens:
    """Return the rows of a passage."""
    offsets = file.sentence_offsets(place)
    return file.codes[offsets[0] : offsets[-1]]


def match_codes(query: QuantizedTokens, codes: QuantizedTokens, offsets: Offsets) -> TokenSimilarities:
    """Compute the best cosine of each query row in each run of rows, shape (query rows, runs)."""
    best = np.zeros((len(query), len(offsets) - 1), dtype=np.float32)
    filled = np.flatnonzero(np.diff(offsets))  # skip empty runs: they match nothing
    starts, stops = offsets[:-1][filled], offsets[1:][filled]
    first = 0
    while first < len(filled):
        last = max(first + 1, int(np.searchsorted(stops, starts[first] + ROWS_AT_ONCE, side="right")))
        products = multiply_codes(query, codes[starts[first] : stops[last - 1]])
        best[:, filled[first:last]] = np.maximum.reduceat(products, starts[first:last] - starts[first], axis=1)
        first = last
    lengths = np.linalg.norm(query.astype(np.float32), axis=1, keepdims=True)
    best /= np.maximum(lengths, 1.0) * LEVELS
    return best


def multiply_codes(query: QuantizedTokens, codes: QuantizedTokens) -> NDArray[np.int32]:
    """Multiply all pairs of rows, shape (query rows, rows), in integers: a fifth of the time of floats."""
    import torch

    product: NDArray[np.int32] = torch._int_mm(torch.from_numpy(query), torch.from_numpy(codes).t()).numpy()
    return product


def count_passages_with(files: Sequence[TokenFile]) -> Mapping[int, int]:
    """Count the passages that contain each word piece."""
    if not files:
        return {}
    pieces = np.concatenate([file.pieces for file in files])
    counts = np.concatenate([file.frequency for file in files])
    distinct, inverse = np.unique(pieces, return_inverse=True)
    totals = np.bincount(inverse, weights=counts).astype(int)
    return dict(zip(distinct.tolist(), totals.tolist(), strict=True))


def _batch(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Group small runs, so that there are few products; a large run stays alone, so that it is not copied."""
    batch: list[Run] = []
    rows = 0
    for run in runs:
        batch.append(run)
        rows += len(run.codes)
        if rows >= ROWS_TOGETHER:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch
