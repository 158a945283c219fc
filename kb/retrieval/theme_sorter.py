"""Tell of which themes of the lexicon quoted words speak, by the theme head and the vectors that are stored anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Vectors, normalise
from kb.embedding.protocol import DEFAULT_NAME, Embedder
from kb.model import Passage, Span
from kb.retrieval.index import Index
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.maxsim import passage_rows, sentence_vectors
from kb.retrieval.snapshot import Snapshots
from kb.retrieval.theme_head import ThemeHead, load_theme_head
from kb.storage.catalog import Catalog
from kb.text.sentences import sentence_spans

ThemeOdds = Mapping[str, float]  # theme id -> log odds that the words speak of it
Quoted = tuple[str, Span]  # interview id, and the words in it


class ThemeSorter:
    """Judges quoted words by theme; shared by all threads."""

    def __init__(self, catalog: Catalog, snapshots: Snapshots, head: ThemeHead | None, learnt: Sequence[str]) -> None:
        self._catalog = catalog
        self._snapshots = snapshots
        self._head = head
        self._learnt = learnt  # ids of the themes that the head was trained on

    @classmethod
    def open(cls, catalog: Catalog, snapshots: Snapshots, embedder: Embedder, lexicon: Path | None) -> ThemeSorter:
        """Open a sorter. Raises BadLexicon, or ModelMissing when the theme head cannot be read."""
        if embedder.name != DEFAULT_NAME:  # the theme head fits only the vectors of the bundled model
            return cls(catalog, snapshots, None, ())
        carried = set(load_lexicon())
        learnt = [one.id for one in load_lexicon(lexicon) if one in carried]
        return cls(catalog, snapshots, load_theme_head(), learnt)

    def sort(self, quoted: Sequence[Quoted]) -> list[ThemeOdds]:
        """Return for each quotation how surely it speaks of each theme; nothing where no passage holds it."""
        if self._head is None:
            return [{} for _ in quoted]
        with self._snapshots.reading() as index:
            shelf = {one: self._catalog.passages_of(one) for one in dict.fromkeys(one for one, _ in quoted)}
            return [self._judge(shelf[interview_id], span, index) for interview_id, span in quoted]

    def _judge(self, passages: Sequence[Passage], span: Span, index: Index) -> ThemeOdds:
        passage = max(passages, key=lambda one: _overlap(one, span), default=None)
        if self._head is None or passage is None or not _overlap(passage, span) or passage.id not in index.place_of:
            return {}
        file, place = index.locate(index.place_of[passage.id])
        whole = normalise(passage_rows(file, place).astype(np.float32).sum(axis=0))
        window = _sum_up(passage, span, sentence_vectors(file, place), whole)
        odds = self._head.judge(window[np.newaxis], whole[np.newaxis], self._learnt)[:, 0]
        return dict(zip(self._learnt, odds.tolist(), strict=True))


def _overlap(passage: Passage, span: Span) -> int:
    """Count the characters that a passage shares with some words."""
    own = (one for one in passage.parts if one.turn == span.turn)
    return max((min(one.end, span.end) - max(one.start, span.start) for one in own), default=0)


def _sum_up(passage: Passage, span: Span, sentences: Vectors, whole: Vectors) -> Vectors:
    """Return the mean vector of the quoted sentences; that of the passage where none of them has words."""
    quoted = [
        number
        for number, (start, end) in enumerate(sentence_spans(passage.text))
        if number < len(sentences) and _holds(passage, start, end, span)
    ]
    summed = sentences[quoted].sum(axis=0)
    return normalise(summed) if summed.any() else whole


def _holds(passage: Passage, start: int, end: int, span: Span) -> bool:
    place = passage.locate(start, end)
    return place.turn == span.turn and place.start < span.end and span.start < place.end
