"""Make a knowledge base of any size from the given interviews: each is copied again and again, with other words.

A copy replaces some words by others of the corpus of the same length, and its vectors are turned a little: so neither
the full-text index nor the vectors hold the same passage twice, and every quotation keeps its place. This says nothing
about ranking; it fills the stores through their own methods at a cost that a laptop can afford.
"""

from __future__ import annotations

import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.inputs import Corpus
from ingest.files import list_files, list_ids
from ingest.metadata.table import Metadata, read_metadata
from ingest.passages import cut_passages
from ingest.reading import read_file
from kb.embedding.arrays import Vectors
from kb.embedding.protocol import Embedder, TextEmbedding
from kb.knowledge_base import KnowledgeBase
from kb.model import Passage, Transcript
from kb.settings import Settings
from kb.storage.rows import Origin
from kb.storage.stores import Stores

WORD = re.compile(r"[a-z]{4,}")
CHANGED = 0.3  # share of the longer words that a copy replaces
TURN = 0.3  # length of the noise that is added to a unit vector: a cosine of .96 to the original


@dataclass(frozen=True, slots=True)
class Reading:
    """An interview to be added: read and cut, not yet embedded."""

    transcript: Transcript
    passages: tuple[Passage, ...]

    def rename(self, number: int, words: Mapping[str, str]) -> Reading:
        """Make a copy under another id, with these words replaced by others of the same length."""
        old = self.transcript.interview
        new = replace(
            old,
            id=f"{old.id}-copy-{number}",
            source=f"copy-{number}/{old.source}",
            source_hash=f"{old.source_hash}-{number}",  # by which a file is recognised under another name
        )
        turns = tuple(replace(turn, text=_exchange(turn.text, words)) for turn in self.transcript.turns)
        passages = tuple(
            replace(
                one,
                id=new.id + one.id.removeprefix(old.id),
                interview_id=new.id,
                text=_exchange(one.text, words),
                question=_exchange(one.question, words),
            )
            for one in self.passages
        )
        return Reading(Transcript(new, turns), passages)


class CopyEmbedder:
    """Embedder that encodes each original once, and turns its vectors a little for every copy."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.count_tokens = embedder.count_tokens
        self.token_offsets = embedder.token_offsets
        self._embedder = embedder
        self._known: dict[str, TextEmbedding] = {}  # by text, in half the bytes
        self._original_of: dict[str, str] = {}
        self._number = 0
        self.seconds = 0.0  # spent on encoding and turning

    def expect(self, copy: Reading, original: Reading, number: int) -> None:
        """Announce that the next texts are those of a copy."""
        texts = zip(copy.passages, original.passages, strict=True)
        self._original_of = {one.text: other.text for one, other in texts}
        self._number = number

    def encode_query(self, text: str) -> TextEmbedding:
        """Encode a question with the model itself: it is not a copy."""
        return self._embedder.encode_query(text)

    def encode_passages(
        self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None
    ) -> list[TextEmbedding]:
        """Encode a copy's texts with the word pieces of the original, since its words have the same lengths."""
        started = time.perf_counter()
        originals = [self._original_of.get(text, text) for text in texts]
        new = [text for text in dict.fromkeys(originals) if text not in self._known]
        encoded = self._embedder.encode_passages(new, on_encoded) if new else []
        self._known |= {text: _halve(one) for text, one in zip(new, encoded, strict=True)}
        generator = np.random.default_rng(self._number)
        turned = [_turn(self._known[text], generator, self._number) for text in originals]
        self.seconds += time.perf_counter() - started
        return turned


def read_corpus(corpus: Corpus, count_tokens: Callable[[str], int]) -> list[Reading]:
    """Read and cut every interview as an ingest does. Raises UnreadableFile or BadMetadata."""
    metadata = read_metadata(corpus.metadata) if corpus.metadata else Metadata()
    readings: list[Reading] = []
    for file in list_files([corpus.folder], corpus.metadata):
        taken = {reading.transcript.interview.id for reading in readings}
        transcript = read_file(
            file.path.read_bytes(),
            file.source,
            interview_id=next(one for one in list_ids(file.source) if one not in taken),
            row=metadata.row_for(file.source),
        ).transcript
        readings.append(Reading(transcript, tuple(cut_passages(transcript, count_tokens=count_tokens))))
    return readings


def choose_words(readings: Sequence[Reading], number: int) -> dict[str, str]:
    """Choose words of the corpus that a copy replaces, and others of the same length, by the copy's number."""
    by_length: dict[int, set[str]] = defaultdict(set)
    for reading in readings:
        for passage in reading.passages:
            for word in WORD.findall(passage.text):
                by_length[len(word)].add(word)
    chosen = random.Random(number)  # noqa: S311 - not for secrets
    exchanged: dict[str, str] = {}
    for words in map(sorted, by_length.values()):
        some = chosen.sample(words, round(CHANGED * len(words)))
        exchanged |= dict(zip(some, chosen.choices(words, k=len(some)), strict=True))
    return exchanged


def open_home(home: Path, embedder: Embedder) -> KnowledgeBase:
    """Open a knowledge base with the given embedder. Raises the errors of `KnowledgeBase.open`."""
    settings = Settings(home=home)
    return KnowledgeBase(settings, Stores.open(settings, embedder), embedder)


def add_copy(
    knowledge_base: KnowledgeBase, embedder: CopyEmbedder, original: Reading, number: int, words: Mapping[str, str]
) -> None:
    """Add a copy of an interview to every store; number 0 is the interview itself. Raises StoreUnavailable."""
    copy = original.rename(number, words) if number else original
    embedder.expect(copy, original, number)
    name = copy.transcript.interview.id
    knowledge_base.put(copy.transcript, copy.passages, Origin(path=name, ingest_key=name))


def _exchange(text: str, words: Mapping[str, str]) -> str:
    return WORD.sub(lambda found: words.get(found.group(), found.group()), text)


def _halve(encoded: TextEmbedding) -> TextEmbedding:
    return replace(encoded, tokens=encoded.tokens.astype(np.float16))


def _turn(encoded: TextEmbedding, generator: np.random.Generator, number: int) -> TextEmbedding:
    share = TURN if number else 0.0
    tokens = _shake(encoded.tokens.astype(np.float32), share, generator)
    return replace(encoded, vector=_shake(encoded.vector, share, generator), tokens=tokens)


def _shake(vectors: Vectors, share: float, generator: np.random.Generator) -> Vectors:
    noise = generator.standard_normal(vectors.shape, dtype=np.float32)
    noise *= share / np.linalg.norm(noise, axis=-1, keepdims=True)
    moved = vectors + noise
    turned: Vectors = moved / np.linalg.norm(moved, axis=-1, keepdims=True)
    return turned
