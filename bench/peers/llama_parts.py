"""Parts of both llama-index pipelines: documents, cutting, the bundled model, Chroma as its own guide opens it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import chromadb
from chromadb.config import Settings as ChromaSettings
from llama_index.core import Document as LlamaDocument
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode, NodeWithScore
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

from bench.inputs import Corpus, Document
from bench.peers import Result
from kb.embedding.carried_model import find_bundled_model

FILE_NAME = "file_name"  # the key under which llama-index's own directory reader keeps it


def load_model() -> HuggingFaceEmbedding:
    """Load the same weights that we use. Raises ModelMissing when they are not installed."""
    return HuggingFaceEmbedding(model_name=str(find_bundled_model()), device="cpu")


def cut_nodes(corpus: Corpus, splitter: SentenceSplitter) -> list[BaseNode]:
    """Cut every file's text into chunks; file names stay out of the embedded text, as with the directory reader."""
    return splitter.get_nodes_from_documents(to_documents(corpus.documents))


def to_documents(documents: Iterable[Document]) -> list[LlamaDocument]:
    """Convert each file's text to llama-index's document."""
    return [
        LlamaDocument(
            text=document.text,
            metadata={FILE_NAME: document.source},
            excluded_embed_metadata_keys=[FILE_NAME],
            excluded_llm_metadata_keys=[FILE_NAME],
        )
        for document in documents
    ]


def build_index(nodes: Sequence[BaseNode], model: HuggingFaceEmbedding, home: Path) -> VectorStoreIndex:
    """Store the nodes in Chroma; those that already have a vector are not embedded again."""
    client = chromadb.PersistentClient(str(home), settings=ChromaSettings(anonymized_telemetry=False))
    store = ChromaVectorStore(chroma_collection=client.get_or_create_collection("interviews", embedding_function=None))
    context = StorageContext.from_defaults(vector_store=store)
    return VectorStoreIndex(nodes=nodes, storage_context=context, embed_model=model)


def to_results(nodes: Sequence[NodeWithScore]) -> tuple[Result, ...]:
    """Convert each node to a passage as it would be shown to a person."""
    return tuple(Result(node.metadata[FILE_NAME], node.get_content()) for node in nodes)
