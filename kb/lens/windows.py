"""The windows of one to three sentences of a passage, or of all passages of a token file at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import Offsets, PassageIndices, QuantizedTokens, Scores, Vectors, normalise
from kb.retrieval.maxsim import FEWEST_ROWS, WINDOW, add_up_rows, passage_rows
from kb.storage.token_file import TokenFile


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of passages, in order of the passages; each passage has one at least."""

    vectors: Vectors  # (windows, dimensions): mean token vector of each, of length 1
    owners: PassageIndices  # (windows,): number of its passage
    firsts: PassageIndices  # (windows,): number of its first sentence
    ends: PassageIndices  # (windows,): number of the sentence after its last
    passages: Vectors  # (passages, dimensions)

    def best(self, odds: Vectors) -> Vectors:
        """Return the largest of each output over the windows of each passage, shape (passages, outputs)."""
        if not len(self.owners):
            return odds
        firsts = np.flatnonzero(np.diff(self.owners, prepend=-1))
        best: Vectors = np.maximum.reduceat(odds, firsts, axis=0)
        return best

    def spread(self, odds: Scores, sentences: int) -> Scores:
        """Return the mean of an output over the windows that hold each sentence: one alone says little.

        `odds` has shape (windows,); a sentence that none holds gets the least.
        """
        scores = np.full(sentences, odds.min(), dtype=np.float32)
        for sentence in range(sentences):
            holds = (self.firsts <= sentence) & (sentence < self.ends)
            if holds.any():
                scores[sentence] = odds[holds].mean()
        return scores


def list_windows_in(file: TokenFile, place: int) -> tuple[Windows, int]:
    """List the windows of one passage of a file; return them with its number of sentences."""
    at = file.sentence_offsets(place)
    count = len(at) - 1
    return make_windows(passage_rows(file, place), at - at[0], np.array([0, count])), count


def list_windows_of(file: TokenFile) -> Windows:
    """List the windows of a file's passages."""
    return make_windows(file.codes, file.sentences, file.passages)


def make_windows(codes: QuantizedTokens, sentences: Offsets, passages: Offsets) -> Windows:
    """List windows; `sentences` are offsets into the rows of `codes`, `passages` offsets into the sentences."""
    sums = add_up_rows(codes, sentences)
    firsts, ends, owners = _list_runs(sentences, passages)
    whole = normalise((sums[passages[1:]] - sums[passages[:-1]]).astype(np.float32))
    vectors = normalise((sums[ends] - sums[firsts]).astype(np.float32))
    return Windows(vectors, owners, firsts, ends, whole)


def _list_runs(sentences: Offsets, passages: Offsets) -> tuple[PassageIndices, PassageIndices, PassageIndices]:
    """List the first and end sentence of each window, and its passage; one of few words is its passage whole."""
    count = len(passages) - 1
    owner = np.repeat(np.arange(count), np.diff(passages))
    found: list[tuple[PassageIndices, PassageIndices]] = []
    for size in range(1, WINDOW + 1):
        firsts = np.arange(max(0, len(owner) - size + 1))
        ends = firsts + size
        within = owner[firsts] == owner[ends - 1]
        told = sentences[ends] - sentences[firsts] >= FEWEST_ROWS
        found.append((firsts[within & told], ends[within & told]))
    firsts = np.concatenate([one for one, _ in found])
    ends = np.concatenate([one for _, one in found])
    owners = owner[firsts]
    alone = np.setdiff1d(np.arange(count), owners)
    owners = np.concatenate([owners, alone])
    order = np.argsort(owners, kind="stable")
    return (
        np.concatenate([firsts, passages[alone]])[order],
        np.concatenate([ends, passages[alone + 1]])[order],
        owners[order],
    )
