"""Keep interviews in the catalog, in Chroma and in the files of token vectors as if these were one store.

The order of a change: its interview is noted as pending, Chroma and the token vectors are written, then the catalog
in one transaction that also strikes the note. Whatever is broken off before that is mended by the next writer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from kb.arrays import Kept, Segment
from kb.embedding.protocol import Embedder
from kb.errors import SegmentGone, StoreUnavailable
from kb.model import Passage, Transcript
from kb.storage.catalog import Catalog
from kb.storage.database import FULL
from kb.storage.ledger import Shelved
from kb.storage.rows import Origin
from kb.storage.token_store import TokenStore, checksum, take_kept
from kb.storage.vector_store import VectorStore

DEAD_SHARE = 0.5  # of a file's rows, from which on its living ones are moved and the file deleted
QUIET = 1.0  # seconds that a writer waits for another without a word
TEXTS_AT_ONCE = 512  # through the model, before only what is kept of them stays in memory


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is kept of an interview's texts, ready to be written."""

    kept: Mapping[str, Kept]  # by text
    encoded: int  # texts that the model had to read for it


class Keeper:
    """The one writer of a knowledge base."""

    def __init__(
        self,
        home: Path,
        catalog: Catalog,
        vectors: VectorStore,
        tokens: TokenStore,
        embedder: Embedder,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._tokens = tokens
        self._embedder = embedder
        self._on_wait = on_wait
        self._threads = threading.RLock()
        self._processes = FileLock(home / "writer.lock")
        self._seen = catalog.generation()  # what the vector store's client knows of

    def prepare(
        self,
        passages: Sequence[Passage],
        on_encoded: Callable[[int], None] | None = None,
        beside: Prepared | None = None,
    ) -> Prepared:
        """Put through the model what no interview has yet, nor `beside`, which is about to be written."""
        texts = list(dict.fromkeys(passage.text for passage in passages))
        known = {text: beside.kept[text] for text in texts if text in beside.kept} if beside else {}
        known |= self._recall([text for text in texts if text not in known])
        new = [text for text in texts if text not in known]
        for first in range(0, len(new), TEXTS_AT_ONCE):
            some = new[first : first + TEXTS_AT_ONCE]
            known |= zip(some, self._tokens.pack(some, self._embedder.encode(some, on_encoded)), strict=True)
        return Prepared(known, len(new))

    def put(
        self,
        transcript: Transcript,
        passages: Sequence[Passage],
        headers: Sequence[str],
        origin: Origin,
        prepared: Prepared,
    ) -> None:
        """Write an interview in the place of the one with its id, if there is one."""
        kept = [prepared.kept[passage.text] for passage in passages]
        with self.writing():
            self._mend_pending()
            self._catalog.begin(transcript.interview.id)
            self._vectors.replace(transcript.interview, passages, [one.vector for one in kept])
            segment, shelved = self._shelve(passages, kept)
            self._catalog.put(transcript, origin, passages, headers, segment, shelved)
            self._compact()

    def remove(self, interview_id: str) -> None:
        """Remove an interview from every store."""
        with self.writing():
            self._mend_pending()
            self._catalog.interview(interview_id)  # one that is not there raises before anything is touched
            self._catalog.begin(interview_id)
            self._vectors.remove(self._vectors.passage_ids(interview_id))
            self._catalog.remove(interview_id)
            self._compact()

    def mend_pending(self) -> None:
        """Bring to its end what another writer was stopped in."""
        if self._catalog.pending():
            with self.writing():
                self._mend_pending()
                self._compact()

    def mend(self, interview_ids: Collection[str]) -> None:
        """List the vectors of these interviews anew, made again where they are lost, and delete what nothing lists."""
        with self.writing():
            for interview_id in sorted({*interview_ids, *self._catalog.pending()}):
                self._mend(interview_id)
            self._compact()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer at a time, and none with an outdated client: embedded Chroma allows neither."""
        try:
            with self._alone(), self._threads:
                self.note_generation(self._catalog.generation())
                yield
                self._seen = self._catalog.generation()
        except OSError as error:
            raise StoreUnavailable(f"The knowledge base cannot be written: {error}; {FULL}") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Neither another process of this host writes meanwhile, nor one of another host that shares the database."""
        self._wait_for(self._lock_file)
        try:
            self._wait_for(self._catalog.database.lock)
            try:
                yield
            finally:
                self._catalog.database.unlock()
        finally:
            self._processes.release()

    def _lock_file(self, seconds: float) -> bool:
        try:
            self._processes.acquire(timeout=seconds)
        except Timeout:
            return False
        return True

    def _wait_for(self, lock: Callable[[float], bool]) -> None:
        if lock(QUIET):
            return
        if self._on_wait:
            self._on_wait()
        while not lock(QUIET):
            pass

    def note_generation(self, generation: int) -> None:
        """A reader saw this generation: if it is not this writer's own, the vector store's client is outdated."""
        if generation != self._seen:
            self._vectors.outdate()
            self._seen = generation

    def _mend_pending(self) -> None:
        for interview_id in self._catalog.pending():
            self._mend(interview_id)

    def _mend(self, interview_id: str) -> None:
        passages = self._catalog.passages_of(interview_id)
        if not passages:
            self._vectors.remove(self._vectors.passage_ids(interview_id))
            self._catalog.list_again(interview_id, None, ())
            return
        prepared = self.prepare(passages)
        kept = [prepared.kept[passage.text] for passage in passages]
        self._catalog.begin(interview_id)
        self._vectors.replace(self._catalog.interview(interview_id), passages, [one.vector for one in kept])
        self._catalog.list_again(interview_id, *self._shelve(passages, kept))

    def _shelve(self, passages: Sequence[Passage], kept: Sequence[Kept]) -> tuple[Segment | None, list[Shelved]]:
        if not passages:
            return None, []
        segment = self._tokens.append(kept, self._catalog.count_live_rows())
        rows = zip(passages, kept, strict=True)
        return segment, [Shelved(passage.id, passage.text, one.pieces) for passage, one in rows]

    def _recall(self, texts: Sequence[str]) -> dict[str, Kept]:
        """What is stored of these texts, in whichever interview, as far as it is whole."""
        with self._catalog.database.snapshot():  # else a place might be of an interview that is replaced meanwhile
            contents = self._catalog.find_contents(texts)
            segments = self._read_segments({content.interview_id for content in contents.values()})
        if not contents:
            return {}
        vectors = self._vectors.recall({content.passage_id: text for text, content in contents.items()})
        return {
            text: take_kept(segments[content.interview_id], content.place, vectors[content.passage_id], content.pieces)
            for text, content in contents.items()
            if content.passage_id in vectors and content.interview_id in segments
        }

    def _read_segments(self, interview_ids: set[str]) -> dict[str, Segment]:
        """The segments of these interviews that are there and undamaged."""
        found: dict[str, Segment] = {}
        for interview_id, segment in self._catalog.segments(interview_ids).items():
            try:
                mapped = self._tokens.map(segment)
            except SegmentGone:
                continue
            if checksum(mapped.codes) == segment.checksum:
                found[interview_id] = mapped
        return found

    def _compact(self) -> None:
        """Move what lives in files that are mostly dead, and delete files that nothing is listed in."""
        for file, live in self._catalog.count_live_rows().items():
            if live < (1 - DEAD_SHARE) * self._tokens.count_rows(file):
                self._move_out(file)
        self._tokens.sweep(self._catalog.count_live_rows())

    def _move_out(self, file: str) -> None:
        segments = self._catalog.segments_in(file)
        others = set(self._catalog.count_live_rows()) - {file}
        rows = np.concatenate([self._tokens.map(segment).codes for segment in segments.values()])
        target, first = self._tokens.append_rows(rows, others)
        starts = np.cumsum([first, *(segment.size for segment in segments.values())]).tolist()
        self._catalog.move_segments(target, dict(zip(segments, starts, strict=False)))
