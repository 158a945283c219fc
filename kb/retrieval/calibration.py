"""Learn the coverage thresholds from the interviews in the knowledge base."""

from __future__ import annotations

import atexit
import logging
import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np

from kb.errors import KBError, StoreUnavailable
from kb.model import Query
from kb.retrieval.coverage import HIT, PIECE_LOSS, SHARES, SOFTNESS, Calibration
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.searcher import Retriever
from kb.retrieval.snapshot import Snapshots
from kb.storage.catalog import Catalog
from kb.text.sentences import sentence_spans

log = logging.getLogger(__name__)

OUT_OF_DOMAIN = Path(__file__).with_name("out_of_domain_questions.txt")  # not answered by interviews with leaders
# Share of the interviews that may change before coverage is learnt again: after an ingest, and before a question.
WRITER_SLACK, READER_SLACK = 0.1, 0.5
THEMES_STEP = 3  # every third theme of the lexicon is used
TRIES = 3  # while interviews are being added
REST = 300.0  # seconds before what failed in the background is tried again, with the same interviews
MOST_STOPPING = 10.0  # seconds that closing waits for the question that is being scored

# Thresholds lie between the mean score of out-of-domain questions and the scores of two kinds of questions that leaders
# are likely to have answered: those of their own hosts, and those of the lexicon. The lower of the two decides: some
# hosts (such as legal counsel) ask longer and more specific questions than a reader, and not every theme is discussed.
THIN_WAY = 0.69  # share of the way from the mean to the median of such questions
PARTIAL_SHARE = 0.6  # share of such questions that score below
NEAR_STEP, STRONG_STEP = 0.6, 0.6  # share of the way from mean to thin; steps from thin to partial, added to partial
OWN = 100  # maximum host questions to learn from
OWN_WORDS = range(6, 26)  # words of a host question: as long as what people type
FEW_OWN = 10  # minimum questions of a kind: fewer are not reliable
OWN_SPREADS = 2.4  # with too few of both kinds, thin is this many standard deviations above the out-of-domain mean
# Identifies how thresholds were learnt; raise the first number when the calculation itself changes.
QUANTILES = (THIN_WAY, PARTIAL_SHARE, NEAR_STEP, STRONG_STEP)
RULES = repr((8, HIT, SOFTNESS, PIECE_LOSS, SHARES, QUANTILES, OWN, FEW_OWN, OWN_SPREADS))


class _Closed(Exception):
    """Raised in the background thread when the calibrator is closed."""


class Calibrator:
    """Learns and stores the coverage thresholds. Learning raises ModelMissing or StoreUnavailable.

    With `in_background`, outdated thresholds are learnt again while readers go on with them: for a process that lives
    long enough. Without, only `warm` and `refresh` learn them again.
    """

    def __init__(
        self, catalog: Catalog, finder: Retriever, snapshots: Snapshots, *, in_background: bool = True
    ) -> None:
        self._catalog = catalog
        self._retriever = finder
        self._snapshots = snapshots
        self._in_background = in_background
        self._learning = threading.Lock()  # threads that find no thresholds learn them only once
        self._starting = threading.Lock()
        self._background: threading.Thread | None = None
        self._closing = threading.Event()
        self._learnt: tuple[int, Calibration] | None = None  # with its generation, if it could not be stored
        self._failed: tuple[int, float] | None = None  # the generation that could not be learnt from, and when
        self._told = ""  # what the log says of it: the same reason is told once

    def close(self) -> None:
        """Stop learning in the background; a thread inside torch when Python ends would abort the process."""
        with self._starting:
            self._closing.set()
        if self._background:
            self._background.join(MOST_STOPPING)

    def stored(self) -> Calibration | None:
        """Return the stored thresholds, if they fit the current interviews closely enough; else None."""
        return self._find(READER_SLACK)

    def calibration(self) -> Calibration:
        """Return the thresholds without waiting, also outdated ones; learn them now only if there are none."""
        if found := self.stored():
            return found
        if outdated := self._find_outdated():
            self._learn_in_background()
            return outdated
        return self.warm()

    def warm(self) -> Calibration:
        """Return the stored thresholds, or learn them now if there are none or they are outdated."""
        if found := self.stored():
            return found
        with self._learning:
            return self.stored() or self._learn(self._score_together)

    def refresh(self) -> Calibration:
        """Learn from the current interviews, unless few have changed since the last time."""
        with self._learning:
            return self._find(WRITER_SLACK) or self._learn(self._score_together)

    def _find(self, slack: float) -> Calibration | None:
        thresholds = self._catalog.facts.calibration(RULES, slack)
        if thresholds and len(thresholds) == len(fields(Calibration)):
            return Calibration(*thresholds)
        if self._learnt and self._learnt[0] == self._catalog.generation():
            return self._learnt[1]
        return None

    def _find_outdated(self) -> Calibration | None:
        return self._learnt[1] if self._learnt else self._find(math.inf)

    def _learn_in_background(self) -> None:
        """Start a thread that learns the thresholds, unless there is one, or the last one failed just now."""
        if not self._in_background:
            log.info("the coverage thresholds are outdated; the next kb-ingest learns them")
            return
        with self._starting:
            is_running = self._background is not None and self._background.is_alive()
            if is_running or self._closing.is_set() or self._is_resting():
                return
            if self._background is None:
                atexit.register(_close, weakref.ref(self))
            self._background = threading.Thread(target=self._relearn, name="calibrate", daemon=True)
            self._background.start()

    def _is_resting(self) -> bool:
        """Whether learning has failed a short while ago, and nothing has changed since."""
        if self._failed is None:
            return False
        generation, at = self._failed
        return generation == self._catalog.generation() and time.monotonic() - at < REST

    def _relearn(self) -> None:
        generation = -1  # of a catalog that cannot be read
        try:
            generation = self._catalog.generation()
            with self._learning:
                self.stored() or self._learn(self._score_in_turn)
            self._failed, self._told = None, ""
        except _Closed:
            log.debug("closed while the coverage thresholds were being learnt")
        except Exception as error:  # noqa: BLE001 - every question would start a thread that dies of it again
            self._failed = generation, time.monotonic()
            self._tell_failure(error)

    def _tell_failure(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, KBError) else f"{type(error).__name__}: {error}"
        level = logging.DEBUG if reason == self._told else logging.WARNING
        self._told = reason
        trace = None if isinstance(error, KBError) else error
        log.log(level, "the coverage thresholds are outdated, and could not be learnt: %s", reason, exc_info=trace)

    def _learn(self, score: Callable[[Sequence[str]], list[tuple[int, float]]]) -> Calibration:
        for attempt in range(1, TRIES + 1):
            generation, kinds = self._list_questions()
            scored = score([question for kind in kinds for question in kind])
            if attempt == TRIES or all(seen == generation for seen, _ in scored):
                break  # the last try accepts a change meanwhile: coverage is learnt again after the next one
        found = iter(score for _, score in scored)
        learnt = calibrate(*([next(found) for _ in kind] for kind in kinds))
        self._store(generation, learnt)
        return learnt

    def _list_questions(self) -> tuple[int, tuple[Sequence[str], ...]]:
        """Return the generation, and three kinds of questions: out-of-domain, of hosts, of the lexicon."""
        elsewhere = OUT_OF_DOMAIN.read_text(encoding="utf-8").splitlines()
        themes = [theme.questions[0] for theme in load_lexicon()[::THEMES_STEP]]
        with self._snapshots.reading() as index:
            own = choose_own(self._catalog.host_questions(), accepts=self._retriever.parser.accepts)
            return index.generation, (elsewhere, own, themes)

    def _score_together(self, questions: Sequence[str]) -> list[tuple[int, float]]:
        """Score questions on all cores, for somebody who waits."""
        threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="calibrate")
        try:
            return list(threads.map(self._score, questions))
        finally:
            threads.shutdown(cancel_futures=True)

    def _score_in_turn(self, questions: Sequence[str]) -> list[tuple[int, float]]:
        """Score questions on this thread, which leaves the cores to readers, until the calibrator is closed."""
        scored = []
        for question in questions:
            if self._closing.is_set():
                raise _Closed
            scored.append(self._score(question))
        return scored

    def _score(self, question: str) -> tuple[int, float]:
        """Score the answerability of a question in its own snapshot; returns generation and score."""
        with self._snapshots.reading() as index:
            return index.generation, self._retriever.find(Query(question), index).score

    def _store(self, generation: int, learnt: Calibration) -> None:
        try:
            self._catalog.facts.save_calibration(RULES, generation, astuple(learnt))
            self._learnt = None
        except StoreUnavailable as error:  # such as a read-only home folder
            self._learnt = generation, learnt
            log.warning("what counts as covered is learnt, and cannot be stored: %s", error)


def _close(reference: weakref.ref[Calibrator]) -> None:
    """Close a calibrator at the end of the process, if it is still there."""
    if calibrator := reference():
        calibrator.close()


def calibrate(elsewhere: Sequence[float], *likely: Sequence[float]) -> Calibration:
    """Compute thresholds from the scores of out-of-domain questions, and of questions that are likely to be answered.

    Each of `likely` is one kind of question; a kind with too few questions is ignored.
    """
    low, spread = float(np.mean(elsewhere)), float(np.std(elsewhere))
    kinds = [scores for scores in likely if len(scores) >= FEW_OWN]
    if kinds:
        middle, partial = (min(float(np.quantile(scores, share)) for scores in kinds) for share in (0.5, PARTIAL_SHARE))
        thin = low + THIN_WAY * (middle - low)
    else:
        thin, partial = low + OWN_SPREADS * spread, low + (OWN_SPREADS + 1) * spread
    thin = max(thin, low + spread)  # with few interviews, everything scores low
    partial = max(partial, thin + spread / 4)
    return Calibration(
        near=low + NEAR_STEP * (thin - low), thin=thin, partial=partial, strong=partial + STRONG_STEP * (partial - thin)
    )


def choose_own(asked: Iterable[str], most: int = OWN, *, accepts: Callable[[str], bool] = lambda _: True) -> list[str]:
    """Choose the final questions of what hosts said before answers, evenly from all interviews.

    Only those that `accepts` are chosen: a host may ask in a language that the model does not read.
    """
    questions = [one for one in dict.fromkeys(one for said in asked for one in _last_question(said)) if accepts(one)]
    step = max(1, len(questions) // most)
    return questions[::step][:most]


def _last_question(said: str) -> Iterator[str]:
    sentences = [said[start:end] for start, end in sentence_spans(said)]
    if sentences and sentences[-1].endswith("?") and len(sentences[-1].split()) in OWN_WORDS:
        yield sentences[-1]
