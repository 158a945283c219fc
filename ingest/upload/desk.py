"""Receive uploads: keep the files, and ingest them in the background, so that the page may be left."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.files import SIDECAR, list_ids
from ingest.inspection import Speaker
from ingest.metadata.corrections import STATED_ROLES, Corrections
from ingest.metadata.table import Metadata, parse_metadata
from ingest.pipeline import ingest_paths
from ingest.pipeline.progress import Progress
from ingest.pipeline.report import FileReport, Report
from ingest.reading import Reading, read_file
from ingest.upload.keeping import Limits, Upload, keep_uploads, plain_name, row_of
from kb.errors import KBError, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.storage.waiting import clear_waiting, list_waiting

log = logging.getLogger(__name__)

OUR_FAULT = "The upload was not added: an error of this program, not of the files; the log tells more"
CUT_OFF = "the upload was cut off; upload the file again"
BUSY = "Another upload is being added; wait until it is done, then add yours"


def inspect_upload(upload: Upload, table: bytes | None) -> Reading:
    """Read an upload with a metadata table; keep nothing. Raises UnreadableFile, or BadMetadata for a bad table."""
    facts = Metadata() if table is None else parse_metadata(table, SIDECAR)
    name = plain_name(upload.name)
    return read_file(upload.data, name, interview_id=next(list_ids(name)), row=row_of(upload, facts))


def correct_speakers(speakers: Sequence[Speaker], filled: Sequence[tuple[str, str | None]]) -> Corrections:
    """Convert a filled form to corrections: a name, and perhaps a role, for each of the speakers shown."""
    named = [(speaker.name, name.strip(), role) for speaker, (name, role) in zip(speakers, filled, strict=True)]
    return Corrections(
        {label: name for label, name, _ in named if label and name and name != label},
        {label: stated for label, _, role in named for stated in STATED_ROLES if label and stated == role},
    )


class UploadQueue:
    """Ingests uploads in the background, one at a time for all sessions and processes."""

    def __init__(self, knowledge_base: KnowledgeBase, folder: Path, limits: Limits | None = None) -> None:
        self.folder = folder
        self.limits = limits or Limits()
        self._knowledge_base = knowledge_base
        self._lock = threading.Lock()
        self._processes = FileLock(folder / ".lock", thread_local=False)  # freed by another thread than took it
        self.progress: Progress | None = None
        self.latest: Future[Report] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an upload is being ingested."""
        return self.latest is not None and not self.latest.done()

    def submit(self, uploads: Sequence[Upload], table: bytes | None) -> None:
        """Keep the files, and begin to ingest them; `latest` holds the report when that is done.

        Raises StoreUnavailable while another upload is being added or when the files cannot be kept, UnreadableFile
        when they are too many or too large, and BadMetadata when a table cannot be used.
        """
        with self._beginning():
            paths = keep_uploads(uploads, self.folder, table, self.limits)
            self._begin(paths, [])

    def list_waiting(self) -> list[str]:
        """List the names of uploads that are not added yet and are not being added by this process."""
        try:
            return [] if self.is_busy else list(list_waiting(self.folder))
        except OSError:  # of a folder that cannot be read; adding to it tells why
            return []

    def resume(self) -> None:
        """Begin to ingest what was cut off, if anything was. Raises StoreUnavailable as `submit` does."""
        if not self.list_waiting():
            return
        with self._beginning():
            waiting = list_waiting(self.folder)
            whole = [self.folder / name for name, sha256 in waiting.items() if _is_whole(self.folder / name, sha256)]
            lost = [name for name in waiting if self.folder / name not in whole]
            self._begin(whole, [FileReport(name, "refused", CUT_OFF) for name in lost])

    @contextmanager
    def _beginning(self) -> Iterator[None]:
        """Hold off other uploads until the one that is begun inside is done, or at once if that fails."""
        with self._lock:
            if self.is_busy:
                raise StoreUnavailable(BUSY)
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._processes.acquire(timeout=0)
                try:
                    yield
                except BaseException:
                    self._processes.release()
                    raise
            except Timeout as error:
                raise StoreUnavailable(BUSY) from error
            except OSError as error:
                reason = error.strerror or error
                raise StoreUnavailable(f"The upload cannot be kept in {self.folder}: {reason}") from error

    def _begin(self, paths: Sequence[Path], lost: Sequence[FileReport]) -> None:
        self.progress = None
        self.latest = Future()
        # A daemon thread: stopping the app does not wait for it, and an interview that is half done is not stored.
        threading.Thread(target=self._ingest, args=(paths, lost, self.latest), daemon=True).start()

    def _ingest(self, paths: Sequence[Path], lost: Sequence[FileReport], done: Future[Report]) -> None:
        try:
            report = ingest_paths(paths, self._knowledge_base, on_progress=self._note) if paths else Report()
            clear_waiting(self.folder, [*(path.name for path in paths), *(file.source for file in lost)])
        except Exception as error:  # noqa: BLE001 - it is logged, and raised when the report is asked for
            failure = error if isinstance(error, KBError) else KBError(OUR_FAULT)
            self._processes.release()
            done.set_exception(failure.logged(log, error))
        else:
            self._processes.release()
            done.set_result(Report((*report, *lost)))

    def _note(self, progress: Progress) -> None:
        self.progress = progress


def _is_whole(path: Path, sha256: str) -> bool:
    """Whether an upload's file holds the bytes that were to come, if these are known."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
