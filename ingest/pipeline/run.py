"""Ingest files: read them into transcripts, cut these into passages, and add them to the knowledge base."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.files import SIDECAR, SourceFile, find_file, leads_out, list_files, list_ids, read_bytes
from ingest.metadata.corrections import Corrections
from ingest.metadata.table import Metadata, Row, read_metadata
from ingest.passages import cut_passages
from ingest.pipeline.known_interviews import KnownInterviews, Twin, has_leader, list_candidates, rate
from ingest.pipeline.missing import handle_missing, take_over
from ingest.pipeline.progress import Meter, Progress
from ingest.pipeline.report import FileReport, Report
from ingest.pipeline.second_files import KEPT, READ_INSTEAD, SAME_TALK, TOOK_OVER, SecondFiles
from ingest.reading import Reading, read_file
from kb.errors import BadMetadata, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.model import Passage
from kb.storage.rows import Origin
from kb.storage.second_sources import SecondSource
from kb.storage.writer import EncodedPassages, Placement

RULES = "12"  # raise it when reading or cutting changes: every file is then read again
STATED = "+"  # in a key: what follows stands for the names and roles that a person gave with the file
LEFT_OUT = "its interview was removed in the app; name the file itself to add it again"
PROGRESS_SECONDS = 0.2  # between two progress reports
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """Options of an ingest."""

    metadata: Path | None = None  # a CSV table of facts about the files; None: metadata.csv in the folder, if any
    prune: bool = False  # remove interviews whose file has left the ingested folder
    rebuild: bool = False  # read unchanged files again too
    corrections: Corrections = field(default_factory=Corrections)  # of names and roles, in every file
    keep_both: bool = False  # a file with the same talk as another one is an interview of its own


def ingest_paths(
    paths: Sequence[Path],
    knowledge_base: KnowledgeBase,
    options: Options | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Read files and folders into the knowledge base. Skip files that have not changed.

    A file that cannot be read is reported and does not stop the others. One whose interview a person has removed is
    left out, and reported, unless it is named itself. Raises UnreadableFile when a path does not
    exist and BadMetadata when a metadata table cannot be used, both before any file is read; raises StoreUnavailable
    when the knowledge base cannot be written.
    """
    options = options or Options()
    files = list_files(paths, options.metadata)
    knowledge_base.finish_pending()
    metadata = _read_tables(paths, options.metadata)
    named = frozenset(path.resolve() for path in paths if not path.is_dir())
    ingest = _Ingest(knowledge_base, options, metadata, Meter(files, on_progress), named)
    reports = list(ingest.run(files))
    again = [*ingest.doubtful, *take_over(paths, knowledge_base)]
    while again:
        plain = replace(options, corrections=Corrections())
        tables = _read_tables([*paths, *(file.path for file in again)], options.metadata)
        ingest = _Ingest(knowledge_base, plain, tables, Meter(again, on_progress), named)
        later = list(ingest.run(again))
        read = {Path(one.path).resolve() for one in later}
        reports = [*(one for one in reports if Path(one.path).resolve() not in read), *later]
        again = [file for file in ingest.doubtful if file.path not in read]
    return Report((*reports, *handle_missing(paths, knowledge_base, prune=options.prune)))


def inspect_file(path: Path, options: Options | None = None) -> Reading:
    """Read one file without storing it. Raises UnreadableFile when it cannot be read, BadMetadata for a bad table."""
    options = options or Options()
    file = find_file(path, options.metadata)
    return read_file(
        read_bytes(path),
        file.source,
        interview_id=next(list_ids(file.source)),
        row=_read_tables([path], options.metadata).row_for(file.source),
        corrections=options.corrections,
    )


class _Stopped(Exception):
    """Raised in the model's thread to stop it between two batches."""


@dataclass(frozen=True, slots=True)
class _Addition:
    """A file that was read, and whose passages are being encoded."""

    file: SourceFile
    origin: Origin
    reading: Reading
    passages: Sequence[Passage]
    encoded: Future[EncodedPassages] | None  # None if the file is unlikely to be written
    twin: Twin | None  # another file with the same talk
    sha256: str
    known_key: str | None  # '' if the file has taken over from another one
    started: float  # by the monotonic clock


class _Ingest:
    """One run over a list of files.

    While a thread of its own encodes one file, the one before it is written and the one after it is read.
    """

    def __init__(
        self,
        knowledge_base: KnowledgeBase,
        options: Options,
        metadata: Metadata,
        meter: Meter,
        named: frozenset[Path],
    ) -> None:
        self._knowledge_base = knowledge_base
        self._options = options
        self._metadata = metadata
        self._meter = meter
        self._interviews = KnownInterviews(knowledge_base)
        self._seconds = SecondFiles(knowledge_base, self._interviews)
        self._known = knowledge_base.origins()  # to skip unchanged files early; the writer decides in the end
        self._named = named
        left_out = knowledge_base.mends.left_out()
        self._left_out = {key for one in left_out for key in (one.path, one.sha256)}
        self.doubtful: list[SourceFile] = []  # second sources of interviews that have changed
        self._model = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._last: Future[EncodedPassages] | None = None
        self._is_stopped = threading.Event()

    def run(self, files: Iterable[SourceFile]) -> Iterator[FileReport]:
        """Read each file and add it, unless it has not changed."""
        before: FileReport | _Addition | None = None
        try:
            for file in files:
                begun = self._begin(file)
                if before:
                    yield self._finish(before)
                before = begun
            if before:
                yield self._finish(before)
        finally:  # also at Ctrl-C: the model stops after its current batch, and what was written stays
            self._is_stopped.set()
            self._model.shutdown(cancel_futures=True)

    def _begin(self, file: SourceFile) -> FileReport | _Addition:
        """Read a file. Return its report, or the addition that is to be finished."""
        self._meter.begin(file)
        started = time.monotonic()
        try:
            begun = self._read(file)
        except UnreadableFile as error:
            begun = FileReport(file.source, "refused", reason=str(error))
        if isinstance(begun, FileReport):
            self._meter.end(file)
            _log(begun, started)
        return begun

    def _read(self, file: SourceFile) -> FileReport | _Addition:
        """Read a file that is new or changed, and hand its passages to the model."""
        started = time.monotonic()
        if file.refusal:
            raise UnreadableFile(file.refusal)
        data = read_bytes(file.path)
        path = str(file.path.resolve())
        row = self._metadata.row_for(file.source)
        key = self._ingest_key(data, row)
        known_id, known_key = self._known.get(path, (None, None))
        if self._is_unchanged(key, known_key):
            return self._report_unchanged(file, known_id)
        second = self._seconds.find(path) if known_id is None and not self._options.keep_both else None
        if second and self._is_unchanged(key, second[1].ingest_key):
            return FileReport(file.source, "unchanged", interview_id=second[0], path=str(file.path))
        sha256 = hashlib.sha256(data).hexdigest()
        if known_id is None and self._is_left_out(path, sha256):
            return FileReport(file.source, "left out", LEFT_OUT, path=str(file.path))
        reading = read_file(
            data,
            file.source,
            interview_id=known_id or next(list_ids(file.source)),
            row=row,
            corrections=self._options.corrections,
        )
        own_id = self._interviews.find_own(path, sha256)
        twin = self._interviews.find_twin(path, own_id, reading.transcript)
        if twin and (own_id or self._options.keep_both or not twin.is_likely_one):
            reading = replace(reading, warnings=(*reading.warnings, SAME_TALK.format(twin.source)))
            twin = None
        passages = cut_passages(reading.transcript, count_tokens=self._knowledge_base.count_tokens)
        is_written = twin is None or rate(reading.transcript) > twin.worth
        encoded = self._encode(file, passages) if is_written else None
        return _Addition(file, Origin(path, key), reading, passages, encoded, twin, sha256, known_key, started)

    def _is_unchanged(self, key: str, known_key: str | None) -> bool:
        """Whether a file was read as it is; names and roles that a person gave for it hold until it changes."""
        if self._options.rebuild or known_key is None:
            return False
        return known_key == key or (not self._options.corrections.labels and known_key.startswith(f"{key}{STATED}"))

    def _is_left_out(self, path: str, sha256: str) -> bool:
        """Whether a person has removed the interview of a file that is not named itself, whatever its name was."""
        return Path(path) not in self._named and not self._left_out.isdisjoint((path, sha256))

    def _report_unchanged(self, file: SourceFile, interview_id: str | None) -> FileReport:
        speakers = self._interviews.list_candidates(interview_id)
        return FileReport(
            file.source,
            "unchanged",
            interview_id=interview_id,
            path=str(file.path),
            lacks_leader=speakers is not None,
            speakers=speakers or (),
        )

    def _encode(self, file: SourceFile, passages: Sequence[Passage]) -> Future[EncodedPassages]:
        """Queue the encoding of a file behind the file before it, whose texts may not be written yet when it begins."""
        before = self._last

        def count_encoded(passages_done: int) -> None:
            if self._is_stopped.is_set():
                raise _Stopped
            self._meter.embedded(passages_done, passages_done / len(passages), file)

        def encode() -> EncodedPassages:
            pending = before.result() if before else None
            return self._knowledge_base.encode(passages, count_encoded, pending)

        self._last = self._model.submit(encode)
        return self._last

    def _finish(self, begun: FileReport | _Addition) -> FileReport:
        """Wait until a file is encoded, then write it."""
        if isinstance(begun, FileReport):
            return begun
        self._meter.begin(begun.file)
        while begun.encoded and not wait([begun.encoded], PROGRESS_SECONDS).done:
            self._meter.tell()
        with self._knowledge_base.writing():  # else two runs could add one talk twice
            report = self._settle(begun) or self._write(begun)
            self._seconds.note_written()
        self._meter.end(begun.file)
        _log(report, begun.started)
        return report

    def _settle(self, begun: _Addition) -> FileReport | None:
        """Keep a file as a second source of an interview, if it is one and no better than the file that is read."""
        if self._options.keep_both:
            return None
        source = SecondSource(begun.origin.path, begun.file.source, begun.sha256, begun.origin.ingest_key)
        interview_id = self._seconds.settle(source, begun.reading.transcript, begun.twin)
        if interview_id is None:
            return None
        read = self._knowledge_base.transcript(interview_id).interview.source
        path = str(begun.file.path)
        return FileReport(source.name, "second source", KEPT.format(read), interview_id=interview_id, path=path)

    def _write(self, begun: _Addition) -> FileReport:
        transcript = begun.reading.transcript
        encoded = begun.encoded.result() if begun.encoded else self._knowledge_base.encode(begun.passages)
        placement = self._knowledge_base.put(
            transcript,
            begun.passages,
            begun.origin,
            encoded,
            list_ids(begun.file.source),
            rewrite=self._options.rebuild,
        )
        if placement.change == "updated" and begun.twin is None:
            self.doubtful += self._seconds.release(placement.interview_id)
        return FileReport(
            begun.file.source,
            placement.change,
            self._explain(begun, placement),
            interview_id=placement.interview_id,
            passages=len(begun.passages),
            embedded=encoded.encoded,
            warnings=(*begun.reading.warnings, *self._tell_twin(begun, placement)),
            path=str(begun.file.path),
            lacks_leader=not has_leader(transcript),
            speakers=() if has_leader(transcript) else list_candidates(transcript),
        )

    def _tell_twin(self, begun: _Addition, placement: Placement) -> tuple[str, ...]:
        """Warn about a file with so much of the same talk that it looked like the same interview, and is not."""
        return (SAME_TALK.format(begun.twin.source),) if begun.twin and placement.change == "added" else ()

    def _explain(self, begun: _Addition, placement: Placement) -> str:
        """Explain a change: the file's former name, or the file that was read before."""
        if placement.before:
            return f"was {Path(placement.before).name}"
        if placement.change != "updated" or (begun.known_key != "" and begun.twin is None):
            return ""
        seconds = self._knowledge_base.second_sources.of(placement.interview_id)
        return READ_INSTEAD.format(seconds[-1].name) if seconds and begun.twin else TOOK_OVER

    def _ingest_key(self, data: bytes, row: Row | None) -> str:
        corrections = self._options.corrections
        key = hashlib.sha256(data + json.dumps([RULES, row], sort_keys=True).encode()).hexdigest()
        stated = [sorted(corrections.names.items()), sorted(corrections.roles.items())]
        return f"{key}{STATED}{hashlib.sha256(json.dumps(stated).encode()).hexdigest()}" if corrections.labels else key


def _log(report: FileReport, started: float) -> None:
    """Log one line: the file's name, its outcome, its passages, and the seconds since it was started."""
    seconds = time.monotonic() - started
    log.info("%s: %s, %d passages, %.2f s", report.source, report.outcome, report.passages, seconds)


def _read_tables(paths: Sequence[Path], metadata: Path | None) -> Metadata:
    """Read the given table, else each metadata.csv in the ingested folders and next to the ingested files."""
    if metadata is not None:
        return read_metadata(metadata)
    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    return Metadata.join(_read_table_in(folder) for folder in folders if (folder / SIDECAR).is_file())


def _read_table_in(folder: Path) -> Metadata:
    table = folder / SIDECAR
    if leads_out(table, folder):
        raise BadMetadata(f"{table} is a link that leads out of its folder; name what it leads to with --metadata")
    return read_metadata(table)
