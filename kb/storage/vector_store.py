"""Passage vectors in Chroma: written as llama-index nodes with our vectors, searched by cosine similarity."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from kb.arrays import Vectors
from kb.errors import IndexMismatch, StoreUnavailable
from kb.model import Interview, Passage
from kb.settings import TIMEOUT, Settings

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

log = logging.getLogger(__name__)

COLLECTION = "passages"
WRITE_BATCH = 1000  # Chroma refuses more than 5,461 at once; batches above 1,000 are not faster
# With the HNSW parameters below, recall at 50 is .992 at 200,000 vectors, for 2 ms a query more than the defaults.
RETRY = "if the disk is full or the server away, change that and run it again: what was there is kept"
MEND = "move the folder chroma in KB_HOME away and run: kb doctor --repair"
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}


def open_vectors(settings: Settings, fingerprint: str) -> VectorStore:
    """Open or create the collection of the settings. Raises IndexMismatch or StoreUnavailable."""
    return VectorStore.open(
        settings.home, settings.chroma_url, fingerprint, settings.chroma_token, timeout=settings.chroma_timeout
    )


class VectorStore:
    """A Chroma collection of passage vectors, shared by all threads. Methods raise StoreUnavailable when Chroma fails.

    Calls run in parallel. Only reopening an embedded client, which caches the vectors that it loaded, waits until no
    call is running.
    """

    def __init__(self, open_client: Callable[[], _Opened], *, is_embedded: bool) -> None:
        self._open_client = open_client
        self._is_embedded = is_embedded
        self._opened = open_client()
        self._is_outdated = False
        self._is_closed = False
        self._calls = 0  # number of running calls
        self._changed = threading.Condition()

    @classmethod
    def open(
        cls, home: Path, url: str | None, fingerprint: str, token: str | None = None, *, timeout: float = TIMEOUT
    ) -> VectorStore:
        """Open or create the collection. Raises IndexMismatch for vectors of another model, else StoreUnavailable."""
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

        def open_client() -> _Opened:
            opened = _open_embedded(home) if url is None else _Opened(_connect(url, token, timeout))
            return replace(opened, collection=_open_collection(opened.client, fingerprint))

        return cls(open_client, is_embedded=url is None)

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
        with self._alone(), _one_line():
            self._opened.client.delete_collection(COLLECTION)
            self._reopen()

    def count(self) -> int:
        """Return the number of vectors."""
        return int(self._call("count"))

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
        return list(found["ids"])

    def all_texts(self) -> dict[str, str]:
        """Return all stored texts, by passage id."""
        found: dict[str, str] = {}
        for first in range(0, self.count(), WRITE_BATCH):
            page: dict[str, Any] = {"limit": WRITE_BATCH, "offset": first, "include": ["documents"]}
            rows = self._call("get", **page)
            found |= dict(zip(rows["ids"], rows["documents"] or (), strict=True))
        return found

    def count_reachable(self, limit: int) -> int:
        """Count how many of `limit` vectors a search reaches: all, unless the index is damaged."""
        some = self._call("get", limit=1, include=["embeddings"])["embeddings"]
        if some is None or not len(some):
            return 0
        vectors = np.asarray(some)
        found = self._call("query", query_embeddings=vectors, n_results=limit, include=[])
        return len(found["ids"][0])

    def nearest(
        self, vector: Vectors, limit: int, interview_ids: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the nearest passage ids with cosine similarity, nearest first; `vector` has shape (dimensions,)."""
        return self.nearest_each(vector[np.newaxis], limit, interview_ids)[0]

    def nearest_each(
        self, vectors: Vectors, limit: int, interview_ids: Sequence[str] | None = None
    ) -> list[list[tuple[str, float]]]:
        """Return the nearest passage ids with cosine of each vector, shape (vectors, dimensions), nearest first."""
        where = None if interview_ids is None else {"interview_id": {"$in": list(interview_ids)}}
        if not len(vectors) or (interview_ids is not None and not interview_ids):
            return [[] for _ in vectors]
        found = self._call("query", query_embeddings=vectors, n_results=limit, where=where, include=["distances"])
        return [
            [(passage_id, 1.0 - distance) for passage_id, distance in zip(*row, strict=True)]
            for row in zip(found["ids"], found["distances"] or (), strict=True)
        ]

    def get_vectors(self, texts: Mapping[str, str]) -> dict[str, Vectors]:
        """Return the stored vectors, shape (dimensions,), of passage ids whose stored text equals the given one."""
        found: dict[str, Vectors] = {}
        for batch in _batches(list(texts)):
            wanted: dict[str, Any] = {"ids": batch, "include": ["embeddings", "documents"]}
            rows = self._call("get", **wanted)
            vectors = np.asarray(rows["embeddings"], dtype=np.float32)
            listed = zip(rows["ids"], rows["documents"] or (), vectors, strict=True)
            found |= {passage_id: vector for passage_id, text, vector in listed if texts[passage_id] == text}
        return found

    def _call(self, act: str, **values: Any) -> Any:
        """Call a method of the collection."""
        self._begin_call()
        try:
            with _one_line():
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
                    raise StoreUnavailable("The knowledge base has been closed; open it again")
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
        self._opened.close()
        self._opened = self._open_client()
        self._is_outdated = False


@dataclass(frozen=True, slots=True)
class _Opened:
    """A client with its collection, and the temporary copy that it reads if the folder is read-only."""

    client: ClientAPI
    collection: Any = None
    copy: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Close the client and delete its copy."""
        self.client.close()  # type: ignore[attr-defined]  # it exists, but not in the interface
        for session in _sessions(self.client):
            session.close()
        if self.copy:
            self.copy.cleanup()


@contextmanager
def _one_line() -> Iterator[None]:
    """Convert errors of Chroma to StoreUnavailable, in one line."""
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    try:
        yield
    except (ChromaError, HTTPError, ValueError, OSError) as error:  # ValueError: Chroma refuses or gives up
        log.error("Chroma failed", exc_info=error)
        raise StoreUnavailable(f"The vector store cannot be used: {_describe(error)}; {RETRY}") from error


def _describe(error: Exception) -> str:
    """Describe an error in one line, even if it has no message."""
    return " ".join(str(error).split()) or type(error).__name__


def _batches(passage_ids: Sequence[str]) -> list[list[str]]:
    return [list(passage_ids[first : first + WRITE_BATCH]) for first in range(0, len(passage_ids), WRITE_BATCH)]


def _open_embedded(home: Path) -> _Opened:
    import chromadb
    from chromadb.config import Settings as ChromaSettings
    from chromadb.errors import ChromaError

    try:
        copy = _copy_unwritable(home / "chroma")
        folder = copy.name if copy else str(home / "chroma")
        settings = ChromaSettings(anonymized_telemetry=False)
        return _Opened(chromadb.PersistentClient(folder, settings=settings), copy=copy)
    except (ChromaError, ValueError, OSError) as error:
        raise StoreUnavailable(f"The vector store at {home / 'chroma'} cannot be opened: {error}") from error


def _copy_unwritable(folder: Path) -> TemporaryDirectory[str] | None:
    """Copy a read-only folder: Chroma writes to its folder even when reading."""
    if not folder.exists() or all(os.access(path, os.W_OK) for path in (folder, *folder.iterdir())):
        return None
    copy = TemporaryDirectory(prefix="kb-chroma-")
    for path in folder.rglob("*"):
        target = Path(copy.name) / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)  # without its mode, so that the copy is writable
    return copy


def _connect(url: str, token: str | None, timeout: float) -> ClientAPI:
    """Open a client of the server at an address, with a timeout for every response."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings
    from chromadb.errors import ChromaError

    address = urlsplit(url)
    is_secure = address.scheme == "https"

    def connect() -> ClientAPI:
        return chromadb.HttpClient(
            address.hostname or "localhost",
            address.port or (443 if is_secure else 8000),
            ssl=is_secure,
            headers={"Authorization": f"Bearer {token}"} if token else None,
            settings=ChromaSettings(anonymized_telemetry=False),
        )

    try:
        client = _finish_within(timeout, connect)
    except (ChromaError, ValueError, OSError) as error:
        raise StoreUnavailable(f"The vector store at {url} cannot be opened: {error}") from error
    for session in _sessions(client):
        session.timeout = timeout
    return client


def _finish_within(seconds: float, connect: Callable[[], ClientAPI]) -> ClientAPI:
    """Limit the time to connect: Chroma's client contacts the server before a timeout can be set."""
    made: Future[ClientAPI] = Future()

    def make() -> None:
        try:
            made.set_result(connect())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            made.set_exception(error)

    threading.Thread(target=make, daemon=True).start()
    try:
        return made.result(timeout=seconds)
    except FutureTimeout:
        raise TimeoutError(f"no answer within {seconds:g} seconds; see whether the server is well") from None


def _sessions(client: ClientAPI) -> Iterator[Any]:
    """Yield the HTTP sessions of a client: Chroma neither sets their timeout nor closes them."""
    for part in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(part, "_server", None), "_session", None)
        if session:
            yield session


def _open_collection(client: ClientAPI, fingerprint: str) -> Collection:
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    try:
        collection = client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            metadata={"fingerprint": fingerprint},
            configuration={"hnsw": HNSW},
        )
    except HTTPError as error:
        raise StoreUnavailable(f"The vector store cannot be used: {_describe(error)}; {RETRY}") from error
    except (ChromaError, ValueError) as error:
        raise StoreUnavailable(f"The vector store cannot be read: {error}; {MEND}") from error
    built = (collection.metadata or {}).get("fingerprint")
    if built != fingerprint:
        raise IndexMismatch(
            f"The vectors were built with {built or 'an unknown model'}, and this is {fingerprint};"
            " set KB_EMBED_MODEL as it was, or set KB_HOME to a new folder and ingest again"
        )
    return collection


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
