"""Our knowledge base as a user has it: files ingested with their table, questions asked."""

from __future__ import annotations

from pathlib import Path

from bench.inputs import Corpus
from bench.peers import PASSAGES, Found, Peer, Result
from ingest.pipeline.run import Options, ingest_paths
from kb.errors import BadQuestion
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings


def build_peer(corpus: Corpus, home: Path) -> Peer:
    """Ingest the folder into a new knowledge base. Raises the errors of `KnowledgeBase.open` and `ingest_paths`."""
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    ingest_paths([corpus.folder], knowledge_base, Options(metadata=corpus.metadata))
    knowledge_base.warm()
    return Ours(knowledge_base)


class Ours:
    """Searches with the answer and its coverage, as `kb batch` does."""

    name = "**ours**"

    def __init__(self, knowledge_base: KnowledgeBase) -> None:
        self._knowledge_base = knowledge_base
        self.passages = knowledge_base.status().passages

    def search(self, question: str) -> Found:
        """Find the hits of an answer, and whether the question is covered."""
        try:
            answer = self._knowledge_base.ask(Query(question, limit=PASSAGES))
        except BadQuestion:
            return Found((), coverage=0.0, covered=False)
        results = tuple(Result(hit.interview.source, hit.passage.text) for hit in answer.hits)
        return Found(results, answer.coverage.score, answer.is_covered)

    def close(self) -> None:
        """Close the stores."""
        self._knowledge_base.close()
