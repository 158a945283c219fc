"""Late interaction (MaxSim): compare the token vectors of a question with those of passages, windows and sentences.

As in ColBERT (Khattab and Zaharia, SIGIR 2020): a passage matches a question if each of the question's word pieces has
a similar one in the passage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kb.embedding.arrays import Offsets, PassageIndices, QuantizedTokens, TokenSimilarities, Vectors, normalise
from kb.embedding.token_codes import DIMENSIONS, LEVELS
from kb.storage.token_file import TokenFile

WINDOW, FEWEST_ROWS = 3, 6  # maximum sentences of a window, and its minimum rows
ROWS_TOGETHER = 8_192  # token vectors copied together before the comparison: they fit a core's cache
ROWS_AT_ONCE = 65_536  # maximum token vectors compared at once
PRODUCTS_AT_ONCE = 64 * ROWS_AT_ONCE  # they take 16 MB: with more than 64 word pieces, fewer token vectors are compared


Place = tuple[TokenFile, int]  # a passage: its file, and its number in that file


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


def match_runs(queries: Sequence[QuantizedTokens], runs: Sequence[Run], lengths: Offsets) -> list[TokenSimilarities]:
    """Compute the best cosine of each word piece of each query in each passage of these runs, in order.

    `lengths` is the number of rows of each passage. The rows are read once for all queries.
    """
    if not queries:
        return []
    query = np.concatenate(queries)
    found = [np.zeros((len(query), 0), dtype=np.float32)]
    first = 0
    for batch in _batch(runs):
        codes = batch[0].codes if len(batch) == 1 else np.concatenate([run.codes for run in batch])
        last = first + sum(run.passages for run in batch)
        found.append(match_codes(query, codes, np.concatenate([[0], np.cumsum(lengths[first:last])])))
        first = last
    return _split(queries, np.concatenate(found, axis=1))


def passage_vectors(runs: Sequence[Run], lengths: Offsets) -> Vectors:
    """Return the mean token vector of each passage, shape (passages, projected dimensions), of length 1."""
    summed = []
    first = 0
    for batch in _batch(runs):
        codes = batch[0].codes if len(batch) == 1 else np.concatenate([run.codes for run in batch])
        last = first + sum(run.passages for run in batch)
        summed.append(sum_rows(codes, np.concatenate([[0], np.cumsum(lengths[first:last])])))
        first = last
    if not summed:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    return normalise(np.concatenate(summed).astype(np.float32))


def match_sentences(queries: Sequence[QuantizedTokens], places: Sequence[Place]) -> list[list[TokenSimilarities]]:
    """Compute the best cosine of each word piece of each query in each sentence of these passages, by passage."""
    if not queries or not places:
        return [[] for _ in places]
    codes, offsets, firsts = join_rows(places)
    matched = np.split(match_codes(np.concatenate(queries), codes, offsets), firsts[1:-1], axis=1)
    return [_split(queries, found) for found in matched]


def sentence_vectors(file: TokenFile, place: int) -> Vectors:
    """Return the mean token vector of each sentence, shape (sentences, DIMENSIONS); zeros if it has no words."""
    offsets = file.sentence_offsets(place)
    return normalise(sum_rows(passage_rows(file, place), offsets - offsets[0]).astype(np.float32))


def window_vectors(places: Sequence[Place]) -> tuple[Vectors, Offsets]:
    """Return the mean token vectors of the windows of these passages, of length 1, and where those of each begin.

    The vectors have shape (windows, projected dimensions), the offsets (passages + 1,). Windows of very few words are
    left out; a passage that has no others is one window.
    """
    codes, offsets, sentences = join_rows(places)
    sums = add_up_rows(codes, offsets)
    windows = [list_windows(offsets[first : end + 1]) for first, end in pairwise(sentences.tolist())]
    counts = [len(firsts) for firsts, _ in windows]
    begins = np.concatenate([first + firsts for first, (firsts, _) in zip(sentences, windows, strict=False)])
    ends = np.concatenate([first + ends for first, (_, ends) in zip(sentences, windows, strict=False)])
    return normalise((sums[ends] - sums[begins]).astype(np.float32)), np.cumsum([0, *counts])


def sum_rows(codes: QuantizedTokens, offsets: Offsets) -> NDArray[np.int32]:
    """Add up the rows of each run, shape (runs, projected dimensions); an empty run has zeros.

    Added as 32-bit floats, which hold these whole numbers exactly up to 130,000 rows a run: a quarter of the time of
    numpy's integers.
    """
    import torch

    owners = torch.from_numpy(np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)))
    rows = torch.from_numpy(codes[offsets[0] : offsets[-1]]).float()
    summed = torch.zeros(len(offsets) - 1, codes.shape[1]).index_add_(0, owners, rows)
    sums: NDArray[np.int32] = summed.to(torch.int32).numpy()
    return sums


def add_up_rows(codes: QuantizedTokens, offsets: Offsets) -> NDArray[np.int32]:
    """Add up the rows before each offset, shape (runs + 1, projected dimensions)."""
    sums = np.zeros((len(offsets), codes.shape[1]), np.int32)
    np.cumsum(sum_rows(codes, offsets), axis=0, out=sums[1:])
    return sums


def passage_rows(file: TokenFile, place: int) -> QuantizedTokens:
    """Return the rows of a passage."""
    offsets = file.sentence_offsets(place)
    return file.codes[offsets[0] : offsets[-1]]


def match_codes(query: QuantizedTokens, codes: QuantizedTokens, offsets: Offsets) -> TokenSimilarities:
    """Compute the best cosine of each query row in each run of rows, shape (query rows, runs)."""
    best = np.zeros((len(query), len(offsets) - 1), dtype=np.float32)
    filled = np.flatnonzero(np.diff(offsets))  # skip empty runs: they match nothing
    starts, stops = offsets[:-1][filled], offsets[1:][filled]
    rows_at_once = min(ROWS_AT_ONCE, PRODUCTS_AT_ONCE // max(1, len(query)))
    first = 0
    while first < len(filled):
        last = max(first + 1, int(np.searchsorted(stops, starts[first] + rows_at_once, side="right")))
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


def join_rows(places: Sequence[Place]) -> tuple[QuantizedTokens, Offsets, Offsets]:
    """Join the rows of passages: the rows, where each sentence begins in them, and the first sentence of each.

    The offsets of the sentences have shape (sentences + 1,), the first sentences (passages + 1,).
    """
    ats = [file.sentence_offsets(place) for file, place in places]
    rows = [passage_rows(file, place) for file, place in places]
    lengths = np.concatenate([np.diff(at) for at in ats])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return np.concatenate(rows), offsets, np.cumsum([0, *[len(at) - 1 for at in ats]])


def _split(queries: Sequence[QuantizedTokens], matches: TokenSimilarities) -> list[TokenSimilarities]:
    return np.split(matches, np.cumsum([len(one) for one in queries])[:-1])


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
