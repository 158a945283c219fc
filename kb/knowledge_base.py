"""The knowledge base: opens the parts, and keeps, finds and answers with them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kb.answering.brief import write_brief
from kb.answering.citation import cite
from kb.answering.compare import Comparison, check_columns, line_up, list_values, narrow
from kb.answering.follow_up import Understood, understand
from kb.embedding.embedder import open_embedder
from kb.embedding.protocol import DEFAULT_NAME, Embedder
from kb.errors import LanguageModelFailed, SegmentGone, UnknownInterview
from kb.generation.client import LanguageModel, open_language_model
from kb.generation.prompt import choose_sources, write_prompt
from kb.generation.synthesis import Synthesis
from kb.grounding.evidence import Evidence
from kb.grounding.gate import read_stream
from kb.grounding.similarity import Comparer
from kb.model import (
    Answer,
    Coverage,
    Dimension,
    Excerpt,
    Facets,
    Feedback,
    Hit,
    Interview,
    Passage,
    Query,
    Status,
    ThemeName,
    Transcript,
)
from kb.retrieval.coverage import RULES, Calibration, calibrate, choose_own, soften_level
from kb.retrieval.filters import filter_interviews
from kb.retrieval.findings import Findings, Ranked, make_hits
from kb.retrieval.index import Index
from kb.retrieval.lexicon import Theme, load_lexicon
from kb.retrieval.ranking import Steps
from kb.retrieval.rerank import open_reranker
from kb.retrieval.searcher import Finder
from kb.settings import Settings
from kb.storage.backup import read_backup, write_backup
from kb.storage.catalog import Catalog
from kb.storage.doctor import Finding, examine
from kb.storage.home import check_shared, check_unshared
from kb.storage.rows import Origin, Source
from kb.storage.stores import open_database
from kb.storage.token_store import TokenStore
from kb.storage.vector_store import VectorStore, open_vectors
from kb.storage.writer import Keeper, Prepared

ALL_STEPS = Steps()
ELSEWHERE = Path(__file__).parent / "retrieval" / "out_of_domain_questions.txt"  # interviews with leaders answer none
# Share of the interviews that may change before coverage is learnt again: by an ingest, and while somebody asks.
WRITER_SLACK, READER_SLACK = 0.1, 0.5
THEMES_STEP = 3  # every third theme of the lexicon is asked, to learn what counts as covered
TRIES = 5  # to read the catalog while a writer moves what it lists
WAITING = "another ingest, check or backup is writing; waiting until it is done"
NO_MODEL = "No language model is set; set KB_LLM to openai-like, ollama or anthropic"
NOT_COVERED = "The interviews do not say; the language model was not asked"
NO_PASSAGE = "Every passage found gives orders to its reader; the language model was not asked"
REMOVED_MEANWHILE = "An interview was removed while the language model wrote; ask again"
SAID_NOTHING = "The language model answered without a word"


class KnowledgeBase:
    """One handle on the stores and the model, to be shared by all threads of a process."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        vectors: VectorStore,
        tokens: TokenStore,
        embedder: Embedder,
        steps: Steps = ALL_STEPS,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._vectors = vectors
        self._tokens = tokens
        self._embedder = embedder
        self._finder = Finder(catalog, vectors, tokens, embedder, steps, settings.lexicon)
        self._reranker = open_reranker(settings.reranker) if settings.reranker else None
        self._lock = threading.RLock()
        self._keeper = Keeper(settings.home, catalog, vectors, tokens, embedder, on_wait)
        self._index: Index | None = None
        self._pins = threading.local()  # the index that a thread reads from, while it answers

    @classmethod
    def open(
        cls, settings: Settings, steps: Steps = ALL_STEPS, *, on_wait: Callable[[], None] | None = None
    ) -> KnowledgeBase:
        """Open what the settings name; the model's weights are loaded at the first use or by `warm`.

        `steps` leaves out steps of the ranking, to measure what each gives; `on_wait` is called when a change has
        to wait for another process that writes.
        """
        embedder = open_embedder(settings.embed_model)
        catalog = _open_catalog(settings, embedder.fingerprint)
        vectors = open_vectors(settings, embedder.fingerprint)
        tokens = TokenStore.open(settings.home / "tokens", is_carried_model=embedder.name == DEFAULT_NAME)
        return cls(settings, catalog, vectors, tokens, embedder, steps, on_wait)

    def close(self) -> None:
        """Let go of the stores."""
        self._vectors.close()
        self._catalog.close()

    def warm(self) -> None:
        """Load the model and learn what counts as covered, so that the first question does not wait for either."""
        self._finder.warm()
        self.calibration()

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
    ) -> int:
        """Add an interview, or put it in the place of the one with its id; what was there stays until the end.

        Returns how many passages went through the model: those whose text is stored already do not.
        """
        prepared = self.prepare(passages, on_encoded)
        self.put(transcript, passages, origin, prepared)
        return prepared.encoded

    def prepare(
        self,
        passages: Sequence[Passage],
        on_encoded: Callable[[int], None] | None = None,
        beside: Prepared | None = None,
    ) -> Prepared:
        """The part of `add` that takes the model's time and writes nothing: a thread may do it beside another's `put`.

        What `beside` holds is not made again: it is about to be written.
        """
        return self._keeper.prepare(passages, on_encoded, beside)

    def put(self, transcript: Transcript, passages: Sequence[Passage], origin: Origin, prepared: Prepared) -> None:
        """The part of `add` that writes."""
        interview = transcript.interview
        headers = [make_header(interview, passage.speaker) for passage in passages]
        self._keeper.put(transcript, passages, headers, origin, prepared)

    def remove(self, interview_id: str) -> None:
        """Remove an interview from every store."""
        self._keeper.remove(interview_id)

    def mend_pending(self) -> None:
        """Bring to its end what a writer was stopped in, as by a power cut."""
        self._keeper.mend_pending()

    def origins(self) -> dict[str, tuple[str, str]]:
        """Of each ingested file, by its absolute path: the interview's id and its ingest key."""
        return self._catalog.origins()

    def examine(self) -> list[Finding]:
        """What is wrong with the stores, and what else should be known of them."""
        with self._keeper.writing():
            return examine(self._catalog, self._vectors, self._tokens)

    def repair(self) -> list[Finding]:
        """Mend what is wrong with the stores; what is left to be known or cannot be mended."""
        with self._keeper.writing():
            findings = self.examine()
            wanted = {finding.mending for finding in findings}
            if "catalog" in wanted:
                return findings
            if "words" in wanted:
                self._catalog.database.rebuild_words()
            if "vectors" in wanted:
                self._vectors.reset()
            orphans = [one for finding in findings if finding.mending == "orphans" for one in finding.ids]
            self._vectors.remove(orphans)
            broken = {one for finding in findings if finding.mending == "interview" for one in finding.ids}
            everything = {interview.id for interview in self._catalog.interviews()}
            self._keeper.mend(everything if "vectors" in wanted else broken)
            return self.examine()

    def back_up(self, file: Path) -> None:
        """Write everything into one new file."""
        with self._keeper.writing():
            write_backup(file, self._settings.home, self._catalog, self._vectors)

    @staticmethod
    def restore(file: Path, settings: Settings) -> None:
        """Fill the empty home folder of the settings from such a file."""
        fingerprint = open_embedder(settings.embed_model).fingerprint
        read_backup(file, settings, fingerprint)

    def sources(self) -> list[Source]:
        """The file of each interview, by path."""
        return self._catalog.sources()

    # Find

    def search(self, query: Query) -> list[Hit]:
        """The passages that speak best to the query, best first; [] when there are none within its filters."""
        with self._reading():
            return self._make_hits(self._find(query).ranked[: query.limit])

    def ask(self, query: Query) -> Answer:
        """An answer in the leaders' own words; without citations where the interviews do not say."""
        calibration = self.calibration()
        with self._reading():
            found = self._find(query)
            return self._write_brief(query, found, found.score, calibration)

    def _write_brief(self, query: Query, found: Findings, score: float, calibration: Calibration) -> Answer:
        """The brief of what was found; `score` tells how surely the question is spoken to."""
        hits = self._make_hits(found.ranked)
        asked = [hit for hit in hits if "named" in hit.why] if found.is_named else []
        level = soften_level(calibration.judge(score), query.text, is_placed=found.is_placed and not found.unknown)
        coverage = Coverage(level, score, leaders_asked=self._leaders_asked(query), unknown=found.unknown)
        answer = write_brief(
            query,
            asked or hits,  # within filters that leave out who is named, the others
            coverage,
            looks=found.looks,
            turn=self._catalog.turn,
            is_theme=bool(found.themes),
            is_named=found.is_named,
        )
        themes = tuple(ThemeName(theme.id, theme.name) for theme in found.themes)
        return replace(answer, themes=themes, meant=found.meant, hits=tuple(hits[: query.limit]))

    def compare(self, query: Query, by: Dimension, values: Sequence[str]) -> Comparison:
        """Two to four leaders, companies, sectors or years side by side on one question, at equal depth.

        Whether the question is spoken to at all is judged over all interviews: one leader alone seldom says enough.
        """
        check_columns(by, values, list_values(self.facets(), by))
        calibration = self.calibration()
        narrowed = [narrow(query, by, value) for value in values]
        with self._reading():
            score = self._finder.find(query, self._refresh()).score
            briefs = [self._write_brief(one, self._find(one), score, calibration) for one in narrowed]
        return line_up(query, by, values, briefs)

    def calibration(self) -> Calibration:
        """From which score on a question counts as covered: learnt of these very interviews, or nearly these."""
        with self._lock:
            stored = self._catalog.calibration(RULES, READER_SLACK)
            return Calibration(*stored) if stored else self.calibrate()

    def calibrate(self) -> Calibration:
        """Learn of the interviews as they are now, unless they have hardly changed since."""
        if stored := self._catalog.calibration(RULES, WRITER_SLACK):
            return Calibration(*stored)
        elsewhere = ELSEWHERE.read_text(encoding="utf-8").splitlines()
        themes = [theme.questions[0] for theme in load_lexicon()[::THEMES_STEP]]
        with self._reading(), ThreadPoolExecutor(os.cpu_count()) as threads:
            index = self._refresh()
            own = choose_own(self._catalog.host_questions())
            kinds = (elsewhere, own, themes)
            asked = [question for kind in kinds for question in kind]
            scores = iter(list(threads.map(lambda one: self._finder.find(Query(one), index).score, asked)))
            learnt = calibrate(*([next(scores) for _ in kind] for kind in kinds))
        self._catalog.keep_calibration(RULES, index.generation, astuple(learnt))
        return learnt

    def _find(self, query: Query) -> Findings:
        """What is found, the best of it put in order by the cross-encoder where one is set."""
        found = self._finder.find(query, self._refresh())
        if not self._reranker:
            return found
        passages = self._catalog.passages([one.passage_id for one in found.ranked])
        return replace(found, ranked=self._reranker.reorder(query.text, found.ranked, passages))

    def _make_hits(self, ranked: Sequence[Ranked]) -> list[Hit]:
        return make_hits(ranked, passages=self._catalog.passages, interviews=self._refresh().interviews)

    def _refresh(self) -> Index:
        """The index as of the last committed change, in whichever process that was."""
        pinned: Index | None = getattr(self._pins, "index", None)
        if pinned:
            return pinned
        with self._reading():
            return self._refresh()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Whatever this thread reads inside is of one generation, though another be committed meanwhile."""
        if getattr(self._pins, "index", None):
            yield
            return
        with ExitStack() as stack:
            self._pins.index = self._pin(stack)
            stack.callback(setattr, self._pins, "index", None)
            yield

    def _pin(self, stack: ExitStack) -> Index:
        """The index of a moment from which on the catalog stands still for this thread."""
        for _ in range(TRIES):
            with self._lock, ExitStack() as attempt:
                attempt.enter_context(self._catalog.database.snapshot())
                generation = self._catalog.generation()
                try:
                    if self._index is None or self._index.generation != generation:
                        self._index = Index.load(self._catalog, self._tokens)
                        self._keeper.note_generation(generation)
                except SegmentGone as error:  # lost, or moved by a writer since the moment was chosen
                    gone = error
                    continue
                stack.push(attempt.pop_all())
                return self._index
        raise gone

    # Write

    @property
    def has_language_model(self) -> bool:
        """Whether the settings name one."""
        return self._settings.language_model is not None

    def warm_language_model(self) -> None:
        """Load what talks to it, so that the first answer does not wait for that; nothing where none is set."""
        if self._settings.language_model:
            open_language_model(self._settings.language_model).load()

    def write(self, answer: Answer) -> Iterator[Synthesis]:
        """What the language model writes beside a brief, checked sentence by sentence; each item tells all so far.

        Whatever becomes of the model is a value: the last item is done, and says in a line what went wrong.
        """
        settings = self._settings.language_model
        if settings is None:
            yield Synthesis((), problem=NO_MODEL, is_done=True)
            return
        yield from self.write_with(open_language_model(settings), answer)

    def write_with(self, model: LanguageModel, answer: Answer) -> Iterator[Synthesis]:
        """As `write`, with a model of your own."""
        sources = choose_sources(answer) if answer.is_covered else ()
        if not sources:
            yield Synthesis((), problem=NO_PASSAGE if answer.is_covered else NOT_COVERED, is_done=True)
            return
        comparer = Comparer(self._embedder.encode)
        cite_turn = partial(cite, turn=self._catalog.turn)
        evidence = Evidence(sources, comparer.match, cite_turn)
        words = model.stream(write_prompt(answer.query.text, sources))
        written = Synthesis(sources)
        yield written
        try:
            for reading in read_stream(words, evidence):
                written = Synthesis(sources, reading.sentences, reading.draft)
                yield written
        except LanguageModelFailed as failure:
            yield replace(written, draft="", problem=str(failure), is_done=True)
            return
        except UnknownInterview:
            yield replace(written, draft="", problem=REMOVED_MEANWHILE, is_done=True)
            return
        yield replace(written, problem="" if written.sentences else SAID_NOTHING, is_done=True)

    # Converse, and learn from readers

    def understand(self, question: str, earlier: Sequence[str]) -> Understood:
        """A question as it stands alone after the earlier ones of a conversation, oldest first."""
        index = self._refresh()
        return understand(question, earlier, lambda text: self._finder.route(text, index).spans)

    def questions(self, session: str) -> tuple[str, ...]:
        """The questions that are kept under a name, oldest first; () when there are none."""
        return self._catalog.questions(session)

    def keep_question(self, session: str, question: str) -> None:
        """Keep a question under the name of its conversation."""
        self._catalog.keep_question(session, question)

    def rate(self, answer: Answer, *, is_helpful: bool) -> Feedback:
        """Store a reader's thumb with the question, the hits and the answer."""
        feedback = Feedback(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            question=answer.query.text,
            is_helpful=is_helpful,
            hits=tuple(Excerpt(hit.interview.source, hit.passage.text) for hit in answer.hits),
            quotations=tuple(Excerpt(one.interview.source, one.quote) for one in answer.citations),
        )
        self._catalog.keep_feedback(feedback)
        return feedback

    def feedback(self) -> list[Feedback]:
        """Every thumb, in the order of giving."""
        return self._catalog.feedback()

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

    def themes(self) -> tuple[Theme, ...]:
        """What one can ask about by name: the themes of the lexicon."""
        return load_lexicon(self._settings.lexicon)

    def status(self) -> Status:
        """The state of the knowledge base in figures."""
        counts = self._catalog.counts()
        return Status(
            home=str(self._settings.home),
            catalog=self._catalog.database.place,
            model=self._embedder.name,
            generation=self._catalog.generation(),
            threshold=self._threshold(),
            catalog_bytes=self._catalog.database.size(),
            vectors_bytes=_measure_folder(self._settings.home / "chroma"),
            tokens_bytes=_measure_folder(self._settings.home / "tokens"),
            interviews=counts.interviews,
            samples=counts.samples,
            leaders=counts.leaders,
            turns=counts.turns,
            passages=counts.passages,
            words=counts.words,
        )

    def _threshold(self) -> float | None:
        stored = self._catalog.calibration(RULES, READER_SLACK)
        return Calibration(*stored).thin if stored else None

    def _leaders_asked(self, query: Query) -> int:
        interviews = self._refresh().interviews
        within = filter_interviews(query, interviews.values())
        asked = interviews if within is None else within
        return len({name for one in asked for name in interviews[one].leader_names})


def _open_catalog(settings: Settings, fingerprint: str) -> Catalog:
    if settings.catalog_url is None:
        check_unshared(settings.home)
    catalog = Catalog.open(open_database(settings.home, settings.catalog_url), fingerprint)
    if settings.catalog_url:
        check_shared(settings.home, catalog)
    return catalog


def _measure_folder(folder: Path) -> int:
    """Bytes on disk; 0 for a folder that is not there, as with a Chroma server."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


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
