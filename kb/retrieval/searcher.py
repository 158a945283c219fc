"""Retrieve passages: propose candidates, compare them by late interaction, rank, score answerability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kb.embedding.arrays import PassageIndices, PassageMask, Scores, TokenSimilarities
from kb.embedding.protocol import DEFAULT_NAME, Embedder
from kb.model import Query
from kb.retrieval.coverage import NEAR, Asked, answerability_score, judged_score, measure_nearness
from kb.retrieval.findings import Ranked, RetrievalResult, SentenceScores
from kb.retrieval.index import Index
from kb.retrieval.keyword_search import KeywordSearch
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.maxsim import match_runs, match_sentences
from kb.retrieval.passage_judge import PassageJudge
from kb.retrieval.question import EncodedQuery, Question, QuestionParser
from kb.retrieval.ranking import (
    RankingConfig,
    add_neighbours,
    average,
    keyword_bonus,
    list_runs,
    number_runs,
    order,
    smooth_with_neighbours,
)
from kb.retrieval.relevance import load_judge
from kb.retrieval.theme_attention import load_theme_attention
from kb.retrieval.theme_head import load_theme_head
from kb.retrieval.theme_match import ThemeMatcher
from kb.retrieval.theme_questions import load_theme_questions
from kb.retrieval.theme_wordings import add_wordings_to_passages, list_wordings, weigh_closeness
from kb.storage.stores import Stores
from kb.storage.vector_store import VectorStore

EXACT = 20_000  # up to this many passages, all are compared with the question; beyond, only proposed candidates
DEPTH = 40  # minimum passages ranked for an answer
KEYWORDS = 2_000  # passages requested from keyword search
# Passages requested from vector search if not all are compared; 2,000 find no more. With the proportion of candidates
# as for 40,000 passages, the shared questions have an MRR of .71 and S@5 of .83; as for 200,000, .68 and .81; with all
# compared, .71 and .85.
NEAREST = 1_000
# Passages judged for a theme: those with the best matches, and the candidates of a custom theme's sentences.
JUDGED = 300
# Minimum certainty of a question that clearly asks about a theme, and the minimum probability of the best passage for
# anything to be shown then; a theme is touched if so many interviews hold a passage that is so likely to answer.
PLACED, HOPE = 0.7, 0.1
TOUCHED, LIKELY = 3, 0.25
MAIN, SURE = 6, 6.0  # passages that represent a whole interview, and the log odds assigned to them
VOICED = 40  # passages requested from vector search for each sentence of a theme
PROMISING = 500  # best candidates by their own words: these are compared again with neighbour smoothing
Found = list[tuple[int, float]]  # passage numbers with scores, best first


@dataclass(frozen=True, slots=True)
class ScoredPassages:
    """Passages compared with a question; all arrays are aligned with `seen`."""

    seen: PassageIndices
    matched: Sequence[TokenSimilarities]  # per wording: shape (word pieces, passages), without neighbours
    scores: Scores
    is_named: PassageMask
    shares_words: PassageMask

    def of(self, one: int) -> list[TokenSimilarities]:
        """Return the matches of each wording in one passage."""
        return [matches[:, one, np.newaxis] for matches in self.matched]


@dataclass(frozen=True, slots=True)
class Proposals:
    """Candidates of each search method, best first."""

    near: Sequence[Found]  # per wording, from vector search
    voiced: Sequence[Found]  # per sentence of a theme, from vector search
    keywords: Found

    @property
    def places(self) -> list[int]:
        """Passage numbers of all candidates."""
        return [place for found in (*self.near, *self.voiced, self.keywords) for place, _ in found]


class Retriever:
    """Finds and ranks passages, with the ranking steps of its config."""

    def __init__(
        self,
        parser: QuestionParser,
        keywords: KeywordSearch,
        vectors: VectorStore,
        judge: PassageJudge,
        config: RankingConfig,
    ) -> None:
        self.parser = parser
        self._keywords = keywords
        self._vectors = vectors
        self._judge = judge
        self._config = config

    @classmethod
    def open(cls, stores: Stores, embedder: Embedder, config: RankingConfig, lexicon: Path | None) -> Retriever:
        """Open a retriever over these stores, with a custom theme file if given. Raises BadLexicon, ModelMissing."""
        knows_vectors = embedder.name == DEFAULT_NAME  # the learnt models fit only these
        theme_head = load_theme_head() if knows_vectors else None
        themes = load_lexicon(lexicon)
        # A custom theme that replaces a bundled one was not learnt.
        learnt = {one.id for one in set(themes).intersection(load_lexicon())} if theme_head else set()
        keywords = KeywordSearch(stores.catalog.database)
        carried = load_theme_questions(embedder.fingerprint) if knows_vectors else None
        matcher = ThemeMatcher(themes, embedder.encode_passages, carried)
        return cls(
            QuestionParser(embedder, stores.tokens, keywords, config, matcher, learnt),
            keywords,
            stores.vectors,
            PassageJudge(
                load_judge() if knows_vectors else None,
                theme_head,
                load_theme_attention() if knows_vectors else None,
                learnt,
            ),
            config,
        )

    def find(self, query: Query, index: Index) -> RetrievalResult:
        """Rank passages and collect what an answer needs. Raises BadQuestion, ModelMissing or StoreUnavailable."""
        question = self.parser.parse(query, index)
        if not question.is_allowed.any():
            return RetrievalResult()
        proposals = self._propose(question, index)
        compared = self.compare(question, proposals, self._choose(question, proposals, index), index)
        best, odds = self._order(question, compared, proposals, max(query.limit, DEPTH), index)
        features = [
            Asked(one.words, measure_nearness(found), question.names_somebody, bool(question.unknown))
            for one, found in zip(question.variants, proposals.near, strict=True)
        ]
        found = self._note(question, compared, best, odds, features, index)
        hopes, is_theme = _list_hopes(found), question.certainty >= PLACED
        return replace(
            found,
            unknown=question.unknown,
            themes=tuple(one.weighted.theme for one in question.themes),
            is_named=question.names_somebody,
            is_placed=question.names_somebody or (is_theme and hopes[0] >= HOPE),
            is_touched=is_theme and self._judge.is_learnt and hopes[TOUCHED - 1] >= LIKELY,
            meant=question.route.meant,
        )

    def compare(self, question: Question, proposals: Proposals, seen: PassageIndices, index: Index) -> ScoredPassages:
        """Compare the question with passages, given by their numbers in order."""
        runs = number_runs(seen, index.part_of)
        matched = _match(question.variants, seen, runs, index)
        shared = self._share_words(proposals, index)[seen]
        scores = self._score(question.variants, matched, runs) + shared
        return ScoredPassages(seen, matched, scores, question.is_named[seen], shared > 0)

    def _propose(self, question: Question, index: Index) -> Proposals:
        """Collect candidates near the question, near its themes' sentences, and from keyword search."""
        within = None if question.allowed is None else list(question.allowed)
        limit = NEAR if question.is_allowed.sum() <= EXACT else NEAREST
        near = [index.place(self._vectors.nearest(one.encoded.vector, limit, within)) for one in question.variants]
        voices = [one.encoded.vector for one in question.voices]
        voiced = self._vectors.nearest_each(np.stack(voices), VOICED, within) if voices else []
        return Proposals(near, [index.place(one) for one in voiced], self.search_words(question, index))

    def search_words(self, question: Question, index: Index) -> Found:
        """Return passages that hold rare words of the question, names aside, with the share of the words held."""
        if not self._config.keyword_boost:
            return []
        passages = len(index.passage_ids)
        return index.place(self._keywords.search(question.without_names, passages, KEYWORDS, question.allowed))

    def _share_words(self, proposals: Proposals, index: Index) -> Scores:
        return keyword_bonus(proposals.keywords, len(index.passage_ids), self._config.keyword_bonus)

    def _choose(self, question: Question, proposals: Proposals, index: Index) -> PassageIndices:
        """Choose the passages to compare: all of them, or the most promising candidates and those of named people.

        Candidates are scored by their own words only, and their neighbours are added for smoothing.
        """
        is_named, is_allowed = question.is_named, question.is_allowed
        if is_allowed.sum() <= EXACT:
            return np.flatnonzero(is_allowed)
        is_proposed = is_named.copy()
        is_proposed[proposals.places] = True
        proposed = np.flatnonzero(is_proposed & is_allowed)
        runs = number_runs(proposed, index.part_of)
        matched = _match(question.variants, proposed, runs, index)
        scores = average([one.weights @ matches for one, matches in zip(question.variants, matched, strict=True)])
        shared = self._share_words(proposals, index)[proposed]
        best = order(scores + shared, is_named[proposed], PROMISING)
        is_seen = is_named.copy()
        is_seen[proposed[best]] = True
        return np.flatnonzero(add_neighbours(is_seen) & is_allowed)

    def _score(
        self, wordings: Sequence[EncodedQuery], matched: Sequence[TokenSimilarities], runs: PassageIndices
    ) -> Scores:
        """Score each passage: the mean over the wordings."""
        if self._config.neighbour_smoothing:
            matched = [smooth_with_neighbours(matches, runs, self._config.neighbour_loss) for matches in matched]
        return average([one.weights @ matches for one, matches in zip(wordings, matched, strict=True)])

    def _order(
        self, question: Question, compared: ScoredPassages, proposals: Proposals, limit: int, index: Index
    ) -> tuple[PassageIndices, Scores]:
        """Return the best passages, as indices into `compared`, with the log odds that each answers.

        A question about a theme is ordered by the judge, any other by its matches.
        """
        if question.is_overview and compared.is_named.any():
            return self._order_overview(compared, limit, index)
        by_score = order(compared.scores, compared.is_named, JUDGED if question.themes else limit)
        if not question.themes:
            return by_score, self._log_odds(question, compared, by_score, index)
        proposed = np.array([place for found in proposals.voiced for place, _ in found], dtype=np.int64)
        among = np.union1d(by_score, np.flatnonzero(np.isin(compared.seen, proposed)))
        odds = self._log_odds(question, compared, among, index)
        first = order(odds, compared.is_named[among], limit)
        return among[first], odds[first]

    def _log_odds(self, question: Question, compared: ScoredPassages, among: PassageIndices, index: Index) -> Scores:
        seen, scores = compared.seen[among], compared.scores[among]
        losses = self._config.neighbour_loss if self._config.neighbour_smoothing else ()
        scores = add_wordings_to_passages(question, seen, scores, losses, index)
        return self._judge.log_odds(question, seen, scores, index)

    def _order_overview(self, compared: ScoredPassages, limit: int, index: Index) -> tuple[PassageIndices, Scores]:
        """Return the most quotable passages of the named people in spoken order, then the rest."""
        named = np.flatnonzero(compared.is_named)
        worth = self._judge.judge_worth(compared.seen[named], index)
        best = order(compared.scores[named] if worth is None else worth, np.zeros(len(named), dtype=bool), limit)
        main, rest = np.sort(best[:MAIN]), best[MAIN:]
        odds = np.where(np.arange(len(best)) < MAIN, SURE, -SURE).astype(np.float32)
        return named[np.concatenate([main, rest])], odds

    def _note(
        self,
        question: Question,
        compared: ScoredPassages,
        best: PassageIndices,
        odds: Scores,
        features: Sequence[Asked],
        index: Index,
    ) -> RetrievalResult:
        """Collect what an answer needs to know about the best passages; reorder those for a theme."""
        located = [index.locate(place) for place in compared.seen[best].tolist()]
        # Matches by place, then by wording: of the question's variants, and of its themes' wordings.
        inside = match_sentences([one.codes for one in question.variants], located)
        worded = match_sentences([one.codes for one in list_wordings(question)], located)
        if question.themes:
            odds = odds + weigh_closeness(question, inside, worded)
            anew = order(odds, compared.is_named[best], len(best)).tolist()
            best, odds = best[anew], odds[anew]
            located = [located[one] for one in anew]
            inside, worded = [inside[one] for one in anew], [worded[one] for one in anew]
        places = compared.seen[best].tolist()
        ranked = tuple(
            Ranked(
                passage_id=index.passage_ids[place],
                interview_id=index.interview_of(place),
                score=float(value if question.themes else compared.scores[one]),
                is_named=bool(compared.is_named[one]),
                shares_words=bool(compared.shares_words[one]),
                evidence=_gauge_best(question.variants, features, compared.of(one), sentences),
            )
            for one, place, value, sentences in zip(best.tolist(), places, odds.tolist(), inside, strict=True)
        )
        scored = self._judge.score_sentences(question, inside, worded, located)
        looks = {
            index.passage_ids[place]: SentenceScores(scores, _to_chance(value))
            for place, value, scores in zip(places, odds.tolist(), scored, strict=True)
        }
        every_sentence = [np.concatenate(one, axis=1) for one in zip(*inside, strict=True)]
        judged = judged_score(odds) if self._judge.is_learnt else 0.0
        return RetrievalResult(
            ranked, looks, _gauge_best(question.variants, features, compared.matched, every_sentence) + judged
        )


def _match(
    wordings: Sequence[EncodedQuery], seen: PassageIndices, runs: PassageIndices, index: Index
) -> list[TokenSimilarities]:
    """Compute the best cosine of each wording's word pieces in each passage, shape (pieces, seen) each."""
    return match_runs([one.codes for one in wordings], *list_runs(seen, runs, index))


def _list_hopes(found: RetrievalResult) -> list[float]:
    """List how likely the best passage of each interview answers, the likeliest first; zeros for missing ones."""
    best: dict[str, float] = {}
    for one in found.ranked:
        best[one.interview_id] = max(best.get(one.interview_id, 0.0), found.looks[one.passage_id].relevance)
    return [*sorted(best.values(), reverse=True), *[0.0] * TOUCHED]


def _to_chance(odds: float) -> float:
    """Convert log odds to a probability."""
    return 1 / (1 + math.exp(-odds))


def _gauge_best(
    wordings: Sequence[EncodedQuery],
    asked: Sequence[Asked],
    passages: Sequence[TokenSimilarities],
    sentences: Sequence[TokenSimilarities],
) -> float:
    """Return the answerability score of the best wording."""
    weights = [one.word_weights for one in wordings]
    return max(answerability_score(*row) for row in zip(passages, sentences, weights, asked, strict=True))
