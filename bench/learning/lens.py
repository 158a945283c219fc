"""Learn the lens: python -m bench.learning.lens --train train.jsonl --pairs pairs.jsonl.xz

A passage is a bag of windows of one to three sentences; its score for a side or a behaviour is that of its best window,
and where the words that show it are known, the window around them is to be the best. The hidden layer is that of the
theme head, as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from torch import Tensor, nn
from torch.nn import functional

from bench.learning.lens_labels import Labelled, list_phrasings, read_more, read_train
from kb.embedding.arrays import Scores, Vectors
from kb.embedding.embedder import open_embedder
from kb.lens.framework import SIDES, Side, load_framework
from kb.lens.head import CARRIED, FACTS, LensHead, hash_weights, hide, list_columns, list_features
from kb.lens.judge import Bars
from kb.lens.windows import make_windows
from kb.retrieval.theme_head import CARRIED as THEME_HEAD
from kb.retrieval.theme_head import SCALE, load_theme_head
from kb.storage.token_file import StoredEmbedding
from kb.storage.token_store import TokenStore

FOLDS, SEEDS = 5, 3
EPOCHS, BATCH, RATE, DECAY, DROPPED = 10, 64, 2e-3, 0.1, 0.3
SIDE_WEIGHTS = {"attracts": 1.5, "drives_away": 4.0}  # of a passage that has the effect, against 1 for one without
BEHAVIOUR_WEIGHT, BEHAVIOUR_SHARE = 4.0, 0.15  # the same of a behaviour; of all behaviours beside the two sides
SPAN_WEIGHT = 0.05  # of finding the words that show it
PRECISION: dict[Side, float] = {"attracts": 0.83, "drives_away": 0.74}  # outside the unsure band, and some
NEITHER = 0.9  # share of passages called surely "neither" that are
# Log odds, raised by likeness to the phrasings, from which a passage is counted and quoted for a behaviour: set by
# reading what is shown of 50 interviews (docs/lens.md). What drives away is rare, and found less surely.
SHOWN: dict[Side, float] = {"attracts": 0.7, "drives_away": 0.6}
FLOOR: dict[Side, float] = {"attracts": 0.35, "drives_away": 0.05}  # the same, before likeness
# Log odds from which a behaviour is named beside another.
NAMED: dict[Side, float] = {"attracts": -0.3, "drives_away": -1.0}
TOGETHER = 256  # texts through the model at once
# The themes of the lexicon that each behaviour is close to.
RELATED = {
    "A1": "shared-cause meaning-beyond-money igniting-passion good-for-society profit-and-purpose",
    "A2": "line-of-sight explaining-why customers-and-mission",
    "A3": "front-line serving-the-team",
    "A4": "inviting-dissent transparency giving-feedback speaking-up taking-criticism one-on-ones",
    "A5": "trusting-people letting-go ownership",
    "A6": "giving-credit celebrating sharing-rewards",
    "A7": "humility vulnerability apology being-the-problem",
    "A8": "caring-for-people growing-people mentoring inclusion remote-belonging fairness",
    "A9": "leading-by-example keeping-promises costly-values",
    "A10": "hiring-for-values letting-someone-go leaving-well writing-values",
    "D1": "ego heroic-leader",
    "D2": "control using-authority",
    "D3": "fear-and-pressure burnout",
    "D4": "giving-credit",
    "D5": "politics-and-secrecy keeping-promises",
    "D6": "layoffs destroying-motivation why-people-leave",
    "D7": "losing-the-purpose",
    "D8": "toxic-stars fairness hard-conversations",
    "D9": "hiring-mistakes culture-in-growth hiring-executives",
    "D10": "setting-direction clear-communication why-people-leave",
}


@dataclass(frozen=True, slots=True)
class Bag:
    """A labelled passage's windows, ready to be learnt from."""

    label: Labelled
    whole: Vectors = field(repr=False)  # the model's vector of the text
    inside: Vectors = field(repr=False)  # (windows, hidden + 2 x dimensions)
    overlap: Scores = field(repr=False)  # (windows,): with the sentences that show it


def make_bags(labelled: Sequence[Labelled]) -> list[Bag]:
    """Encode passages as the product stores them. Raises ModelMissing when the model is not installed."""
    embedder, store = open_embedder(), TokenStore.open(Path(), is_bundled_model=True)
    bags: list[Bag] = []
    for first in range(0, len(labelled), TOGETHER):
        some = labelled[first : first + TOGETHER]
        texts = [one.text for one in some]
        bags += map(_make_bag, some, store.quantize(texts, embedder.encode_passages(texts)))
        print(f"{len(bags):,} of {len(labelled):,} passages read", end="\r", file=sys.stderr)
    print(file=sys.stderr)
    return bags


def learn(bags: Sequence[Bag], seeds: int = SEEDS) -> LensHead:
    """Learn the outputs, as the mean of several trainings; how behaviours are weighed is still to be fitted."""
    outputs = list_outputs()
    trained = [_train(bags, outputs, seed) for seed in range(seeds)]
    weight = np.mean([one.weight.detach().numpy() for one in trained], axis=0).astype(np.float32)
    bias = np.mean([one.bias.detach().numpy() for one in trained], axis=0).astype(np.float32)
    themes = load_theme_head()
    width = len(themes.hidden)
    related = {name: tuple(RELATED[name].split()) for name in outputs[len(SIDES) :]}
    return LensHead(outputs, themes, weight[:, :width], weight[:, width:], bias, related, {})


def cross_validate(bags: Sequence[Bag], more: Sequence[Bag], seeds: int = SEEDS) -> Vectors:
    """Compute log odds before they are finished: each is judged by what was learnt without its interview."""
    odds = np.zeros((len(bags), 2 * len(list_outputs()) - len(SIDES)), dtype=np.float32)
    for seen, unseen in list_folds(bags):
        files = {bags[place].label.file for place in unseen}
        learnt_from = [*(bags[place] for place in seen), *(one for one in more if one.label.file not in files)]
        odds[unseen] = judge(learn(learnt_from, seeds), [bags[place] for place in unseen])
    return odds


def list_folds(bags: Sequence[Bag]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the places of what is learnt from and of what is judged, by interview."""
    yield from GroupKFold(FOLDS).split(bags, groups=[one.label.file for one in bags])


def judge(head: LensHead, bags: Sequence[Bag]) -> Vectors:
    """Compute the log odds of each bag by its best windows, before they are finished."""
    width = len(head.themes.hidden)
    return np.stack([head.judge_hidden(one.inside[:, :width], one.inside[:, width:]).max(axis=0) for one in bags])


def list_outputs() -> tuple[str, ...]:
    """List the outputs: the sides, then the behaviours."""
    return (*SIDES, *(one.id for one in load_framework().behaviours))


def fit_weights(odds: Vectors, labelled: Sequence[Labelled]) -> dict[Side, tuple[float, ...]]:
    """Fit how behaviours are weighed, to log odds of passages that were not learnt from."""
    outputs = list_outputs()
    weights = np.array([one.weight for one in labelled])
    found: dict[Side, tuple[float, ...]] = {}
    for side in SIDES:
        features = list_features(odds, outputs, side)
        names = [outputs[column] for column in list_columns(outputs, side)]
        right = np.array([[name in one.behaviours for name in names] for one in labelled])
        spread = features.reshape(-1, features.shape[2]).std(axis=0)
        model = LogisticRegression(C=0.3, max_iter=300)
        model.fit(
            features.reshape(-1, len(spread)) / spread, right.ravel(), sample_weight=np.repeat(weights, len(names))
        )
        found[side] = tuple(round(float(one), 4) for one in (*(model.coef_[0] / spread), model.intercept_[0]))
    return found


def fit_bars(odds: Vectors, labelled: Sequence[Labelled]) -> Bars:
    """Fit probabilities to log odds of passages that were not learnt from, and choose from where on they hold."""
    slope, shift, sure = {}, {}, {}
    chances: dict[Side, Scores] = {}
    for column, side in enumerate(SIDES):
        is_right = np.array([one.has(side) for one in labelled])
        model = LogisticRegression(C=1e3).fit(odds[:, column, np.newaxis], is_right)
        slope[side], shift[side] = round(float(model.coef_[0, 0]), 4), round(float(model.intercept_[0]), 4)
        chances[side] = 1 / (1 + np.exp(-(slope[side] * odds[:, column] + shift[side])))
        sure[side] = _find_bar(chances[side], is_right, PRECISION[side])
    effect = dict(zip(SIDES, find_effect_bars(chances, labelled), strict=True))
    highest = np.maximum(*chances.values())
    neither = _find_floor(highest, np.array([one.effect == "neither" for one in labelled]))
    return Bars(slope, shift, effect, sure, neither, NAMED, FLOOR, SHOWN)


def find_effect_bars(chances: Mapping[Side, Scores], labelled: Sequence[Labelled]) -> tuple[float, float]:
    """Find the probabilities from which effects hold with the best macro F1."""
    grid = np.arange(0.1, 0.75, 0.025)
    scored = [
        (macro_f1(decide(chances, (one, other)), labelled), float(one), float(other)) for one in grid for other in grid
    ]
    _, one, other = max(scored)
    return round(one, 3), round(other, 3)


def decide(chances: Mapping[Side, Scores], bars: Sequence[float]) -> list[str]:
    """Decide the effect of passages as the product does, without "both"."""
    margins = np.stack([chances[side] - bar for side, bar in zip(SIDES, bars, strict=True)])
    return [
        SIDES[best] if margin >= 0 else "neither"
        for best, margin in zip(margins.argmax(0), margins.max(0), strict=True)
    ]


def macro_f1(effects: Sequence[str], labelled: Sequence[Labelled]) -> float:
    """Compute the mean F1 of attracts, drives away and neither; "both" counts for either."""
    return float(np.mean(list(f1_by_effect(effects, labelled).values())))


def f1_by_effect(effects: Sequence[str], labelled: Sequence[Labelled]) -> dict[str, float]:
    """Compute the F1 of each effect."""
    right = [
        found if one.effect == "both" and found != "neither" else "attracts" if one.effect == "both" else one.effect
        for found, one in zip(effects, labelled, strict=True)
    ]
    scores = {}
    for effect in (*SIDES, "neither"):
        both = sum(found == effect == true for found, true in zip(effects, right, strict=True))
        scores[effect] = 2 * both / max(1, sum(one == effect for one in effects) + sum(one == effect for one in right))
    return scores


def save(head: LensHead, bars: Bars, path: Path = CARRIED) -> None:
    """Write the weights as the product reads them, in 16 bits, with their hash and bars beside them."""
    weights = {name: getattr(head, name).astype(np.float16) for name in ("out", "direct", "bias")}
    np.savez_compressed(path, outputs=np.array(head.outputs), **weights)
    facts = {
        "sha256": hash_weights(path.read_bytes()),
        "theme_head": hash_weights(THEME_HEAD.read_bytes()),
        "related": head.related,
        "weights": head.weights,
        "bars": asdict(bars),
    }
    path.with_name(FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _make_bag(label: Labelled, stored: StoredEmbedding) -> Bag:
    windows = make_windows(stored.codes, np.cumsum([0, *stored.sentences]), np.array([0, len(stored.sentences)]))
    known = np.concatenate([windows.vectors, windows.passages[windows.owners]], axis=1) * np.float32(SCALE)
    inside = np.concatenate([hide(load_theme_head(), known), known], axis=1)
    spans = zip(windows.firsts.tolist(), windows.ends.tolist(), strict=True)
    overlap = [_measure_overlap(first + 1, end, label.sentences) for first, end in spans]
    return Bag(label, stored.vector, inside, np.array(overlap, dtype=np.float32))


def _measure_overlap(first: int, last: int, named: tuple[int, ...]) -> float:
    if not named:
        return 0.0
    shared = min(last, named[-1]) - max(first, named[0]) + 1
    return max(0, shared) / (max(last, named[-1]) - min(first, named[0]) + 1)


def _train(bags: Sequence[Bag], outputs: Sequence[str], seed: int) -> nn.Linear:
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    layer = nn.Linear(bags[0].inside.shape[1], len(outputs))
    nn.init.zeros_(layer.weight)
    nn.init.constant_(layer.bias, -2.0)
    batches = len(bags) // BATCH
    optimiser = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * batches + 1, pct_start=0.1)
    for _ in range(EPOCHS):
        order = draw.permutation(len(bags))
        for batch in range(batches):
            chosen = [bags[place] for place in order[batch * BATCH : (batch + 1) * BATCH]]
            torch.autograd.backward(_measure_loss(layer, chosen, outputs))
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
    return layer


def _measure_loss(layer: nn.Linear, chosen: Sequence[Bag], outputs: Sequence[str]) -> Tensor:
    lengths = [len(one.inside) for one in chosen]
    known = torch.from_numpy(np.concatenate([one.inside for one in chosen]))
    owners = torch.from_numpy(np.repeat(np.arange(len(chosen)), lengths))
    odds = layer(functional.dropout(known, DROPPED))
    best = odds.new_full((len(chosen), len(outputs)), -1e9).scatter_reduce(
        0, owners[:, None].expand_as(odds), odds, "amax"
    )
    right = torch.tensor([[float(_is_right(one.label, output)) for output in outputs] for one in chosen])
    behaviours = len(outputs) - len(SIDES)
    positive = torch.tensor([*SIDE_WEIGHTS.values(), *[BEHAVIOUR_WEIGHT] * behaviours])
    share = torch.tensor([*[1.0] * len(SIDES), *[BEHAVIOUR_SHARE] * behaviours])
    losses = functional.binary_cross_entropy_with_logits(best, right, pos_weight=positive, reduction="none")
    weights = torch.tensor([one.label.weight for one in chosen])
    loss = ((losses * share).sum(1) * weights).mean()
    pointed = [
        -(wanted[:, None] * functional.log_softmax(odds[first : first + length][:, right[row] > 0], 0)).sum()
        for row, (one, first, length) in enumerate(
            zip(chosen, np.cumsum([0, *lengths[:-1]]).tolist(), lengths, strict=True)
        )
        if length > 1 and one.overlap.max() > 0
        for wanted in [torch.from_numpy(one.overlap**2 / (one.overlap**2).sum())]
    ]
    return loss + SPAN_WEIGHT * torch.stack(pointed).mean() if pointed else loss


def _is_right(label: Labelled, output: str) -> bool:
    return output in label.behaviours or label.effect in (output, "both" if output in SIDES else output)


def _find_bar(chances: Scores, is_right: np.ndarray, precision: float) -> float:
    """Find the lowest value from which on this share is right, of ten or more; 1, which none has, if there is none."""
    order = np.argsort(-chances)
    right = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    kept = np.flatnonzero(right[9:] >= precision)
    return round(float(chances[order[int(kept[-1]) + 9]] if len(kept) else 1.0), 4)


def _find_floor(highest: Scores, is_neither: np.ndarray) -> float:
    """Find the highest probability below which at least NEITHER of the passages have no effect."""
    order = np.argsort(highest)
    right = np.cumsum(is_neither[order]) / np.arange(1, len(order) + 1)
    kept = np.flatnonzero(right[9:] >= NEITHER)
    return round(float(highest[order[int(kept[-1]) + 9]]) if len(kept) else 0.0, 4)


def main() -> int:
    """Learn the weights, and the bars from what was not learnt from."""
    parser = argparse.ArgumentParser(prog="python -m bench.learning.lens", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--train", type=Path, required=True, metavar="FILE.jsonl")
    parser.add_argument("--pairs", type=Path, required=True, metavar="FILE.jsonl.xz")
    parser.add_argument("--out", type=Path, default=CARRIED, metavar="FILE.npz")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train = make_bags(read_train(options.train))
    more = make_bags(read_more(options.pairs))
    phrasings = make_bags(list_phrasings())
    odds = cross_validate([*train, *more], phrasings)
    labelled = [one.label for one in [*train, *more]]
    head = replace(learn([*train, *more, *phrasings]), weights=fit_weights(odds, labelled))
    bars = fit_bars(head.finish(odds[: len(train)]), labelled[: len(train)])
    save(head, bars, options.out)
    print(json.dumps(asdict(bars), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
