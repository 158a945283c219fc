"""Learn from which score on a question counts as covered, of the very interviews that are asked."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path

import numpy as np

from kb.errors import StoreUnavailable
from kb.model import Query
from kb.retrieval.coverage import HIT, PIECE_LOSS, SHARES, SOFTNESS, Calibration
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.searcher import Retriever
from kb.retrieval.snapshot import Snapshots
from kb.storage.catalog import Catalog
from kb.text.sentences import sentence_spans

log = logging.getLogger(__name__)

OUT_OF_DOMAIN = Path(__file__).with_name("out_of_domain_questions.txt")  # that interviews with leaders do not answer
# Share of the interviews that may change before coverage is learnt again: by an ingest, and while somebody asks.
WRITER_SLACK, READER_SLACK = 0.1, 0.5
THEMES_STEP = 3  # every third theme of the lexicon is asked
TRIES = 3  # while interviews come in

# Thresholds lie between what questions from elsewhere score, on average, and what two kinds of questions do that
# leaders are likely to have answered: those that their own hosts asked, and those of the lexicon. The lower of the two
# decides: counsel asks longer and more specific questions than a reader, and not everybody speaks of every theme.
THIN_SHARE, PARTIAL_SHARE = 0.25, 0.5  # of such questions, those that score less
NEAR_STEP, STRONG_STEP = 0.6, 1.0  # of the way to thin from where near begins; of that from thin to partial, beyond it
OWN = 100  # questions that hosts asked, to learn from
OWN_WORDS = range(6, 26)  # of such a question: as long as what people type
FEW_OWN = 10  # fewer of them say nothing
OWN_SPREADS = 2.4  # where there are too few of either: standard deviations of the others that thin lies above these
# What thresholds were learnt by; the first number is raised when the reckoning itself changes.
QUANTILES = (THIN_SHARE, PARTIAL_SHARE, NEAR_STEP, STRONG_STEP)
RULES = repr((4, HIT, SOFTNESS, PIECE_LOSS, SHARES, QUANTILES, OWN, FEW_OWN, OWN_SPREADS))


class Calibrator:
    """Learns the thresholds of coverage, and keeps them in the catalog."""

    def __init__(self, catalog: Catalog, finder: Retriever, snapshots: Snapshots) -> None:
        self._catalog = catalog
        self._retriever = finder
        self._snapshots = snapshots
        self._learning = threading.Lock()  # several threads that find nothing learn it once
        self._learnt: tuple[int, Calibration] | None = None  # generation, where it could not be stored

    def stored(self) -> Calibration | None:
        """What was learnt of these interviews, or nearly these."""
        return self._find(READER_SLACK)

    def calibration(self) -> Calibration:
        """What was learnt of these interviews, or nearly these; learnt now where nothing was."""
        if found := self.stored():
            return found
        with self._learning:
            return self.stored() or self._learn()

    def refresh(self) -> Calibration:
        """Learn of the interviews as they are now, unless they have hardly changed since."""
        with self._learning:
            return self._find(WRITER_SLACK) or self._learn()

    def _find(self, slack: float) -> Calibration | None:
        thresholds = self._catalog.facts.calibration(RULES, slack)
        if thresholds:
            return Calibration(*thresholds)
        if self._learnt and self._learnt[0] == self._catalog.generation():
            return self._learnt[1]
        return None

    def _learn(self) -> Calibration:
        for attempt in range(1, TRIES + 1):
            generation, kinds = self._list_questions()
            scored = self._score([question for kind in kinds for question in kind])
            if attempt == TRIES or all(seen == generation for seen, _ in scored):
                break  # at the last try a change meanwhile is put up with: the next one is learnt of again
        found = iter(score for _, score in scored)
        learnt = calibrate(*([next(found) for _ in kind] for kind in kinds))
        self._store(generation, learnt)
        return learnt

    def _list_questions(self) -> tuple[int, tuple[Sequence[str], ...]]:
        """The generation, and questions of three kinds: from elsewhere, the hosts' own, and of the lexicon."""
        elsewhere = OUT_OF_DOMAIN.read_text(encoding="utf-8").splitlines()
        themes = [theme.questions[0] for theme in load_lexicon()[::THEMES_STEP]]
        with self._snapshots.reading() as index:
            return index.generation, (elsewhere, choose_own(self._catalog.host_questions()), themes)

    def _score(self, questions: Sequence[str]) -> list[tuple[int, float]]:
        """How surely each question is spoken to, with the generation that was asked: each in a snapshot of its own."""

        def score(question: str) -> tuple[int, float]:
            with self._snapshots.reading() as index:
                return index.generation, self._retriever.find(Query(question), index).score

        threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="calibrate")
        try:
            return list(threads.map(score, questions))
        finally:
            threads.shutdown(cancel_futures=True)

    def _store(self, generation: int, learnt: Calibration) -> None:
        self._learnt = generation, learnt
        try:
            self._catalog.facts.save_calibration(RULES, generation, astuple(learnt))
        except StoreUnavailable as error:  # such as a home that can only be read
            log.warning("what counts as covered is learnt, and cannot be stored: %s", error)


def calibrate(elsewhere: Sequence[float], *likely: Sequence[float]) -> Calibration:
    """Thresholds from the scores of questions that the interviews do not answer, and of those that they are likely to.

    `likely` are kinds of the latter; one with too few questions has no say.
    """
    low, spread = float(np.mean(elsewhere)), float(np.std(elsewhere))
    kinds = [scores for scores in likely if len(scores) >= FEW_OWN]
    thin = min((float(np.quantile(scores, THIN_SHARE)) for scores in kinds), default=low + OWN_SPREADS * spread)
    thin = max(thin, low + spread)  # few interviews score low on everything
    partial = min((float(np.quantile(scores, PARTIAL_SHARE)) for scores in kinds), default=thin + spread)
    partial = max(partial, thin + spread / 4)
    return Calibration(
        near=low + NEAR_STEP * (thin - low), thin=thin, partial=partial, strong=partial + STRONG_STEP * (partial - thin)
    )


def choose_own(asked: Iterable[str], most: int = OWN) -> list[str]:
    """Of what hosts said before an answer, the questions it ends with, evenly from all interviews."""
    questions = list(dict.fromkeys(one for said in asked for one in _last_question(said)))
    step = max(1, len(questions) // most)
    return questions[::step][:most]


def _last_question(said: str) -> Iterator[str]:
    sentences = [said[start:end] for start, end in sentence_spans(said)]
    if sentences and sentences[-1].endswith("?") and len(sentences[-1].split()) in OWN_WORDS:
        yield sentences[-1]
