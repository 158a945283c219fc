"""Write interviews to catalog, Chroma and token files, consistently.

Order of a change: mark the interview as pending, write Chroma and the token file, then write the catalog in one
transaction that also clears the mark. The next writer completes an interrupted change. The id of an interview, and the
one it replaces, are decided inside the writer's lock, since data read before may be outdated.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from kb.embedding.protocol import Embedder
from kb.errors import StoreUnavailable, UnknownInterview
from kb.model import Interview, Passage, Transcript
from kb.storage.catalog import Known
from kb.storage.database import FULL
from kb.storage.mend_table import LeftOut
from kb.storage.mending import Mending
from kb.storage.rows import Origin
from kb.storage.second_sources import SecondSource
from kb.storage.stores import Stores
from kb.storage.token_file import StoredEmbedding, TokenFile
from kb.storage.token_store import hash_codes
from kb.storage.token_table import PassageRecord
from kb.text.display import mark_word

log = logging.getLogger(__name__)

QUIET = 1.0  # seconds that a writer waits for another before `on_wait` is called
TEXTS_AT_ONCE = 512  # texts encoded at once, before they are quantized to save memory

Change = Literal["added", "updated", "renamed", "unchanged"]


@dataclass(frozen=True, slots=True)
class EncodedPassages:
    """The encoded texts of an interview, ready to be written."""

    by_text: Mapping[str, StoredEmbedding]
    encoded: int  # number of texts that had to be encoded


@dataclass(frozen=True, slots=True)
class Placement:
    """The result of writing an interview."""

    interview_id: str
    change: Change
    before: str = ""  # path of the previous source file, if it differs


@dataclass(frozen=True, slots=True)
class Removed:
    """An interview that was removed, whole, so that it can be put back."""

    transcript: Transcript
    passages: Sequence[Passage]
    origin: Origin
    encoded: EncodedPassages
    mending: Mending
    sources: Sequence[SecondSource] = ()


class StoreWriter:
    """Writes all stores. Methods raise StoreUnavailable when a store cannot be read or written."""

    def __init__(
        self, home: Path, stores: Stores, embedder: Embedder, on_wait: Callable[[], None] | None = None
    ) -> None:
        self._home = home
        self._catalog = stores.catalog
        self._vectors = stores.vectors
        self._tokens = stores.tokens
        self._embedder = embedder
        self._on_wait = on_wait
        self._threads = threading.RLock()
        self._processes = FileLock(home / "writer.lock")
        self._seen = self._catalog.generation()  # the generation that the vector store's client has loaded

    def encode(
        self,
        passages: Sequence[Passage],
        on_encoded: Callable[[int], None] | None = None,
        pending: EncodedPassages | None = None,
    ) -> EncodedPassages:
        """Encode passages without writing; texts that are stored or in `pending` are not encoded again.

        Safe to run while another thread writes. An exception in `on_encoded` stops it between two batches. Raises
        ModelMissing.
        """
        texts = list(dict.fromkeys(passage.text for passage in passages))
        known = {text: pending.by_text[text] for text in texts if text in pending.by_text} if pending else {}
        known |= self._find_stored([text for text in texts if text not in known])
        new = [text for text in texts if text not in known]
        for first in range(0, len(new), TEXTS_AT_ONCE):
            some = new[first : first + TEXTS_AT_ONCE]
            encoded = self._embedder.encode_passages(some, on_encoded)
            known |= zip(some, self._tokens.quantize(some, encoded), strict=True)
        return EncodedPassages(known, len(new))

    def put(
        self,
        transcript: Transcript,
        passages: Sequence[Passage],
        origin: Origin,
        encoded: EncodedPassages,
        candidates: Iterator[str] | None = None,
        *,
        rewrite: bool = False,
    ) -> Placement:
        """Write an interview: replace the one read from the same file, else use the first free id.

        `candidates` is an endless iterator of ids in order of preference; None keeps the interview's own id. `rewrite`
        writes even if the same version is stored already.
        """
        with self.writing():
            self._finish_pending()
            placement = self._place(transcript.interview, origin, candidates)
            if placement.change == "unchanged" and not rewrite:
                return placement
            mending = self._catalog.mends.mending(placement.interview_id)
            self._write(placement.interview_id, *mending.apply(transcript, passages), origin, encoded)
        return replace(placement, change="updated") if placement.change == "unchanged" else placement

    def remove(self, interview_id: str, path: str | None = None) -> None:
        """Remove an interview from all stores; given a path, only if it still is that file's.

        Raises UnknownInterview when there is none, before anything is changed.
        """
        with self.writing():
            self._finish_pending()
            self._catalog.interview(interview_id)
            if path is not None and self._catalog.origins().get(path, ("", ""))[0] != interview_id:
                raise UnknownInterview(f"There is no interview '{mark_word(interview_id)}' of the file {path}")
            self._remove(interview_id)

    def mend(self, interview_id: str, change: Mending) -> None:
        """Change facts of an interview, now and in every later version of its file.

        Raises UnknownInterview when there is none.
        """
        with self.writing():
            self._finish_pending()
            transcript, passages = self._catalog.transcript(interview_id), self._catalog.passages_of(interview_id)
            encoded, origin = self.encode(passages), self._catalog.origin(interview_id)
            mending = self._catalog.mends.mending(interview_id).then(change)
            self._write(interview_id, *change.apply(transcript, passages), origin, encoded, mending)

    def take_out(self, interview_id: str) -> Removed:
        """Remove an interview, leave its file out of later ingests of its folder, and return it to be put back.

        Raises UnknownInterview when there is none.
        """
        with self.writing():
            self._finish_pending()
            transcript, passages = self._catalog.transcript(interview_id), self._catalog.passages_of(interview_id)
            origin, mending = self._catalog.origin(interview_id), self._catalog.mends.mending(interview_id)
            others, card = self._catalog.second_sources.of(interview_id), transcript.interview
            removed = Removed(transcript, passages, origin, self.encode(passages), mending, others)
            files = [(origin.path, card.source_hash), *((one.path, one.sha256) for one in others)]
            self._remove(interview_id, [LeftOut(path, sha256, card.title) for path, sha256 in files])
            return removed

    def put_back(self, removed: Removed) -> Placement:
        """Write an interview that was taken out, unless its file has been added again meanwhile."""
        with self.writing():
            self._finish_pending()
            card = removed.transcript.interview
            candidates = chain([card.id], (f"{card.id}-{number}" for number in count(2)))
            placement = self._place(card, removed.origin, candidates)
            if placement.change == "added":
                whole = (removed.transcript, removed.passages, removed.origin, removed.encoded, removed.mending)
                self._write(placement.interview_id, *whole)
                known = self._catalog.origins()
                kept = [one for one in removed.sources if one.path not in known]
                self._catalog.note_sources(placement.interview_id, kept)
            return placement

    def finish_pending(self) -> None:
        """Complete changes that another writer left incomplete, and delete files that it no longer lists."""
        table = self._catalog.token_files
        if table.pending() or self._tokens.find_unlisted(table.names()):
            with self.writing():
                self._finish_pending()
                self._sweep()

    def repair(self, interview_ids: Collection[str], *, discard: bool = False) -> None:
        """Write the vectors of these interviews again, encode lost ones, and delete unlisted files.

        Of those, so many that the catalog must have lost their interviews are deleted only if `discard` is set.
        """
        with self.writing():
            for interview_id in sorted({*interview_ids, *self._catalog.token_files.pending()}):
                self._repair(interview_id)
            self._sweep(discard=discard)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock, with an up-to-date client: embedded Chroma needs both. Raises StoreUnavailable."""
        self._catalog.database.check_open()
        if self._catalog.database.is_read_only:
            raise StoreUnavailable(f"KB_HOME {self._home} can only be read; set KB_HOME to a folder that you can write")
        try:
            with self._lock(), self._threads:
                self.note_generation(self._catalog.generation())
                yield
                self._seen = self._catalog.generation()
        except OSError as error:
            failure = StoreUnavailable(f"The knowledge base cannot be written: {error}; {FULL}")
            raise failure.logged(log, error) from error

    def note_generation(self, generation: int) -> None:
        """Invalidate the vector store's client if the generation was written by another process."""
        if generation != self._seen:
            self._vectors.invalidate()
            self._seen = generation

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Lock out other processes of this host, and other hosts that share the database."""
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

    def _place(self, interview: Interview, origin: Origin, candidates: Iterator[str] | None) -> Placement:
        """Choose the id of an interview; only valid inside the lock."""
        known = self._catalog.find_known(origin.path, interview.source_hash)
        if known is None or (candidates is None and known.interview_id != interview.id):
            chosen = interview.id if candidates is None else self._catalog.choose_id(candidates)
            return Placement(chosen, "added")
        return Placement(known.interview_id, _compare(known, origin), "" if known.path == origin.path else known.path)

    def _write(
        self,
        interview_id: str,
        transcript: Transcript,
        passages: Sequence[Passage],
        origin: Origin,
        encoded: EncodedPassages,
        mending: Mending | None = None,
    ) -> None:
        moved = replace(transcript, interview=replace(transcript.interview, id=interview_id))
        named = [passage.moved_to(interview_id) for passage in passages]
        stored = [encoded.by_text[passage.text] for passage in passages]
        before = self._catalog.token_files.files([interview_id]).get(interview_id)
        self._catalog.token_files.begin(interview_id)
        self._vectors.replace(moved.interview, named, [one.vector for one in stored])
        headers = [moved.interview.describe(passage.speaker) for passage in named]
        self._catalog.put(moved, origin, named, headers, *self._write_tokens(named, stored), mending)
        if before:
            self._tokens.delete_unless(before.name, self._catalog.token_files.is_listed)

    def _remove(self, interview_id: str, left_out: Sequence[LeftOut] = ()) -> None:
        self._catalog.token_files.begin(interview_id)
        self._vectors.remove(self._vectors.passage_ids(interview_id))
        self._catalog.remove(interview_id, left_out)
        self._sweep()

    def _finish_pending(self) -> None:
        if pending := self._catalog.token_files.pending():
            for interview_id in pending:
                self._repair(interview_id)
            self._sweep()

    def _repair(self, interview_id: str) -> None:
        passages = self._catalog.passages_of(interview_id)
        if not passages:
            self._vectors.remove(self._vectors.passage_ids(interview_id))
            self._catalog.token_files.replace(interview_id, None, ())
            return
        encoded = self.encode(passages)
        stored = [encoded.by_text[passage.text] for passage in passages]
        self._catalog.token_files.begin(interview_id)
        self._vectors.replace(self._catalog.interview(interview_id), passages, [one.vector for one in stored])
        self._catalog.token_files.replace(interview_id, *self._write_tokens(passages, stored))

    def _write_tokens(
        self, passages: Sequence[Passage], stored: Sequence[StoredEmbedding]
    ) -> tuple[TokenFile | None, list[PassageRecord]]:
        if not passages:
            return None, []
        rows = zip(passages, stored, strict=True)
        return self._tokens.write(stored), [
            PassageRecord(passage.id, passage.text, one.pieces) for passage, one in rows
        ]

    def _find_stored(self, texts: Sequence[str]) -> dict[str, StoredEmbedding]:
        """Find intact stored embeddings of these texts, in any interview."""
        with self._catalog.database.snapshot():  # else an interview could be replaced between the two reads
            found = self._catalog.token_files.find_texts(texts)
            files = self._load_files({one.interview_id for one in found.values()})
        if not found:
            return {}
        vectors = self._vectors.get_vectors({one.passage_id: text for text, one in found.items()})
        return {
            text: files[one.interview_id].copy_embedding(one.place, vectors[one.passage_id], one.pieces)
            for text, one in found.items()
            if one.passage_id in vectors and one.interview_id in files and files[one.interview_id].holds(one.place)
        }

    def _load_files(self, interview_ids: set[str]) -> dict[str, TokenFile]:
        """Load the token files of these interviews that exist and are undamaged."""
        found: dict[str, TokenFile] = {}
        for interview_id, file in self._catalog.token_files.files(interview_ids).items():
            try:
                loaded = self._tokens.load(file)
            except StoreUnavailable:  # the doctor says so
                continue
            if hash_codes(loaded.codes) == file.name:
                found[interview_id] = loaded
        return found

    def _sweep(self, *, discard: bool = False) -> None:
        self._tokens.sweep(self._catalog.token_files.names(), discard=discard)


def _compare(known: Known, origin: Origin) -> Change:
    if known.path != origin.path:
        return "renamed"
    return "unchanged" if known.ingest_key == origin.ingest_key else "updated"
