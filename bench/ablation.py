"""Leave out one step of the ranking at a time and score what is left, on one knowledge base."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from bench.figures import format_pair, format_share, format_table
from bench.peers import PASSAGES, Found, Result
from bench.scoring import MEASURES, Asked, score_run, split_halves
from kb.embedding.embedder import open_embedder
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.retrieval.evaluation import Question
from kb.retrieval.keyword_search import choose_words
from kb.retrieval.ranking import RankingConfig
from kb.settings import Settings
from kb.storage.stores import Stores

CONFIGS = {
    "**all steps**": RankingConfig(),
    "without: rare words count more": RankingConfig(idf=False),
    "without: leaders put as you": RankingConfig(second_person=False),
    "without: named people first": RankingConfig(entity_boost=False),
    "without: neighbours lend their matches": RankingConfig(neighbour_smoothing=False),
    "without: rare words count again": RankingConfig(keyword_boost=False),
    "late interaction alone": RankingConfig(
        idf=False, second_person=False, entity_boost=False, neighbour_smoothing=False, keyword_boost=False
    ),
}


def measure_steps(home: Path, questions: Sequence[Question]) -> str:
    """Format a table: all steps, all without each step, late interaction alone, and each of the two legs alone.

    Raises StoreUnavailable, IndexMismatch, ModelMissing or BadSetting when the knowledge base cannot be opened, and
    BadQuestion when a question cannot be searched.
    """
    table = []
    for name, config in CONFIGS.items():
        with closing(KnowledgeBase.open(Settings(home=home), config)) as knowledge_base:
            table.append([name, *_score(partial(search_ours, knowledge_base), questions)])
        print(f"{name}: done", file=sys.stderr, flush=True)
    table += _score_legs(home, questions)
    return format_table(["", *MEASURES, "MRR even/odd"], table)


def search_ours(knowledge_base: KnowledgeBase, text: str) -> Found:
    """Search our knowledge base, with results in the form of all pipelines. Raises BadQuestion as `search` does."""
    hits = knowledge_base.search(Query(text, limit=PASSAGES))
    return Found(tuple(Result(hit.interview.source, hit.passage.text) for hit in hits))


def _score_legs(home: Path, questions: Sequence[Question]) -> list[list[str]]:
    embedder = open_embedder()
    stores = Stores.open(Settings(home=home), embedder)
    catalog = stores.catalog
    sources = {interview.id: interview.source for interview in catalog.interviews()}

    def show(found: Sequence[tuple[str, float]]) -> Found:
        passages = catalog.passages([passage_id for passage_id, _ in found])
        return Found(tuple(Result(sources[passages[one].interview_id], passages[one].text) for one, _ in found))

    def nearest(text: str) -> Found:
        encoded = embedder.encode_query(text)
        return show(stores.vectors.nearest(encoded.vector, PASSAGES))

    legs = {
        "Chroma's passage vectors alone": nearest,
        "SQLite's BM25 alone": lambda text: show(catalog.database.bm25_search(choose_words(text), PASSAGES, None)),
    }
    rows = [[name, *_score(leg, questions)] for name, leg in legs.items()]
    stores.close()
    return rows


def _score(search: Callable[[str], Found], questions: Sequence[Question]) -> list[str]:
    run = [Asked(question, search(question.text), 0.0) for question in questions]
    place = MEASURES.index("MRR")
    even, odd = (score_run(half).measures[place] for half in split_halves(run))
    return [*map(format_share, score_run(run).measures), format_pair(even, odd)]
