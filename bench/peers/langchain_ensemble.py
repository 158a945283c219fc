"""LangChain's ensemble: recursive splitting, Chroma and BM25, fused by reciprocal rank with equal weights."""

from __future__ import annotations

import re
from pathlib import Path

import chromadb
from chromadb.config import Settings as ChromaSettings
from langchain_chroma import Chroma
from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_core.documents import Document as LangchainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import RetrieverLike
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer

from bench.inputs import Corpus
from bench.peers import PASSAGES, Found, Peer, Result
from kb.embedding.carried_model import find_bundled_model

CHUNK_CHARACTERS = 1000  # with the overlap: the figures of LangChain's own guides
OVERLAP_CHARACTERS = 200
WORD = re.compile(r"\w+")


def build_peer(corpus: Corpus, home: Path) -> Peer:
    """Cut, embed and store. Raises ModelMissing when the model is not installed.

    BM25's words are folded, because by default "Raise" and "raise," are different words.
    """
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS)
    chunks = splitter.split_documents(
        LangchainDocument(page_content=document.text, metadata={"source": document.source})
        for document in corpus.documents
    )
    client = chromadb.PersistentClient(str(home), settings=ChromaSettings(anonymized_telemetry=False))
    store = Chroma.from_documents(chunks, _CarriedModel(), client=client, collection_name="interviews")
    legs: list[RetrieverLike] = [
        BM25Retriever.from_documents(chunks, k=PASSAGES, preprocess_func=_fold_words),
        store.as_retriever(search_kwargs={"k": PASSAGES}),
    ]
    return LangchainEnsemble(EnsembleRetriever(retrievers=legs, weights=[0.5, 0.5]), len(chunks))


class LangchainEnsemble:
    """An EnsembleRetriever over vectors and BM25."""

    name = "LangChain ensemble, Chroma + BM25"

    def __init__(self, retriever: EnsembleRetriever, passages: int) -> None:
        self._retriever = retriever
        self.passages = passages

    def search(self, question: str) -> Found:
        """Find the fused chunks; the retriever gives no scores."""
        chunks = self._retriever.invoke(question)[:PASSAGES]
        return Found(tuple(Result(chunk.metadata["source"], chunk.page_content) for chunk in chunks))

    def close(self) -> None:
        """Do nothing: all that is open ends with the process."""


class _CarriedModel(Embeddings):
    """The same weights that we use; LangChain's own wrapper does not work with this sentence-transformers."""

    def __init__(self) -> None:
        self._model = SentenceTransformer(str(find_bundled_model()), device="cpu", local_files_only=True)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Encode each text into a vector, in the order given."""
        vectors: list[list[float]] = self._model.encode(texts, show_progress_bar=False).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Encode a question into a vector: this model encodes it like a passage."""
        return self.embed_documents([text])[0]


def _fold_words(text: str) -> list[str]:
    return WORD.findall(text.lower())
