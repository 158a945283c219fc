"""Read the stores as of one moment: the index of a generation, and a catalog that stands still beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kb.errors import TokenFileGone
from kb.retrieval.index import Index
from kb.storage.stores import Stores

TRIES = 5  # to read the catalog while a writer deletes what it listed


class Snapshots:
    """Keeps the index of the last generation that anybody asked for; all threads share it."""

    def __init__(self, stores: Stores, on_generation: Callable[[int], None]) -> None:
        self._stores = stores
        self._on_generation = on_generation  # told which generation a reader sees
        self._index: Index | None = None
        self._loading = threading.Lock()
        self._local = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """The index as of the last committed change, in whichever process that was.

        Whatever the catalog is asked inside is of the same generation, though another be committed meanwhile.
        """
        pinned: Index | None = getattr(self._local, "index", None)
        if pinned:
            yield pinned
            return
        for attempt in range(1, TRIES + 1):
            with self._stores.catalog.database.snapshot():
                try:
                    index = self._load()
                except TokenFileGone:  # lost, or deleted by a writer since the moment was chosen
                    if attempt == TRIES:
                        raise
                    continue
                self._local.index = index
                try:
                    yield index
                finally:
                    self._local.index = None
                return

    def _load(self) -> Index:
        """The index of the moment that this thread sees; it never goes back to an earlier one."""
        generation = self._stores.catalog.generation()
        if self._index is not None and self._index.generation == generation:
            return self._index
        with self._loading:
            if self._index is not None and self._index.generation == generation:
                return self._index
            index = Index.load(self._stores.catalog, self._stores.tokens)
            if self._index is None or self._index.generation < generation:
                self._index = index
                self._on_generation(generation)
            return index
