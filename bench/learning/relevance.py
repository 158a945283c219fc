"""Learn the judge of relevance: python -m bench.learning.relevance --data FOLDER --home FOLDER

The passages are ingested into a knowledge base of their own (`--home`, kept for the next time), each with what the host
asked before it, so that the features are those of a real search. A theme's own log odds are learnt out of fold, so that
the weight that they get is not that of what was seen.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from bench.inputs import MissingInput
from bench.learning.data import Data, read_data
from ingest.pipeline import Options, ingest_paths
from kb.arrays import Flags, Scores, Vectors
from kb.find import Compared
from kb.knowledge_base import KnowledgeBase
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.relevance import CARRIED, FEATURES, load_judge
from kb.search import add_neighbours, number_runs, share_words
from kb.settings import Settings
from kb.tokens import drop_punctuation, encode_codes, sum_up

FOLDS = 5
INVENTED_WEIGHT, RIGHT_WEIGHT = 0.3, 3.0  # of an invented text beside a real one; of one that speaks to the theme
GRADED_WEIGHT = 5.0  # of a graded question beside one about a theme with tagged passages
TAGGED, OTHERS = 4, 250  # tags from which on a theme is asked about, and passages without it that it is asked of
HELD = 0.6  # share of an answer's words that a passage must hold to stand for it


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of some passages for one question."""

    features: Vectors  # (passages, features)
    grades: np.ndarray  # (passages,): 0 to 3
    weight: float  # of the question
    is_theme: bool


Learnt = tuple[np.ndarray, float]  # weights and bias of a regression


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn, and write the judge into the package; what is missing is one line on standard error and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m bench.learning.relevance", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--home", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=CARRIED, metavar="FILE.json")
    options = parser.parse_args(arguments)
    try:
        data = read_data(options.data)
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    with closing(KnowledgeBase.open(Settings(home=options.home))) as knowledge_base:
        if not knowledge_base.status().interviews:
            with tempfile.TemporaryDirectory() as folder:
                write_interviews(data, Path(folder))
                ingest_paths([Path(folder)], knowledge_base, Options())
        options.out.write_text(json.dumps(learn(knowledge_base, data), indent=0), encoding="utf-8")
    return 0


def write_interviews(data: Data, folder: Path) -> None:
    """One transcript an interview: what the host asked, and the answer."""
    answers: dict[str, list[str]] = {}
    for one in data.passages.values():
        asked = f"So tell me, what do you think about this: {' '.join(one.asked.split()[-50:])}"
        answers.setdefault(one.file, []).append(f"**Host Asker:** {asked}\n\n**Guest:** {' '.join(one.text.split())}\n")
    for file, turns in answers.items():
        card = f"---\ntitle: {file}\nleaders:\n  - {{name: Guest}}\nhost: Host Asker\n---\n"
        (folder / file.replace("/", "__")).write_text("\n".join([card, *turns]), encoding="utf-8")


def learn(knowledge_base: KnowledgeBase, data: Data) -> dict[str, Any]:
    """What `relevance.json` holds."""
    lab = Lab(knowledge_base, data)
    known = lab.known(data.worth)
    worth = _fit(lab.vectors_of(known), np.array([data.worth[one] >= 1 for one in known]), 5.0)
    themes, unseen = learn_themes(lab, data)
    described = {one: _describe(learnt) for one, learnt in themes.items()}
    unfitted = _describe((np.zeros(len(FEATURES)), 0.0))
    lab.judge_by({"of_theme": unfitted, "of_matter": unfitted, "worth": _describe(worth), "themes": described})
    rows = list(_list_rows(lab, data, unseen))
    of_theme = [row for row in rows if row.is_theme]
    features, is_right, weights = _join(of_theme)
    graded, is_graded_right, _ = _join([row for row in rows if row.weight == GRADED_WEIGHT])
    late, bias = _fit(graded[:, :1], is_graded_right, 1000.0)
    return {
        "of_theme": _describe(_fit_scaled(features, is_right, weights)),
        "of_matter": _describe((np.pad(late, (0, len(FEATURES) - 1)), bias)),
        "worth": _describe(worth),
        "themes": described,
    }


class Lab:
    """The knowledge base's arrays, and which of its passages stand for which of the data's."""

    def __init__(self, knowledge_base: KnowledgeBase, data: Data) -> None:
        self._finder = knowledge_base._finder
        with knowledge_base._reading():
            self._index = knowledge_base._refresh()
            passages = knowledge_base._catalog.passages(self._index.passage_ids)
        answers: dict[str, list[str]] = {}
        for one in data.passages.values():
            answers.setdefault(one.file.replace("/", "__"), []).append(one.id)
        self._place: dict[str, int] = {}
        for place, passage_id in enumerate(self._index.passage_ids):
            passage = passages[passage_id]
            source = self._index.interviews[passage.interview_id].source.rsplit("/", 1)[-1]
            answer = data.passages[answers[source][passage.first_turn // 2]]
            is_whole = len(passage.text.split()) >= HELD * len(answer.text.split())
            if passage.first_turn == passage.last_turn and is_whole:
                self._place[answer.id] = place
        everything = np.arange(len(self._index.passage_ids))
        runs = number_runs(everything, self._index.shelf_of)
        tokens = self._finder._tokens
        self._vectors = tokens.passage_vectors(*self._finder._list_runs(everything, runs, self._index))

    def known(self, passage_ids: Iterable[str]) -> list[str]:
        """Those of the data's passages that the knowledge base has whole."""
        return [one for one in passage_ids if one in self._place]

    def vectors_of(self, passage_ids: Sequence[str]) -> Vectors:
        """Their mean token vectors."""
        return self._vectors[[self._place[one] for one in passage_ids]]

    def judge_by(self, judge: dict[str, Any]) -> None:
        """Take the log odds of worth and of themes from here on."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "judge.json"
            path.write_text(json.dumps(judge), encoding="utf-8")
            self._finder._judge = load_judge(path)

    def read(self, texts: Sequence[str]) -> Vectors:
        """Mean token vectors of other texts."""
        embedder, tokens = self._finder._embedder, self._finder._tokens
        words = [drop_punctuation(one, text) for one, text in zip(embedder.encode(texts), texts, strict=True)]
        return np.stack([sum_up(encode_codes(one.tokens, tokens._load_projection())) for one in words])

    def measure(self, question: str, passage_ids: Sequence[str]) -> tuple[list[str], Vectors, dict[str, float]]:
        """Passages for a question, in their order, with their features, and the weights of the question's themes."""
        finder, index = self._finder, self._index
        asking = finder._read(question, index)
        named = {self._place[one]: one for one in passage_ids}
        places = np.array(sorted(named))
        is_seen = np.zeros(len(index.passage_ids), dtype=bool)
        is_seen[places] = True
        seen = np.flatnonzero(add_neighbours(is_seen))
        runs = number_runs(seen, index.shelf_of)
        keywords = finder._find_keywords(question, asking.route, None, index)
        shared = share_words(keywords, len(index.passage_ids), finder._steps.keyword_share)[seen]
        matched = [finder._match(one.codes, seen, runs, index) for one in asking.wordings]
        scores = finder._score(asking.wordings, matched, runs) + shared
        compared = Compared(seen, matched, scores, np.zeros(len(seen), dtype=bool), shared > 0)
        features = finder.list_features(compared, np.searchsorted(seen, places), asking, index).stack()
        themes = {one.weighted.theme.id: one.weighted.weight for one in asking.voiced}
        return [named[place] for place in places.tolist()], features, themes


def learn_themes(lab: Lab, data: Data) -> tuple[dict[str, Learnt], dict[str, dict[str, float]]]:
    """A regression a theme, and what each tagged passage gets from one that has not seen it."""
    tagged = lab.known(data.tags)
    vectors = lab.vectors_of(tagged)
    fold = np.random.default_rng(0).integers(0, FOLDS, len(tagged))
    invented = {one.theme: one for one in data.invented}
    voices = {theme.id: theme.voices for theme in load_lexicon()}
    right = {one: lab.read([*invented[one].passages, *voices[one]]) for one in invented}
    wrong = {one: lab.read(invented[one].decoys) for one in invented}
    themes, unseen = {}, {}
    for theme in invented:
        has = np.array([theme in data.tags[one] for one in tagged])
        others = np.concatenate([wrong[theme], *(right[one][:3] for one in invented if one != theme)])
        made = np.concatenate([right[theme], others])
        is_made_right = np.arange(len(made)) < len(right[theme])

        def fit(chosen: Flags, has: Flags = has, made: Vectors = made, is_made: Flags = is_made_right) -> Learnt:
            is_right = np.concatenate([has[chosen], is_made])
            weights = np.concatenate([np.ones(chosen.sum()), np.full(len(made), INVENTED_WEIGHT)])
            known = np.concatenate([vectors[chosen], made])
            return _fit(known, is_right, 3.0, weights * np.where(is_right, RIGHT_WEIGHT, 1.0))

        odds = np.zeros(len(tagged))
        for number in range(FOLDS):
            weights, bias = fit(fold != number)
            odds[fold == number] = vectors[fold == number] @ weights + bias
        themes[theme] = fit(np.ones(len(tagged), dtype=bool))
        unseen[theme] = dict(zip(tagged, odds.tolist(), strict=True))
    return themes, unseen


def _list_rows(lab: Lab, data: Data, unseen: Mapping[str, Mapping[str, float]]) -> Iterator[Rows]:
    """Graded questions, then questions about each theme of its tagged passages and some others."""
    for question, grades in data.graded:
        yield _measure(lab, question, {one: grades[one] for one in lab.known(grades)}, unseen, GRADED_WEIGHT)
    draw = random.Random(1)  # noqa: S311 - draws examples, no secrets
    tagged = lab.known(data.tags)
    for one in data.invented:
        right = {passage: data.tags[passage][one.theme] for passage in tagged if one.theme in data.tags[passage]}
        if len(right) >= TAGGED:
            for question in draw.sample(list(one.questions), 2):
                grades = dict.fromkeys(draw.sample(tagged, OTHERS), 0) | right
                yield _measure(lab, question, grades, unseen, 1.0)


def _measure(
    lab: Lab, question: str, grades: Mapping[str, int], unseen: Mapping[str, Mapping[str, float]], weight: float
) -> Rows:
    passages, features, themes = lab.measure(question, list(grades))
    place = FEATURES.index("theme")
    if themes:
        for number, passage in enumerate(passages):
            known = [weight * unseen[one].get(passage, features[number, place]) for one, weight in themes.items()]
            features[number, place] = sum(known)
    return Rows(features, np.array([grades[one] for one in passages]), weight, bool(themes))


def _join(rows: Sequence[Rows]) -> tuple[Vectors, Flags, Scores]:
    """Features, whether each answers, and its weight: every question's together as much as another's."""
    weights = [np.where(row.grades == 3, 1.5, 1.0) * row.weight * 30 / len(row.grades) for row in rows]
    grades = np.concatenate([row.grades for row in rows])
    return np.concatenate([row.features for row in rows]), grades >= 2, np.concatenate(weights)


def _fit(features: Vectors, is_right: Flags, strength: float, weights: Scores | None = None) -> Learnt:
    model = LogisticRegression(C=strength, max_iter=200, solver="newton-cholesky")
    model.fit(features, is_right, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def _fit_scaled(features: Vectors, is_right: Flags, weights: Scores) -> Learnt:
    """With features brought to one scale, and the weights back to theirs."""
    middle, spread = features.mean(0), features.std(0) + 1e-9
    learnt, bias = _fit((features - middle) / spread, is_right, 1.0, weights)
    return learnt / spread, bias - float(learnt / spread @ middle)


def _describe(learnt: Learnt) -> dict[str, Any]:
    weights, bias = learnt
    return {"weights": [round(float(one), 4) for one in weights], "bias": round(bias, 4)}


if __name__ == "__main__":
    sys.exit(main())
