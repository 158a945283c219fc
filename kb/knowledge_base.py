"""The knowledge base: one handle on its parts, to be shared by all threads of a process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from kb.answering.answerer import Answerer
from kb.answering.compare import Comparison
from kb.answering.follow_up import RewrittenQuestion, rewrite_follow_up
from kb.embedding.embedder import open_embedder
from kb.embedding.protocol import Embedder
from kb.generation.client import LanguageModel, open_language_model
from kb.generation.synthesis import Synthesis, synthesize
from kb.model import (
    Answer,
    Dimension,
    Excerpt,
    Facets,
    Feedback,
    Hit,
    Interview,
    Passage,
    Query,
    Status,
    Transcript,
)
from kb.retrieval.calibration import Calibrator
from kb.retrieval.coverage import Calibration
from kb.retrieval.filters import list_facets
from kb.retrieval.lexicon import Theme, load_lexicon
from kb.retrieval.ranking import RankingConfig
from kb.retrieval.rerank import open_reranker
from kb.retrieval.searcher import Retriever
from kb.retrieval.snapshot import Snapshots
from kb.settings import Settings
from kb.storage.backup import read_backup, write_backup
from kb.storage.doctor import Finding, examine, repair
from kb.storage.rows import Counts, Origin, Source
from kb.storage.stores import Stores, measure_folder
from kb.storage.writer import EncodedPassages, Placement, StoreWriter

log = logging.getLogger(__name__)

DEFAULT_RANKING = RankingConfig()
WAITING = "another ingest, check or backup is writing; waiting until it is done"


class KnowledgeBase:
    """Keeps interviews, finds passages, and answers with them."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        embedder: Embedder,
        config: RankingConfig = DEFAULT_RANKING,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._catalog = stores.catalog
        self._embedder = embedder
        self._writer = StoreWriter(settings.home, stores, embedder, on_wait)
        self._snapshots = Snapshots(stores, self._writer.note_generation)
        self._retriever = Retriever.open(stores, embedder, config, settings.lexicon)
        self._calibrator = Calibrator(stores.catalog, self._retriever, self._snapshots)
        reranker = open_reranker(settings.reranker) if settings.reranker else None
        self._answerer = Answerer(stores.catalog, self._retriever, self._snapshots, self._calibrator, reranker)

    @classmethod
    def open(
        cls, settings: Settings, config: RankingConfig = DEFAULT_RANKING, *, on_wait: Callable[[], None] | None = None
    ) -> KnowledgeBase:
        """Open what the settings name; the model's weights are loaded at the first use or by `warm`.

        `config` leaves out steps of the ranking, to measure what each gives; `on_wait` is called when a change has
        to wait for another process that writes. Raises IndexMismatch, StoreUnavailable, ModelMissing or BadSetting.
        """
        embedder = open_embedder(settings.embed_model)
        opened = cls(settings, Stores.open(settings, embedder), embedder, config, on_wait)
        log.info("Opened the catalog at %s, with the model %s", opened._catalog.database.location, embedder.name)
        return opened

    def close(self) -> None:
        """Close the stores."""
        self._stores.close()

    def warm(self) -> None:
        """Load the model and learn what counts as covered, so that the first question does not wait for either."""
        self._retriever.parser.warm()
        self._calibrator.calibration()

    # Write

    def count_tokens(self, text: str) -> int:
        """How many word pieces of the model's window a text fills."""
        return self._embedder.count_tokens(text)

    def encode(
        self,
        passages: Sequence[Passage],
        on_encoded: Callable[[int], None] | None = None,
        pending: EncodedPassages | None = None,
    ) -> EncodedPassages:
        """Encode passages without writing. Safe to run while another thread calls `put`.

        What `pending` holds is not encoded again: it is about to be written.
        """
        return self._writer.encode(passages, on_encoded, pending)

    def put(
        self,
        transcript: Transcript,
        passages: Sequence[Passage],
        origin: Origin,
        encoded: EncodedPassages | None = None,
        candidates: Iterator[str] | None = None,
        *,
        rewrite: bool = False,
    ) -> Placement:
        """Write an interview in the place of what was read from its file before, else under the first free id.

        `candidates` are ids in order of preference, without end; None keeps the interview's own. What is there stays
        until the end. With `rewrite`, it is written also where this very reading is stored already.
        """
        ready = encoded or self.encode(passages)
        return self._writer.put(transcript, passages, origin, ready, candidates, rewrite=rewrite)

    def remove(self, interview_id: str) -> None:
        """Remove an interview from every store; UnknownInterview when there is none."""
        self._writer.remove(interview_id)

    def finish_pending(self) -> None:
        """Bring to its end what a writer was stopped in, as by a power cut."""
        self._writer.finish_pending()

    def calibrate(self) -> Calibration:
        """Learn what counts as covered from the interviews as they are now, unless they have hardly changed since."""
        return self._calibrator.refresh()

    def examine(self) -> list[Finding]:
        """What is wrong with the stores, and what else should be known of them."""
        with self._writer.writing():
            return examine(self._stores)

    def repair(self) -> list[Finding]:
        """Repair what is wrong with the stores; what is left to be known or cannot be repaired."""
        with self._writer.writing():
            return repair(self._stores, self._writer)

    def back_up(self, file: Path) -> None:
        """Write everything into one new file; BadBackup where there is a file already."""
        with self._writer.writing():
            write_backup(file, self._settings.home, self._catalog, self._stores.vectors)

    @staticmethod
    def restore(file: Path, settings: Settings) -> None:
        """Fill the empty home folder of the settings from such a file; BadBackup or IndexMismatch."""
        read_backup(file, settings, open_embedder(settings.embed_model).fingerprint)

    # Find and answer

    def search(self, query: Query) -> list[Hit]:
        """The passages that speak best to the query, best first; [] within filters that let nothing through.

        Raises BadQuestion where there is nothing to ask.
        """
        return self._answerer.search(query)

    def ask(self, query: Query) -> Answer:
        """An answer in the leaders' own words; without citations where they do not say. Raises BadQuestion."""
        return self._answerer.ask(query)

    def compare(self, query: Query, by: Dimension, values: Sequence[str]) -> Comparison:
        """Two to four leaders, companies, sectors or years side by side on one question. Raises BadQuestion."""
        return self._answerer.compare(query, by, values)

    def calibration(self) -> Calibration:
        """From which score on a question counts as covered."""
        return self._calibrator.calibration()

    @property
    def has_language_model(self) -> bool:
        """Whether the settings name one."""
        return self._settings.language_model is not None

    def warm_language_model(self) -> None:
        """Load what talks to it, so that the first answer does not wait for that; nothing where none is set."""
        if self._settings.language_model:
            open_language_model(self._settings.language_model).load()

    def write(self, answer: Answer) -> Iterator[Synthesis]:
        """What the language model writes beside a brief, checked sentence by sentence; each item tells all so far."""
        settings = self._settings.language_model
        yield from self.write_with(open_language_model(settings) if settings else None, answer)

    def write_with(self, model: LanguageModel | None, answer: Answer) -> Iterator[Synthesis]:
        """As `write`, with a model of your own."""
        yield from synthesize(model, answer, self._embedder, self._catalog.turn)

    def understand(self, question: str, earlier: Sequence[str]) -> RewrittenQuestion:
        """A question as it stands alone after the earlier ones of a conversation, oldest first."""
        with self._snapshots.reading() as index:
            return rewrite_follow_up(
                question, earlier, lambda text: self._retriever.parser.match_entities(text, index).spans
            )

    # Readers

    def questions(self, session: str) -> tuple[str, ...]:
        """The questions that are kept under a name, oldest first; () when there are none."""
        return self._catalog.readers.questions(session)

    def keep_question(self, session: str, question: str) -> None:
        """Keep a question under the name of its conversation; a home that can only be read keeps none."""
        if not self._catalog.database.is_read_only:
            self._catalog.readers.add_question(session, question)

    def rate(self, answer: Answer, *, is_helpful: bool) -> Feedback:
        """Store a reader's thumb with the question, the hits and the answer."""
        feedback = Feedback(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            question=answer.query.text,
            is_helpful=is_helpful,
            hits=tuple(Excerpt(hit.interview.source, hit.passage.text) for hit in answer.hits),
            quotations=tuple(Excerpt(one.interview.source, one.quote) for one in answer.citations),
        )
        self._catalog.readers.add_feedback(feedback)
        return feedback

    def feedback(self) -> list[Feedback]:
        """Every thumb, in the order of giving."""
        return self._catalog.readers.feedback()

    # Look up

    def interviews(self) -> list[Interview]:
        """Every interview, by title."""
        return self._catalog.interviews()

    def transcript(self, interview_id: str) -> Transcript:
        """One interview with all its turns; UnknownInterview when there is none."""
        return self._catalog.transcript(interview_id)

    def origins(self) -> dict[str, tuple[str, str]]:
        """Of each ingested file, by its absolute path: the interview's id and its ingest key."""
        return self._catalog.origins()

    def sources(self) -> list[Source]:
        """The file of each interview, by path."""
        return self._catalog.sources()

    def facets(self) -> Facets:
        """What a query can be limited to, with the number of interviews for each."""
        return list_facets(self._catalog.interviews())

    def themes(self) -> tuple[Theme, ...]:
        """What one can ask about by name: the themes of the lexicon."""
        return load_lexicon(self._settings.lexicon)

    def counts(self) -> Counts:
        """How much is stored, quickly."""
        return self._catalog.counts()

    def generation(self) -> int:
        """A number that every committed change raises."""
        return self._catalog.generation()

    def status(self) -> Status:
        """The state of the knowledge base in figures; measuring the folders takes a while."""
        counts, database, home = self.counts(), self._catalog.database, self._settings.home
        learnt = self._calibrator.stored()
        return Status(
            home=str(home),
            catalog=database.location,
            model=self._embedder.name,
            generation=self.generation(),
            threshold=learnt.thin if learnt else None,
            catalog_bytes=database.size(),
            vectors_bytes=measure_folder(home / "chroma"),
            tokens_bytes=measure_folder(home / "tokens"),
            interviews=counts.interviews,
            samples=counts.samples,
            leaders=counts.leaders,
            turns=counts.turns,
            passages=counts.passages,
            words=counts.words,
        )
