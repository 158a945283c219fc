"""The lens desk: judge texts, gather the evidence of a framework, count it by leader."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Vectors
from kb.embedding.protocol import DEFAULT_NAME, Embedder
from kb.embedding.token_codes import sum_up
from kb.errors import BadQuestion, StoreUnavailable
from kb.lens.asking import QuestionMatcher
from kb.lens.balance import Balance, By, Cell, Weight, weigh
from kb.lens.evidence import (
    Evidence,
    LensQuotation,
    Quoter,
    gather_side,
    list_quotations,
    number_quotations,
    sort_passages,
)
from kb.lens.framework import SIDES, Framework, Side, load_framework, name_basis
from kb.lens.head import load_lens
from kb.lens.judge import Judgement, Lens
from kb.lens.labelled import list_labelled
from kb.lens.learning import Learning, learn
from kb.lens.learnt import LearntDesk
from kb.lens.people import Decided, decide
from kb.lens.phrasing_head import BARS, make_phrasing_head, read_other_matters
from kb.lens.quoting import Quoted, quote_passage
from kb.lens.reading import JudgedPassage, LensReader
from kb.lens.tags import TagDesk
from kb.lens.timeline import Timeline, line_up
from kb.lens.voices import Voices
from kb.lens.windows import make_windows
from kb.model import Passage, Query
from kb.retrieval.filters import filter_interviews, matches
from kb.retrieval.index import Index
from kb.retrieval.question import check_typed
from kb.retrieval.snapshot import Snapshots
from kb.storage.stores import Stores

EVERYTHING = Query("")
EVERY = slice(None)


class LensDesk:
    """Judges passages by a framework; shared by all threads.

    All methods that read interviews raise StoreUnavailable when a store fails; those that read texts, ModelMissing.
    """

    def __init__(
        self,
        stores: Stores,
        snapshots: Snapshots,
        embedder: Embedder,
        names_somebody: Callable[[str, Index], bool],
        own: Path | None = None,
    ) -> None:
        """Load the framework of a file, else the bundled one. Raises BadFramework."""
        self.framework: Framework = load_framework(own)
        self.tags = TagDesk(stores.catalog, self.framework)
        self.learnt = LearntDesk(stores.catalog.database, self.framework.name, self._name_basis)
        self._own = own
        self._stores = stores
        self._snapshots = snapshots
        self._embedder = embedder
        self._names_somebody = names_somebody
        self._matcher = QuestionMatcher(lambda text: embedder.encode_query(text).vector)
        self._voices = Voices(embedder.encode_passages, stores.tokens.project)
        self._reader: tuple[Lens, LensReader] | None = None
        self._decided: tuple[tuple[int, str, str], Decided] | None = None
        self._passages: tuple[int, dict[str, Sequence[Passage]]] = -1, {}
        self._loading = threading.Lock()

    @property
    def is_learnt(self) -> bool:
        """Whether it was learnt from labelled passages; False: it judges by the phrasings alone, less surely."""
        return self._own is None and self._embedder.name == DEFAULT_NAME

    def with_framework(self, own: Path) -> LensDesk:
        """Return a desk with the framework of a file. Raises BadFramework."""
        return LensDesk(self._stores, self._snapshots, self._embedder, self._names_somebody, own)

    def takes(self, question: str) -> tuple[Side, ...]:
        """Return both sides, the one that is asked for first, where the framework answers a question; () else.

        Raises BadQuestion when the question is too long or no text.
        """
        check_typed(question)
        sides = self._matcher.match(question)
        if not sides:
            return ()
        with self._snapshots.reading() as index:
            return () if self._names_somebody(question, index) else sides

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """Judge texts, in their order. Raises BadQuestion when one has no words."""
        for number, text in enumerate(texts, 1):
            if not any(map(str.isalnum, text)):
                raise BadQuestion(f"Text {number} holds no words to judge")
        if not texts:
            return []
        lens, _ = self._load()
        stored = self._stores.tokens.quantize(texts, self._embedder.encode_passages(texts))
        sentences = np.cumsum([0, *(length for one in stored for length in one.sentences)], dtype=np.int64)
        passages = np.cumsum([0, *(len(one.sentences) for one in stored)], dtype=np.int64)
        windows = make_windows(np.concatenate([one.codes for one in stored]), sentences, passages)
        found, correction = lens.measure(windows), self.learnt.state().correction
        corrected = correction.weights.apply(found, windows.passages) if correction else found
        return [lens.judge(odds, text) for odds, text in zip(corrected, texts, strict=True)]

    def evidence(self, query: Query = EVERYTHING, first: Side = "attracts") -> Evidence:
        """Gather the evidence of both sides within the query's filters; its text plays no part."""
        lens, _ = self._load()
        correction = self.learnt.state().correction
        with self._snapshots.reading() as index:
            decided = self._decide(index)
            judged = _keep(decided.judged, query)
            quote = self._make_quoter(lens, index, decided)
            sides = [
                gather_side(
                    side,
                    self.framework.of(side),
                    [one for one in judged if side in one.judgement.sides],
                    quote,
                    self._stores.catalog.turn,
                )
                for side in sorted(SIDES, key=lambda side: side != first)
            ]
            within = [one for one in index.interviews.values() if matches(one, query)]
        numbered = number_quotations(sides)
        shown = {one.citation.leader.name for side in numbered for found in side.behaviours for one in found.quotations}
        asked = {name for one in within for name in one.leader_names if not query.leaders or name in query.leaders}
        learnt_from = correction.judgements if correction else 0
        return Evidence(self.framework.name, self.is_learnt, numbered, len(shown), len(asked), learnt_from)

    def passages(
        self,
        behaviour_id: str,
        leader: str | None = None,
        query: Query = EVERYTHING,
        *,
        unsure: bool = False,
        within: slice = EVERY,
    ) -> list[LensQuotation]:
        """Return the quotations of the passages that clearly show a behaviour, of one leader or of all, best first.

        With `unsure`, those that show it less clearly follow. `within` is the part of them that is read.
        Raises BadQuestion for a behaviour that the framework does not have.
        """
        self._check(behaviour_id)
        lens, _ = self._load()
        with self._snapshots.reading() as index:
            decided = self._decide(index)
            judged = [one for one in _keep(decided.judged, query) if leader in (None, one.passage.speaker)]
            quote, turn = self._make_quoter(lens, index, decided), self._stores.catalog.turn
            sure = [one for one in judged if behaviour_id in one.shows]
            others = [_show_too(one, behaviour_id) for one in judged if behaviour_id in _list_unsure(one)]
            ordered = [*sort_passages(behaviour_id, sure), *(sort_passages(behaviour_id, others) if unsure else ())]
            chosen = {one.passage.id for one in ordered[within]}
            found, more = (
                list_quotations(behaviour_id, [one for one in part if one.passage.id in chosen], quote, turn)
                for part in (sure, others)
            )
        return [*found, *(replace(one, is_sure=False) for one in more)]

    def decided(self) -> Decided:
        """Return what all passages show, and what people said of them."""
        self._load()
        with self._snapshots.reading() as index:
            return self._decide(index)

    def version(self) -> str:
        """Return a name of all that the evidence rests on: what was found stays true until another one comes."""
        return f"{self._stores.catalog.generation()} {self.tags.version()} {self.learnt.version()}"

    def learn(self, *, keep: bool = True) -> Learning:
        """Learn from what people said of passages, and use it if that is surely better than the lens as it is.

        Where it is not, what was learnt before is not used any more either. Without `keep`, nothing changes. Raises
        StoreUnavailable when the catalog can only be read.
        """
        if keep:
            self._stores.catalog.database.check_writable()
        lens, reader = self._load()
        with self._snapshots.reading() as index:
            labelled, others = list_labelled(lens, reader, index, self._decide(index).votes)
        found = learn(lens, labelled, others)
        if keep and found.correction:
            self.learnt.keep(found.correction)
        elif keep:
            self.learnt.forget()
        return found

    def balance(self, query: Query = EVERYTHING) -> list[Balance]:
        """Count for each leader the passages that attract and that drive away; the best share first."""
        counts: dict[str, Counter[str]] = {}
        samples: set[str] = set()
        for one in self._read(query):
            counts.setdefault(one.passage.speaker, Counter()).update(one.judgement.sides)
            if one.interview.sample:
                samples.add(one.passage.speaker)
        found = [
            Balance(leader, known["attracts"], known["drives_away"], leader in samples)
            for leader, known in counts.items()
        ]
        return sorted(found, key=lambda one: (-one.share, -one.attracts, one.leader))

    def weigh(self, by: By, query: Query = EVERYTHING) -> list[Weight]:
        """Count by leader, sector or year the passages that attract and that drive away."""
        return weigh(self._read(query), by)

    def timeline(self, behaviour_id: str, query: Query = EVERYTHING) -> Timeline:
        """Line up by year who clearly shows a behaviour. Raises BadQuestion for one that the framework lacks."""
        self._check(behaviour_id)
        with self._snapshots.reading() as index:
            judged = _keep(self._decide(index).judged, query)
            spoken = [(one.interview, one.passage.speaker) for one in judged if behaviour_id in one.shows]
            return line_up(spoken, [one for one in index.interviews.values() if matches(one, query)])

    def table(self, query: Query = EVERYTHING, *, unsure: bool = False) -> list[Cell]:
        """Count the passages of each leader that clearly show each behaviour, by leader and behaviour.

        With `unsure`, those that show it less clearly are counted too.
        """
        order = [one.id for one in self.framework.behaviours]
        counts = Counter(
            (one.passage.speaker, shown)
            for one in self._read(query)
            for shown in (*one.shows, *(_list_unsure(one) if unsure else ()))
        )
        cells = [Cell(leader, behaviour_id, number) for (leader, behaviour_id), number in counts.items()]
        return sorted(cells, key=lambda cell: (cell.leader, order.index(cell.behaviour_id)))

    def _make_quoter(self, lens: Lens, index: Index, decided: Decided) -> Quoter:
        """Quote the words that people judged, else those that the machine finds best."""

        def quote(one: JudgedPassage, behaviour_id: str) -> Quoted | None:
            words = decided.confirmed.get((one.passage.id, behaviour_id))
            if words:
                return Quoted(*words, one.shows[behaviour_id], is_confirmed=True)
            behaviour = self.framework.behaviour(behaviour_id)
            return quote_passage(lens, self._voices.of(behaviour), index, one, behaviour_id) if behaviour else None

        return quote

    def _check(self, behaviour_id: str) -> None:
        if self.framework.behaviour(behaviour_id) is None:
            raise BadQuestion(f"The framework {self.framework.name} has no behaviour {behaviour_id[:40]!r}")

    def _read(self, query: Query) -> list[JudgedPassage]:
        return _keep(self.decided().judged, query)

    def _decide(self, index: Index) -> Decided:
        """Put people's word in place of the machine's; once for as long as neither changes."""
        _, reader = self._load()
        key = index.generation, self.tags.version(), self.learnt.version()
        judged = reader.read(index, self.learnt.state().correction)
        with self._loading:
            if self._decided is None or self._decided[0] != key:
                kept = self.tags.kept()
                self._decided = key, decide(judged, kept, index, self.framework, self._list_passages(index))
            return self._decided[1]

    def _list_passages(self, index: Index) -> Callable[[str], Sequence[Passage]]:
        if self._passages[0] != index.generation:
            self._passages = index.generation, {}
        known = self._passages[1]

        def list_of(interview_id: str) -> Sequence[Passage]:
            if interview_id not in known:
                known[interview_id] = self._stores.catalog.passages_of(interview_id)
            return known[interview_id]

        return list_of

    def _load(self) -> tuple[Lens, LensReader]:
        with self._loading:
            if self._reader is None:
                lens = load_lens() if self.is_learnt else self._make_lens()
                self._reader = lens, LensReader(lens, self._voices, self._stores.catalog.passages)
            return self._reader

    def _make_lens(self) -> Lens:
        if not self._stores.tokens.has_projection:
            raise StoreUnavailable("There is no interview yet for this model to judge; run: kb-ingest FOLDER")
        head = make_phrasing_head(self.framework, self._encode)
        return Lens(self.framework, head, BARS, is_learnt=False, basis=self._name_basis())

    def _name_basis(self) -> str:
        """Name what the lens rests on."""
        if self.is_learnt:
            return load_lens().basis
        rest = self._embedder.fingerprint, self._stores.tokens.hash_projection()
        return name_basis(self.framework, *rest, *read_other_matters())

    def _encode(self, texts: Sequence[str]) -> Vectors:
        """Return the mean token vector of texts, as those of passages are stored."""
        stored = self._stores.tokens.quantize(texts, self._embedder.encode_passages(texts))
        return np.stack([sum_up(one.codes) for one in stored])


def _list_unsure(one: JudgedPassage) -> list[str]:
    """List the behaviours that a passage may show, without those that it clearly shows."""
    return [label for label in one.judgement.behaviours if label not in one.shows]


def _show_too(one: JudgedPassage, behaviour_id: str) -> JudgedPassage:
    return replace(one, shows={**one.shows, behaviour_id: one.judgement.confidence})


def _keep(judged: Sequence[JudgedPassage], query: Query) -> list[JudgedPassage]:
    """Keep the passages within the filters; of several leaders in an interview, those who are asked for."""
    within = filter_interviews(query, {one.interview.id: one.interview for one in judged}.values())
    wanted = {name.casefold() for name in query.leaders}
    return [
        one
        for one in judged
        if (within is None or one.interview.id in within) and (not wanted or one.passage.speaker.casefold() in wanted)
    ]
