"""Receive uploads: keep the files, and ingest them in the background, so that the page may be left."""

from __future__ import annotations

import logging
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ingest.files import SIDECAR
from ingest.inspection import Speaker
from ingest.metadata.corrections import CORRECTIONS_COLUMN, STATED_ROLES, Corrections, write_corrections
from ingest.metadata.table import Metadata, Row, parse_metadata, read_metadata, write_metadata
from ingest.pipeline import Progress, ingest_paths, inspect_file
from ingest.reading import Reading
from ingest.report import Report
from kb.errors import KBError, StoreUnavailable
from kb.knowledge_base import KnowledgeBase

log = logging.getLogger(__name__)

OUR_FAULT = "The upload was not added: an error of this program, not of the files; the log tells more"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sends it, with the user's corrections of its speakers."""

    name: str
    data: bytes = field(repr=False)
    corrections: Corrections = field(default_factory=Corrections)


def inspect_upload(upload: Upload, table: bytes | None) -> Reading:
    """Read an upload with a metadata table; keep nothing. Raises UnreadableFile, or BadMetadata for a bad table."""
    with TemporaryDirectory() as folder:
        (path,) = keep_uploads([upload], Path(folder), table)
        return inspect_file(path)


def correct_speakers(speakers: Sequence[Speaker], filled: Sequence[tuple[str, str | None]]) -> Corrections:
    """Convert a filled form to corrections: a name, and perhaps a role, for each of the speakers shown."""
    named = [(speaker.name, name.strip(), role) for speaker, (name, role) in zip(speakers, filled, strict=True)]
    return Corrections(
        {label: name for label, name, _ in named if label and name and name != label},
        {label: stated for label, _, role in named for stated in STATED_ROLES if label and stated == role},
    )


def keep_uploads(uploads: Sequence[Upload], folder: Path, table: bytes | None = None) -> list[Path]:
    """Write the files into a folder; a file there with the same name is replaced, as by a newer version.

    Names lose their folders, and are the same whatever their case. Of two files of one name in the same upload, the
    second gets a number. The facts about them go into the folder's own table, so that the next ingest of the folder
    finds them. Raises BadMetadata when a table cannot be used; nothing is written then.
    """
    facts = Metadata() if table is None else parse_metadata(table, SIDECAR)
    before = _read_rows(folder / SIDECAR)  # before any file is replaced: a table that cannot be used loses nothing
    kept = _choose_paths([upload.name for upload in uploads], folder)
    for upload, path in zip(uploads, kept, strict=True):
        path.write_bytes(upload.data)
    rows = [(path.name, _row_of(upload, facts)) for upload, path in zip(uploads, kept, strict=True)]
    _keep_rows(folder / SIDECAR, before, rows)
    return kept


class UploadQueue:
    """Ingests uploads in the background, one at a time for all sessions of a process."""

    def __init__(self, knowledge_base: KnowledgeBase, folder: Path) -> None:
        self._knowledge_base = knowledge_base
        self._folder = folder
        self._lock = threading.Lock()
        self.progress: Progress | None = None
        self.latest: Future[Report] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an upload is being ingested."""
        return self.latest is not None and not self.latest.done()

    def submit(self, uploads: Sequence[Upload], table: bytes | None) -> None:
        """Keep the files, and begin to ingest them; `latest` holds the report when that is done.

        Raises StoreUnavailable while another upload is being added or when the files cannot be kept, and BadMetadata
        when a table cannot be used.
        """
        with self._lock:
            if self.is_busy:
                raise StoreUnavailable("Another upload is being added; wait until it is done, then add yours")
            paths = self._keep(uploads, table)
            self.progress = None
            self.latest = Future()
            threading.Thread(target=self._ingest, args=(paths, self.latest), daemon=True).start()

    def _keep(self, uploads: Sequence[Upload], table: bytes | None) -> list[Path]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return keep_uploads(uploads, self._folder, table)
        except OSError as error:
            raise StoreUnavailable(f"The upload cannot be kept in {self._folder}: {error.strerror or error}") from error

    def _ingest(self, paths: Sequence[Path], done: Future[Report]) -> None:
        # A daemon thread: stopping the app does not wait for it, and an interview that is half done is not stored.
        try:
            done.set_result(ingest_paths(paths, self._knowledge_base, on_progress=self._note))
        except Exception as error:  # noqa: BLE001 - it is logged, and raised when the report is asked for
            failure = error if isinstance(error, KBError) else KBError(OUR_FAULT)
            done.set_exception(failure.logged(log, error))

    def _note(self, progress: Progress) -> None:
        self.progress = progress


def _read_rows(table: Path) -> Sequence[tuple[str, Row]]:
    return read_metadata(table).rows if table.is_file() else ()


def _choose_paths(names: Sequence[str], folder: Path) -> list[Path]:
    """Choose where each file goes: over a file of its name that is there, beside one of its name from this upload."""
    there = {_fold(path.name): path for path in folder.iterdir()}
    chosen: dict[str, Path] = {}
    for name in names:
        plain = folder / _plain_name(name)
        path = next(path for path in _variants(plain) if _fold(path.name) not in chosen)
        folded = _fold(path.name)
        chosen[folded] = path if path.exists() else there.get(folded, path)
    return list(chosen.values())


def _row_of(upload: Upload, facts: Metadata) -> Row:
    """Return the table's row for an upload, with the corrections of its speakers."""
    row = dict(facts.row_for(upload.name) or {})
    if stated := write_corrections(upload.corrections):
        row[CORRECTIONS_COLUMN] = "; ".join(filter(None, (row.get(CORRECTIONS_COLUMN), stated)))
    return row


def _keep_rows(table: Path, before: Sequence[tuple[str, Row]], rows: Sequence[tuple[str, Row]]) -> None:
    """Put rows into a folder's table; they replace their files' former rows, and rows of other files stay."""
    names = {_fold(name) for name, _ in rows}
    merged = [*(row for row in before if _fold(row[0]) not in names), *(row for row in rows if row[1])]
    if merged:
        table.write_bytes(write_metadata(Metadata(tuple(merged))))
    else:
        table.unlink(missing_ok=True)


def _plain_name(name: str) -> str:
    plain = PurePosixPath(name.replace("\\", "/")).name.replace("\0", "").lstrip(".")
    return f"_{plain}" if _fold(plain) in ("", SIDECAR) else plain


def _fold(name: str) -> str:
    """Fold a name as the table does, and as some file systems do: two that differ in case name one file."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _variants(path: Path) -> Iterable[Path]:
    yield path
    for number in range(2, 10_000):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")
