"""Time the stages of a question and log slow questions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

log = logging.getLogger(__name__)

LONG = 1.0  # seconds; a question that takes longer is logged as a warning


class Stopwatch:
    """Measures the seconds of each stage, in order of their end."""

    def __init__(self) -> None:
        self._started = self._before = perf_counter()
        self._stages: list[tuple[str, float]] = []

    def end(self, stage: str) -> None:
        """End a stage and begin the next one."""
        now = perf_counter()
        self._stages.append((stage, now - self._before))
        self._before = now

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self._started

    def __str__(self) -> str:
        return ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in self._stages)


@contextmanager
def time_question(text: str) -> Iterator[Stopwatch]:
    """Log the duration of a question, at WARNING if it was slow; its text only at DEBUG."""
    stopwatch = Stopwatch()
    yield stopwatch
    seconds = stopwatch.seconds
    log.log(
        logging.WARNING if seconds >= LONG else logging.INFO, "A question took %.2f seconds: %s", seconds, stopwatch
    )
    log.debug("The question was: %s", text)
