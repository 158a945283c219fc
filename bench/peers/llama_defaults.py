"""llama-index with Chroma and all defaults: chunks of 1,024 tokens, overlap 200, nearest vectors."""

from __future__ import annotations

from pathlib import Path

from llama_index.core import VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter

from bench.inputs import Corpus
from bench.peers import PASSAGES, Found, Peer
from bench.peers.llama_parts import build_index, cut_nodes, load_model, to_results


def build_peer(corpus: Corpus, home: Path) -> Peer:
    """Cut, embed and store as llama-index's own starting guide does. Raises ModelMissing without the bundled model."""
    nodes = cut_nodes(corpus, SentenceSplitter())
    return LlamaDefaults(build_index(nodes, load_model(), home), len(nodes))


class LlamaDefaults:
    """Finds the nearest chunks; the nearest one's score is the coverage."""

    name = "llama-index defaults, Chroma"

    def __init__(self, index: VectorStoreIndex, passages: int) -> None:
        self._retriever = index.as_retriever(similarity_top_k=PASSAGES)
        self.passages = passages

    def search(self, question: str) -> Found:
        """Return what the retriever returns, in its order."""
        nodes = self._retriever.retrieve(question)
        return Found(to_results(nodes), coverage=nodes[0].score)

    def close(self) -> None:
        """Do nothing: all that is open ends with the process."""
