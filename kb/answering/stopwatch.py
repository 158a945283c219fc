"""Time the stages of a question, and log the one that took long."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

log = logging.getLogger(__name__)

LONG = 1.0  # seconds from which on a question took long


class Stopwatch:
    """Seconds of each stage, in the order in which they ended."""

    def __init__(self) -> None:
        self._started = self._before = perf_counter()
        self._stages: list[tuple[str, float]] = []

    def end(self, stage: str) -> None:
        """A stage ends now, and the next one begins."""
        now = perf_counter()
        self._stages.append((stage, now - self._before))
        self._before = now

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return perf_counter() - self._started

    def __str__(self) -> str:
        return ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in self._stages)


@contextmanager
def time_question(text: str) -> Iterator[Stopwatch]:
    """Log how long a question took, at WARNING where that was long; its text at DEBUG alone."""
    stopwatch = Stopwatch()
    yield stopwatch
    seconds = stopwatch.seconds
    log.log(
        logging.WARNING if seconds >= LONG else logging.INFO, "A question took %.2f seconds: %s", seconds, stopwatch
    )
    log.debug("The question was: %s", text)
