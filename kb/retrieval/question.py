"""Parse a question once: named people, filters, wordings, themes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from kb.embedding.arrays import PassageMask, QuantizedTokens, Scores, Vectors
from kb.embedding.protocol import DEFAULT_NAME, Embedder, TextEmbedding
from kb.embedding.token_codes import sum_up
from kb.errors import BadQuestion
from kb.model import Query
from kb.retrieval.coverage import find_unknown, weigh_words
from kb.retrieval.entities import EntityMatch, match_entities
from kb.retrieval.filters import filter_interviews
from kb.retrieval.index import Index
from kb.retrieval.keyword_search import KeywordSearch
from kb.retrieval.lexicon import Theme
from kb.retrieval.overview import asks_for_overview
from kb.retrieval.ranking import RankingConfig, drop_spans, idf_token_weights
from kb.retrieval.rephrase import to_second_person
from kb.retrieval.theme_match import ThemeMatcher, Weighted
from kb.storage.token_store import TokenStore

MAX_QUESTION = 2_000  # characters
SURROGATE = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that it cannot decode; no store takes it
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """An encoded wording of the question."""

    encoded: TextEmbedding
    codes: QuantizedTokens
    weights: Scores  # (word pieces,): weights for ranking
    word_weights: Scores  # (word pieces,): weights for coverage
    words: int  # number of word pieces, including names

    @property
    def summary(self) -> Vectors:
        """Mean token vector, shape (projected dimensions,)."""
        return sum_up(self.codes[self.weights > 0])


@dataclass(frozen=True, slots=True)
class ThemeQuery:
    """A theme of the question, with the lexicon's questions; if it was not learnt, with its sentences of leaders."""

    weighted: Weighted
    wordings: Sequence[EncodedQuery]
    voices: Sequence[EncodedQuery]  # empty for a learnt theme


@dataclass(frozen=True, slots=True)
class Question:
    """A parsed question."""

    text: str
    route: EntityMatch  # people and companies it names
    without_names: str
    allowed: Collection[str] | None  # ids of the interviews that pass the query's filters; None: all
    is_allowed: PassageMask  # (passages,)
    is_named: PassageMask  # (passages,): of people or companies it names
    variants: Sequence[EncodedQuery]  # as asked, and as a host would ask a leader
    themes: Sequence[ThemeQuery]
    unknown: tuple[str, ...]  # names that no interview mentions
    is_overview: bool  # it asks for everything that a leader says

    @property
    def names_somebody(self) -> bool:
        """Whether it names an interviewed leader or their company."""
        return bool(self.route.spans)

    @property
    def certainty(self) -> float:
        """Certainty that it asks about a theme, 0 to 1."""
        return self.themes[0].weighted.certainty if self.themes else 0.0

    @property
    def theme_weights(self) -> Scores:
        """Weights of its themes, shape (themes,)."""
        return np.array([one.weighted.weight for one in self.themes], dtype=np.float32)

    @property
    def voices(self) -> list[EncodedQuery]:
        """Encoded sentences of all its themes."""
        return [voice for one in self.themes for voice in one.voices]


class QuestionParser:
    """Parses questions against an index."""

    def __init__(
        self,
        embedder: Embedder,
        tokens: TokenStore,
        keywords: KeywordSearch,
        config: RankingConfig,
        themes: ThemeMatcher,
        learnt: Collection[str],
    ) -> None:
        self._embedder = embedder
        self._tokens = tokens
        self._keywords = keywords
        self._config = config
        self._themes = themes
        self._learnt = learnt  # ids of the learnt themes

    def warm(self) -> None:
        """Load the model and encode the themes ahead of the first question. Raises ModelMissing."""
        self._embedder.encode_query("warm")
        if self._config.themes:
            self._themes.warm()

    def parse(self, query: Query, index: Index) -> Question:
        """Parse and encode a question. Raises BadQuestion, ModelMissing or StoreUnavailable."""
        check_limit(query.limit)
        check_question(query.text, reads_english_only=self._reads_english_only)
        route = self.match_entities(query.text, index)
        without_names = drop_spans(query.text, route.spans)
        allowed = filter_interviews(query, index.interviews.values())
        variants = self._list_variants(query.text, route, index)
        return Question(
            text=query.text,
            route=route,
            without_names=without_names,
            allowed=allowed,
            is_allowed=np.ones(len(index.passage_ids), dtype=bool) if allowed is None else index.flag(allowed),
            is_named=index.flag(route.interview_ids),
            variants=variants,
            themes=[] if route.spans else self._match_themes(variants[0].encoded.vector, index),
            unknown=find_unknown(without_names, self._keywords.contains_word),
            is_overview=asks_for_overview(query.text, route.spans),
        )

    def accepts(self, text: str) -> bool:
        """Whether a text can be asked: `parse` does not refuse it."""
        try:
            check_question(text, reads_english_only=self._reads_english_only)
        except BadQuestion:
            return False
        return True

    def match_entities(self, text: str, index: Index) -> EntityMatch:
        """Find the people and companies that a text names."""
        if not self._config.entity_boost:
            return EntityMatch()
        return match_entities(text, index.names, self._keywords.is_common_word, self._keywords.contains_word)

    @property
    def _reads_english_only(self) -> bool:
        return self._embedder.name == DEFAULT_NAME

    def _list_variants(self, text: str, route: EntityMatch, index: Index) -> list[EncodedQuery]:
        """Encode the question as asked and, if it is about leaders in general, as a host would ask a leader."""
        addressed = to_second_person(text) if self._config.second_person and not route.spans else ""
        texts = [text, addressed] if addressed else [text]
        return [self._weigh(self._embedder.encode_query(one), one, route, index) for one in texts]

    def _match_themes(self, vector: Vectors, index: Index) -> list[ThemeQuery]:
        matched = self._themes.match(vector) if self._config.themes else []
        return [
            ThemeQuery(one, self._weigh_wordings(one.theme, index), self._weigh_voices(one.theme, index))
            for one in matched
        ]

    def _weigh_wordings(self, theme: Theme, index: Index) -> list[EncodedQuery]:
        """Encode the questions that the lexicon asks about a theme."""
        asked = zip(theme.questions, self._themes.questions(theme), strict=True)
        return [self._weigh(encoded, text, EntityMatch(), index) for text, encoded in asked]

    def _weigh_voices(self, theme: Theme, index: Index) -> list[EncodedQuery]:
        """Encode the sentences of a theme that was not learnt; none for learnt themes.

        For learnt themes, the sentences find almost no further answers and take half of a question's time.
        """
        if theme.id in self._learnt:
            return []
        voices = zip(theme.voices, self._themes.voices(theme), strict=True)
        return [self._weigh(encoded, voice, EntityMatch(), index) for voice, encoded in voices]

    def _weigh(self, encoded: TextEmbedding, text: str, route: EntityMatch, index: Index) -> EncodedQuery:
        frequency = index.frequency if self._config.idf else None
        passages = len(index.passage_ids)
        weights = idf_token_weights(encoded, text, route.spans, frequency, passages, self._config.base_weight)
        return EncodedQuery(
            encoded=encoded,
            codes=self._tokens.project(encoded.tokens),
            weights=weights,
            word_weights=weigh_words(weights, encoded.spans),
            words=sum(any(map(str.isalnum, text[start:end])) for start, end in encoded.spans),
        )


def check_limit(limit: int) -> None:
    """Raise BadQuestion unless a limit is a whole number of 1 or more."""
    if not isinstance(limit, int) or limit < 1:
        raise BadQuestion(f"The limit is {limit!r}; ask for 1 passage or more, as a whole number")


def check_question(text: str, *, reads_english_only: bool) -> None:
    """Raise BadQuestion when a question is empty, no text, without words, or not in a script that the model reads."""
    if not text.strip():
        raise BadQuestion("There is no question; type one, such as: How do leaders ignite shared passion?")
    check_typed(text)
    if not any(map(str.isalpha, text)):  # a number alone scores as if it were answered
        raise BadQuestion("The question holds no words; ask in words, such as: How do leaders ignite shared passion?")
    if reads_english_only and not LATIN.search(text):
        raise BadQuestion(
            f"The model {DEFAULT_NAME} reads English only; ask in English, or set KB_EMBED_MODEL to another model"
        )


def check_typed(text: str, what: str = "question") -> None:
    """Raise BadQuestion when what a reader typed is too long, or holds bytes that are no text."""
    if len(text) > MAX_QUESTION:
        raise BadQuestion(f"The {what} has {len(text):,} characters; shorten it to {MAX_QUESTION:,} or fewer")
    if SURROGATE.search(text):
        raise BadQuestion(f"The {what} holds bytes that are no text; type it again, or send it in UTF-8")
