"""llama-index as its users tune it: chunks that fit the model, vectors and BM25 fused by reciprocal rank."""

from __future__ import annotations

from pathlib import Path

from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.retrievers.bm25 import BM25Retriever

from bench.inputs import Corpus
from bench.peers import PASSAGES, Found, Peer
from bench.peers.llama_parts import build_index, cut_nodes, load_model, to_results

CHUNK_TOKENS = 256  # as many as the model reads
OVERLAP_TOKENS = 20
CANDIDATES = 50  # asked of each leg


def build_peer(corpus: Corpus, home: Path) -> Peer:
    """Cut, embed and store; no language model rewrites the question. Raises ModelMissing without the model."""
    nodes = cut_nodes(corpus, SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=OVERLAP_TOKENS))
    legs = [
        build_index(nodes, load_model(), home).as_retriever(similarity_top_k=CANDIDATES),
        BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=CANDIDATES),
    ]
    retriever = QueryFusionRetriever(
        legs,
        llm=MockLLM(),
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=PASSAGES,
        num_queries=1,
        use_async=False,
    )
    return LlamaTuned(retriever, len(nodes))


class LlamaTuned:
    """A fusion retriever over vectors and stemmed BM25."""

    name = "llama-index tuned, Chroma + BM25"

    def __init__(self, retriever: QueryFusionRetriever, passages: int) -> None:
        self._retriever = retriever
        self.passages = passages

    def search(self, question: str) -> Found:
        """Find the fused chunks; sums of reciprocal ranks say nothing about coverage."""
        return Found(to_results(self._retriever.retrieve(question)))

    def close(self) -> None:
        """Do nothing: all that is open ends with the process."""
