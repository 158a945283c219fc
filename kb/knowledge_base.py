"""The knowledge base: opens the parts, and keeps, finds and answers with them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from filelock import FileLock

from kb.answer import judge_coverage, measure_coverage, write_brief
from kb.arrays import Shelf
from kb.catalog import Catalog, Origin
from kb.embed import DEFAULT_NAME, Embedder, open_embedder
from kb.errors import BadQuestion
from kb.model import Answer, Facets, Hit, Interview, Passage, Query, Status, Transcript, Turn
from kb.names import find_names
from kb.search import Ranked, make_hits, order, score_shelf, weigh_pieces
from kb.settings import Settings
from kb.tokens import TokenStore, count_passages_with
from kb.vectors import VectorStore

MAX_QUESTION = 2_000  # characters
WORD = re.compile(r"[^\W_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Index:
    """What every search needs of the catalog, as of one generation."""

    generation: int
    interviews: tuple[Interview, ...]
    shelves: tuple[Shelf, ...]
    frequency: Mapping[int, int]  # word piece -> passages that hold it
    passages: int

    @classmethod
    def load(cls, catalog: Catalog) -> Index:
        """Read it from the catalog."""
        generation = catalog.generation()
        shelves = tuple(catalog.shelves())
        frequency = count_passages_with([shelf.segment for shelf in shelves])
        passages = sum(len(shelf.passage_ids) for shelf in shelves)
        return cls(generation, tuple(catalog.interviews()), shelves, frequency, passages)


class KnowledgeBase:
    """One handle on the stores and the model, to be shared by all threads of a process."""

    def __init__(
        self, settings: Settings, catalog: Catalog, vectors: VectorStore, tokens: TokenStore, embedder: Embedder
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._vectors = vectors
        self._tokens = tokens
        self._embedder = embedder
        self._lock = threading.RLock()
        self._writer = FileLock(settings.home / "writer.lock")
        self._index = Index.load(catalog)

    @classmethod
    def open(cls, settings: Settings) -> KnowledgeBase:
        """Open what the settings name; the model's weights are loaded at the first use or by `warm`."""
        embedder = open_embedder(settings.embed_model)
        catalog = Catalog.open(settings.home / "catalog.sqlite", embedder.fingerprint)
        vectors = VectorStore.open(settings.home, settings.chroma_url, embedder.fingerprint)
        return cls(settings, catalog, vectors, TokenStore(settings.home / "tokens"), embedder)

    def close(self) -> None:
        """Let go of the stores."""
        self._vectors.close()
        self._catalog.close()

    def warm(self) -> None:
        """Load the model, so that the first question does not wait for it."""
        self._embedder.encode(["warm"])

    # Keep

    def count_pieces(self, text: str) -> int:
        """How much of the model's window a text fills, in word pieces."""
        return self._embedder.count_pieces(text)

    def add(
        self,
        transcript: Transcript,
        passages: Sequence[Passage],
        origin: Origin,
        on_encoded: Callable[[int], None] | None = None,
    ) -> None:
        """Add an interview, or put it in the place of the one with its id; what was there stays until the end."""
        interview = transcript.interview
        texts = [passage.text for passage in passages]
        encoded = self._embedder.encode(texts, on_encoded)
        headers = [make_header(interview, passage.speaker) for passage in passages]
        with self._writing():
            before = self._vectors.passage_ids(interview.id)
            self._vectors.add(interview, passages, [one.vector for one in encoded])
            segment_name = f"{interview.id}.{origin.ingest_key[:12]}"
            segment = self._tokens.add(segment_name, texts, encoded) if passages else None
            self._catalog.put(transcript, origin, passages, headers, segment)
            self._vectors.remove(sorted(set(before) - {passage.id for passage in passages}))

    def remove(self, interview_id: str) -> None:
        """Remove an interview from every store."""
        with self._writing():
            self._catalog.remove(interview_id)
            self._vectors.remove(self._vectors.passage_ids(interview_id))

    def origins(self) -> dict[str, tuple[str, str]]:
        """Of each ingested file, by its absolute path: the interview's id and its ingest key."""
        return self._catalog.origins()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, and none with an outdated client: embedded Chroma allows neither."""
        with self._writer, self._lock:
            self._refresh()
            yield
            self._index = Index.load(self._catalog)
            self._tokens.sweep({shelf.segment.file for shelf in self._index.shelves})

    # Find

    def search(self, query: Query) -> list[Hit]:
        """The passages that speak best to the query, best first; [] when there are none within its filters."""
        return self._make_hits(self._rank(query)[: query.limit])

    def ask(self, query: Query) -> Answer:
        """An answer in the leaders' own words; without citations where the interviews do not say."""
        ranked = self._rank(query)[: query.limit]
        hits = self._make_hits(ranked)
        score = ranked[0].score if ranked else 0.0
        coverage = measure_coverage(hits, score, judge_coverage(score), self._leaders_asked(query))
        sentences = {one.passage_id: one.sentences for one in ranked}
        return write_brief(query, hits, coverage, sentences=sentences, turn=self._turn)

    def _rank(self, query: Query) -> list[Ranked]:
        _check_question(query.text, reads_english_only=self._embedder.name == DEFAULT_NAME)
        index = self._refresh()
        within = self._catalog.matching(query)
        shelves = [shelf for shelf in index.shelves if within is None or shelf.interview_id in within]
        if not shelves:
            return []
        (encoded,) = self._embedder.encode([query.text])
        route = find_names(query.text, index.interviews, self._catalog.is_everyday)
        weights = weigh_pieces(encoded, query.text, route.spans, index.frequency, index.passages)
        matches = self._tokens.match(encoded.tokens, [shelf.segment for shelf in shelves])
        scored = [
            score_shelf(shelf, one, weights, route.interview_ids) for shelf, one in zip(shelves, matches, strict=True)
        ]
        return order(chain.from_iterable(scored))

    def _make_hits(self, ranked: Sequence[Ranked]) -> list[Hit]:
        interviews = {interview.id: interview for interview in self._refresh().interviews}
        return make_hits(ranked, passages=self._catalog.passages, interviews=interviews)

    def _refresh(self) -> Index:
        """The index as of the last committed change, in whichever process that was."""
        with self._lock:
            if self._catalog.generation() != self._index.generation:
                self._vectors.refresh()
                self._index = Index.load(self._catalog)
            return self._index

    # Look up

    def interviews(self) -> list[Interview]:
        """Every interview, by title."""
        return self._catalog.interviews()

    def transcript(self, interview_id: str) -> Transcript:
        """One interview with all its turns; UnknownInterview when there is none."""
        return self._catalog.transcript(interview_id)

    def facets(self) -> Facets:
        """What a query can be limited to, with the number of interviews for each."""
        return self._catalog.facets()

    def status(self) -> Status:
        """The state of the knowledge base in figures."""
        counts = self._catalog.counts()
        return Status(
            home=str(self._settings.home),
            model=self._embedder.name,
            generation=self._catalog.generation(),
            interviews=counts.interviews,
            samples=counts.samples,
            leaders=counts.leaders,
            turns=counts.turns,
            passages=counts.passages,
            words=counts.words,
        )

    def _turn(self, interview_id: str, index: int) -> Turn:
        return self.transcript(interview_id).turns[index]

    def _leaders_asked(self, query: Query) -> int:
        within = self._catalog.matching(query)
        asked = [one for one in self.interviews() if within is None or one.id in within]
        return len({name for interview in asked for name in interview.leader_names})


def make_header(interview: Interview, speaker: str) -> str:
    """Whose interview it is, in words to be found by: leader, company, role, title, show."""
    leader = interview.leader(speaker)
    known = (
        speaker,
        leader.company if leader else None,
        leader.role if leader else None,
        interview.title,
        interview.show,
    )
    return ", ".join(part for part in known if part)


def _check_question(text: str, *, reads_english_only: bool) -> None:
    if not text.strip():
        raise BadQuestion("There is no question; type one, such as: How do leaders ignite shared passion?")
    if len(text) > MAX_QUESTION:
        raise BadQuestion(f"The question has {len(text):,} characters; shorten it to {MAX_QUESTION:,} or fewer")
    if not WORD.search(text):
        raise BadQuestion("The question holds no words; ask in words, such as: How do leaders ignite shared passion?")
    if reads_english_only and not LATIN.search(text):
        raise BadQuestion(
            f"The model {DEFAULT_NAME} reads English only; ask in English, or set KB_EMBED_MODEL to another model"
        )
