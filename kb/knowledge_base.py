"""The knowledge base: one object that combines all parts and is shared by all threads of a process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path

from kb.answering.answerer import Answerer
from kb.answering.compare import Comparison
from kb.answering.follow_up import RewrittenQuestion, rewrite_follow_up
from kb.answering.rating import make_feedback
from kb.answering.turns import open_turns
from kb.embedding.embedder import open_embedder
from kb.embedding.protocol import Embedder
from kb.generation.client import LanguageModel, open_language_model
from kb.generation.synthesis import Synthesis, synthesize
from kb.lens.desk import LensDesk
from kb.lens.themes.desk import ThemeDesk
from kb.model import (
    Answer,
    Dimension,
    Facets,
    Feedback,
    Hit,
    Interview,
    Passage,
    Query,
    Status,
    Transcript,
)
from kb.quotes.collections.desk import Collections
from kb.quotes.collections.examination import examine_pins
from kb.quotes.desk import QuoteDesk
from kb.retrieval.calibration import Calibrator
from kb.retrieval.coverage import Calibration
from kb.retrieval.filters import list_facets
from kb.retrieval.index import Index
from kb.retrieval.lexicon import Theme, load_lexicon
from kb.retrieval.question import check_typed
from kb.retrieval.ranking import RankingConfig
from kb.retrieval.rerank import open_reranker
from kb.retrieval.searcher import Retriever
from kb.retrieval.snapshot import Snapshots
from kb.retrieval.theme_sorter import ThemeSorter
from kb.settings import Settings
from kb.storage.backup import write_backup
from kb.storage.doctor import Finding, examine, repair
from kb.storage.mend_desk import MendDesk
from kb.storage.restore import read_backup
from kb.storage.rows import Counts, Origin, Source
from kb.storage.source_desk import SourceDesk
from kb.storage.status import measure
from kb.storage.stores import Stores
from kb.storage.waiting import examine_uploads
from kb.storage.writer import EncodedPassages, Placement, StoreWriter

log = logging.getLogger(__name__)

DEFAULT_RANKING = RankingConfig()
WAITING = "another ingest, check or backup is writing; waiting until it is done"


class KnowledgeBase:
    """Stores interviews, finds passages, answers questions with them. Raises StoreUnavailable when a store fails."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        embedder: Embedder,
        config: RankingConfig = DEFAULT_RANKING,
        on_wait: Callable[[], None] | None = None,
        *,
        is_short_lived: bool = False,
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._catalog = stores.catalog
        self._embedder = embedder
        self._writer = StoreWriter(settings.home, stores, embedder, on_wait)
        self._snapshots = Snapshots(stores, self._writer.note_generation)
        self._retriever = Retriever.open(stores, embedder, config, settings.lexicon)
        self._calibrator = Calibrator(
            stores.catalog, self._retriever, self._snapshots, in_background=not is_short_lived
        )
        reranker = open_reranker(settings.reranker) if settings.reranker else None
        self._answerer = Answerer(stores.catalog, self._retriever, self._snapshots, self._calibrator, reranker)
        self._turns = open_turns(settings)
        self.mends = MendDesk(self._writer, self._catalog)
        self.second_sources = SourceDesk(self._writer, self._catalog)
        self.quotes = QuoteDesk(stores.catalog, self._answerer.quote)
        self.lens = LensDesk(stores, self._snapshots, embedder, self._names_somebody, settings.framework)
        self.theme_desk = ThemeDesk(stores, self._snapshots, embedder, settings.lexicon)
        self.collections = Collections(stores.catalog)
        self.sorter = ThemeSorter.open(stores.catalog, self._snapshots, embedder, settings.lexicon)

    @classmethod
    def open(
        cls,
        settings: Settings,
        config: RankingConfig = DEFAULT_RANKING,
        *,
        on_wait: Callable[[], None] | None = None,
        is_short_lived: bool = False,
        for_repair: bool = False,
    ) -> KnowledgeBase:
        """Open the knowledge base of the settings. Model weights are loaded at the first use or by `warm`.

        `config` switches steps of the ranking off, to measure their effect. `on_wait` is called when a write has to
        wait for another process. A process that `is_short_lived` answers with outdated coverage thresholds and leaves
        them to the next ingest; others learn them again in a background thread. `for_repair` opens what `examine` and
        `repair` can put right: damaged vectors, and what a lost catalog left. Raises BadFramework, BadLexicon,
        BadSetting, IndexMismatch, ModelMissing or StoreUnavailable.
        """
        embedder = open_embedder(settings.embed_model)
        with ExitStack() as opened:
            stores = Stores.open(settings, embedder, for_repair=for_repair)
            opened.callback(stores.close)
            knowledge_base = cls(settings, stores, embedder, config, on_wait, is_short_lived=is_short_lived)
            opened.pop_all()
        log.info("Opened the catalog at %s, with the model %s", stores.catalog.database.location, embedder.name)
        return knowledge_base

    def close(self) -> None:
        """Stop what runs in the background and close the stores; later calls that need them raise StoreUnavailable."""
        self._calibrator.close()
        self._stores.close()

    def warm(self) -> None:
        """Load the model and learn outdated coverage thresholds ahead of the first question. Raises ModelMissing."""
        self._retriever.parser.warm()
        self._calibrator.warm()

    # Write

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of a text, as the model reads it. Raises ModelMissing."""
        return self._embedder.count_tokens(text)

    def encode(
        self,
        passages: Sequence[Passage],
        on_encoded: Callable[[int], None] | None = None,
        pending: EncodedPassages | None = None,
    ) -> EncodedPassages:
        """Encode passages without writing. Safe to run while another thread calls `put`.

        Texts in `pending`, which another thread is about to write, are not encoded again. Raises ModelMissing.
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
        """Write an interview: replace the one read from the same file, else use the first free id.

        `candidates` is an endless iterator of ids in order of preference; None keeps the interview's own id. The old
        version stays readable until the new one is complete. `rewrite` writes even if nothing has changed.
        """
        ready = encoded or self.encode(passages)
        return self._writer.put(transcript, passages, origin, ready, candidates, rewrite=rewrite)

    def remove(self, interview_id: str, path: str | None = None) -> None:
        """Remove an interview from all stores; given a path, only if it still is that file's.

        Raises UnknownInterview when there is none.
        """
        self._writer.remove(interview_id, path)

    def writing(self) -> AbstractContextManager[None]:
        """Hold off all other writers: what is read inside still holds when it is written. Raises StoreUnavailable."""
        return self._writer.writing()

    def finish_pending(self) -> None:
        """Complete changes that were interrupted, for example by a power cut."""
        self._writer.finish_pending()

    def calibrate(self) -> Calibration:
        """Learn the coverage thresholds from the current interviews, unless few have changed since the last time."""
        return self._calibrator.refresh()

    def examine(self) -> list[Finding]:
        """Check the stores and list problems and notes."""
        with self._writer.writing():
            return self._add_notes(examine(self._stores))

    def repair(self, *, discard: bool = False) -> list[Finding]:
        """Repair the stores and list what remains: notes, and problems that cannot be repaired.

        What is left of interviews that the catalog has lost stays, unless `discard` is set.
        """
        with self._writer.writing():
            return self._add_notes(repair(self._stores, self._writer, discard=discard))

    def _add_notes(self, found: Sequence[Finding]) -> list[Finding]:
        """Add notes on pins, on what the lens learnt and on uploads; a damaged catalog tells of uploads alone."""
        is_damaged = any(finding.mending == "catalog" for finding in found)
        kept = () if is_damaged else (*examine_pins(self.collections), *self.lens.learnt.examine())
        return [*found, *kept, *examine_uploads(self._settings.home)]

    def back_up(self, file: Path) -> None:
        """Write all data to a new file. Raises BadBackup when the file exists, or a name cannot be kept."""
        with self._writer.writing():
            self._writer.finish_pending()
            write_backup(file, self._settings.home, self._catalog, self._stores.vectors)

    @staticmethod
    def restore(file: Path, settings: Settings) -> None:
        """Restore a backup into an empty home folder. Raises BadBackup, BadSetting, IndexMismatch or ModelMissing."""
        read_backup(file, settings, open_embedder(settings.embed_model))

    # Find and answer

    def search(self, query: Query) -> list[Hit]:
        """Return the passages that best answer the query, best first; [] if no interview passes the filters.

        Raises BadQuestion when the question is empty, too long or has no words, or the limit is below 1.
        """
        return self._answerer.search(query)

    def ask(self, query: Query) -> Answer:
        """Answer in the leaders' own words; without citations if they do not answer. Raises BadQuestion."""
        with self.take_turn():
            return self._answerer.ask(query)

    def compare(self, query: Query, by: Dimension, values: Sequence[str]) -> Comparison:
        """Compare two to four leaders, companies, sectors or years on one question. Raises BadQuestion."""
        with self.take_turn():
            return self._answerer.compare(query, by, values)

    def take_turn(self) -> AbstractContextManager[None]:
        """Wait until this thread may compute, and hold the turn; `ask` and `compare` do so themselves.

        A few threads compute at the same time, first come, first served. Take a turn before any lock that another
        thread may hold while it waits for a turn.
        """
        return self._turns.take() if self._turns else nullcontext()

    def calibration(self) -> Calibration:
        """Return the minimum score of each coverage level; waits only if none have been learnt yet."""
        return self._calibrator.calibration()

    @property
    def has_language_model(self) -> bool:
        """Whether the settings name a language model."""
        return self._settings.language_model is not None

    def warm_language_model(self) -> None:
        """Import the language model's client ahead of its first use, if one is set. Raises LanguageModelFailed."""
        if self._settings.language_model:
            open_language_model(self._settings.language_model).load()

    def write(self, answer: Answer) -> Iterator[Synthesis]:
        """Generate text next to an answer, checked sentence by sentence; each item holds everything so far."""
        settings = self._settings.language_model
        yield from self.write_with(open_language_model(settings) if settings else None, answer)

    def write_with(self, model: LanguageModel | None, answer: Answer) -> Iterator[Synthesis]:
        """Generate text as `write` does, with the given model."""
        yield from synthesize(model, answer, self._embedder, self._catalog.turn)

    def understand(self, question: str, earlier: Sequence[str]) -> RewrittenQuestion:
        """Rewrite a follow-up question to stand alone; `earlier` holds the conversation, oldest first.

        Raises BadQuestion when one of them is too long or no text.
        """
        with self._snapshots.reading() as index:
            return rewrite_follow_up(
                question, earlier, lambda text: self._retriever.parser.match_entities(text, index).spans
            )

    def _names_somebody(self, question: str, index: Index) -> bool:
        return bool(self._retriever.parser.match_entities(question, index).spans)

    # Readers

    def questions(self, session: str) -> tuple[str, ...]:
        """Return the stored questions of a conversation, oldest first; () if there are none. Raises BadQuestion."""
        check_typed(session, "session")
        return self._catalog.readers.questions(session)

    def keep_question(self, session: str, question: str) -> None:
        """Store a question of a conversation; does nothing if the home folder is read-only.

        Raises BadQuestion when the name of the conversation or the question is too long or no text.
        """
        check_typed(session, "session")
        check_typed(question)
        if not self._catalog.database.is_read_only:
            self._catalog.readers.add_question(session, question)

    def rate(self, answer: Answer, *, is_helpful: bool) -> Feedback:
        """Store a reader's rating with the question, the hits and the answer."""
        feedback = make_feedback(answer, is_helpful=is_helpful)
        self._catalog.readers.add_feedback(feedback)
        return feedback

    def feedback(self) -> list[Feedback]:
        """Return all ratings, oldest first."""
        return self._catalog.readers.feedback()

    # Look up

    def interviews(self) -> list[Interview]:
        """Return all interviews, sorted by title."""
        return self._catalog.interviews()

    def transcript(self, interview_id: str) -> Transcript:
        """Return an interview with all its turns. Raises UnknownInterview when there is none."""
        return self._catalog.transcript(interview_id)

    def origins(self) -> dict[str, tuple[str, str]]:
        """Map the absolute path of each ingested file to its interview id and ingest key."""
        return self._catalog.origins()

    def sources(self) -> list[Source]:
        """Return the source file of each interview, sorted by path."""
        return self._catalog.sources()

    def facets(self) -> Facets:
        """Return all filter values with their number of interviews."""
        return list_facets(self._catalog.interviews())

    def themes(self) -> tuple[Theme, ...]:
        """Return the themes of the lexicon. Raises BadLexicon."""
        return load_lexicon(self._settings.lexicon)

    def counts(self) -> Counts:
        """Return the sizes of the catalog; fast."""
        return self._catalog.counts()

    def generation(self) -> int:
        """Return the generation, a number that every committed change increases."""
        return self._catalog.generation()

    def status(self) -> Status:
        """Return statistics of the knowledge base; slower than `counts`, since it measures folders."""
        learnt = self._calibrator.stored()
        return measure(self._settings.home, self._catalog, self._embedder.name, learnt.thin if learnt else None)
