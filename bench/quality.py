"""Measure how well we find, compared with the usual pipelines: same files, questions, weights, machine, in one run.

Everything is built first; then each question goes to every pipeline in turn, so that other work of the machine slows
all of them alike. Query times are those of the whole call that a user of the pipeline makes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.ablation import measure_steps
from bench.figures import Latency, describe_machine, format_pair, format_share, format_table, measure_latency, take_time
from bench.inputs import Corpus, add_corpus_options, open_corpus
from bench.peers import BASELINE, OURS, PEERS, Peer, find_build
from bench.questions.reader import QUESTIONS, read_questions
from bench.scoring import MEASURES, Asked, Scores, score_run, split_halves, write_run
from kb.errors import KBError
from kb.retrieval.evaluation import Question

WARM_UP = "What did you learn from the first people you hired?"


@dataclass(frozen=True, slots=True)
class Built:
    """A pipeline ready to be asked."""

    peer: Peer
    seconds: float  # reading, cutting, embedding and storing


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables. Return 2 after one line on standard error if something is missing."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are bundled: no hub is needed
    try:
        corpus = open_corpus(options.corpus, options.metadata)
        questions = read_questions(options.questions, corpus.folder).questions
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            built = build_peers(options.only or PEERS, corpus, Path(folder))
            runs = ask_all(built, questions)
            for one in built.values():
                one.peer.close()
            print(report(built, runs), flush=True)
            if OURS in built:
                print("\nWhat each step gives:\n")
                print(measure_steps(Path(folder) / OURS, questions))
    except KBError as error:
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
    add_corpus_options(parser)
    parser.add_argument("--only", action="append", choices=PEERS, help="may be given more than once")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="keep what each pipeline found, to read the misses")
    return parser


def build_peers(modules: Sequence[str], corpus: Corpus, folder: Path) -> dict[str, Built]:
    """Build each pipeline over the corpus. Raises MissingInput for a missing package before the long work begins."""
    builds = {module: find_build(module) for module in modules}
    built = {}
    for module, build in builds.items():
        peer, seconds = take_time(build, corpus, folder / module)
        print(f"{module}: {peer.passages:,} passages in {seconds:.0f} s", file=sys.stderr, flush=True)
        built[module] = Built(peer, seconds)
    return built


def ask_all(built: Mapping[str, Built], questions: Sequence[Question]) -> dict[str, list[Asked]]:
    """Ask each question of every pipeline in turn, after one that does not count."""
    for one in built.values():
        one.peer.search(WARM_UP)
    runs: dict[str, list[Asked]] = {module: [] for module in built}
    for question in questions:
        for module, one in built.items():
            found, seconds = take_time(one.peer.search, question.text)
            runs[module].append(Asked(question, found, seconds))
    return runs


def report(built: Mapping[str, Built], runs: Mapping[str, Sequence[Asked]]) -> str:
    """Format all tables: all questions with the times, each type of question, and each half of them."""
    names = {module: one.peer.name for module, one in built.items()}
    scores = {module: score_run(run) for module, run in runs.items()}
    whole = format_table(
        ["", *MEASURES, "AUROC", "answered", "refused", "p50 ms", "p95 ms", "p95 ratio", "passages", "build s"],
        _whole_rows(built, runs, scores),
    )
    run = next(iter(runs.values()))
    counts = Counter(asked.question.kind for asked in run if asked.question.gold)
    kinds = format_table(
        ["", *(f"{kind} ({count})" for kind, count in counts.items())],
        [[names[module], *(_pick_kind(scores[module], kind) for kind in counts)] for module in built],
    )
    parts = format_table(["", *(f"{measure} even/odd" for measure in MEASURES)], _half_rows(names, runs))
    return (
        f"{len(run)} questions; {describe_machine()}\n\n{whole}\n\nBy type of question, S@1 / S@5 / MRR:\n\n{kinds}\n\n"
        f"Both halves, by the number in the id:\n\n{parts}"
    )


def _whole_rows(
    built: Mapping[str, Built], runs: Mapping[str, Sequence[Asked]], scores: Mapping[str, Scores]
) -> list[list[str]]:
    latencies = {module: measure_latency([asked.seconds for asked in run]) for module, run in runs.items()}
    baseline = latencies.get(BASELINE)
    return [
        [
            one.peer.name,
            *_format_scores(scores[module]),
            *_format_latency(latencies[module], baseline),
            f"{one.peer.passages:,}",
            f"{one.seconds:.0f}",
        ]
        for module, one in built.items()
    ]


def _half_rows(names: Mapping[str, str], runs: Mapping[str, Sequence[Asked]]) -> list[list[str]]:
    halves = {module: split_halves(run) for module, run in runs.items()}
    return [
        [names[module], *_pair_up(score_run(even), score_run(odd))]
        for module, (even, odd) in halves.items()
        if even and odd
    ]


def _format_scores(scores: Scores) -> list[str]:
    return [*map(format_share, (*scores.measures, scores.auroc, scores.answered, scores.refused))]


def _pick_kind(scores: Scores, kind: str) -> str:
    measures = dict(zip(MEASURES, scores.kinds[kind], strict=True))
    return " / ".join(format_share(measures[name], 2) for name in ("S@1", "S@5", "MRR"))


def _format_latency(latency: Latency, baseline: Latency | None) -> list[str]:
    ratio = f"{latency.p95 / baseline.p95:.2f}" if baseline else "–"
    return [f"{latency.p50:.0f}", f"{latency.p95:.0f}", ratio]


def _pair_up(even: Scores, odd: Scores) -> list[str]:
    return [format_pair(*pair) for pair in zip(even.measures, odd.measures, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
