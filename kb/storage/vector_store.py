"""Passage vectors in Chroma: written as llama-index nodes with our vectors, searched by cosine similarity."""

from __future__ import annotations

import heapq
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np

from kb.embedding.arrays import Vectors
from kb.errors import IndexMismatch, StoreUnavailable
from kb.model import Interview, Passage
from kb.settings import TIMEOUT, Settings
from kb.storage.aside import move_aside
from kb.storage.chroma_client import COLLECTION, OpenedClient, alone_opening, as_one_line, connect_server, open_embedded
from kb.storage.chroma_files import FOLDER
from kb.storage.chroma_rows import read_count, read_ids, read_nearest, read_rows, read_texts, read_vectors
from kb.storage.database import CLOSED

WRITE_BATCH = 1000  # Chroma refuses more than 5,461 at once; batches above 1,000 are not faster

# Seconds after which an embedded client is opened anew that came upon files which another process was writing: "Nothing
# found on disk". It would say so for ever (github.com/vanna-ai/vanna/issues/950).
PAUSES = (0.1, 0.5)
FILTER_BATCH = 10_000  # ids of a filter; embedded Chroma fails above 32,766


def open_vectors(settings: Settings, fingerprint: str, *, for_repair: bool = False) -> VectorStore:
    """Open or create the collection of the settings. Raises IndexMismatch or StoreUnavailable."""
    return VectorStore.open(
        settings.home,
        settings.chroma_url,
        fingerprint,
        settings.chroma_token,
        timeout=settings.chroma_timeout,
        for_repair=for_repair,
    )


class VectorStore:
    """A Chroma collection of passage vectors, shared by all threads. Methods raise StoreUnavailable when Chroma fails.

    Calls run in parallel. Only reopening an embedded client, which caches the vectors that it loaded, waits until no
    call is running.
    """

    def __init__(
        self,
        open_client: Callable[[], OpenedClient],
        guard: Callable[[], AbstractContextManager[None]],
        fingerprint: str,
        *,
        home: Path | None,
        for_repair: bool = False,
    ) -> None:
        self._open_client = open_client
        self._guard = guard
        self._fingerprint = fingerprint
        self._home = home  # of an embedded client
        self._is_embedded = home is not None
        self._opened = self._try_open() if for_repair and home else self._open()
        self._is_outdated = self._opened.client is None  # each call tries again, and says why it fails
        self._is_closed = False
        self._calls = 0  # number of running calls
        self._changed = threading.Condition()

    @classmethod
    def open(
        cls,
        home: Path,
        url: str | None,
        fingerprint: str,
        token: str | None = None,
        *,
        timeout: float = TIMEOUT,
        for_repair: bool = False,
    ) -> VectorStore:
        """Open or create the collection. Raises IndexMismatch for vectors of another model, else StoreUnavailable.

        `for_repair` opens a store that is damaged too: each call says so.
        """
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

        def open_client() -> OpenedClient:
            if url is None:
                return open_embedded(home)
            return OpenedClient(connect_server(url, token, timeout))

        def guard() -> AbstractContextManager[None]:
            return alone_opening(home) if url is None else nullcontext()

        return cls(open_client, guard, fingerprint, home=home if url is None else None, for_repair=for_repair)

    @property
    def is_embedded(self) -> bool:
        """Whether the vectors are in the home folder."""
        return self._is_embedded

    def invalidate(self) -> None:
        """Mark an embedded client to be reopened before its next call, since another process has written."""
        self._is_outdated = True

    def close(self) -> None:
        """Close the store."""
        with self._alone():
            self._is_closed = True
            self._opened.close()

    def reset(self) -> None:
        """Delete all vectors."""
        with self._alone(), as_one_line():
            if self._opened.client:
                self._opened.client.delete_collection(COLLECTION)
            self._reopen()

    def begin_anew(self) -> Path | None:
        """Begin without vectors. An embedded store is moved aside: returns its new path. Raises OSError."""
        if self._home is None:
            self.reset()
            return None
        with self._alone():
            self._opened.close()
            self._opened = OpenedClient()
            aside = move_aside(self._home / FOLDER)
            self._reopen()
        return aside

    def count(self) -> int:
        """Return the number of vectors."""
        return read_count(self._call("count"))

    def replace(self, interview: Interview, passages: Sequence[Passage], vectors: Sequence[Vectors]) -> None:
        """Write the passages of an interview with their vectors, replacing all that is stored for it."""
        self.remove(self.passage_ids(interview.id))
        self.write([(interview, *row) for row in zip(passages, vectors, strict=True)])

    def write(self, rows: Sequence[tuple[Interview, Passage, Vectors]]) -> None:
        """Write passages of any interviews with their vectors, without removing older ones."""
        for first in range(0, len(rows), WRITE_BATCH):
            interviews, passages, vectors = zip(*rows[first : first + WRITE_BATCH], strict=True)
            batch: dict[str, Any] = {
                "ids": [passage.id for passage in passages],
                "embeddings": np.stack(vectors),
                "documents": [passage.text for passage in passages],
                "metadatas": list(map(_to_metadata, interviews, passages)),
            }
            self._call("upsert", **batch)

    def remove(self, passage_ids: Sequence[str]) -> None:
        """Delete vectors by passage id; unknown ids are ignored."""
        for batch in _batches(passage_ids):
            self._call("delete", ids=batch)

    def passage_ids(self, interview_id: str) -> list[str]:
        """Return the passage ids stored for an interview."""
        found = self._call("get", where={"interview_id": interview_id}, include=[])
        return read_ids(found)

    def all_texts(self) -> dict[str, str]:
        """Return all stored texts, by passage id."""
        return {one: text for page in self._pages("documents") for one, text in read_texts(page).items()}

    def broken_ids(self) -> set[str]:
        """Return the passage ids whose vectors have no direction, or are no numbers."""
        pages = (set(read_ids(page)).difference(read_vectors(page)) for page in self._pages("embeddings"))
        return {one for page in pages for one in page}

    def count_reachable(self, limit: int) -> int:
        """Count how many of `limit` vectors a search reaches: all, unless the index is damaged."""
        some = read_vectors(self._call("get", limit=1, include=["embeddings"]))
        if not some:
            return 0
        # Without distances, which Chroma cannot find for a vector that its index has and its table has not.
        found = self._call("query", query_embeddings=np.stack(list(some.values())), n_results=limit, include=[])
        return sum(map(len, read_rows(found)))

    def nearest(
        self, vector: Vectors, limit: int, interview_ids: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the nearest passage ids with cosine similarity, nearest first; `vector` has shape (dimensions,)."""
        return self.nearest_each(vector[np.newaxis], limit, interview_ids)[0]

    def nearest_each(
        self, vectors: Vectors, limit: int, interview_ids: Sequence[str] | None = None
    ) -> list[list[tuple[str, float]]]:
        """Return the nearest passage ids with cosine of each vector, shape (vectors, dimensions), nearest first."""
        if not len(vectors) or (interview_ids is not None and not interview_ids):
            return [[] for _ in vectors]
        if interview_ids is None:
            return self._query(vectors, limit, None)
        batches = [
            self._query(vectors, limit, {"interview_id": {"$in": batch}})
            for batch in _batches(interview_ids, FILTER_BATCH)
        ]
        return [_merge(rows, limit) for rows in zip(*batches, strict=True)]

    def get_vectors(self, texts: Mapping[str, str]) -> dict[str, Vectors]:
        """Return the stored vectors, shape (dimensions,), of passage ids whose stored text equals the given one."""
        found: dict[str, Vectors] = {}
        for batch in _batches(list(texts)):
            wanted: dict[str, Any] = {"ids": batch, "include": ["embeddings", "documents"]}
            rows = self._call("get", **wanted)
            vectors = read_vectors(rows)
            stored = read_texts(rows).items()
            found |= {one: vectors[one] for one, text in stored if one in vectors and texts.get(one) == text}
        return found

    def _pages(self, part: str) -> Iterator[Any]:
        """Yield all rows with a part of each, a page at a time."""
        for first in range(0, self.count(), WRITE_BATCH):
            page: dict[str, Any] = {"limit": WRITE_BATCH, "offset": first, "include": [part]}
            found = self._call("get", **page)
            if not read_ids(found):
                return
            yield found

    def _query(self, vectors: Vectors, limit: int, where: Mapping[str, Any] | None) -> list[list[tuple[str, float]]]:
        found = self._call("query", query_embeddings=vectors, n_results=limit, where=where, include=["distances"])
        return read_nearest(found, len(vectors))

    def _call(self, act: str, **values: Any) -> Any:
        """Call a method of the collection; open it again if that may help."""
        for pause in PAUSES:
            try:
                return self._call_once(act, **values)
            except StoreUnavailable as failure:
                self._prepare_again(failure, pause)
        return self._call_once(act, **values)

    def _prepare_again(self, failure: StoreUnavailable, pause: float) -> None:
        """Open a collection again that was recreated, as a repair does, or whose files were being written."""
        from chromadb.errors import InternalError, NotFoundError

        if isinstance(failure.__cause__, NotFoundError):
            with self._alone(), self._guard():
                self._opened = self._opened.with_collection(self._fingerprint)
        elif self._is_embedded and isinstance(failure.__cause__, InternalError):
            sleep(pause)
            self.invalidate()
        else:
            raise failure

    def _call_once(self, act: str, **values: Any) -> Any:
        self._begin_call()
        try:
            with as_one_line():
                return getattr(self._opened.collection, act)(**values)
        finally:
            with self._changed:
                self._calls -= 1
                self._changed.notify_all()

    def _begin_call(self) -> None:
        """Register a running call; reopen the client first if it is outdated."""
        while True:
            with self._changed:
                if self._is_closed:  # by another thread; Chroma itself would fail without a clear reason
                    raise StoreUnavailable(CLOSED)
                if not (self._is_outdated and self._is_embedded):
                    self._calls += 1
                    return
            with self._alone():
                if self._is_outdated and not self._is_closed:
                    self._reopen()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until no call is running and block new ones; calls to a server may continue."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._calls and self._is_embedded))
            yield

    def _reopen(self) -> None:
        self._is_outdated = True  # if opening fails, the next call tries again
        opened = self._open()
        self._opened.close()
        self._opened = opened
        self._is_outdated = False

    def _try_open(self) -> OpenedClient:
        try:
            return self._open()
        except (StoreUnavailable, IndexMismatch):
            return OpenedClient()

    def _open(self) -> OpenedClient:
        """Open a client with its collection; no client stays open when that fails."""
        with self._guard(), ExitStack() as opened:
            client = self._open_client()
            opened.callback(client.close)
            complete = client.with_collection(self._fingerprint)
            opened.pop_all()
        return complete


def _batches(ids: Sequence[str], size: int = WRITE_BATCH) -> list[list[str]]:
    return [list(ids[first : first + size]) for first in range(0, len(ids), size)]


def _merge(rows: Sequence[list[tuple[str, float]]], limit: int) -> list[tuple[str, float]]:
    """Merge passage ids with cosine similarity, nearest first, into the nearest of all."""
    return list(islice(heapq.merge(*rows, key=lambda row: row[1], reverse=True), limit))


def _to_metadata(interview: Interview, passage: Passage) -> dict[str, Any]:
    """Build flat values to filter by, and the node in the form that ChromaVectorStore reads.

    Default values of the node are left out, since Chroma stores every string twice.
    """
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    leader = interview.leader(passage.speaker)
    values = {
        "interview_id": interview.id,
        "speaker": passage.speaker,
        "company": leader.company if leader else None,
        "title": interview.title,
        "source": interview.source,
        "year": interview.year,
        "start": passage.start,
        "page": passage.page,
    }
    metadata = {key: value for key, value in values.items() if value is not None}
    node = TextNode(
        id_=passage.id,
        metadata=metadata,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=interview.id)},
    )
    content = node.model_dump_json(exclude_defaults=True)
    return {**metadata, "document_id": interview.id, "_node_content": content}
