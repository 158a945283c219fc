"""Judge how likely passages and sentences answer a question, from similarity, theme and quotability."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from kb.embedding.arrays import PassageIndices, Scores, TokenSimilarities, Vectors, normalise
from kb.retrieval.index import Index
from kb.retrieval.maxsim import passage_rows, passage_vectors, sentence_vectors, window_vectors
from kb.retrieval.question import EncodedQuery, Question
from kb.retrieval.ranking import average, list_runs, number_runs
from kb.retrieval.relevance import Features, Judge, blend, judge_voices
from kb.retrieval.theme_head import ThemeHead
from kb.retrieval.theme_wordings import add_wordings, list_wordings

# Weight of the log odds that a sentence is about the theme, added to its cosine score. Whether it can be quoted at all
# does not help to choose among the sentences of one passage.
SENTENCE_SHARE = np.float32(0.06)


class PassageJudge:
    """Applies the learnt models to passages; without them (other embedding models), falls back to similarities."""

    def __init__(self, judge: Judge | None, theme_head: ThemeHead | None, learnt: Collection[str]) -> None:
        self._judge = judge
        self._theme_head = theme_head
        self._learnt = learnt  # ids of the themes that the theme head was trained on

    @property
    def is_learnt(self) -> bool:
        """Whether its log odds were learnt from graded passages; else they only order passages."""
        return self._judge is not None

    def log_odds(self, question: Question, places: PassageIndices, late: Scores, index: Index) -> Scores:
        """Return the log odds that passages answer, shape (places,); `late` is their late-interaction score."""
        features = self.list_features(question, places, late, index)
        return blend(features) if self._judge is None else self._judge.judge(features, question.certainty)

    def list_features(self, question: Question, places: PassageIndices, late: Scores, index: Index) -> Features:
        """Compute the features of the judge, each of shape (places,)."""
        vectors = _vectors_of(places, index)
        return Features(
            late=late,
            dense=vectors @ question.variants[0].summary,
            theme=self._judge_passages(question, places, vectors, index),
            worth=self._judge.worth.judge(vectors) if self._judge else np.zeros(len(places), dtype=np.float32),
        )

    def judge_worth(self, places: PassageIndices, index: Index) -> Scores | None:
        """Return the log odds that passages are worth quoting at all, shape (places,); None without a learnt model."""
        return self._judge.worth.judge(_vectors_of(places, index)) if self._judge else None

    def score_sentences(
        self,
        question: Question,
        matches: Sequence[TokenSimilarities],
        worded: Sequence[TokenSimilarities],
        place: int,
        index: Index,
    ) -> Scores:
        """Score how well each sentence of a passage answers, by the question's words and by its themes.

        `matches` are those of the question's variants, `worded` those of its themes' wordings.
        """
        own = average(_weigh(question.variants, matches))
        own = add_wordings(question, own, _weigh(list_wordings(question), worded))
        if self._judge is None or not question.themes:
            return own
        vectors = sentence_vectors(*index.locate(place))
        whole = normalise(passage_rows(*index.locate(place)).astype(np.float32).sum(axis=0))
        odds = question.theme_weights @ self._judge_themes(question, vectors, np.tile(whole, (len(vectors), 1)))
        scores: Scores = own + np.float32(SENTENCE_SHARE * question.certainty) * odds
        return scores

    def _judge_passages(self, question: Question, places: PassageIndices, vectors: Vectors, index: Index) -> Scores:
        """Return the log odds that passages are about the question's themes, by the best window of each."""
        if not question.themes or not len(places):
            return np.zeros(len(places), dtype=np.float32)
        windows, firsts = window_vectors([index.locate(place) for place in places.tolist()])
        odds = self._judge_themes(question, windows, np.repeat(vectors, np.diff(firsts), axis=0))
        best: Scores = np.maximum.reduceat(odds, firsts[:-1], axis=1)
        weighed: Scores = question.theme_weights @ best
        return weighed

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


def _weigh(wordings: Sequence[EncodedQuery], matches: Sequence[TokenSimilarities]) -> list[Scores]:
    return [one.weights @ matched for one, matched in zip(wordings, matches, strict=True)]


def _vectors_of(places: PassageIndices, index: Index) -> Vectors:
    """Return the mean token vectors of passages, shape (places, projected dimensions), in input order."""
    by_place = np.argsort(places)
    ordered = places[by_place]
    vectors = passage_vectors(*list_runs(ordered, number_runs(ordered, index.part_of), index))
    return vectors[np.argsort(by_place)]
