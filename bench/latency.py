"""Measure how long a question takes and what a passage costs on disk, against llama-index's defaults in the same run.

A larger knowledge base is made of copies of the interviews, see bench/copies.py.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.copies import CopyEmbedder, Reading, add_copy, choose_words, open_home, read_corpus
from bench.figures import Latency, describe_machine, format_table, measure_latency, take_time
from bench.inputs import Corpus, MissingInput, add_corpus_options, open_corpus
from bench.peers import BASELINE, PASSAGES, Peer, find_build
from bench.questions.reader import QUESTIONS, read_queries
from kb.embedding.embedder import open_embedder
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer, Hit, Query
from kb.retrieval.calibration import choose_own
from kb.settings import Settings

SIZES = (5_000, 40_000)  # passages
HOST_QUESTIONS = 150
STORES = ("catalog.sqlite*", "chroma/**/*", "tokens/**/*")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    add_corpus_options(parser)
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FILE.jsonl", help="what is asked")
    asked.add_argument("--hosts", action="store_true", help="ask what the hosts of these interviews asked")
    parser.add_argument("--passages", type=int, nargs="+", default=SIZES, metavar="N", help="about how many to hold")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are bundled: no hub is needed
    try:
        queries = None if options.hosts else read_queries(options.questions)
        corpus = open_corpus(options.corpus, options.metadata)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            print(measure_corpus(corpus, queries, options.passages, Path(folder)))
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def measure_corpus(corpus: Corpus, queries: Sequence[str] | None, sizes: Sequence[int], folder: Path) -> str:
    """Fill a knowledge base of each size, ask them and the usual pipeline in turn, and report.

    Without queries, the questions of the interviews' hosts are asked. Raises UnreadableFile or BadMetadata when the
    corpus cannot be read, BadQuestion when a query cannot be searched, and the errors of `KnowledgeBase.open`.
    """
    embedder = CopyEmbedder(open_embedder())
    readings = read_corpus(corpus, embedder.count_tokens)
    fill_homes(readings, sizes, folder, embedder)
    baseline = _build_baseline(corpus, folder / BASELINE)
    opened = {size: KnowledgeBase.open(Settings(home=folder / str(size))) for size in sizes}
    for knowledge_base in opened.values():
        knowledge_base.warm()
    questions = queries or choose_questions(readings)
    latencies = ask_all(questions, opened, baseline)
    counts = {size: knowledge_base.status().passages for size, knowledge_base in opened.items()}
    for knowledge_base in opened.values():
        knowledge_base.close()
    disk = {size: weigh_home(folder / str(size)) for size in sizes}
    return f"{len(questions)} questions; {describe_machine()}\n\n{report(latencies, counts, disk, baseline)}"


def fill_homes(readings: Sequence[Reading], sizes: Sequence[int], folder: Path, embedder: CopyEmbedder) -> None:
    """Fill a knowledge base of about each size with copies. Raises the errors of `KnowledgeBase.open`."""
    whole = sum(len(reading.passages) for reading in readings)
    copies = {size: max(1, round(size / whole)) for size in sizes}
    opened = {size: open_home(folder / str(size), embedder) for size in sizes}
    for number in range(max(copies.values())):
        words = choose_words(readings, number)
        for size, knowledge_base in opened.items():
            for reading in readings if number < copies[size] else ():
                add_copy(knowledge_base, embedder, reading, number, words)
        print(f"\r{number + 1} of {max(copies.values())} times all interviews", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for knowledge_base in opened.values():
        knowledge_base.close()


def choose_questions(readings: Sequence[Reading]) -> list[str]:
    """Choose questions of the hosts, evenly from the whole corpus."""
    return choose_own((passage.question for reading in readings for passage in reading.passages), HOST_QUESTIONS)


def ask_all(questions: Sequence[str], opened: Mapping[int, KnowledgeBase], baseline: Peer | None) -> dict[str, Latency]:
    """Ask each question of each pipeline in turn, after one that does not count. Raises BadQuestion."""
    calls: dict[str, Callable[[str], object]] = {}
    for size, knowledge_base in opened.items():
        calls[f"search, {size}"] = partial(_search, knowledge_base)
        calls[f"ask, {size}"] = partial(_ask, knowledge_base)
    if baseline:
        calls[BASELINE] = baseline.search
    for call in calls.values():
        call(questions[0])
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for question in questions:
        for name, call in calls.items():
            seconds[name].append(take_time(call, question)[1])
    return {name: measure_latency(values) for name, values in seconds.items()}


def weigh_home(home: Path) -> list[int]:
    """Measure the bytes of each store."""
    return [sum(path.stat().st_size for path in home.glob(store) if path.is_file()) for store in STORES]


def report(
    latencies: Mapping[str, Latency],
    counts: Mapping[int, int],
    disk: Mapping[int, Sequence[int]],
    baseline: Peer | None,
) -> str:
    """Format times with their ratio to the baseline, then bytes per passage."""
    base = latencies.get(BASELINE)
    rows = [
        [f"**ours**, {call}", f"{counts[size]:,}", *_format(latencies[f"{call}, {size}"], base)]
        for size in counts
        for call in ("search", "ask")
    ]
    if baseline and base:
        rows.append([baseline.name, f"{baseline.passages:,}", *_format(base, base)])
    times = format_table(["", "passages", "p50 ms", "p95 ms", "p95 ratio"], rows)
    weights = format_table(
        ["KB a passage", "catalog", "chroma", "tokens", "all"],
        [
            [f"{count:,} passages", *(f"{part / count / 1000:.1f}" for part in (*disk[size], sum(disk[size])))]
            for size, count in counts.items()
        ],
    )
    return f"{times}\n\n{weights}"


def _build_baseline(corpus: Corpus, home: Path) -> Peer | None:
    try:
        return find_build(BASELINE)(corpus, home)
    except MissingInput as error:
        print(f"bench: no ratios: {error}", file=sys.stderr)
        return None


def _search(knowledge_base: KnowledgeBase, text: str) -> list[Hit]:
    return knowledge_base.search(Query(text, limit=PASSAGES))


def _ask(knowledge_base: KnowledgeBase, text: str) -> Answer:
    return knowledge_base.ask(Query(text, limit=PASSAGES))


def _format(latency: Latency, base: Latency | None) -> list[str]:
    return [f"{latency.p50:.0f}", f"{latency.p95:.0f}", f"{latency.p95 / base.p95:.2f}" if base else "–"]


if __name__ == "__main__":
    sys.exit(main())
