"""Find passages: word the question, choose what to compare it with, match, rank, and gauge how sure that is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kb.answer import Look
from kb.arrays import Codes, Encoded, Flags, Matches, Places, Scores, Vectors
from kb.catalog import Catalog
from kb.coverage import NEAR, Asked, find_unknown, gauge, measure_nearness, weigh_words
from kb.embed import DEFAULT_NAME, Embedder
from kb.errors import BadQuestion
from kb.index import Index
from kb.model import Query
from kb.names import Route, find_names
from kb.search import (
    Ranked,
    Steps,
    add_neighbours,
    drop_spans,
    filter_interviews,
    number_runs,
    order,
    share_words,
    weigh_pieces,
    widen_matches,
)
from kb.tokens import TokenStore, pick_words, sum_up
from kb.vectors import VectorStore
from kb.wording import address_leader

MAX_QUESTION = 2_000  # characters
EXACT = 20_000  # passages up to which every one is compared with the question; beyond, those that a leg proposes
DEPTH = 40  # passages looked at for an answer, however many are wanted
KEYWORDS = 2_000  # passages asked of the keyword leg
# Passages asked of the vectors where not all are compared; 2,000 find no more. Proposed in the same proportion as of
# 40,000 passages, the shared questions have an MRR of .71 and S@5 of .83; as of 200,000, .68 and .81; all compared, .71
# and .85.
NEAREST = 1_000
PROMISING = 500  # of those, by their own words: these are compared again with the help of their neighbours
WORD = re.compile(r"[^\W_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
Found = list[tuple[int, float]]  # places with a score, best first


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search knows of a question besides the ranking, for whoever writes an answer."""

    ranked: tuple[Ranked, ...] = ()
    looks: Mapping[str, Look] = field(default_factory=dict)  # passage id -> what is known of its sentences
    score: float = 0.0  # how surely the question is spoken to
    unknown: tuple[str, ...] = ()  # names in the question that no interview mentions
    question: Vectors | None = None  # (dimensions,): what the question says as a whole, as looks have it of sentences


@dataclass(frozen=True, slots=True)
class Wording:
    """A way to put the question, as it is compared with passages."""

    encoded: Encoded
    codes: Codes
    weights: Scores  # (word pieces,): how much each counts in the ranking
    word_weights: Scores  # (word pieces,): how much each counts for coverage
    words: int  # word pieces, names included


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
        self, catalog: Catalog, vectors: VectorStore, tokens: TokenStore, embedder: Embedder, steps: Steps
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._tokens = tokens
        self._embedder = embedder
        self._steps = steps

    def find(self, query: Query, index: Index) -> Findings:
        """Rank the passages, and note what an answer needs to know of the best."""
        check_question(query.text, reads_english_only=self._embedder.name == DEFAULT_NAME)
        within = filter_interviews(query, index.interviews.values())
        is_allowed = np.ones(len(index.passage_ids), dtype=bool) if within is None else index.flag(within)
        if not is_allowed.any():
            return Findings()
        route = self.route(query.text, index)
        wordings = self._word(query.text, route, index)
        keywords = self._find_keywords(query.text, route, within, index)
        near = [self._find_near(one.encoded.vector, int(is_allowed.sum()), within, index) for one in wordings]
        is_named = index.flag(route.interview_ids)
        words_shared = share_words(keywords, len(index.passage_ids), self._steps.keyword_share)
        seen = self._choose(wordings, [*near, keywords], words_shared, is_named, is_allowed, index)
        runs = number_runs(seen, index.shelf_of)
        matched = [self._match(one.codes, seen, runs, index) for one in wordings]
        scores = self._score(wordings, matched, runs) + words_shared[seen]
        compared = Compared(seen, matched, scores, is_named[seen], words_shared[seen] > 0)
        unknown = find_unknown(drop_spans(query.text, route.spans), self._catalog.knows)
        asked = [
            Asked(one.words, measure_nearness(found), is_known=bool(route.spans), is_unknown=bool(unknown))
            for one, found in zip(wordings, near, strict=True)
        ]
        best = order(scores, compared.is_named, max(query.limit, DEPTH))
        found = self._note(compared, best, wordings, asked, index)
        return replace(found, unknown=unknown, question=sum_up(wordings[0].codes[wordings[0].weights > 0]))

    def _note(
        self, compared: Compared, best: Places, wordings: Sequence[Wording], asked: Sequence[Asked], index: Index
    ) -> Findings:
        """What an answer needs to know of the best."""
        places = compared.seen[best].tolist()
        inside = [[self._match_sentences(one, place, index) for one in wordings] for place in places]
        ranked = tuple(
            Ranked(
                passage_id=index.passage_ids[place],
                interview_id=index.interview_of(place),
                score=float(compared.scores[one]),
                is_named=bool(compared.is_named[one]),
                shares_words=bool(compared.shares_words[one]),
                evidence=_gauge_best(wordings, asked, compared.of(one), sentences),
            )
            for one, place, sentences in zip(best.tolist(), places, inside, strict=True)
        )
        looks = {
            index.passage_ids[place]: self._look(wordings, sentences, place, index)
            for place, sentences in zip(places, inside, strict=True)
        }
        every_sentence = [np.concatenate(one, axis=1) for one in zip(*inside, strict=True)]
        return Findings(ranked, looks, _gauge_best(wordings, asked, compared.matched, every_sentence))

    def place_words(self, text: str) -> list[tuple[int, int]]:
        """Where in a passage's text the word pieces stand whose rows are kept."""
        spans = self._embedder.place_pieces(text)
        return [spans[place] for place in pick_words(spans, text)]

    def route(self, text: str, index: Index) -> Route:
        """The people and companies that a question names."""
        return find_names(text, index.names, self._catalog.is_everyday) if self._steps.route else Route()

    def _word(self, text: str, route: Route, index: Index) -> list[Wording]:
        """The question, and how a host would put it to a leader, where it is asked of leaders in general."""
        addressed = address_leader(text) if self._steps.address and not route.spans else ""
        texts = [text, addressed] if addressed else [text]
        return [self._weigh(one, route, index) for one in texts]

    def _weigh(self, text: str, route: Route, index: Index) -> Wording:
        (encoded,) = self._embedder.encode([text])
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
        return index.place(self._catalog.keyword(drop_spans(text, route.spans), KEYWORDS, within))

    def _find_near(self, vector: Vectors, allowed: int, within: Collection[str] | None, index: Index) -> Found:
        """Places near to the question as a whole, with their cosine, nearest first."""
        limit = NEAR if allowed <= EXACT else NEAREST
        return index.place(self._vectors.nearest(vector, limit, None if within is None else list(within)))

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
        firsts = np.flatnonzero(np.diff(runs, prepend=-1))
        passages = np.diff([*firsts, len(seen)])
        found = [index.run(*one) for one in zip(seen[firsts].tolist(), passages.tolist(), strict=True)]
        return self._tokens.match_runs(codes, found, index.lengths[seen])

    def _score(self, wordings: Sequence[Wording], matched: Sequence[Matches], runs: Places) -> Scores:
        """Of each passage the mean over the wordings."""
        if self._steps.widen:
            matched = [widen_matches(matches, runs, self._steps.neighbour_loss) for matches in matched]
        return _average([one.weights @ matches for one, matches in zip(wordings, matched, strict=True)])

    def _match_sentences(self, wording: Wording, place: int, index: Index) -> Matches:
        return self._tokens.match_sentences(wording.codes, *index.locate(place))

    def _look(self, wordings: Sequence[Wording], sentences: Sequence[Matches], place: int, index: Index) -> Look:
        scores = [one.weights @ matches for one, matches in zip(wordings, sentences, strict=True)]
        segment, number = index.locate(place)
        vectors = self._tokens.sentence_vectors(segment, number)
        return Look(_average(scores), vectors, self._tokens.passage_rows(segment, number))


def check_question(text: str, *, reads_english_only: bool) -> None:
    """BadQuestion where there is nothing to ask."""
    if not text.strip():
        raise BadQuestion("There is no question; type one, such as: How do leaders ignite shared passion?")
    if len(text) > MAX_QUESTION:
        raise BadQuestion(f"The question has {len(text):,} characters; shorten it to {MAX_QUESTION:,} or fewer")
    if not WORD.search(text):
        raise BadQuestion("The question holds no words; ask in words, such as: How do leaders ignite shared passion?")
    if reads_english_only and not LATIN.search(text):
        raise BadQuestion(
            f"The model {DEFAULT_NAME} reads English only; ask in English, or set KB_EMBED_MODEL to another model"
        )


def _average(scores: Sequence[Scores]) -> Scores:
    mean: Scores = np.mean(scores, axis=0)
    return mean


def _gauge_best(
    wordings: Sequence[Wording], asked: Sequence[Asked], passages: Sequence[Matches], sentences: Sequence[Matches]
) -> float:
    """By the wording that the passages speak to most surely."""
    weights = [one.word_weights for one in wordings]
    return max(gauge(*row) for row in zip(passages, sentences, weights, asked, strict=True))
