"""Draw the examples that the adapter is trained on."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from bench.learning.data import Data
from kb.retrieval.lexicon import load_lexicon

# The examples of a step: theme questions, specific ones, hosts' questions, graded questions, themes with tagged
# passages, themes with invented ones, themes with voices, half-remembered words.
MIX = {
    "themes": 24,
    "specific": 24,
    "pairs": 19,
    "graded": 14,
    "tags": 36,
    "invented": 14,
    "voices": 14,
    "remembered": 14,
}
REWORDED = 0.6  # share of the graded questions that are asked in another wording
RICH, PLAIN = 96, 36  # passages whose themes are predicted in a step: some with tags, some from all labelled ones
REMEMBERED, FORGOTTEN = (8, 16), 0.25  # word pieces that somebody half remembers, and the share that is forgotten


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, the share of each passage in its answer, and passages that may answer it too."""

    question: str
    right: Mapping[str, float]  # by passage id
    alike: frozenset[str]
    is_kept: bool  # whether the published model's order of passages is to be kept


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
        self._holders = {theme: frozenset(one for one, _ in held) for theme, held in self._tagged.items()}
        self._rich = [one for one, tags in data.tags.items() if tags]
        self._all = list(data.tags)
        self._answers: dict[str, set[str]] = {}
        for question, passage_id in (*data.themes, *data.specific):
            self._answers.setdefault(question, set()).add(passage_id)

    def draw(self) -> tuple[list[Wanted], list[str]]:
        """Draw questions, and the ids of the passages that they are compared with."""
        wanted = [*self._draw_written(), *self._draw_pairs()]
        graded, extra = self._draw_graded()
        wanted += [*graded, *self._draw_themes()]
        return wanted, list(dict.fromkeys([*(one for asked in wanted for one in asked.right), *extra]))

    def draw_remembered(self) -> list[str]:
        """Draw passages of which somebody half remembers some words."""
        return self._random.sample(self._all, MIX["remembered"])

    def forget(self, pieces: list[int]) -> list[int]:
        """Keep some of the word pieces of a passage, with the special ones around them."""
        words = self._random.randint(*REMEMBERED)
        first = self._random.randint(1, max(1, len(pieces) - words - 1))
        kept = [one for one in pieces[first : first + words] if self._random.random() > FORGOTTEN]
        return [pieces[0], *kept, pieces[-1]]

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
        chosen = [*self._random.sample(self._rich, RICH), *self._random.sample(self._all, PLAIN)]
        right = [[theme in self._data.tags[one] for theme in self._themes] for one in chosen]
        return chosen, torch.tensor(right, dtype=torch.float32)

    def draw_voices(self) -> tuple[list[str], list[str]]:
        """Draw questions of some themes, and for each a sentence as leaders speak of it."""
        chosen = self._random.sample(sorted(self._themes), MIX["voices"])
        voices = [self._random.choice(self._themes[theme].voices) for theme in chosen]
        return [self._random.choice(self._themes[theme].questions) for theme in chosen], voices

    def _draw_written(self) -> list[Wanted]:
        """Draw questions that were written for a passage."""
        themes = self._random.sample(self._data.themes, MIX["themes"])
        specific = self._random.sample(self._data.specific, MIX["specific"])
        return [
            *(Wanted(asked, {one: 1.0}, self._find_alike(one) | self._answers[asked], False) for asked, one in themes),
            *(Wanted(asked, {one: 1.0}, frozenset(self._answers[asked]), True) for asked, one in specific),
        ]

    def _draw_pairs(self) -> list[Wanted]:
        interviews = self._random.sample(self._pairs, MIX["pairs"])
        answers = [self._random.choice(one) for one in interviews]
        return [Wanted(one.asked, {one.id: 1.0}, frozenset(), True) for one in answers]

    def _draw_graded(self) -> tuple[list[Wanted], list[str]]:
        """Draw graded questions with good passages, and the ids of bad ones."""
        wanted: list[Wanted] = []
        extra: list[str] = []
        for graded in self._random.sample(self._data.graded, MIX["graded"]):
            is_reworded = graded.wordings and self._random.random() < REWORDED
            question = self._random.choice(graded.wordings) if is_reworded else graded.question
            good = [one for one, grade in graded.grades.items() if grade >= 2]
            bad = [one for one, grade in graded.grades.items() if grade < 2]
            chosen = self._random.sample(good, min(2, len(good)))
            extra += self._random.sample(bad, min(5, len(bad)))
            if chosen:
                right = {one: graded.grades[one] - 1.0 for one in chosen}
                wanted.append(Wanted(question, right, frozenset(good), True))
        return wanted, extra

    def _draw_themes(self) -> list[Wanted]:
        """Draw themes with tagged passages."""
        wanted = []
        for theme in self._random.sample(sorted(self._tagged), MIX["tags"]):
            held = self._tagged[theme]
            chosen = self._random.choices([one for one, _ in held], [3 if grade == 3 else 1 for _, grade in held], k=2)
            asked = self._random.choice(self.ask(theme))
            wanted.append(Wanted(asked, dict.fromkeys(chosen, 1.0), self._holders[theme], False))
        return wanted

    def _find_alike(self, passage_id: str) -> frozenset[str]:
        """Find passages that share a theme with this one, and may answer its question too."""
        return frozenset().union(*(self._holders[theme] for theme in self._data.tags.get(passage_id, {})))


def share_out(wanted: list[Wanted], passages: list[str]) -> tuple[Tensor, Tensor]:
    """Return the share of each passage in each answer, and a mask of those to ignore: (questions, passages) each."""
    place = {passage_id: number for number, passage_id in enumerate(passages)}
    shares = torch.zeros(len(wanted), len(passages))
    is_left = torch.zeros(len(wanted), len(passages), dtype=torch.bool)
    for row, one in enumerate(wanted):
        is_left[row, [place[known] for known in one.alike & place.keys()]] = True
        for passage_id, share in one.right.items():
            shares[row, place[passage_id]], is_left[row, place[passage_id]] = share, False
    return shares / shares.sum(1, keepdim=True), is_left
