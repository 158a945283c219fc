"""Search, answer and compare, each from one snapshot of the stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kb.answering.brief import FLOOR, quote_each, write_brief
from kb.answering.compare import Comparison, check_columns, line_up, list_values, narrow
from kb.answering.stopwatch import time_question
from kb.model import Answer, Citation, Coverage, Dimension, Hit, Interview, Query, ThemeName
from kb.retrieval.calibration import Calibrator
from kb.retrieval.coverage import Calibration, soften_level
from kb.retrieval.filters import filter_interviews, list_facets
from kb.retrieval.findings import RetrievalResult, make_hits
from kb.retrieval.index import Index
from kb.retrieval.rerank import Reranker
from kb.retrieval.searcher import Retriever
from kb.retrieval.snapshot import Snapshots
from kb.storage.catalog import Catalog


class Answerer:
    """Searches passages and answers questions."""

    def __init__(
        self,
        catalog: Catalog,
        finder: Retriever,
        snapshots: Snapshots,
        calibrator: Calibrator,
        reranker: Reranker | None = None,
    ) -> None:
        self._catalog = catalog
        self._retriever = finder
        self._snapshots = snapshots
        self._calibrator = calibrator
        self._reranker = reranker

    def search(self, query: Query) -> list[Hit]:
        """Return the passages that best answer the query, best first. Raises BadQuestion."""
        with time_question(query.text) as stopwatch, self._snapshots.reading() as index:
            stopwatch.end("index")
            found = self._find(query, index)
            stopwatch.end("retrieval")
            hits = self._make_hits(found, index)[: query.limit]
            stopwatch.end("passages")
            return hits

    def ask(self, query: Query) -> Answer:
        """Answer a query in the leaders' own words. Raises BadQuestion."""
        with time_question(query.text) as stopwatch:
            calibration = self._calibrator.calibration()
            stopwatch.end("calibration")
            with self._snapshots.reading() as index:
                stopwatch.end("index")
                found = self._find(query, index)
                stopwatch.end("retrieval")
                answer = self._write_brief(query, found, found.score, calibration, index)
                stopwatch.end("brief")
            return answer

    def quote(self, query: Query) -> list[Citation]:
        """Quote from each of the best passages the part that answers best, best first. Raises BadQuestion."""
        with time_question(query.text) as stopwatch, self._snapshots.reading() as index:
            found = self._find(query, index)
            stopwatch.end("retrieval")
            hits = self._make_hits(found, index)[: query.limit]
            quoted = list(quote_each(hits, found.looks, self._catalog.turn))
            stopwatch.end("quotations")
            return quoted

    def compare(self, query: Query, by: Dimension, values: Sequence[str]) -> Comparison:
        """Compare two to four leaders, companies, sectors or years on one question, up to the same depth.

        A column is empty where an answer of its own would not be shown: nobody is quoted for want of better words.
        Raises BadQuestion when the values cannot be compared or the question cannot be searched.
        """
        check_columns(by, values, list_values(list_facets(self._catalog.interviews()), by))
        narrowed = [narrow(query, by, value) for value in values]
        with time_question(query.text) as stopwatch:
            calibration = self._calibrator.calibration()
            stopwatch.end("calibration")
            with self._snapshots.reading() as index:
                stopwatch.end("index")
                whole, *found = [self._find(one, index) for one in (query, *narrowed)]
                stopwatch.end("retrieval")
                answer = self._write_brief(query, whole, whole.score, calibration, index)
                asked = zip(narrowed, [_keep_good(one, whole, answer, calibration) for one in found], strict=True)
                briefs = [self._write_brief(one, good, good.score, calibration, index) for one, good in asked]
                stopwatch.end("briefs")
        return line_up(query, by, values, briefs)

    def _find(self, query: Query, index: Index) -> RetrievalResult:
        """Retrieve passages, reranked by the cross-encoder if one is set."""
        found = self._retriever.find(query, index)
        if not self._reranker:
            return found
        passages = self._catalog.passages([one.passage_id for one in found.ranked])
        return replace(found, ranked=self._reranker.reorder(query.text, found.ranked, passages))

    def _make_hits(self, found: RetrievalResult, index: Index) -> list[Hit]:
        return make_hits(found.ranked, passages=self._catalog.passages, interviews=index.interviews)

    def _write_brief(
        self, query: Query, found: RetrievalResult, score: float, calibration: Calibration, index: Index
    ) -> Answer:
        """Write an answer from retrieved passages; `score` is the answerability of the question."""
        hits = self._make_hits(found, index)
        asked = [hit for hit in hits if "named" in hit.why] if found.is_named else []
        judged, is_known = calibration.judge(score), not found.unknown
        level = soften_level(
            judged, query.text, is_placed=found.is_placed and is_known, is_touched=found.is_touched and is_known
        )
        leaders_asked = _count_leaders(query, index.interviews.values())
        answer = write_brief(
            query,
            asked or hits,  # if the filters exclude the named leader, use the others
            Coverage(level, score, leaders_asked=leaders_asked, unknown=found.unknown),
            looks=found.looks,
            turn=self._catalog.turn,
            is_theme=bool(found.themes),
            is_named=found.is_named,
        )
        themes = tuple(ThemeName(theme.id, theme.name) for theme in found.themes)
        return replace(answer, themes=themes, meant=found.meant, hits=tuple(hits[: query.limit]))


def _keep_good(
    found: RetrievalResult, whole: RetrievalResult, answer: Answer, calibration: Calibration
) -> RetrievalResult:
    """Keep of a column what the answer of all quotes, and, if the column answers by itself, what is nearly as good."""
    if not answer.is_covered:
        return replace(found, ranked=())
    quoted = {one.passage.id for one in answer.citations}
    floor = FLOOR * max(look.relevance for look in whole.looks.values())
    is_answer = found.is_placed or calibration.judge(found.score) != "none"
    good = [one for one in found.ranked if is_answer and found.looks[one.passage_id].relevance >= floor]
    kept = [one for one in found.ranked if one in good or one.passage_id in quoted]
    return replace(found, ranked=tuple(kept), score=found.score if is_answer else whole.score)


def _count_leaders(query: Query, interviews: Iterable[Interview]) -> int:
    """Count the leaders within the query's filters."""
    listed = list(interviews)
    within = filter_interviews(query, listed)
    asked = [one for one in listed if within is None or one.id in within]
    return len({name for one in asked for name in one.leader_names})
