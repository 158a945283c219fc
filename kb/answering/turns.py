"""Turns at the cores: a few threads compute at the same time, the others wait in the order in which they came."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from kb.settings import Settings

AT_ONCE = max(2, os.cpu_count() or 2)  # more threads only take the interpreter from each other: half the answers


def open_turns(settings: Settings) -> Turns | None:
    """Return the turns of a knowledge base; none with stores on servers: who waits for one would hold up all others."""
    return None if settings.chroma_url else Turns()


class Turns:
    """Gives out turns, first come, first served. Shared by all threads.

    A semaphore would let a thread that comes back take the turn of one that waits.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = at_once
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._mine = threading.local()

    @property
    def waiting(self) -> int:
        """Number of threads that wait."""
        return len(self._waiting)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn, and hold it. A thread that holds one goes on at once."""
        if getattr(self._mine, "is_held", False):
            yield
            return
        self._acquire()
        self._mine.is_held = True
        try:
            yield
        finally:
            self._mine.is_held = False
            self._release()

    def _acquire(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called = threading.Event()
            self._waiting.append(called)
        try:
            called.wait()
        except BaseException:  # a person interrupts the wait: the turn must not go to nobody
            self._leave(called)
            raise

    def _leave(self, called: threading.Event) -> None:
        """Wait no longer; a turn that has been handed over meanwhile goes on to the next."""
        with self._lock:
            is_waiting = called in self._waiting
            if is_waiting:
                self._waiting.remove(called)
        if not is_waiting:
            self._release()

    def _release(self) -> None:
        """Hand the turn to the thread that has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
