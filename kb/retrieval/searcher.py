"""Find passages: word the question, choose what to compare it with, match, rank, judge, and gauge how sure that is."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kb.arrays import Codes, Flags, Matches, Offsets, Places, Scores, Vectors, normalise
from kb.embedding.protocol import DEFAULT_NAME, Embedder, Encoded
from kb.embedding.token_codes import sum_up
from kb.model import Query
from kb.retrieval.coverage import NEAR, Asked, find_unknown, gauge, measure_nearness, weigh_words
from kb.retrieval.entities import Route, find_names
from kb.retrieval.filters import filter_interviews
from kb.retrieval.findings import Findings, Look, Ranked
from kb.retrieval.index import Index
from kb.retrieval.keyword_search import KeywordSearch
from kb.retrieval.lexicon import Theme, load_lexicon
from kb.retrieval.maxsim import (
    Run,
    match_runs,
    match_sentences,
    passage_rows,
    passage_vectors,
    sentence_vectors,
    window_vectors,
)
from kb.retrieval.overview import asks_for_overview
from kb.retrieval.question import check_question
from kb.retrieval.ranking import (
    Steps,
    add_neighbours,
    drop_spans,
    number_runs,
    order,
    share_words,
    weigh_pieces,
    widen_matches,
)
from kb.retrieval.relevance import Features, Judge, blend, judge_voices, load_judge
from kb.retrieval.rephrase import address_leader
from kb.retrieval.theme_head import ThemeHead, load_theme_head
from kb.retrieval.theme_match import ThemeMatcher, Weighted
from kb.storage.catalog import Catalog
from kb.storage.token_store import TokenStore
from kb.storage.vector_store import VectorStore

EXACT = 20_000  # passages up to which every one is compared with the question; beyond, those that a leg proposes
DEPTH = 40  # passages looked at for an answer, however many are wanted
KEYWORDS = 2_000  # passages asked of the keyword leg
# Passages asked of the vectors where not all are compared; 2,000 find no more. Proposed in the same proportion as of
# 40,000 passages, the shared questions have an MRR of .71 and S@5 of .83; as of 200,000, .68 and .81; all compared, .71
# and .85.
NEAREST = 1_000
# Passages that are judged for a theme: those whose words match best, and what the sentences of one's own theme propose.
JUDGED = 300
# Certainty of a theme from which on a question surely asks about one, and the chance that the best passage must have of
# answering for anything to be shown then.
PLACED, HOPE = 0.7, 0.1
MAIN, SURE = 6, 6.0  # passages that stand for a whole interview, and the log odds that are given to them
SENTENCE_SHARE = np.float32(
    0.02
)  # of the log odds that a sentence speaks to the theme and can be quoted, beside cosines
VOICED = 40  # passages asked of the vectors for each sentence of a theme
PROMISING = 500  # of those, by their own words: these are compared again with the help of their neighbours
Found = list[tuple[int, float]]  # places with a score, best first


@dataclass(frozen=True, slots=True)
class Wording:
    """A way to put the question, as it is compared with passages."""

    encoded: Encoded
    codes: Codes
    weights: Scores  # (word pieces,): how much each counts in the ranking
    word_weights: Scores  # (word pieces,): how much each counts for coverage
    words: int  # word pieces, names included

    @property
    def summary(self) -> Vectors:
        """What it says as a whole, as token vectors have it, shape (projected dimensions,)."""
        return sum_up(self.codes[self.weights > 0])


@dataclass(frozen=True, slots=True)
class Voiced:
    """A theme of the question, and where it was not learnt the words of leaders who speak of it."""

    weighted: Weighted
    wordings: Sequence[Wording]  # none of a theme that was learnt


@dataclass(frozen=True, slots=True)
class Asking:
    """A question made ready: what it names, the words and the themes to compare passages with."""

    route: Route
    wordings: Sequence[Wording]
    voiced: Sequence[Voiced]
    is_overview: bool = False  # it asks for all that somebody says

    @property
    def certainty(self) -> float:
        """How surely it asks about a theme, 0 to 1."""
        return self.voiced[0].weighted.certainty if self.voiced else 0.0

    @property
    def every_voice(self) -> list[Wording]:
        """The sentences of all its themes."""
        return [wording for one in self.voiced for wording in one.wordings]


@dataclass(frozen=True, slots=True)
class Compared:
    """Passages that were compared with a question; all arrays run along them."""

    seen: Places
    matched: Sequence[Matches]  # of each wording: shape (word pieces, passages), neighbours left out
    scores: Scores
    is_named: Flags
    shares_words: Flags

    def of(self, one: int) -> list[Matches]:
        """How well each wording is matched in one of them."""
        return [matches[:, one, np.newaxis] for matches in self.matched]


class Finder:
    """The parts that a search needs, and the steps of the ranking that it takes."""

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        tokens: TokenStore,
        embedder: Embedder,
        steps: Steps,
        lexicon: Path | None = None,
    ) -> None:
        self._keywords = KeywordSearch(catalog.database)
        self._vectors = vectors
        self._tokens = tokens
        self._embedder = embedder
        self._steps = steps
        self._judge: Judge | None = load_judge() if embedder.name == DEFAULT_NAME else None  # it knows no other vectors
        self._theme_head: ThemeHead | None = load_theme_head() if self._judge else None
        themes = load_lexicon(lexicon)
        # A theme that a person put in the place of a carried one was not learnt.
        self._learnt = {one.id for one in set(themes).intersection(load_lexicon())} if self._theme_head else set()
        self._themes = ThemeMatcher(themes, embedder.encode)

    def warm(self) -> None:
        """Load the model and the themes, so that the first question does not wait for them."""
        self._embedder.encode(["warm"])
        if self._steps.themes:
            self._themes.warm()

    def find(self, query: Query, index: Index) -> Findings:
        """Rank the passages, and note what an answer needs to know of the best."""
        check_question(query.text, reads_english_only=self._embedder.name == DEFAULT_NAME)
        within = filter_interviews(query, index.interviews.values())
        is_allowed = np.ones(len(index.passage_ids), dtype=bool) if within is None else index.flag(within)
        if not is_allowed.any():
            return Findings()
        asking = self._read(query.text, index)
        keywords = self._find_keywords(query.text, asking.route, within, index)
        allowed = int(is_allowed.sum())
        near = [self._find_near(one.encoded.vector, allowed, within, index) for one in asking.wordings]
        voiced = self._find_voiced(asking.every_voice, within, index)
        is_named = index.flag(asking.route.interview_ids)
        words_shared = share_words(keywords, len(index.passage_ids), self._steps.keyword_share)
        seen = self._choose(asking.wordings, [*near, *voiced, keywords], words_shared, is_named, is_allowed, index)
        runs = number_runs(seen, index.shelf_of)
        matched = [self._match(one.codes, seen, runs, index) for one in asking.wordings]
        scores = self._score(asking.wordings, matched, runs) + words_shared[seen]
        compared = Compared(seen, matched, scores, is_named[seen], words_shared[seen] > 0)
        unknown = find_unknown(drop_spans(query.text, asking.route.spans), self._keywords.contains_word)
        gauged = [
            Asked(one.words, measure_nearness(found), is_known=bool(asking.route.spans), is_unknown=bool(unknown))
            for one, found in zip(asking.wordings, near, strict=True)
        ]
        best, odds = self._order(compared, asking, voiced, max(query.limit, DEPTH), index)
        found = self._note(compared, best, odds, asking, gauged, index)
        themes = tuple(one.weighted.theme for one in asking.voiced)
        hope = max((look.relevance for look in found.looks.values()), default=0.0)
        return replace(
            found,
            unknown=unknown,
            themes=themes,
            is_named=bool(asking.route.spans),
            is_placed=bool(asking.route.spans) or (asking.certainty >= PLACED and hope >= HOPE),
            meant=asking.route.meant,
        )

    def _read(self, text: str, index: Index) -> Asking:
        """What a question names, how it can be put, and which themes it asks about."""
        route = self.route(text, index)
        wordings = self._word(text, route, index)
        themes = self._themes.match(wordings[0].encoded.vector) if self._steps.themes and not route.spans else []
        voiced = [Voiced(one, self._word_voices(one.theme, index)) for one in themes]
        return Asking(route, wordings, voiced, asks_for_overview(text, route.spans))

    def _word_voices(self, theme: Theme, index: Index) -> list[Wording]:
        """A theme's sentences, where they are all that is known of it: what passages were tagged with is told better.

        For themes that were tagged they propose hardly anything that answers, and cost half of a question's time.
        """
        if theme.id in self._learnt:
            return []
        voices = zip(theme.voices, self._themes.voices(theme), strict=True)
        return [self._weigh_encoded(encoded, voice, Route(), index) for voice, encoded in voices]

    def _order(
        self, compared: Compared, asking: Asking, voiced: Sequence[Found], limit: int, index: Index
    ) -> tuple[Places, Scores]:
        """The best, as numbers among those compared, and the log odds that each answers.

        A question about a theme is ordered by the judge, any other by how well its words are met.
        """
        if asking.is_overview and compared.is_named.any():
            return self._order_overview(compared, limit, index)
        by_score = order(compared.scores, compared.is_named, JUDGED if asking.voiced else limit)
        if not asking.voiced:
            return by_score, self._weigh_odds(compared, by_score, asking, index)
        proposed = np.array([place for found in voiced for place, _ in found], dtype=np.int64)
        among = np.union1d(by_score, np.flatnonzero(np.isin(compared.seen, proposed)))
        odds = self._weigh_odds(compared, among, asking, index)
        first = order(odds, compared.is_named[among], limit)
        return among[first], odds[first]

    def _order_overview(self, compared: Compared, limit: int, index: Index) -> tuple[Places, Scores]:
        """What is most worth quoting of those named, in the order in which it was said; then the rest."""
        named = np.flatnonzero(compared.is_named)
        runs = number_runs(compared.seen[named], index.shelf_of)
        vectors = passage_vectors(*self._list_runs(compared.seen[named], runs, index))
        worth = self._judge.worth.judge(vectors) if self._judge else compared.scores[named]
        best = order(worth, np.zeros(len(named), dtype=bool), limit)
        main, rest = np.sort(best[:MAIN]), best[MAIN:]
        odds = np.where(np.arange(len(best)) < MAIN, SURE, -SURE).astype(np.float32)
        return named[np.concatenate([main, rest])], odds

    def _weigh_odds(self, compared: Compared, among: Places, asking: Asking, index: Index) -> Scores:
        """The log odds that some of those compared answer, shape (among,)."""
        features = self.list_features(compared, among, asking, index)
        if self._judge is None:
            return blend(features)
        return self._judge.judge(features, asking.certainty)

    def list_features(self, compared: Compared, among: Places, asking: Asking, index: Index) -> Features:
        """What the judge goes by; `among` are numbers among those compared, each array is of shape (among,)."""
        by_place = np.argsort(compared.seen[among])
        places = compared.seen[among][by_place]
        back = np.argsort(by_place)
        runs = number_runs(places, index.shelf_of)
        vectors = passage_vectors(*self._list_runs(places, runs, index))[back]
        return Features(
            late=compared.scores[among],
            dense=vectors @ asking.wordings[0].summary,
            theme=self._judge_passages(asking, compared.seen[among], vectors, index),
            worth=self._judge.worth.judge(vectors) if self._judge else np.zeros(len(among), dtype=np.float32),
        )

    def _judge_passages(self, asking: Asking, places: Places, vectors: Vectors, index: Index) -> Scores:
        """Log odds that passages speak to the question's themes, as surely as their best few sentences do."""
        if not asking.voiced or not len(places):
            return np.zeros(len(places), dtype=np.float32)
        windows = [window_vectors(*index.locate(place)) for place in places.tolist()]
        firsts = np.cumsum([0, *map(len, windows[:-1])])
        owners = np.repeat(np.arange(len(windows)), [len(one) for one in windows])
        odds = self._judge_themes(asking, np.concatenate(windows), vectors[owners])
        best: Scores = np.maximum.reduceat(odds, firsts, axis=1)
        weighed: Scores = _weigh_themes(asking) @ best
        return weighed

    def _judge_themes(self, asking: Asking, windows: Vectors, passages: Vectors) -> Scores:
        """Log odds that windows speak to each of the question's themes, shape (themes, windows).

        By what was learnt from tagged passages; of a theme that was not tagged, by how near its sentences are to the
        passage that each window stands in.
        """
        ids = [one.weighted.theme.id for one in asking.voiced]
        known = [one for one in ids if one in self._learnt]
        odds: dict[str, Scores] = {}
        if self._theme_head and known:
            odds |= zip(known, self._theme_head.judge(windows, passages, known), strict=True)
        for one in asking.voiced:
            if one.weighted.theme.id not in odds:
                cosines = np.stack([voice.summary for voice in one.wordings]) @ passages.T
                odds[one.weighted.theme.id] = judge_voices(cosines)
        return np.stack([odds[one] for one in ids])

    def _note(
        self,
        compared: Compared,
        best: Places,
        odds: Scores,
        asking: Asking,
        gauged: Sequence[Asked],
        index: Index,
    ) -> Findings:
        """What an answer needs to know of the best."""
        places = compared.seen[best].tolist()
        inside = [[self._match_sentences(one, place, index) for one in asking.wordings] for place in places]
        ranked = tuple(
            Ranked(
                passage_id=index.passage_ids[place],
                interview_id=index.interview_of(place),
                score=float(value if asking.voiced else compared.scores[one]),
                is_named=bool(compared.is_named[one]),
                shares_words=bool(compared.shares_words[one]),
                evidence=_gauge_best(asking.wordings, gauged, compared.of(one), sentences),
            )
            for one, place, value, sentences in zip(best.tolist(), places, odds.tolist(), inside, strict=True)
        )
        looks = {
            index.passage_ids[place]: Look(self._score_sentences(asking, sentences, place, index), _to_chance(value))
            for place, value, sentences in zip(places, odds.tolist(), inside, strict=True)
        }
        every_sentence = [np.concatenate(one, axis=1) for one in zip(*inside, strict=True)]
        return Findings(ranked, looks, _gauge_best(asking.wordings, gauged, compared.matched, every_sentence))

    def _score_sentences(self, asking: Asking, sentences: Sequence[Matches], place: int, index: Index) -> Scores:
        """How well each sentence of a passage answers, in the question's words and in those of its themes."""
        own = _average([one.weights @ matches for one, matches in zip(asking.wordings, sentences, strict=True)])
        if self._judge is None or not asking.voiced:
            return own
        vectors = sentence_vectors(*index.locate(place))
        whole = normalise(passage_rows(*index.locate(place)).astype(np.float32).sum(axis=0))
        odds = self._judge.worth.judge(vectors)
        odds = odds + _weigh_themes(asking) @ self._judge_themes(asking, vectors, np.tile(whole, (len(vectors), 1)))
        scores: Scores = own + np.float32(SENTENCE_SHARE * asking.certainty) * odds
        return scores

    def route(self, text: str, index: Index) -> Route:
        """The people and companies that a question names."""
        if not self._steps.route:
            return Route()
        return find_names(text, index.names, self._keywords.is_common_word, self._keywords.contains_word)

    def _word(self, text: str, route: Route, index: Index) -> list[Wording]:
        """The question, and how a host would put it to a leader, where it is asked of leaders in general."""
        addressed = address_leader(text) if self._steps.address and not route.spans else ""
        texts = [text, addressed] if addressed else [text]
        return [self._weigh(one, route, index) for one in texts]

    def _weigh(self, text: str, route: Route, index: Index) -> Wording:
        (encoded,) = self._embedder.encode([text])
        return self._weigh_encoded(encoded, text, route, index)

    def _weigh_encoded(self, encoded: Encoded, text: str, route: Route, index: Index) -> Wording:
        frequency = index.frequency if self._steps.weigh else None
        passages = len(index.passage_ids)
        weights = weigh_pieces(encoded, text, route.spans, frequency, passages, self._steps.base_weight)
        return Wording(
            encoded=encoded,
            codes=self._tokens.project(encoded.tokens),
            weights=weights,
            word_weights=weigh_words(weights, encoded.spans),
            words=sum(any(map(str.isalnum, text[start:end])) for start, end in encoded.spans),
        )

    def _find_keywords(self, text: str, route: Route, within: Collection[str] | None, index: Index) -> Found:
        """Places that share words with the question, with their BM25 score; names aside."""
        if not self._steps.share:
            return []
        return index.place(self._keywords.search(drop_spans(text, route.spans), KEYWORDS, within))

    def _find_near(self, vector: Vectors, allowed: int, within: Collection[str] | None, index: Index) -> Found:
        """Places near to the question as a whole, with their cosine, nearest first."""
        limit = NEAR if allowed <= EXACT else NEAREST
        return index.place(self._vectors.nearest(vector, limit, None if within is None else list(within)))

    def _find_voiced(self, voices: Sequence[Wording], within: Collection[str] | None, index: Index) -> list[Found]:
        """To each sentence of a theme the places near to it, with their cosine, nearest first."""
        if not voices:
            return []
        vectors = np.stack([one.encoded.vector for one in voices])
        found = self._vectors.nearest_each(vectors, VOICED, None if within is None else list(within))
        return [index.place(one) for one in found]

    def _choose(
        self,
        wordings: Sequence[Wording],
        proposals: Sequence[Found],
        shared: Scores,
        is_named: Flags,
        is_allowed: Flags,
        index: Index,
    ) -> Places:
        """The passages to compare: all of them, or the most promising of named people's and of what the legs propose.

        Those are told by their own words alone, and bring along the neighbours that may lend theirs.
        """
        if is_allowed.sum() <= EXACT:
            return np.flatnonzero(is_allowed)
        is_proposed = is_named.copy()
        is_proposed[[place for found in proposals for place, _ in found]] = True
        proposed = np.flatnonzero(is_proposed & is_allowed)
        runs = number_runs(proposed, index.shelf_of)
        matched = [self._match(one.codes, proposed, runs, index) for one in wordings]
        scores = _average([one.weights @ matches for one, matches in zip(wordings, matched, strict=True)])
        best = order(scores + shared[proposed], is_named[proposed], PROMISING)
        is_seen = is_named.copy()
        is_seen[proposed[best]] = True
        return np.flatnonzero(add_neighbours(is_seen) & is_allowed)

    def _match(self, codes: Codes, seen: Places, runs: Places, index: Index) -> Matches:
        """How well each word piece of the question is matched in each of these passages, shape (pieces, seen)."""
        return match_runs(codes, *self._list_runs(seen, runs, index))

    def _list_runs(self, seen: Places, runs: Places, index: Index) -> tuple[list[Run], Offsets]:
        """The rows of these passages, run by run, and how many each of them has."""
        firsts = np.flatnonzero(np.diff(runs, prepend=-1))
        passages = np.diff([*firsts, len(seen)])
        found = [index.run(*one) for one in zip(seen[firsts].tolist(), passages.tolist(), strict=True)]
        return found, index.lengths[seen]

    def _score(self, wordings: Sequence[Wording], matched: Sequence[Matches], runs: Places) -> Scores:
        """Of each passage the mean over the wordings."""
        if self._steps.widen:
            matched = [widen_matches(matches, runs, self._steps.neighbour_loss) for matches in matched]
        return _average([one.weights @ matches for one, matches in zip(wordings, matched, strict=True)])

    def _match_sentences(self, wording: Wording, place: int, index: Index) -> Matches:
        return match_sentences(wording.codes, *index.locate(place))


def _weigh_themes(asking: Asking) -> Scores:
    """How much each of the question's themes counts, shape (themes,)."""
    return np.array([one.weighted.weight for one in asking.voiced], dtype=np.float32)


def _to_chance(odds: float) -> float:
    """Log odds as a chance, 0 to 1."""
    return 1 / (1 + math.exp(-odds))


def _average(scores: Sequence[Scores]) -> Scores:
    mean: Scores = np.mean(scores, axis=0)
    return mean


def _gauge_best(
    wordings: Sequence[Wording], asked: Sequence[Asked], passages: Sequence[Matches], sentences: Sequence[Matches]
) -> float:
    """By the wording that the passages speak to most surely."""
    weights = [one.word_weights for one in wordings]
    return max(gauge(*row) for row in zip(passages, sentences, weights, asked, strict=True))
