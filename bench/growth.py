"""Measure how a knowledge base behaves as it grows: storing, start, memory, query times and disk, at several sizes.

It is made of copies of the interviews, see bench/copies.py, and grows from size to size. At each size a new process
opens it, as a user's app does, and asks. Storing is timed without the model, whose time does not depend on size.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path

from bench.copies import CopyEmbedder, Reading, add_copy, choose_words, open_home, read_corpus
from bench.figures import describe_machine, format_table, measure_latency, take_time
from bench.inputs import add_corpus_options, open_corpus
from bench.latency import choose_questions, weigh_home
from kb.embedding.embedder import open_embedder
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings

SIZES = (5_000, 20_000, 50_000, 100_000, 200_000)  # passages
COLUMNS = (
    "passages", "stored/s", "start s", "idle MB", "own MB", "asked MB",
    "search p50", "p95", "ask p50", "p95", "catalog KB", "chroma KB", "tokens KB",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Figures of a process that opened a knowledge base and asked."""

    passages: int
    start: float  # seconds until it is ready
    idle: float  # megabytes of memory then, mapped files included
    own: float  # megabytes of them that are not mapped files
    busy: float  # megabytes after the questions
    search: tuple[float, float]  # milliseconds: median, 95th percentile
    ask: tuple[float, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for each size as it is reached. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    add_corpus_options(parser)
    parser.add_argument("--passages", type=int, nargs="+", default=SIZES, metavar="N", help="about how many to hold")
    parser.add_argument("--home", type=Path, metavar="FOLDER", help="where to build and keep it; a temporary one else")
    parser.add_argument("--ask", type=Path, metavar="FILE.json", help=argparse.SUPPRESS)  # for a child process
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are bundled: no hub is needed
    if options.ask:
        print(json.dumps(asdict(ask_home(options.home, json.loads(options.ask.read_text())))))
        return 0
    try:
        corpus = open_corpus(options.corpus, options.metadata)
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    embedder = CopyEmbedder(open_embedder())
    readings = read_corpus(corpus, embedder.count_tokens)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        print(describe_machine(), "\n\n", format_table(COLUMNS, []), sep="", flush=True)
        for row in grow(options.home or Path(folder), readings, embedder, options.passages):
            print(row, flush=True)
    return 0


def grow(home: Path, readings: Sequence[Reading], embedder: CopyEmbedder, sizes: Sequence[int]) -> Iterator[str]:
    """Fill the home up to each size, and measure it there.

    Raises the errors of `KnowledgeBase.open`, and CalledProcessError when the process that asks fails.
    """
    questions = home.parent / "questions.json"
    questions.write_text(json.dumps(choose_questions(readings)))
    copies = ((number, reading) for number in count() for reading in readings)
    passages = 0
    for size in sorted(sizes):
        missing = take_passages(copies, size - passages)
        passages += sum(len(reading.passages) for _, reading in missing)
        stored = fill(home, readings, embedder, missing)
        command = [sys.executable, "-m", "bench.growth", "--home", str(home), "--ask", str(questions)]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        yield report(Asked(**json.loads(answer)), stored, weigh_home(home))


def take_passages(copies: Iterator[tuple[int, Reading]], wanted: int) -> list[tuple[int, Reading]]:
    """Take the next copies, until they hold so many passages."""
    taken: list[tuple[int, Reading]] = []
    while wanted > 0:
        taken.append(next(copies))
        wanted -= len(taken[-1][1].passages)
    return taken


def fill(
    home: Path, readings: Sequence[Reading], embedder: CopyEmbedder, copies: Sequence[tuple[int, Reading]]
) -> float:
    """Add copies of interviews; return the passages stored per second, without the model's time.

    Raises the errors of `KnowledgeBase.open`.
    """
    knowledge_base = open_home(home, embedder)
    started, encoding, passages = time.perf_counter(), embedder.seconds, 0
    for number, some in groupby(copies, key=itemgetter(0)):
        words = choose_words(readings, number)
        for _, reading in some:
            add_copy(knowledge_base, embedder, reading, number, words)
            passages += len(reading.passages)
        print(f"\r{number + 1} times all interviews", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    knowledge_base.close()
    return passages / (time.perf_counter() - started - (embedder.seconds - encoding))


def ask_home(home: Path, questions: Sequence[str]) -> Asked:
    """Open a knowledge base, warm it up, and ask each question. Raises the errors of `KnowledgeBase.open`."""
    knowledge_base, start = take_time(_open_ready, home)
    idle, own = read_memory()
    search = [take_time(knowledge_base.search, Query(question))[1] for question in questions]
    ask = [take_time(knowledge_base.ask, Query(question))[1] for question in questions]
    searched, asked = measure_latency(search), measure_latency(ask)
    return Asked(
        passages=knowledge_base.status().passages,
        start=start,
        idle=idle,
        own=own,
        busy=read_memory()[0],
        search=(searched.p50, searched.p95),
        ask=(asked.p50, asked.p95),
    )


def read_memory() -> tuple[float, float]:
    """Read the megabytes of this process: with mapped files, and without."""
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.startswith(("VmRSS", "RssAnon"))}
    return sizes["VmRSS"], sizes["RssAnon"]


def report(asked: Asked, stored: float, disk: Sequence[int]) -> str:
    """Format a row of the table."""
    whole = [stored, asked.idle, asked.own, asked.busy, *asked.search, *asked.ask]
    first, *others = (f"{figure:,.0f}" for figure in whole)
    sizes = (f"{part / asked.passages / 1000:.1f}" for part in disk)
    return f"| {' | '.join([f'{asked.passages:,}', first, f'{asked.start:.1f}', *others, *sizes])} |"


def _open_ready(home: Path) -> KnowledgeBase:
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    knowledge_base.warm()
    knowledge_base.search(Query("What did you learn from the first people you hired?"))
    return knowledge_base


if __name__ == "__main__":
    sys.exit(main())
