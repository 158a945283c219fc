"""Take in what people upload: keep the files, and ingest them while the page may be left."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ingest.pipeline import SIDECAR, Options, Progress, ingest_paths, inspect_file
from kb.errors import StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Report, Transcript


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sends it."""

    name: str
    data: bytes = field(repr=False)


def inspect_upload(upload: Upload, table: bytes | None) -> Transcript:
    """What would be read from an upload with this metadata table, before anything is kept."""
    with TemporaryDirectory() as folder:
        (path,) = keep_uploads([upload], Path(folder))
        return inspect_file(path, Options(metadata=_keep_table(table, Path(folder))))


def keep_uploads(uploads: Iterable[Upload], folder: Path) -> list[Path]:
    """Write the files into a folder; one that was there under the same name is replaced, as by a newer version.

    Names lose their folders. Of two files of one name in the same upload, the second gets a number.
    """
    kept: list[Path] = []
    for upload in uploads:
        wanted = folder / _plain_name(upload.name)
        path = next(path for path in _variants(wanted) if path not in kept)
        path.write_bytes(upload.data)
        kept.append(path)
    return kept


class UploadDesk:
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

    def take(self, uploads: Sequence[Upload], table: bytes | None) -> None:
        """Keep the files, and begin to ingest them; `latest` holds the report when that is done."""
        with self._lock:
            if self.is_busy:
                raise StoreUnavailable("Another upload is being added; wait until it is done, then add yours")
            paths, options = self._keep(uploads, table)
            self.progress = None
            self.latest = Future()
            threading.Thread(target=self._ingest, args=(paths, options, self.latest), daemon=True).start()

    def _keep(self, uploads: Sequence[Upload], table: bytes | None) -> tuple[list[Path], Options]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return keep_uploads(uploads, self._folder), Options(metadata=_keep_table(table, self._folder))
        except OSError as error:
            raise StoreUnavailable(f"The upload cannot be kept in {self._folder}: {error.strerror or error}") from error

    def _ingest(self, paths: Sequence[Path], options: Options, done: Future[Report]) -> None:
        # A daemon thread: stopping the app does not wait for it, and an interview that is half done is not stored.
        try:
            done.set_result(ingest_paths(paths, self._knowledge_base, options, self._note))
        except Exception as error:  # noqa: BLE001 - whoever asks for the report gets it
            done.set_exception(error)

    def _note(self, progress: Progress) -> None:
        self.progress = progress


def _keep_table(table: bytes | None, folder: Path) -> Path | None:
    if table is None:
        return None
    path = folder / SIDECAR
    path.write_bytes(table)
    return path


def _plain_name(name: str) -> str:
    plain = PurePosixPath(name.replace("\\", "/")).name.replace("\0", "").lstrip(".")
    return f"_{plain}" if plain in ("", SIDECAR) else plain


def _variants(path: Path) -> Iterable[Path]:
    yield path
    for number in range(2, 10_000):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")
