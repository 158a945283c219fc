"""Judge how likely passages and sentences answer a question, from similarity, theme and quotability."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from kb.embedding.arrays import (
    Offsets,
    PassageIndices,
    QuantizedTokens,
    Scores,
    TokenSimilarities,
    Vectors,
    normalise,
)
from kb.retrieval.index import Index
from kb.retrieval.maxsim import Place, join_rows, passage_vectors, sum_rows, window_vectors
from kb.retrieval.question import EncodedQuery, Question
from kb.retrieval.ranking import average, list_runs, number_runs
from kb.retrieval.relevance import Features, Judge, blend, judge_voices
from kb.retrieval.theme_attention import ThemeAttention
from kb.retrieval.theme_head import ThemeHead
from kb.retrieval.theme_wordings import add_wordings, list_wordings

# Weight of the log odds that a sentence is about the theme, added to its cosine score. Whether it can be quoted at all
# does not help to choose among the sentences of one passage.
SENTENCE_SHARE = np.float32(0.06)
ATTENDED_SHARE = np.float32(0.1)  # weight of what the sentence adds to the log odds of its passage
ATTENTION_SHARE = np.float32(0.75)  # of the log odds that a passage is about a theme; the rest is of its best window
ATTENDED = 60  # passages of a question that attention reads; more change none of the first twenty


class PassageJudge:
    """Applies the learnt models to passages; without them (other embedding models), falls back to similarities."""

    def __init__(
        self,
        judge: Judge | None,
        theme_head: ThemeHead | None,
        attention: ThemeAttention | None,
        learnt: Collection[str],
    ) -> None:
        self._judge = judge
        self._theme_head = theme_head
        self._attention = attention
        self._learnt = learnt  # ids of the themes that the theme head was trained on

    @property
    def is_learnt(self) -> bool:
        """Whether its log odds were learnt from graded passages; else they only order passages."""
        return self._judge is not None

    def log_odds(self, question: Question, places: PassageIndices, late: Scores, index: Index) -> Scores:
        """Return the log odds that passages answer, shape (places,); `late` is their late-interaction score."""
        return self._blend(question, self.list_features(question, places, late, index, ATTENDED))

    def list_features(
        self, question: Question, places: PassageIndices, late: Scores, index: Index, attended: int | None = None
    ) -> Features:
        """Compute the features of the judge, each of shape (places,).

        Attention reads only the `attended` passages that are the likeliest to answer without it; None reads all.
        """
        vectors = _vectors_of(places, index)
        themes = self._judge_windows(question, places, vectors, index)
        features = Features(
            late=late,
            dense=vectors @ question.variants[0].summary,
            theme=question.theme_weights @ themes,
            worth=self._judge.worth.judge(vectors) if self._judge else np.zeros(len(places), dtype=np.float32),
        )
        if self._attention is None or not len(places) or not (known := self._list_learnt(question)):
            return features
        if attended is None:
            best = np.arange(len(places))
        else:
            best = np.argsort(-self._blend(question, features), kind="stable")[:attended]
        codes, offsets, sentences = join_rows([index.locate(place) for place in places[best].tolist()])
        found = self._attention.judge(codes, offsets[sentences], list(known.values()))
        among = np.ix_(np.array(list(known)), best)
        themes[among] += ATTENTION_SHARE * (found - themes[among])
        return replace(features, theme=question.theme_weights @ themes)

    def _blend(self, question: Question, features: Features) -> Scores:
        return blend(features) if self._judge is None else self._judge.judge(features, question.certainty)

    def judge_worth(self, places: PassageIndices, index: Index) -> Scores | None:
        """Return the log odds that passages are worth quoting at all, shape (places,); None without a learnt model."""
        return self._judge.worth.judge(_vectors_of(places, index)) if self._judge else None

    def score_sentences(
        self,
        question: Question,
        matches: Sequence[Sequence[TokenSimilarities]],
        worded: Sequence[Sequence[TokenSimilarities]],
        located: Sequence[Place],
    ) -> list[Scores]:
        """Score how well each sentence of some passages answers, by the question's words and by its themes.

        `matches` hold, for each passage, those of the question's variants, `worded` those of its themes' wordings.
        """
        if not located:
            return []
        own = average(_weigh(question.variants, matches))
        scores = add_wordings(question, own, _weigh(list_wordings(question), worded))
        firsts = np.cumsum([0, *[found[0].shape[1] for found in matches]])
        if self._judge is not None and question.themes:
            codes, offsets, _ = join_rows(located)
            vectors = normalise(sum_rows(codes, offsets).astype(np.float32))
            wholes = normalise(sum_rows(codes, offsets[firsts]).astype(np.float32))
            odds = self._judge_themes(question, vectors, np.repeat(wholes, np.diff(firsts), axis=0))
            signs = SENTENCE_SHARE * odds + ATTENDED_SHARE * self._weigh_sentences(question, codes, offsets, firsts)
            scores = scores + np.float32(question.certainty) * (question.theme_weights @ signs)
        return np.split(scores, firsts[1:-1])

    def _judge_windows(self, question: Question, places: PassageIndices, vectors: Vectors, index: Index) -> Scores:
        """Return the log odds that passages are about each theme by their best window, shape (themes, places)."""
        if not question.themes or not len(places):
            return np.zeros((len(question.themes), len(places)), dtype=np.float32)
        windows, firsts = window_vectors([index.locate(place) for place in places.tolist()])
        odds = self._judge_themes(question, windows, np.repeat(vectors, np.diff(firsts), axis=0))
        best: Scores = np.maximum.reduceat(odds, firsts[:-1], axis=1)
        return best

    def _weigh_sentences(self, question: Question, codes: QuantizedTokens, offsets: Offsets, firsts: Offsets) -> Scores:
        """Return what each sentence adds to the log odds of its passage, shape (themes, sentences); 0 if not learnt."""
        weighed = np.zeros((len(question.themes), len(offsets) - 1), dtype=np.float32)
        if self._attention and (known := self._list_learnt(question)):
            weighed[[*known]] = self._attention.weigh_sentences(codes, offsets, firsts, list(known.values()))
        return weighed

    def _list_learnt(self, question: Question) -> dict[int, str]:
        """Map the number of each theme of the question that was learnt to its id."""
        ids = [one.weighted.theme.id for one in question.themes]
        return {number: one for number, one in enumerate(ids) if one in self._learnt}

    def _judge_themes(self, question: Question, windows: Vectors, passages: Vectors) -> Scores:
        """Return the log odds that windows are about each of the question's themes, shape (themes, windows).

        Learnt themes use the theme head; for other themes, the similarity of the theme's sentences to the passage that
        contains the window.
        """
        ids = [one.weighted.theme.id for one in question.themes]
        known = [one for one in ids if one in self._learnt]
        odds: dict[str, Scores] = {}
        if self._theme_head and known:
            odds |= zip(known, self._theme_head.judge(windows, passages, known), strict=True)
        for one in question.themes:
            if one.weighted.theme.id not in odds:
                cosines = np.stack([voice.summary for voice in one.voices]) @ passages.T
                odds[one.weighted.theme.id] = judge_voices(cosines)
        return np.stack([odds[one] for one in ids])


def _weigh(wordings: Sequence[EncodedQuery], matches: Sequence[Sequence[TokenSimilarities]]) -> list[Scores]:
    """Score the sentences of all passages, one after another, for each wording."""
    joined = [np.concatenate(found, axis=1) for found in zip(*matches, strict=True)]
    return [one.weights @ found for one, found in zip(wordings, joined, strict=True)]


def _vectors_of(places: PassageIndices, index: Index) -> Vectors:
    """Return the mean token vectors of passages, shape (places, projected dimensions), in input order."""
    by_place = np.argsort(places)
    ordered = places[by_place]
    vectors = passage_vectors(*list_runs(ordered, number_runs(ordered, index.part_of), index))
    return vectors[np.argsort(by_place)]
