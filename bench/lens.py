"""Measure the lens: python -m bench.lens --train train.jsonl --dev dev.jsonl --pairs pairs.jsonl.xz

Cross-validation is grouped by interview; `dev` is of a show of which nothing was learnt. "both" counts for either side,
"disputed" is left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bench.inputs import require
from bench.learning.lens import (
    Bag,
    cross_validate,
    decide,
    f1_by_effect,
    find_effect_bars,
    judge,
    list_folds,
    make_bags,
)
from bench.learning.lens_labels import Labelled, list_phrasings, read_more, read_train
from kb.embedding.arrays import Scores, Vectors
from kb.embedding.embedder import open_embedder
from kb.embedding.token_codes import DIMENSIONS, sum_up
from kb.lens.framework import SIDES, Side, load_framework
from kb.lens.head import LensHead, load_lens
from kb.lens.judge import Lens
from kb.lens.phrasing_head import make_phrasing_head
from kb.lens.stance import tell_stance
from kb.retrieval.theme_head import SCALE
from kb.storage.token_store import TokenStore

Chances = dict[Side, Scores]


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.lens", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--train", type=Path, required=True, metavar="FILE.jsonl")
    parser.add_argument("--dev", type=Path, required=True, metavar="FILE.jsonl")
    parser.add_argument("--pairs", type=Path, required=True, metavar="FILE.jsonl.xz", help="what more was learnt from")
    options = parser.parse_args()
    require(options.dev, "--dev")
    torch.set_num_threads(1)
    train, more = make_bags(read_train(options.train)), make_bags(read_more(options.pairs))
    labelled = [one.label for one in train]
    lens = load_lens()
    head = cast(LensHead, lens.head)
    unseen = head.finish(cross_validate([*train, *more], make_bags(list_phrasings()), seeds=1)[: len(train)])
    _print_lens(f"the lens, {len(train)} passages by cross-validation", lens, unseen, labelled)
    dev = [one for one in make_bags(read_train(options.dev)) if one.label.effect != "disputed"]
    _print_lens(
        f"the lens, {len(dev)} passages of dev", lens, head.finish(judge(head, dev)), [one.label for one in dev]
    )
    for name, chances in (
        ("logistic regression on passage vectors", _learn_vectors(train)),
        ("words", _learn_words(train)),
        ("phrasings as prototypes", _measure_phrasings(train)),
    ):
        print(f"{name}, cross-validation: {_describe(_decide_apart(chances, train), labelled)}")
    _print_stance(labelled)
    return 0


def _print_lens(name: str, lens: Lens, odds: Vectors, labelled: Sequence[Labelled]) -> None:
    judged = [lens.judge(row, one.text) for row, one in zip(odds, labelled, strict=True)]
    effects = [one.effect if one.effect != "both" else "attracts" for one in judged]
    print(f"{name}: {_describe(effects, labelled)}")
    for effect in (*SIDES, "neither"):
        sure = [
            true
            for one, true in zip(judged, labelled, strict=True)
            if one.is_sure and effect in (one.sides or ("neither",))
        ]
        right = [true.effect in (effect, "neither" if effect == "neither" else "both") for true in sure]
        print(f"  sure of {effect}: {len(right)}, of which right {_format_share(right)}")
    print(f"  sure: {_format_share([one.is_sure for one in judged])} of all")


def _format_share(right: Sequence[bool]) -> str:
    return f"{np.mean(right):.2f}" if right else "-"


def _describe(effects: Sequence[str], labelled: Sequence[Labelled]) -> str:
    scores = f1_by_effect(effects, labelled)
    parts = ", ".join(f"{name} {score:.2f}" for name, score in scores.items())
    return f"macro F1 {np.mean(list(scores.values())):.3f} ({parts})"


def _decide_apart(chances: Chances, bags: Sequence[Bag]) -> list[str]:
    """Decide effects with the bars that are best on the other folds."""
    labelled = [one.label for one in bags]
    effects = [""] * len(bags)
    for seen, unseen in list_folds(bags):
        known: Chances = {side: chances[side][seen] for side in SIDES}
        bars = find_effect_bars(known, [labelled[place] for place in seen])
        found = decide({side: chances[side][unseen] for side in SIDES}, bars)
        for place, effect in zip(unseen, found, strict=True):
            effects[place] = effect
    return effects


def _learn_vectors(bags: Sequence[Bag]) -> Chances:
    return _learn(bags, np.stack([one.whole for one in bags]))


def _learn_words(bags: Sequence[Bag]) -> Chances:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
    return _learn(bags, words.fit_transform([one.label.text for one in bags]).toarray())


def _learn(bags: Sequence[Bag], features: Vectors) -> Chances:
    chances: Chances = {side: np.zeros(len(bags), dtype=np.float32) for side in SIDES}
    weights = np.array([one.label.weight for one in bags])
    for side in SIDES:
        right = np.array([one.label.has(side) for one in bags])
        for seen, unseen in list_folds(bags):
            model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=500)
            model.fit(features[seen], right[seen], sample_weight=weights[seen])
            chances[side][unseen] = model.predict_proba(features[unseen])[:, 1]
    return chances


def _measure_phrasings(bags: Sequence[Bag]) -> Chances:
    embedder, store = open_embedder(), TokenStore.open(Path(), is_bundled_model=True)

    def encode(texts: Sequence[str]) -> Vectors:
        stored = store.quantize(texts, embedder.encode_passages(texts))
        return np.stack([sum_up(one.codes) for one in stored])

    head = make_phrasing_head(load_framework(), encode)
    known = [one.inside[:, -2 * DIMENSIONS :] / np.float32(SCALE) for one in bags]
    odds = np.stack([head.judge(one[:, :DIMENSIONS], one[:, DIMENSIONS:]).max(axis=0) for one in known])
    return {side: 1 / (1 + np.exp(-odds[:, column])) for column, side in enumerate(SIDES)}


def _print_stance(labelled: Sequence[Labelled]) -> None:
    known = [one for one in labelled if one.stance]
    right = [tell_stance(one.text, attracts=one.has("attracts")) == one.stance for one in known]
    print(f"stance, where a side is known: {np.mean(right):.2f} of {len(known)}")


if __name__ == "__main__":
    sys.exit(main())
