"""Choose the constants of ranking on one half of the questions, and score them on the other, both ways round.

From the shipped constants, one is varied at a time, and the best value on one half is kept. The gap between a half's
own constants and those of the other half is how much choosing them on these questions overstates the figures.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from bench.ablation import search_ours
from bench.figures import describe_machine, format_pair, format_table
from bench.inputs import require
from bench.questions.reader import QUESTIONS, read_questions
from bench.scoring import MEASURES, Asked, score_run, split_halves
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.retrieval.evaluation import Question
from kb.retrieval.ranking import RankingConfig
from kb.settings import Settings

BONUSES = (0.03, 0.05, 0.1, 0.15, 0.2)
LOSSES = ((0.1, 0.13), (0.15, 0.18), (0.2, 0.25), (0.3, 0.35))
WEIGHTS = (0.5, 1.0, 2.0, 4.0)
TRIED: Mapping[str, Callable[[RankingConfig], list[RankingConfig]]] = {
    "keyword_bonus": lambda best: [replace(best, keyword_bonus=one) for one in BONUSES],
    "neighbour_loss": lambda best: [replace(best, neighbour_loss=one) for one in LOSSES],
    "base_weight": lambda best: [replace(best, base_weight=one) for one in WEIGHTS],
}
JUDGES = ("S@5", "MRR")  # their sum decides: one answer near the top, and how near


@dataclass(frozen=True, slots=True)
class Tried:
    """Constants, and their measures on the questions with an even and with an odd number."""

    config: RankingConfig
    even: tuple[float, ...]
    odd: tuple[float, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.holdout", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, metavar="FOLDER", help="that the corpus was ingested into")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FILE.jsonl")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="where the questions' gold places are looked up")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are bundled: no hub is needed
    try:
        require(options.home / "catalog.sqlite", "--home")
        trials = Trials(options.home, read_questions(options.questions, options.corpus).questions)
        print(f"{describe_machine()}\n\n{report(trials)}")
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


class Trials:
    """Constants that were scored, each once."""

    def __init__(self, home: Path, questions: Sequence[Question]) -> None:
        self._home = home
        self._questions = questions
        self._tried: dict[RankingConfig, Tried] = {}

    def score(self, config: RankingConfig) -> Tried:
        """Measure these constants on both halves. Raises the errors of `KnowledgeBase.open`."""
        if config not in self._tried:
            with closing(KnowledgeBase.open(Settings(home=self._home), config)) as knowledge_base:
                run = [Asked(one, search_ours(knowledge_base, one.text), 0.0) for one in self._questions]
            even, odd = (score_run(half).measures for half in split_halves(run))
            self._tried[config] = Tried(config, even, odd)
            print(f"\r{len(self._tried)} tried", end="", file=sys.stderr, flush=True)
        return self._tried[config]

    def choose(self, half: str) -> Tried:
        """Find the best constants on a half, varying one after the other. Raises the errors of `KnowledgeBase.open`."""
        best = self.score(RankingConfig())
        for vary in TRIED.values():
            varied = [self.score(config) for config in vary(best.config)]
            best = max([best, *varied], key=lambda tried: _judge(getattr(tried, half)))
        return best


def report(trials: Trials) -> str:
    """Format a row for each choice of constants. Raises the errors of `KnowledgeBase.open`."""
    rows = [
        ["shipped", *_describe(trials.score(RankingConfig()))],
        ["chosen on even", *_describe(trials.choose("even"))],
        ["chosen on odd", *_describe(trials.choose("odd"))],
    ]
    print(file=sys.stderr)
    return format_table(["", *TRIED, *(f"{name} even/odd" for name in MEASURES)], rows)


def _judge(measures: Sequence[float]) -> float:
    return sum(measures[MEASURES.index(name)] for name in JUDGES)


def _describe(tried: Tried) -> list[str]:
    constants = [str(getattr(tried.config, name)) for name in TRIED]
    return [
        *constants,
        *(format_pair(even, odd) for even, odd in zip(tried.even, tried.odd, strict=True)),
    ]


if __name__ == "__main__":
    sys.exit(main())
