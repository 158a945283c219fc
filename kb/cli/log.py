"""Show what our own modules log, on standard error, while a command runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kb.text.display import mark_controls

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LEVELS = (logging.INFO, logging.DEBUG)  # for -v, and for -vv
OURS = ("kb", "ingest")


class _ToStderr(logging.Handler):
    """Writes to the present standard error; a progress bar replaces it while it is drawn."""

    def emit(self, record: logging.LogRecord) -> None:
        print(mark_controls(self.format(record)), file=sys.stderr)


@contextmanager
def log_to_stderr(verbosity: int) -> Iterator[None]:
    """Show the log according to how often -v was given; without -v, an error stays the one line that it is."""
    if not verbosity:
        yield
        return
    handler = _ToStderr()
    handler.setFormatter(logging.Formatter(FORMAT))
    loggers = [logging.getLogger(name) for name in OURS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(LEVELS[min(verbosity, len(LEVELS)) - 1])
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
