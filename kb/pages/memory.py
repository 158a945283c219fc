"""What many sessions in one process leave in memory, given back."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Callable
from itertools import count

COLLECT_EVERY = 20  # pages; a collection takes as long as drawing one, and stops all threads
_FREEZING = threading.Lock()
_PAGES = count(1)


def collect_garbage() -> None:
    """Give back what drawn pages left, now and then; Streamlit would do so after each one.

    A C library that can is told to hand what is free back to the system, in some 5 ms. Source: malloc_trim(3).
    """
    if next(_PAGES) % COLLECT_EVERY == 0:
        gc.collect()
        if trim := _find("malloc_trim"):
            trim(0)


def freeze_loaded() -> None:
    """Exclude what is loaded by now from garbage collection.

    Libraries and models are hundreds of thousands of objects: walking them takes several times as long as an answer,
    and stops all threads.
    """
    with _FREEZING:
        gc.unfreeze()  # of a knowledge base that was closed
        gc.collect()
        gc.freeze()


def _find(name: str) -> Callable[[int], int] | None:
    """A function of the C library, of a number; None where it has none of that name: on macOS and Windows."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # TypeError: Windows has no library without a name
        return None
    found: Callable[[int], int] | None = getattr(library, name, None)
    return found
