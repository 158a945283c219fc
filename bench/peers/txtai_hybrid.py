"""txtai's hybrid index: its own segments, Faiss vectors and BM25 mixed half and half."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from txtai import Embeddings
from txtai.pipeline.data.segmentation import Segmentation

from bench.inputs import Corpus
from bench.peers import PASSAGES, Found, Peer, Result
from kb.embedding.carried_model import find_bundled_model


def build_peer(corpus: Corpus, home: Path) -> Peer:  # noqa: ARG001 - txtai keeps its index in memory
    """Cut at paragraphs, embed and store. Raises ModelMissing when the model is not installed."""
    cut = Segmentation(paragraphs=True)
    segments = [Result(document.source, text) for document in corpus.documents for text in cut(document.text)]
    embeddings = Embeddings(path=str(find_bundled_model()), hybrid=True, gpu=False)
    embeddings.index((number, segment.text, None) for number, segment in enumerate(segments))
    return TxtaiHybrid(embeddings, segments)


class TxtaiHybrid:
    """One index that holds both legs; its scores are already mixed to 0..1."""

    name = "txtai hybrid"

    def __init__(self, embeddings: Embeddings, segments: Sequence[Result]) -> None:
        self._embeddings = embeddings
        self._segments = segments
        self.passages = len(segments)

    def search(self, question: str) -> Found:
        """Find the best segments; the best one's score is the coverage."""
        found = self._embeddings.search(question, PASSAGES)
        results = tuple(self._segments[number] for number, _ in found)
        return Found(results, coverage=float(found[0][1]) if found else 0.0)

    def close(self) -> None:
        """Close the index."""
        self._embeddings.close()
