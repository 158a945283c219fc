"""Passages in Chroma: written as llama-index nodes with our vectors, found again by nearness."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np

from kb.arrays import Vectors
from kb.errors import IndexMismatch, StoreUnavailable
from kb.model import Interview, Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import Where

COLLECTION = "passages"
WRITE_BATCH = 1000  # Chroma refuses more than 5,461 at once; from 1,000 on, more gains nothing
# Recall at 50 against exact search is .992 at 200,000 vectors with these, for 2 ms a query more than the defaults.
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}


class VectorStore:
    """One Chroma collection of passage vectors."""

    def __init__(self, client: ClientAPI, collection: Collection, *, reopen: Any) -> None:
        self._client = client
        self._collection = collection
        self._reopen = reopen

    @classmethod
    def open(cls, home: Path, url: str | None, fingerprint: str) -> VectorStore:
        """Open the collection, made if need be; vectors of another model are an error."""
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

        def reopen() -> tuple[ClientAPI, Collection]:
            client = _connect(home, url)
            return client, _open_collection(client, fingerprint)

        return cls(*reopen(), reopen=reopen)

    def refresh(self) -> None:
        """See what another process has written: an embedded client keeps the vectors that it loaded."""
        self.close()
        self._client, self._collection = self._reopen()

    def close(self) -> None:
        """Let go of the store."""
        self._client.close()  # type: ignore[attr-defined]  # there, but not in the interface

    def count(self) -> int:
        """Number of vectors."""
        return self._collection.count()

    def add(self, interview: Interview, passages: Sequence[Passage], vectors: Sequence[Vectors]) -> None:
        """Write passages with their vectors; what had the same id is replaced, metadata included."""
        import chromadb.errors

        try:
            for first in range(0, len(passages), WRITE_BATCH):
                batch = passages[first : first + WRITE_BATCH]
                self._collection.upsert(
                    ids=[passage.id for passage in batch],
                    embeddings=np.stack(vectors[first : first + WRITE_BATCH]),
                    documents=[passage.text for passage in batch],
                    metadatas=[_to_metadata(interview, passage) for passage in batch],
                )
        except chromadb.errors.ChromaError as error:
            raise StoreUnavailable(f"The vector store cannot be written: {error}") from error

    def remove(self, passage_ids: Sequence[str]) -> None:
        """Delete vectors; ids that are not there are passed over."""
        for first in range(0, len(passage_ids), WRITE_BATCH):
            self._collection.delete(ids=list(passage_ids[first : first + WRITE_BATCH]))

    def passage_ids(self, interview_id: str) -> list[str]:
        """The ids stored for one interview."""
        return list(self._collection.get(where={"interview_id": interview_id}, include=[])["ids"])

    def nearest(
        self, vector: Vectors, limit: int, interview_ids: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Passage ids with their cosine similarity, nearest first; `vector` has shape (dimensions,)."""
        where = None if interview_ids is None else {"interview_id": {"$in": list(interview_ids)}}
        count = self._collection.count()
        if not count or (interview_ids is not None and not interview_ids):
            return []
        found = self._collection.query(
            query_embeddings=vector[np.newaxis],
            n_results=min(limit, count),
            where=cast("Where | None", where),
            include=["distances"],
        )
        distances = (found["distances"] or [[]])[0]
        return [(passage_id, 1.0 - distance) for passage_id, distance in zip(found["ids"][0], distances, strict=True)]

    def vectors(self, passage_ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of these passages, shape (dimensions,) each."""
        found = self._collection.get(ids=list(passage_ids), include=["embeddings"])
        embeddings = found["embeddings"]
        if embeddings is None:
            return {}
        return dict(zip(found["ids"], np.asarray(embeddings, dtype=np.float32), strict=True))


def _connect(home: Path, url: str | None) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings as ChromaSettings
    from chromadb.errors import ChromaError

    settings = ChromaSettings(anonymized_telemetry=False)
    try:
        if url is None:
            return chromadb.PersistentClient(str(home / "chroma"), settings=settings)
        address = urlsplit(url)
        is_secure = address.scheme == "https"
        port = address.port or (443 if is_secure else 8000)
        return chromadb.HttpClient(address.hostname or "localhost", port, ssl=is_secure, settings=settings)
    except (ChromaError, ValueError, OSError) as error:
        place = url or str(home / "chroma")
        raise StoreUnavailable(f"The vector store at {place} cannot be opened: {error}") from error


def _open_collection(client: ClientAPI, fingerprint: str) -> Collection:
    from chromadb.errors import ChromaError

    try:
        collection = client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            metadata={"fingerprint": fingerprint},
            configuration={"hnsw": HNSW},
        )
    except (ChromaError, ValueError) as error:
        raise StoreUnavailable(f"The vector store cannot be read: {error}; move it away and run: kb-ingest") from error
    built = (collection.metadata or {}).get("fingerprint")
    if built != fingerprint:
        raise IndexMismatch(
            f"The vectors were built with {built or 'an unknown model'}, and this is {fingerprint};"
            " set KB_EMBED_MODEL as it was, or set KB_HOME to a new folder and ingest again"
        )
    return collection


def _to_metadata(interview: Interview, passage: Passage) -> dict[str, Any]:
    """Flat values to filter by, and the node itself in the form that ChromaVectorStore reads."""
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
    from llama_index.core.vector_stores.utils import node_to_metadata_dict

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
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        metadata={key: value for key, value in values.items() if value is not None},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=interview.id)},
    )
    return node_to_metadata_dict(node, remove_text=True, flat_metadata=True)
