"""Measure how long a question takes and what a passage costs on disk, beside llama-index's defaults in the same run.

A larger knowledge base is made of the same interviews under several ids. That says nothing of ranking, but it fills
the stores through their own methods and embeds nothing twice.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figures import Latency, describe_machine, format_table, measure_latency, take_time
from bench.inputs import CORPUS, METADATA, Corpus, MissingInput, open_corpus
from bench.peers import BASELINE, PASSAGES, Peer, find_build
from ingest.card import Metadata, read_metadata
from ingest.passages import cut_passages
from ingest.pipeline import list_files, make_id, read_transcript
from kb.catalog import Catalog, Origin
from kb.embed import Embedder, Encoded, open_embedder
from kb.knowledge_base import KnowledgeBase
from kb.model import Passage, Query, Transcript
from kb.sentences import sentence_spans
from kb.settings import Settings
from kb.tokens import TokenStore
from kb.vectors import VectorStore

SIZES = (5_000, 40_000)  # passages
QUESTIONS = 150
QUESTION_WORDS = range(6, 26)  # as long as what people type
STORES = ("catalog.sqlite*", "chroma/**/*", "tokens/**/*")


@dataclass(frozen=True, slots=True)
class Reading:
    """An interview as it is added: read and cut, not yet embedded."""

    transcript: Transcript
    passages: tuple[Passage, ...]

    def copy(self, number: int) -> Reading:
        """The same words under another id; number 0 is the interview itself."""
        if not number:
            return self
        old = self.transcript.interview
        new = replace(old, id=f"{old.id}-copy-{number}")
        passages = tuple(
            replace(one, id=new.id + one.id.removeprefix(old.id), interview_id=new.id) for one in self.passages
        )
        return Reading(replace(self.transcript, interview=new), passages)


class OnceEmbedder:
    """An embedder that passes the same texts through the model once, however many copies are added in a row."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.count_pieces = embedder.count_pieces
        self._embedder = embedder
        self._texts: list[str] = []
        self._encoded: list[Encoded] = []

    def encode(self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None) -> list[Encoded]:
        """As the embedder does."""
        if self._texts != list(texts):
            self._texts, self._encoded = list(texts), self._embedder.encode(texts, on_encoded)
        return self._encoded


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables; what is missing is one line on standard error and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="FOLDER")
    parser.add_argument("--metadata", type=Path, default=METADATA, metavar="FILE.csv")
    parser.add_argument("--passages", type=int, nargs="+", default=SIZES, metavar="N", help="about how many to hold")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are carried: nobody needs to ask a hub
    try:
        corpus = open_corpus(options.corpus, options.metadata)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            print(measure_corpus(corpus, options.passages, Path(folder)))
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def measure_corpus(corpus: Corpus, sizes: Sequence[int], folder: Path) -> str:
    """Fill a knowledge base of each size, ask them and the usual pipeline in turn, and report."""
    embedder = OnceEmbedder(open_embedder())
    readings = read_corpus(corpus, embedder)
    fill_homes(readings, sizes, folder, embedder)
    baseline = _build_baseline(corpus, folder / BASELINE)
    opened = {size: KnowledgeBase.open(Settings(home=folder / str(size))) for size in sizes}
    for knowledge_base in opened.values():
        knowledge_base.warm()
    questions = choose_questions(readings)
    latencies = ask_all(questions, opened, baseline)
    counts = {size: knowledge_base.status().passages for size, knowledge_base in opened.items()}
    for knowledge_base in opened.values():
        knowledge_base.close()
    disk = {size: weigh_home(folder / str(size)) for size in sizes}
    return f"{len(questions)} questions; {describe_machine()}\n\n{report(latencies, counts, disk, baseline)}"


def read_corpus(corpus: Corpus, embedder: Embedder) -> list[Reading]:
    """Every interview, read and cut as an ingest does."""
    metadata = read_metadata(corpus.metadata) if corpus.metadata else Metadata()
    readings: list[Reading] = []
    for file in list_files([corpus.folder], corpus.metadata):
        taken = {reading.transcript.interview.id for reading in readings}
        transcript = read_transcript(
            file.path.read_bytes(),
            file.source,
            interview_id=make_id(file.source, taken),
            metadata=metadata,
        )
        passages = tuple(cut_passages(transcript, count_pieces=embedder.count_pieces))
        readings.append(Reading(transcript, passages))
    return readings


def fill_homes(readings: Sequence[Reading], sizes: Sequence[int], folder: Path, embedder: Embedder) -> None:
    """A knowledge base for each size, every interview in it as often as it takes to come near."""
    whole = sum(len(reading.passages) for reading in readings)
    copies = {size: max(1, round(size / whole)) for size in sizes}
    opened = {size: _open(folder / str(size), embedder) for size in sizes}
    for done, reading in enumerate(readings, 1):
        for size, knowledge_base in opened.items():
            for number in range(copies[size]):
                copy = reading.copy(number)
                name = copy.transcript.interview.id
                knowledge_base.add(copy.transcript, copy.passages, Origin(path=name, ingest_key=name))
        print(f"\r{done} of {len(readings)} interviews stored", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for knowledge_base in opened.values():
        knowledge_base.close()


def choose_questions(readings: Sequence[Reading]) -> list[str]:
    """What the hosts asked, evenly from all over the corpus: each question's last sentence, where of usual length."""
    asked = dict.fromkeys(
        sentence for reading in readings for passage in reading.passages for sentence in _last_question(passage)
    )
    questions = list(asked)
    step = max(1, len(questions) // QUESTIONS)
    return questions[::step][:QUESTIONS]


def ask_all(questions: Sequence[str], opened: Mapping[int, KnowledgeBase], baseline: Peer | None) -> dict[str, Latency]:
    """Each question to everyone in turn, after one that does not count."""
    calls: dict[str, Callable[[str], object]] = {}
    for size, knowledge_base in opened.items():
        calls[f"search, {size}"] = lambda text, ours=knowledge_base: ours.search(Query(text, limit=PASSAGES))
        calls[f"ask, {size}"] = lambda text, ours=knowledge_base: ours.ask(Query(text, limit=PASSAGES))
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
    """Bytes of each of the stores."""
    return [sum(path.stat().st_size for path in home.glob(store) if path.is_file()) for store in STORES]


def report(
    latencies: Mapping[str, Latency],
    counts: Mapping[int, int],
    disk: Mapping[int, Sequence[int]],
    baseline: Peer | None,
) -> str:
    """Times with their ratio to the baseline, then bytes a passage."""
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


def _open(home: Path, embedder: Embedder) -> KnowledgeBase:
    """As KnowledgeBase.open does, with an embedder of ours."""
    settings = Settings(home=home)
    catalog = Catalog.open(home / "catalog.sqlite", embedder.fingerprint)
    vectors = VectorStore.open(home, None, embedder.fingerprint)
    return KnowledgeBase(settings, catalog, vectors, TokenStore.open(home / "tokens", is_carried_model=True), embedder)


def _build_baseline(corpus: Corpus, home: Path) -> Peer | None:
    try:
        return find_build(BASELINE)(corpus, home)
    except MissingInput as error:
        print(f"bench: no ratios: {error}", file=sys.stderr)
        return None


def _last_question(passage: Passage) -> Iterator[str]:
    sentences = [passage.question[start:end] for start, end in sentence_spans(passage.question)]
    if sentences and sentences[-1].endswith("?") and len(sentences[-1].split()) in QUESTION_WORDS:
        yield sentences[-1]


def _format(latency: Latency, base: Latency | None) -> list[str]:
    return [f"{latency.p50:.0f}", f"{latency.p95:.0f}", f"{latency.p95 / base.p95:.2f}" if base else "–"]


if __name__ == "__main__":
    sys.exit(main())
