"""The knowledge base: opens the parts, and keeps, finds and answers with them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from filelock import FileLock

from kb.answer import measure_coverage, write_brief
from kb.catalog import Catalog, Origin
from kb.embed import DEFAULT_NAME, Embedder, open_embedder
from kb.errors import BadQuestion, StoreUnavailable
from kb.model import (
    Answer,
    CoverageLevel,
    Facets,
    Hit,
    Interview,
    Passage,
    Query,
    Status,
    Transcript,
    Turn,
)
from kb.search import CANDIDATES, make_hits, rank_passages
from kb.settings import Settings
from kb.vectors import VectorStore

MAX_QUESTION = 2_000  # characters
WORD = re.compile(r"[^\W_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


class KnowledgeBase:
    """One handle on catalog, vectors and model, to be shared by all threads of a process."""

    def __init__(self, settings: Settings, catalog: Catalog, vectors: VectorStore, embedder: Embedder) -> None:
        self._settings = settings
        self._catalog = catalog
        self._vectors = vectors
        self._embedder = embedder
        self._lock = threading.RLock()
        self._writer = FileLock(settings.home / "writer.lock")
        self._generation = catalog.generation()

    @classmethod
    def open(cls, settings: Settings) -> KnowledgeBase:
        """Open what the settings name; the model's weights are loaded at the first use or by `warm`."""
        embedder = open_embedder(settings.embed_model)
        catalog = Catalog.open(settings.home / "catalog.sqlite", embedder.fingerprint)
        try:
            vectors = VectorStore.open(settings.home, settings.chroma_url, embedder.fingerprint)
        except OSError as error:
            raise StoreUnavailable(f"KB_HOME {settings.home} cannot be used: {error}") from error
        return cls(settings, catalog, vectors, embedder)

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
        vectors = self._embedder.encode([passage.text for passage in passages], on_encoded)
        headers = [make_header(interview, passage.speaker) for passage in passages]
        with self._writing():
            before = self._vectors.passage_ids(interview.id)
            self._vectors.add(interview, passages, vectors)
            self._catalog.put(transcript, passages, headers, origin)
            self._vectors.remove(sorted(set(before) - {passage.id for passage in passages}))
            self._generation = self._catalog.generation()

    def remove(self, interview_id: str) -> None:
        """Remove an interview from both stores."""
        with self._writing():
            self._catalog.remove(interview_id)
            self._vectors.remove(self._vectors.passage_ids(interview_id))
            self._generation = self._catalog.generation()

    def origins(self) -> dict[str, tuple[str, str]]:
        """Of each ingested file, by its absolute path: the interview's id and its ingest key."""
        return self._catalog.origins()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, and none with an outdated client: embedded Chroma allows neither."""
        with self._writer, self._lock:
            self._refresh()
            yield

    # Find

    def search(self, query: Query) -> list[Hit]:
        """The passages that speak best to the query, best first; [] when nothing does."""
        _check_question(query.text, reads_english_only=self._embedder.name == DEFAULT_NAME)
        self._refresh()
        within = self._catalog.matching(query)
        if within == []:
            return []
        (vector,) = self._embedder.encode([query.text])
        legs = {
            "meaning": self._vectors.nearest(vector, CANDIDATES, within),
            "words": self._catalog.keyword(query.text, CANDIDATES, within),
        }
        return make_hits(
            rank_passages(legs["meaning"], legs["words"]),
            limit=query.limit,
            passages=self._catalog.passages,
            interviews={interview.id: interview for interview in self._catalog.interviews()},
            legs=legs,
        )

    def ask(self, query: Query) -> Answer:
        """An answer in the leaders' own words; without citations where the interviews do not say."""
        hits = self.search(query)
        (vector,) = self._embedder.encode([query.text])
        score = self._coverage_score(query.text, hits)
        level: CoverageLevel = (
            "strong" if score > 0.6 else "partial" if score > 0.45 else "thin" if score > 0.3 else "none"
        )
        coverage = measure_coverage(hits, score, level, self._leaders_asked(query))
        return write_brief(
            query,
            hits,
            coverage,
            similar=lambda texts: [float(value) for value in self._embedder.encode(texts) @ vector],
            turn=self._turn,
        )

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

    def _refresh(self) -> None:
        with self._lock:
            generation = self._catalog.generation()
            if generation != self._generation:
                self._vectors.refresh()
                self._generation = generation

    def _turn(self, interview_id: str, index: int) -> Turn:
        return self.transcript(interview_id).turns[index]

    def _leaders_asked(self, query: Query) -> int:
        within = self._catalog.matching(query)
        asked = [one for one in self.interviews() if within is None or one.id in within]
        return len({name for interview in asked for name in interview.leader_names})

    def _coverage_score(self, text: str, hits: Sequence[Hit]) -> float:
        if not hits:
            return 0.0
        (vector,) = self._embedder.encode([text])
        near = self._vectors.vectors([hit.passage.id for hit in hits[:5]])
        return max((float(one @ vector) for one in near.values()), default=0.0)


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
