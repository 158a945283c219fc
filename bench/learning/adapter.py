"""Train the adapter of the bundled model: python -m bench.learning.adapter --data FOLDER --transcripts FOLDER

Low-rank weights on the upper half of the layers are trained by contrast: a question's late interaction with the passage
that answers it, and the cosine of both as a whole, must exceed those with every other passage of the batch. A small
network is trained too, to predict the themes of tagged passages from their projected token vectors, so that these hold
what the theme head needs; that network is discarded. The lower half of the layers is frozen, so its output is computed
once. The trained weights are then added at a share of their size: half way between both models, the old one's strength,
finding a specific passage, is kept or better (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from bench.inputs import MissingInput
from bench.learning.data import Data, read_data
from bench.learning.theme_head import RIGHT_WEIGHT, Network
from kb.embedding.carried_model import find_bundled_model
from kb.embedding.token_codes import CARRIED as PROJECTION
from kb.retrieval.lexicon import load_lexicon

RANK, LOWER = 32, 3  # of the low-rank weights; lower layers that stay as they are
RATE, WARM_UP = 6e-4, 50
LATE_HEAT, DENSE_HEAT = 0.03, 0.05  # temperatures of the softmax
SHARES = {"late": 0.6, "dense": 0.4, "both": 0.5}
MINUTES, SCALE = 40.0, 0.5
QUESTION_PIECES, PASSAGE_PIECES, INVENTED_PIECES = 40, 192, 160
# The examples of a step: theme questions, specific ones, hosts' questions, graded questions, themes with tagged
# passages, themes with invented ones, themes with voices.
MIX = {"themes": 10, "specific": 16, "pairs": 6, "graded": 5, "tags": 8, "invented": 6, "voices": 8}
REWORDED = 0.6  # share of the graded questions that are asked in another wording
RICH, PLAIN = 30, 14  # passages whose themes are predicted in a step: some with tags, some from all labelled ones
THEMES_WEIGHT, THEMES_RATE = 10.0, 4.0  # of predicting them, and how much faster the network for it learns
SIZES = ((28, 14), (56, 28))  # word pieces of the windows that it sees, and of the step to the next window


class LowRank(nn.Module):
    """A linear layer with low-rank weights added to its own."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(RANK, layer.in_features) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, RANK))

    def forward(self, rows: Tensor) -> Tensor:
        """Map rows of shape (..., in) to (..., out)."""
        own: Tensor = self.layer(rows)
        return own + 2 * functional.linear(functional.linear(rows, self.down), self.up)


@dataclass(frozen=True, slots=True)
class Read:
    """Texts that were encoded: token vectors of length 1, a mask of those that exist, and their word pieces."""

    rows: Tensor  # (texts, pieces, dimensions)
    is_there: Tensor  # (texts, pieces)
    pieces: Tensor  # (texts, pieces)


class Learner:
    """The model, the output of its lower layers for each text, and how rare each word piece is."""

    def __init__(self, data: Data) -> None:
        folder = find_bundled_model()
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._model = AutoModel.from_pretrained(folder, attn_implementation="sdpa").eval().requires_grad_(False)
        self._lower: dict[tuple[int, ...], Tensor] = {}
        self.adapted = dict(self._adapt())
        self._rarity = self._measure_rarity([one.text for one in data.passages.values()])
        self._projection = torch.from_numpy(np.load(PROJECTION))
        self.network = Network(len(self._projection), len(load_lexicon()))

    def parameters(self) -> list[nn.Parameter]:
        """Return the trained parameters of the adapter."""
        return [parameter for one in self.adapted.values() for parameter in (one.down, one.up)]

    def tell_themes(self, said: Read) -> Tensor:
        """Compute the log odds that texts speak to each theme, by their best window, shape (texts, themes)."""
        is_word = said.is_there & (self._rarity[said.pieces] > 0)
        rows = functional.normalize(said.rows @ self._projection.T, dim=-1) * is_word[..., None]
        sums = functional.pad(rows.cumsum(1), (0, 0, 1, 0))
        longest, lengths = rows.shape[1], said.is_there.sum(1)
        spans = [(at, min(at + size, longest)) for size, step in SIZES for at in range(0, max(1, longest - 8), step)]
        windows = functional.normalize(torch.stack([sums[:, end] - sums[:, at] for at, end in spans], 1), dim=-1)
        wholes = functional.normalize(sums[:, -1], dim=-1)[:, None].expand_as(windows)
        is_empty = torch.stack([lengths <= (at + 8 if at else 0) for at, _ in spans], 1)
        odds: Tensor = self.network(torch.cat([windows, wholes], -1))
        return odds.masked_fill(is_empty[..., None], -1e4).amax(1)

    def read(self, texts: Sequence[str], most: int) -> Read:
        """Encode texts, cut to at most `most` word pieces, through all layers."""
        cut = [tuple(self._tokenizer(text, truncation=True, max_length=most)["input_ids"]) for text in texts]
        lower = [self._read_lower(pieces) for pieces in cut]
        longest = max(len(rows) for rows in lower)
        rows = torch.stack([functional.pad(one.float(), (0, 0, 0, longest - len(one))) for one in lower])
        pieces = torch.tensor([[*one, *[0] * (longest - len(one))] for one in cut])
        is_there = torch.tensor([[True] * len(one) + [False] * (longest - len(one)) for one in cut])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rows = self._run(rows, self._model.encoder.layer[LOWER:], is_there)
        return Read(functional.normalize(rows.float(), dim=-1), is_there, pieces)

    def compare(self, asked: Read, said: Read) -> tuple[Tensor, Tensor]:
        """Compute late interaction and cosine of every question with every text, each of shape (questions, texts)."""
        weights = self._rarity[asked.pieces] * asked.is_there
        weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-6)
        is_word = said.is_there & (self._rarity[said.pieces] > 0)
        cosines = torch.einsum("qid,pjd->qpij", asked.rows, said.rows).masked_fill(~is_word[None, :, None, :], -1)
        late = (cosines.amax(-1) * weights[:, None]).sum(-1)
        return late, _mean(asked) @ _mean(said).T

    def _adapt(self) -> Iterator[tuple[str, LowRank]]:
        for number, layer in enumerate(self._model.encoder.layer[LOWER:], LOWER):
            for name in (
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense",
                "intermediate.dense",
                "output.dense",
            ):
                adapted = LowRank(layer.get_submodule(name))
                layer.set_submodule(name, adapted)
                yield f"encoder.layer.{number}.{name}.weight", adapted

    @torch.no_grad()
    def _read_lower(self, pieces: tuple[int, ...]) -> Tensor:
        if pieces not in self._lower:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                rows = self._model.embeddings(input_ids=torch.tensor([pieces]))
                rows = self._run(rows, self._model.encoder.layer[:LOWER], torch.ones(1, len(pieces), dtype=torch.bool))
            self._lower[pieces] = rows[0].bfloat16()
        return self._lower[pieces]

    @staticmethod
    def _run(rows: Tensor, layers: Sequence[nn.Module], is_there: Tensor) -> Tensor:
        mask = None if is_there.all() else torch.zeros(is_there.shape).masked_fill(~is_there, -1e9)[:, None, None, :]
        for layer in layers:
            made = layer(rows, attention_mask=mask)
            rows = made[0] if isinstance(made, tuple) else made
        return rows

    def _measure_rarity(self, texts: Sequence[str]) -> Tensor:
        """Compute each word piece's log odds of being rare, as the product's ranking does; 0 for punctuation marks."""
        size = len(self._tokenizer)
        held = torch.zeros(size)
        for one in self._tokenizer(list(texts), truncation=True, max_length=PASSAGE_PIECES)["input_ids"]:
            held[list(set(one))] += 1
        pieces = self._tokenizer.convert_ids_to_tokens(list(range(size)))
        is_word = [bool(re.search(r"[^\W_]", piece)) for piece in pieces]
        is_word = [said and number not in self._tokenizer.all_special_ids for number, said in enumerate(is_word)]
        return (torch.log((len(texts) + 1) / (held + 0.5)) + 2) * torch.tensor(is_word)


class Batches:
    """Draws the examples of a step."""

    def __init__(self, data: Data, seed: int = 0) -> None:
        self._data = data
        self._random = random.Random(seed)  # noqa: S311 - draws examples, no secrets
        self._pairs = list(data.pairs.values())
        self._themes = {theme.id: theme for theme in load_lexicon()}
        self._invented = {one.theme: one for one in data.invented}
        self._tagged: dict[str, list[tuple[str, int]]] = {}
        for passage_id, tags in data.tags.items():
            for theme, known in tags.items():
                self._tagged.setdefault(theme, []).append((passage_id, known[0]))
        self._rich = [one for one, tags in data.tags.items() if tags]
        self._answers: dict[str, set[str]] = {}
        for question, passage_id in (*data.themes, *data.specific):
            self._answers.setdefault(question, set()).add(passage_id)

    def draw(self) -> tuple[list[str], list[str], Tensor, Tensor]:
        """Draw questions, passage ids, the share of each passage in each answer, and a mask of those to ignore."""
        wanted: list[tuple[str, Mapping[str, float], frozenset[str]]] = []
        extra: list[str] = []
        themes = self._random.sample(self._data.themes, MIX["themes"])
        wanted += [(question, {passage_id: 1.0}, self._alike(passage_id)) for question, passage_id in themes]
        specific = self._random.sample(self._data.specific, MIX["specific"])
        wanted += [(question, {passage_id: 1.0}, frozenset()) for question, passage_id in specific]
        answers = [self._random.choice(self._random.choice(self._pairs)) for _ in range(MIX["pairs"])]
        wanted += [(one.asked, {one.id: 1.0}, frozenset()) for one in answers]
        for graded in self._random.sample(self._data.graded, MIX["graded"]):
            grades = graded.grades
            is_reworded = graded.wordings and self._random.random() < REWORDED
            question = self._random.choice(graded.wordings) if is_reworded else graded.question
            good = [passage_id for passage_id, grade in grades.items() if grade >= 2]
            bad = [passage_id for passage_id, grade in grades.items() if grade < 2]
            chosen = self._random.sample(good, min(2, len(good)))
            extra += self._random.sample(bad, min(4, len(bad)))
            if chosen:
                wanted.append((question, {one: grades[one] - 1.0 for one in chosen}, frozenset(good)))
        for theme in self._random.sample(sorted(self._tagged), MIX["tags"]):
            held = self._tagged[theme]
            chosen = self._random.choices([one for one, _ in held], [3 if grade == 3 else 1 for _, grade in held], k=2)
            wanted.append((self._random.choice(self.ask(theme)), dict.fromkeys(chosen, 1.0), frozenset()))
            extra += chosen
        passages = list(dict.fromkeys([*(one for _, right, _ in wanted for one in right), *extra]))
        place = {passage_id: number for number, passage_id in enumerate(passages)}
        shares, is_left = torch.zeros(len(wanted), len(passages)), torch.zeros(len(wanted), len(passages))
        for row, (question, right, alike) in enumerate(wanted):
            for one in (self._answers.get(question, set()) | alike) & place.keys():
                is_left[row, place[one]] = 1
            for one, share in right.items():
                shares[row, place[one]], is_left[row, place[one]] = share, 0
        return [question for question, _, _ in wanted], passages, shares / shares.sum(1, keepdim=True), is_left

    def ask(self, theme: str) -> list[str]:
        """List all ways to ask about a theme."""
        known, invented = self._themes[theme], self._invented.get(theme)
        return [known.name, *known.questions, *(invented.questions if invented else ())]

    def draw_invented(self) -> tuple[list[str], list[str]]:
        """Draw questions of some themes, and an invented answer for each, then a decoy for each."""
        chosen = self._random.sample(sorted(self._invented), MIX["invented"])
        answers = [self._random.choice(self._invented[theme].passages) for theme in chosen]
        decoys = [self._random.choice(self._invented[theme].decoys) for theme in chosen]
        return [self._random.choice(self.ask(theme)) for theme in chosen], [*answers, *decoys]

    def draw_tagged(self) -> tuple[list[str], Tensor]:
        """Draw passages, and which themes each speaks to, shape (passages, themes)."""
        chosen = [*self._random.sample(self._rich, RICH), *self._random.sample(list(self._data.tags), PLAIN)]
        right = [[theme in self._data.tags[one] for theme in self._themes] for one in chosen]
        return chosen, torch.tensor(right, dtype=torch.float32)

    def draw_voices(self) -> tuple[list[str], list[str]]:
        """Draw questions of some themes, and for each a sentence as leaders speak of it."""
        chosen = self._random.sample(sorted(self._themes), MIX["voices"])
        voices = [self._random.choice(self._themes[theme].voices) for theme in chosen]
        return [self._random.choice(self._themes[theme].questions) for theme in chosen], voices

    def _alike(self, passage_id: str) -> frozenset[str]:
        """Find passages that share a theme with this one, and may answer its question too."""
        tags = self._data.tags.get(passage_id, {})
        return frozenset(one for theme in tags for one, _ in self._tagged[theme])


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the adapter. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.learning.adapter", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--transcripts", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--scale", type=float, default=SCALE, help="share of what was learnt that is added")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    try:
        data = read_data(options.data, options.transcripts)
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    learner = Learner(data)
    learn(learner, Batches(data), data, options.minutes)
    save_file(dict(_list_parts(learner, options.scale)), options.out)
    print(f"{options.out}: set SHA256 in kb/embedding/adapter.py, then run python -m bench.projection")
    return 0


def learn(learner: Learner, batches: Batches, data: Data, minutes: float) -> None:
    """Train for so many minutes; the rate rises to RATE and falls to nothing."""
    groups = [{"params": learner.parameters()}, {"params": list(learner.network.parameters())}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, weight_decay=0.01)
    began, step = time.monotonic(), 0
    while (done := (time.monotonic() - began) / (60 * minutes)) < 1:
        rate = max(RATE * min(1, step / WARM_UP) * (1 - done), 1e-6)
        for group, share in zip(optimiser.param_groups, (1.0, THEMES_RATE), strict=True):
            group["lr"] = share * rate
        questions, passages, shares, is_left = batches.draw()
        said = learner.read([data.passages[one].text for one in passages], PASSAGE_PIECES)
        loss = _contrast(*learner.compare(learner.read(questions, QUESTION_PIECES), said), shares, is_left)
        asked, texts = batches.draw_invented()
        found = learner.compare(learner.read(asked, QUESTION_PIECES), learner.read(texts, INVENTED_PIECES))
        loss = loss + 0.5 * _contrast(*found, torch.eye(len(asked), len(texts)))
        asked, texts = batches.draw_voices()
        found = learner.compare(learner.read(asked, QUESTION_PIECES), learner.read(texts, QUESTION_PIECES))
        loss = loss + 0.3 * _contrast(*found, torch.eye(len(asked)))
        tagged, right = batches.draw_tagged()
        odds = learner.tell_themes(learner.read([data.passages[one].text for one in tagged], PASSAGE_PIECES))
        told = functional.binary_cross_entropy_with_logits(odds, right, pos_weight=torch.tensor(RIGHT_WEIGHT))
        loss = loss + THEMES_WEIGHT * told
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 25 == 0:
            print(f"step {step}, {done:.0%}, loss {loss.item():.2f}", flush=True)


def _contrast(late: Tensor, dense: Tensor, shares: Tensor, is_left: Tensor | None = None) -> Tensor:
    if is_left is not None:
        late, dense = (one.masked_fill(is_left.bool(), -9.0) for one in (late, dense))
    parts = {"late": late / LATE_HEAT, "dense": dense / DENSE_HEAT, "both": late / 0.05 + dense / 0.1}
    losses = [-SHARES[name] * (shares * functional.log_softmax(one, 1)).sum(1).mean() for name, one in parts.items()]
    return torch.stack(losses).sum()


def _mean(read: Read) -> Tensor:
    return functional.normalize((read.rows * read.is_there[..., None]).sum(1), dim=-1)


def _list_parts(learner: Learner, scale: float) -> Iterator[tuple[str, Tensor]]:
    for name, one in learner.adapted.items():
        yield f"{name}.down", one.down.data.half().contiguous()
        yield f"{name}.up", (2 * scale * one.up.data).half().contiguous()


if __name__ == "__main__":
    sys.exit(main())
