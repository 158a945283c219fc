"""Read consistent snapshots: the index of one generation, with the catalog of the same generation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kb.errors import TokenFileGone
from kb.retrieval.index import Index
from kb.storage.stores import Stores

TRIES = 5  # tries to read the catalog while a writer deletes files that it listed


class Snapshots:
    """Caches the index of the latest generation; shared by all threads."""

    def __init__(self, stores: Stores, on_generation: Callable[[int], None]) -> None:
        self._stores = stores
        self._on_generation = on_generation  # called with each new generation that a reader sees
        self._index: Index | None = None
        self._loading = threading.Lock()
        self._local = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """Yield the index as of the last committed change of any process.

        Catalog reads inside see the same generation, even if another one is committed meanwhile. Raises TokenFileGone
        when a token file is lost.
        """
        pinned: Index | None = getattr(self._local, "index", None)
        if pinned:
            yield pinned
            return
        for attempt in range(1, TRIES + 1):
            with self._stores.catalog.database.snapshot():
                try:
                    index = self._load()
                except TokenFileGone:  # lost, or deleted by a writer after the snapshot began
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
        """Load the index of this thread's snapshot; the cached index never goes back to an earlier generation."""
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
