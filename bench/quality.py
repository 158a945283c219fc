"""Measure how well we find, beside the usual pipelines: same files, questions, weights, machine, in one run.

Everything is built first; then each question goes to every pipeline in turn, so that whatever else the machine does
strikes all of them alike. Query times are those of the whole call that a user of the pipeline makes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.ablation import measure_steps
from bench.figures import Latency, describe_machine, format_table, measure_latency, take_time
from bench.inputs import (
    CORPUS,
    METADATA,
    QUESTIONS,
    SCORER,
    Corpus,
    MissingInput,
    Question,
    open_corpus,
    read_questions,
    require,
)
from bench.peers import BASELINE, OURS, PEERS, Peer, find_build
from bench.scoring import MEASURES, Asked, Scores, score_run, split_halves, write_run

WARM_UP = "What did you learn from the first people you hired?"


@dataclass(frozen=True, slots=True)
class Built:
    """A pipeline ready to be asked."""

    peer: Peer
    seconds: float  # reading, cutting, embedding and storing


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; what is missing is one line on standard error and exit code 2."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are carried: nobody needs to ask a hub
    try:
        questions = read_questions(options.questions)
        require(options.scorer, "--scorer")
        corpus = open_corpus(options.corpus, options.metadata)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            built = build_peers(options.only or PEERS, corpus, Path(folder))
            runs = ask_all(built, questions)
            for one in built.values():
                one.peer.close()
            print(report(built, runs, options.scorer), flush=True)
            if OURS in built:
                print("\nWhat each step gives:\n")
                print(measure_steps(Path(folder) / OURS, questions, options.scorer))
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    if options.runs:
        options.runs.mkdir(parents=True, exist_ok=True)
        for name, run in runs.items():
            write_run(options.runs / f"{name}.jsonl", run)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FILE.jsonl")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="FOLDER")
    parser.add_argument("--metadata", type=Path, default=METADATA, metavar="FILE.csv", help="facts about the files")
    parser.add_argument("--scorer", type=Path, default=SCORER, metavar="score.py")
    parser.add_argument("--only", action="append", choices=PEERS, help="may be given more than once")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="keep what each pipeline found, to read the misses")
    return parser


def build_peers(modules: Sequence[str], corpus: Corpus, folder: Path) -> dict[str, Built]:
    """Each pipeline over the corpus, by its module; a package that is missing shows before the long work begins."""
    builds = {module: find_build(module) for module in modules}
    built = {}
    for module, build in builds.items():
        peer, seconds = take_time(build, corpus, folder / module)
        print(f"{module}: {peer.passages:,} passages in {seconds:.0f} s", file=sys.stderr, flush=True)
        built[module] = Built(peer, seconds)
    return built


def ask_all(built: Mapping[str, Built], questions: Sequence[Question]) -> dict[str, list[Asked]]:
    """Each question to every pipeline in turn, after one that does not count."""
    for one in built.values():
        one.peer.search(WARM_UP)
    runs: dict[str, list[Asked]] = {module: [] for module in built}
    for question in questions:
        for module, one in built.items():
            found, seconds = take_time(one.peer.search, question["query"])
            runs[module].append(Asked(question, found, seconds))
    return runs


def report(built: Mapping[str, Built], runs: Mapping[str, Sequence[Asked]], scorer: Path) -> str:
    """Both tables: all questions with the times, and each half of them."""
    halves = {module: split_halves(run) for module, run in runs.items()}
    names = {module: one.peer.name for module, one in built.items()}
    whole = format_table(
        ["", *MEASURES, "AUROC", "p50 ms", "p95 ms", "p95 ratio", "passages", "build s"],
        _whole_rows(built, runs, scorer),
    )
    parts = format_table(
        ["", *(f"{measure} even/odd" for measure in MEASURES)],
        [
            [names[module], *_pair_up(score_run(scorer, even), score_run(scorer, odd))]
            for module, (even, odd) in halves.items()
            if even and odd
        ],
    )
    count = len(next(iter(runs.values())))
    return f"{count} questions; {describe_machine()}\n\n{whole}\n\nBoth halves, by the number in the id:\n\n{parts}"


def _whole_rows(built: Mapping[str, Built], runs: Mapping[str, Sequence[Asked]], scorer: Path) -> list[list[str]]:
    latencies = {module: measure_latency([asked.seconds for asked in run]) for module, run in runs.items()}
    baseline = latencies.get(BASELINE)
    return [
        [
            one.peer.name,
            *_format_scores(score_run(scorer, runs[module])),
            *_format_latency(latencies[module], baseline),
            f"{one.peer.passages:,}",
            f"{one.seconds:.0f}",
        ]
        for module, one in built.items()
    ]


def _format_scores(scores: Scores) -> list[str]:
    return [*(f"{value:.3f}" for value in scores.measures), "–" if scores.auroc is None else f"{scores.auroc:.3f}"]


def _format_latency(latency: Latency, baseline: Latency | None) -> list[str]:
    ratio = f"{latency.p95 / baseline.p95:.2f}" if baseline else "–"
    return [f"{latency.p50:.0f}", f"{latency.p95:.0f}", ratio]


def _pair_up(even: Scores, odd: Scores) -> list[str]:
    return [f"{left:.2f} / {right:.2f}" for left, right in zip(even.measures, odd.measures, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
