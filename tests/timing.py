"""How long something takes, measured alike wherever the tests run."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Measured:
    """Seconds that this thread computed; zero until the block has ended."""

    seconds: float = 0.0


@contextmanager
def measured() -> Iterator[Measured]:
    """Measure a block: other threads do not count, nor does coverage, which makes it several times slower."""
    taken = Measured()
    tracer = sys.gettrace()
    sys.settrace(None)
    started = time.thread_time()
    try:
        yield taken
    finally:
        taken.seconds = time.thread_time() - started
        sys.settrace(tracer)
