"""Train the judge of relevance: python -m bench.learning.relevance --data FOLDER --transcripts FOLDER --home FOLDER

The passages are ingested into a knowledge base of their own (`--home`, kept for the next run), each with the host's
question before it, so that the features are those of a real search. The theme head that scores a passage is trained
without its interview, so that its weight is not that of passages it has seen.
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
from sklearn.metrics import average_precision_score

from bench.inputs import MissingInput
from bench.learning import theme_attention, theme_head
from bench.learning.data import JOINT, Data, Passage, read_data
from bench.learning.theme_head import make_bag
from ingest.pipeline.run import Options, ingest_paths
from kb.embedding.arrays import PassageMask, Scores, Vectors, normalise
from kb.embedding.embedder import open_embedder
from kb.embedding.protocol import Embedder
from kb.knowledge_base import KnowledgeBase
from kb.model import PART_BREAK, Query
from kb.retrieval.index import Index
from kb.retrieval.lexicon import load_lexicon
from kb.retrieval.passage_judge import ATTENTION_SHARE, PassageJudge
from kb.retrieval.ranking import RankingConfig, add_neighbours
from kb.retrieval.relevance import CARRIED, FEATURES, Judge, load_judge
from kb.retrieval.searcher import Proposals, Retriever
from kb.retrieval.theme_attention import CARRIED as CARRIED_ATTENTION
from kb.retrieval.theme_attention import ThemeAttention, load_theme_attention
from kb.retrieval.theme_head import CARRIED as CARRIED_HEAD
from kb.retrieval.theme_head import ThemeHead, load_theme_head
from kb.settings import Settings
from kb.storage.catalog import Catalog
from kb.storage.stores import Stores
from kb.storage.token_file import StoredEmbedding

FOLDS = 3
GRADED_WEIGHT = 5.0  # of a graded question, against 1 for one about a theme with tagged passages
TAGGED, OTHERS = 4, 250  # tagged passages that a theme needs to be asked about, and passages without it that are added
HELD = 0.6  # share of an answer's words that a passage must hold to represent it


@dataclass(frozen=True, slots=True)
class Rows:
    """Features and grades of some passages for one question."""

    features: Vectors  # (passages, features)
    grades: np.ndarray  # (passages,): 0 to 3
    weight: float  # of the question
    is_theme: bool


@dataclass(frozen=True, slots=True)
class Themes:
    """The two networks that tell the themes of a passage."""

    head: ThemeHead
    attention: ThemeAttention

    @classmethod
    def learn(cls, data: Data, stored: Mapping[str, StoredEmbedding], learnt_from: Iterable[str]) -> Themes:
        """Train both on these passages."""
        ids = list(learnt_from)
        bags = {one: make_bag(stored[one]) for one in ids}
        return cls(theme_head.learn(data, bags, ids), theme_attention.learn(data, stored, ids))

    def judge(self, stored: Sequence[StoredEmbedding]) -> Scores:
        """Compute the log odds of each theme as the product does, shape (passages, themes)."""
        odds = theme_head.judge(self.head, [make_bag(one) for one in stored])
        blended: Scores = odds + ATTENTION_SHARE * (theme_attention.judge(self.attention, stored) - odds)
        return blended


Learnt = tuple[np.ndarray, float]  # weights and bias of a regression


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the judge, and write it into the package. Return 2 after one line on stderr if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.learning.relevance", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--transcripts", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--home", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=CARRIED.parent, metavar="FOLDER")
    options = parser.parse_args(arguments)
    try:
        data = read_data(options.data, options.transcripts)
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    settings = Settings(home=options.home)
    fill_home(settings, data)
    embedder = open_embedder()
    with closing(Stores.open(settings, embedder)) as stores:
        described, themes = learn(Lab.open(stores, embedder, data), data)
    (options.out / CARRIED.name).write_text(json.dumps(described, indent=1), encoding="utf-8")
    theme_head.save(themes.head, options.out / CARRIED_HEAD.name)
    theme_attention.save(themes.attention, options.out / CARRIED_ATTENTION.name)
    return 0


def fill_home(settings: Settings, data: Data) -> None:
    """Ingest the passages, unless an earlier run has. Raises the errors of `KnowledgeBase.open` and `ingest_paths`."""
    with closing(KnowledgeBase.open(settings)) as knowledge_base, tempfile.TemporaryDirectory() as folder:
        if not knowledge_base.counts().interviews:
            write_interviews(data, Path(folder))
            ingest_paths([Path(folder)], knowledge_base, Options())


def write_interviews(data: Data, folder: Path) -> None:
    """Write one transcript per interview: what the host asked, and the answer."""
    answers: dict[str, list[str]] = {}
    for one in data.passages.values():
        asked = f"So tell me, what do you think about this: {' '.join(one.asked.split()[-50:])}"
        answers.setdefault(one.file, []).append(f"**Host Asker:** {asked}\n\n**Guest:** {' '.join(one.text.split())}\n")
    for file, turns in answers.items():
        card = f"---\ntitle: {file}\nleaders:\n  - {{name: Guest}}\nhost: Host Asker\n---\n"
        (folder / file.replace("/", "__")).write_text("\n".join([card, *turns]), encoding="utf-8")


def learn(lab: Lab, data: Data) -> tuple[dict[str, Any], Themes]:
    """Train the judge and what tells themes; return what `relevance.json` holds, and the latter."""
    stored = theme_head.encode(data, {*data.tags, *(one for graded in data.graded for one in graded.grades)})
    wholes = {name: normalise(one.codes.astype(np.float32).sum(axis=0)) for name, one in stored.items()}
    themes, unseen = learn_themes(data, stored)
    tagged = list(data.tags)
    worth = _fit(np.stack([wholes[one] for one in tagged]), np.array([bool(data.tags[one]) for one in tagged]), 5.0)
    unfitted = _describe((np.zeros(len(FEATURES)), 0.0))
    lab.judge_by({"of_theme": unfitted, "of_matter": unfitted, "worth": _describe(worth)})
    rows = list(_list_rows(lab, data, unseen))
    features, is_right, weights = _join([row for row in rows if row.is_theme])
    graded, is_graded_right, _ = _join([row for row in rows if row.weight == GRADED_WEIGHT])
    late, bias = _fit(graded[:, :1], is_graded_right, 1000.0)
    described = {
        "of_theme": _describe(_fit_scaled(features, is_right, weights)),
        "of_matter": _describe((np.pad(late, (0, len(FEATURES) - 1)), bias)),
        "worth": _describe(worth),
    }
    return described, themes


def learn_themes(data: Data, stored: Mapping[str, StoredEmbedding]) -> tuple[Themes, dict[str, Mapping[str, float]]]:
    """Train what tells themes; return it, and each passage's log odds by what has not seen its interview."""
    files = sorted({data.passages[one].file for one in stored})
    fold = dict(zip(files, np.random.default_rng(0).integers(0, FOLDS, len(files)).tolist(), strict=True))
    unseen: dict[str, Mapping[str, float]] = {}
    for number in range(FOLDS):
        others = [one for one in data.tags if fold[data.passages[one].file] != number]
        held = [one for one in stored if fold[data.passages[one].file] == number]
        themes = Themes.learn(data, stored, others)
        odds = themes.judge([stored[one] for one in held])
        names = list(themes.head.places)
        unseen |= {one: dict(zip(names, row.tolist(), strict=True)) for one, row in zip(held, odds, strict=True)}
    _tell_precision(data, unseen)
    return Themes.learn(data, stored, data.tags), unseen


def _tell_precision(data: Data, unseen: Mapping[str, Mapping[str, float]]) -> None:
    """Print how well themes are predicted for passages whose interview was not trained on."""
    tagged = [one for one in data.tags if one in unseen]
    precisions = []
    for theme in next(iter(unseen.values())):
        is_right = np.array([theme in data.tags[one] for one in tagged])
        if is_right.sum() >= TAGGED:
            precisions.append(average_precision_score(is_right, [unseen[one][theme] for one in tagged]))
    print(f"mean average precision over {len(precisions)} themes, {len(tagged):,} passages: {np.mean(precisions):.3f}")


class Lab:
    """A knowledge base's index, and the places in it of the data's passages."""

    def __init__(self, retriever: Retriever, index: Index, places: Mapping[str, int]) -> None:
        self._retriever = retriever
        self._index = index
        self._places = places  # in the index, by the data's passage id
        self._judge = _open_judge(load_judge())

    @classmethod
    def open(cls, stores: Stores, embedder: Embedder, data: Data) -> Lab:
        """Open one over stores that hold the data's interviews."""
        index = Index.load(stores.catalog, stores.tokens)
        retriever = Retriever.open(stores, embedder, RankingConfig(), lexicon=None)
        return cls(retriever, index, find_places(stores.catalog, index, data))

    def known(self, passage_ids: Iterable[str]) -> list[str]:
        """List those of the data's passages that the knowledge base has whole."""
        return [one for one in passage_ids if one in self._places]

    def judge_by(self, judge: dict[str, Any]) -> None:
        """Use this judge from now on, for its log odds of worth."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "judge.json"
            path.write_text(json.dumps(judge), encoding="utf-8")
            self._judge = _open_judge(load_judge(path))

    def measure(self, text: str, passage_ids: Sequence[str]) -> tuple[list[str], Vectors, dict[str, float]]:
        """Return passages in index order, their features for a question, and the weights of the question's themes.

        `passage_ids` are known ones. Raises BadQuestion when there is nothing to ask.
        """
        index = self._index
        question = self._retriever.parser.parse(Query(text), index)
        named = {self._places[one]: one for one in passage_ids}
        places = np.array(sorted(named))
        is_seen = np.zeros(len(index.passage_ids), dtype=bool)
        is_seen[places] = True
        seen = np.flatnonzero(add_neighbours(is_seen))
        keywords = self._retriever.search_words(question, index)
        compared = self._retriever.compare(question, Proposals(near=(), voiced=(), keywords=keywords), seen, index)
        late = compared.scores[np.searchsorted(seen, places)]
        features = self._judge.list_features(question, places, late, index).stack()
        themes = {one.weighted.theme.id: one.weighted.weight for one in question.themes}
        return [named[place] for place in places.tolist()], features, themes


def find_places(catalog: Catalog, index: Index, data: Data) -> dict[str, int]:
    """Find the place in the index of each of the data's passages that it has, by id."""
    passages = catalog.passages(index.passage_ids)
    answers: dict[str, list[str]] = {}
    for one in data.passages.values():
        answers.setdefault(one.file.replace("/", "__"), []).append(one.id)
    found: dict[str, int] = {}
    for place, passage_id in enumerate(index.passage_ids):
        passage = passages[passage_id]
        source = index.interviews[passage.interview_id].source.rsplit("/", 1)[-1]
        said = [data.passages[answers[source][span.turn // 2]] for span in passage.parts]
        for name in _name_passage(passage.text.split(PART_BREAK), said):
            found[name] = place
    return found


def _open_judge(judge: Judge) -> PassageJudge:
    """Open a judge of passages with the bundled theme head, which was trained on every theme of the lexicon."""
    learnt = {theme.id for theme in load_lexicon()}
    return PassageJudge(judge, load_theme_head(), load_theme_attention(), learnt)


def _name_passage(parts: Sequence[str], answers: Sequence[Passage]) -> Iterator[str]:
    """Yield the names that the labels give to a passage with these parts of answers."""
    names = [_name_part(part.split(), answer) for part, answer in zip(parts, answers, strict=True)]
    if all(names):
        yield JOINT.join(names)
    if len(parts) == 1 and len(parts[0].split()) >= HELD * len(answers[0].text.split()):
        yield answers[0].id


def _name_part(words: Sequence[str], answer: Passage) -> str:
    """Name some words of an answer; '' if it does not hold them."""
    said = answer.text.split()
    if list(words) == said:
        return answer.id
    starts = (first for first in range(len(said) - len(words) + 1) if said[first : first + len(words)] == words)
    first = next(starts, None)
    return "" if first is None else f"{answer.id}@{first}+{len(words)}"


def _list_rows(lab: Lab, data: Data, unseen: Mapping[str, Mapping[str, float]]) -> Iterator[Rows]:
    """Yield rows of graded questions, then of questions about each theme, for its tagged passages and some others."""
    for one in data.graded:
        grades = {passage: one.grades[passage] for passage in lab.known(one.grades)}
        yield _measure(lab, one.question, grades, unseen, GRADED_WEIGHT)
    draw = random.Random(1)  # noqa: S311 - draws examples, no secrets
    tagged = lab.known(data.tags)
    for theme in load_lexicon():
        right = {passage: data.tags[passage][theme.id][0] for passage in tagged if theme.id in data.tags[passage]}
        if len(right) >= TAGGED:
            for question in draw.sample(list(theme.questions), 2):
                grades = dict.fromkeys(draw.sample(tagged, OTHERS), 0) | right
                yield _measure(lab, question, grades, unseen, 1.0)


def _measure(
    lab: Lab, question: str, grades: Mapping[str, int], unseen: Mapping[str, Mapping[str, float]], weight: float
) -> Rows:
    passages, features, themes = lab.measure(question, list(grades))
    place = FEATURES.index("theme")
    if themes:
        for number, passage in enumerate(passages):
            features[number, place] = sum(weight * unseen[passage][one] for one, weight in themes.items())
    return Rows(features, np.array([grades[one] for one in passages]), weight, bool(themes))


def _join(rows: Sequence[Rows]) -> tuple[Vectors, PassageMask, Scores]:
    """Join features, whether each passage answers, and its weight, which evens out the number of passages."""
    weights = [np.where(row.grades == 3, 1.5, 1.0) * row.weight * 30 / len(row.grades) for row in rows]
    grades = np.concatenate([row.grades for row in rows])
    return np.concatenate([row.features for row in rows]), grades >= 2, np.concatenate(weights)


def _fit(features: Vectors, is_right: PassageMask, strength: float, weights: Scores | None = None) -> Learnt:
    model = LogisticRegression(C=strength, max_iter=200, solver="newton-cholesky")
    model.fit(features, is_right, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def _fit_scaled(features: Vectors, is_right: PassageMask, weights: Scores) -> Learnt:
    """Fit with features brought to one scale, and scale the weights back."""
    middle, spread = features.mean(0), features.std(0) + 1e-9
    learnt, bias = _fit((features - middle) / spread, is_right, 1.0, weights)
    return learnt / spread, bias - float(learnt / spread @ middle)


def _describe(learnt: Learnt) -> dict[str, Any]:
    weights, bias = learnt
    return {"weights": [round(float(one), 4) for one in weights], "bias": round(bias, 4)}


if __name__ == "__main__":
    sys.exit(main())
