"""Measure how fast interviews are ingested, compared with llama-index's own pipeline in the same run.

Words of the corpus that reach the model count, each once: not words beyond its window, and not the second copy of an
overlap. The pipelines take a few interviews in turn, so that other work of the machine slows all of them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tokenizers import Encoding, Tokenizer

from bench.figures import describe_machine, format_table, take_time
from bench.inputs import Corpus, Document, add_corpus_options, open_corpus, read_text
from ingest.files import SourceFile, list_files
from ingest.passages import cut_passages
from ingest.pipeline.run import Options, ingest_paths
from kb.embedding.carried_model import ACCELERATOR, WINDOW, BundledEmbedder, find_bundled_model
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import PART_BREAK, Passage
from kb.settings import Settings
from kb.storage.stores import Stores

if TYPE_CHECKING:
    from llama_index.core.schema import BaseNode

TOGETHER = 10  # interviews that one pipeline takes before the next has its turn
CHUNK_TOKENS = 256  # of llama-index: as many as the model reads
OVERLAP_TOKENS = 20
MATRIX_ROWS, MATRIX_TIMES = 2048, 20  # as many rows as we pass through a layer together
WORD = re.compile(r"\S+")
MATRICES = "matrix products alone, fp32"
SHORT_MATRICES = "matrix products alone, bfloat16"


@dataclass(frozen=True, slots=True)
class Work:
    """Work that was done, and how long it took."""

    words: int = 0  # of the corpus that the model read, each once
    operations: int = 0  # of floating point, for real word pieces: what padding costs is not work
    seconds: float = 0.0

    def __add__(self, other: Work) -> Work:
        return Work(self.words + other.words, self.operations + other.operations, self.seconds + other.seconds)

    @property
    def words_per_second(self) -> float:
        """Words of the corpus per second."""
        return self.words / self.seconds

    @property
    def operations_per_second(self) -> float:
        """Floating-point operations per second."""
        return self.operations / self.seconds


class Taker(Protocol):
    """A pipeline that ingests interviews."""

    @property
    def name(self) -> str:
        """Its name in the table."""

    def take(self, files: Sequence[SourceFile]) -> Work:
        """Read, cut, embed and store the files."""

    def finish(self) -> float:
        """Do what is done once, after all files, and return its seconds."""


class Counter:
    """Counts what a text costs the model."""

    def __init__(self, model: Path) -> None:
        config = json.loads((model / "config.json").read_text(encoding="utf-8"))
        self._layers = int(config["num_hidden_layers"])
        self._width, self._inner = int(config["hidden_size"]), int(config["intermediate_size"])
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, text: str) -> Encoding:
        """Encode a text into its word pieces, special ones included."""
        return self._tokenizer.encode(text)

    def operations(self, encoding: Encoding) -> int:
        """Count those of one forward pass: a multiplication and an addition per weight, and per pair in attention."""
        pieces = min(len(encoding), WINDOW)
        weights = 4 * self._width**2 + 2 * self._width * self._inner
        return self._layers * (2 * pieces * weights + 4 * pieces**2 * self._width)


def find_read_words(text: str, encoding: Encoding) -> Iterator[int]:
    """Yield the beginning of each word whose last piece is within the model's window."""
    ends = [end for _, end in encoding.offsets[1:-1]]
    seen = ends[WINDOW - 3] if len(ends) > WINDOW - 2 else len(text)  # two places go to the special pieces
    return (word.start() for word in WORD.finditer(text) if word.end() <= seen)


def locate_in_turns(passage: Passage, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the turn, and the place in it, of some characters of a passage."""
    lengths = [span.end - span.start + len(PART_BREAK) for span in passage.parts]
    starts = [0, *accumulate(lengths)]
    for place in places:
        part = next(number for number in range(len(lengths)) if place < starts[number + 1])
        span = passage.parts[part]
        yield span.turn, span.start + place - starts[part]


class Ours:
    """Our own ingest, as kb-ingest runs it: makes passage and token vectors, and writes catalog and stores."""

    def __init__(self, name: str, home: Path, metadata: Path | None, embedder: BundledEmbedder) -> None:
        self.name = name
        settings = Settings(home=home)
        self._knowledge_base = KnowledgeBase(settings, Stores.open(settings, embedder), embedder)
        self._options = Options(metadata=metadata)
        self._counter = Counter(find_bundled_model())
        embedder.encode_passages(["both load", "before the clock starts"])

    def take(self, files: Sequence[SourceFile]) -> Work:
        """Ingest the files, then count. Raises the errors of `ingest_paths`."""
        paths = [file.path for file in files]
        report, seconds = take_time(ingest_paths, paths, self._knowledge_base, self._options)
        work = Work(seconds=seconds)
        for file in report:
            work += self._count(file.interview_id or "")
        return work

    def finish(self) -> float:
        """Learn what counts as covered, as every kb-ingest does at its end, and close the stores."""
        seconds = take_time(self._knowledge_base.calibrate)[1]
        self._knowledge_base.close()
        return seconds

    def _count(self, interview_id: str) -> Work:
        transcript = self._knowledge_base.transcript(interview_id)
        passages = cut_passages(transcript, count_tokens=self._knowledge_base.count_tokens)
        encodings = [self._counter.encode(passage.text) for passage in passages]
        words = {
            place
            for passage, encoding in zip(passages, encodings, strict=True)
            for place in locate_in_turns(passage, find_read_words(passage.text, encoding))
        }
        return Work(len(words), sum(map(self._counter.operations, encodings)))


class LlamaIndex:
    """llama-index's IngestionPipeline, its Chroma store and its HuggingFace embedding class, all else as by default."""

    name = f"llama-index, chunks of {CHUNK_TOKENS}"

    def __init__(self, home: Path) -> None:
        import chromadb
        from chromadb.config import Settings as ChromaSettings
        from llama_index.core.ingestion import IngestionPipeline
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.vector_stores.chroma import ChromaVectorStore

        from bench.peers.llama_parts import load_model

        model = load_model()
        model.get_text_embedding("It is loaded before the clock starts.")
        client = chromadb.PersistentClient(str(home), settings=ChromaSettings(anonymized_telemetry=False))
        collection = client.get_or_create_collection("interviews", embedding_function=None)
        self._pipeline = IngestionPipeline(
            transformations=[SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=OVERLAP_TOKENS), model],
            vector_store=ChromaVectorStore(chroma_collection=collection),
        )
        self._counter = Counter(find_bundled_model())

    def take(self, files: Sequence[SourceFile]) -> Work:
        """Run the pipeline over the files, then count."""
        _use_all_cores()  # our own queries leave torch at one thread
        nodes, seconds = take_time(self._run, files)
        return count_nodes(nodes, self._counter) + Work(seconds=seconds)

    def finish(self) -> float:
        """Do nothing: nothing is left to do."""
        return 0.0

    def _run(self, files: Sequence[SourceFile]) -> Sequence[BaseNode]:
        from bench.peers.llama_parts import to_documents

        texts = (Document(file.source, read_text(file.path)) for file in files)
        return self._pipeline.run(documents=to_documents(texts))


def count_nodes(nodes: Iterable[BaseNode], counter: Counter) -> Work:
    """Count the words of some chunks that the model saw; words that two chunks share count once."""
    words: set[tuple[str, int]] = set()
    operations = 0
    for node in nodes:
        text = node.get_content()
        encoding = counter.encode(text)
        first = node.start_char_idx  # type: ignore[attr-defined]  # of text nodes, which these are
        words |= {(node.ref_doc_id or "", first + place) for place in find_read_words(text, encoding)}
        operations += counter.operations(encoding)
    return Work(len(words), operations)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    add_corpus_options(parser)
    parser.add_argument("--interviews", type=int, metavar="N", help="measure the first N only")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are bundled: no hub is needed
    try:
        corpus = open_corpus(options.corpus, options.metadata)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            print(measure_corpus(corpus, options.interviews, Path(folder)))
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def measure_corpus(corpus: Corpus, interviews: int | None, folder: Path) -> str:
    """Let each pipeline take the interviews, a few at a time, and multiply matrices in between.

    Raises ModelMissing when the model is not installed, and the errors of `ingest_paths`.
    """
    files = list_files([corpus.folder], corpus.metadata)[:interviews]
    takers = open_takers(corpus, folder)
    done = dict.fromkeys([*(taker.name for taker in takers), MATRICES, SHORT_MATRICES], Work())
    for first in range(0, len(files), TOGETHER):
        group = files[first : first + TOGETHER]
        for taker in takers:
            done[taker.name] += taker.take(group)
            done[MATRICES] += multiply_matrices(is_short=False)
            done[SHORT_MATRICES] += multiply_matrices(is_short=True)
        rates = ", ".join(f"{name} {work.words_per_second:,.0f}" for name, work in done.items() if work.words)
        place = f"{first + len(group)} of {len(files)} interviews"
        print(f"\r{place}; words/s: {rates}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for taker in takers:
        done[taker.name] += Work(seconds=taker.finish())
    return f"{len(files)} interviews; {describe_machine()}\n\n{report(done)}"


def open_takers(corpus: Corpus, folder: Path) -> list[Taker]:
    """Open the pipelines that are installed. Raises ModelMissing or StoreUnavailable."""
    plain = BundledEmbedder(find_bundled_model(), way="torch")
    takers: list[Taker] = [Ours("**ours**, torch", folder / "torch", corpus.metadata, plain)]
    if find_spec(ACCELERATOR):
        fast = BundledEmbedder(find_bundled_model())
        takers.append(Ours("**ours**, the extra `fast`", folder / "fast", corpus.metadata, fast))
    try:
        takers.append(LlamaIndex(folder / "llama-index"))
    except ModuleNotFoundError as error:
        install = "run: pip install -r bench/requirements.txt"
        print(f"bench: no ratios: llama-index needs {error.name}; {install}", file=sys.stderr)
    return takers


def multiply_matrices(*, is_short: bool) -> Work:
    """Time the largest product of the model's layers, again and again, in 32 bits or in bfloat16."""
    import torch

    _use_all_cores()
    kind = torch.bfloat16 if is_short else torch.float32
    rows, weight = torch.rand(MATRIX_ROWS, 384).to(kind), torch.rand(384, 1536).to(kind)
    product = torch.empty(MATRIX_ROWS, 1536, dtype=kind)

    def work() -> None:
        for _ in range(MATRIX_TIMES):
            torch.mm(rows, weight, out=product)

    return Work(operations=MATRIX_TIMES * 2 * MATRIX_ROWS * 384 * 1536, seconds=take_time(work)[1])


def report(done: Mapping[str, Work]) -> str:
    """Format a row for each pipeline."""
    base = done.get(LlamaIndex.name)
    peak = done[MATRICES].operations_per_second
    rows = []
    for name, work in done.items():
        rate = work.operations_per_second
        words = [f"{work.words:,}", f"{work.seconds:.0f}", f"{work.words_per_second:,.0f}"] if work.words else ["–"] * 3
        ratio = f"{work.words_per_second / base.words_per_second:.2f}" if base and work.words else "–"
        rows.append([name, *words, ratio, f"{rate / 1e9:.0f}", f"{100 * rate / peak:.0f}%"])
    return format_table(["", "words read", "seconds", "words/s", "ratio", "GFLOP/s", "of matrix rate"], rows)


def _use_all_cores() -> None:
    import torch

    torch.set_num_threads(os.cpu_count() or 1)


if __name__ == "__main__":
    sys.exit(main())
