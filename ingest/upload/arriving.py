"""Get files that are not uploaded: fetch what links offer, transcribe recordings; one by one, with progress."""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.files import SIDECAR
from ingest.links.offer import Item, write_facts
from ingest.links.reader import LinkReader
from ingest.metadata.card import readable_name
from ingest.metadata.table import MACHINE_COLUMN, read_metadata
from ingest.pipeline.report import FileReport
from ingest.readers.recordings.whisper import SUFFIXES, Transcriber
from ingest.upload.keeping import Upload, plain_name
from kb.errors import BadMetadata, FetchFailed, KBError, ModelMissing, UnreadableFile

OUR_FAULT = "it could not be fetched: an error of this program, not of the link; the log tells more"
OnShare = Callable[[float], None]  # gets the share of a job that is done, from 0 to 1
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One file that is to be had."""

    name: str
    get: Callable[[OnShare], Upload]


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a list of jobs."""

    name: str  # of the job that is being done
    done: int
    total: int
    share: float = 0.0  # of this one


@dataclass(frozen=True, slots=True)
class Arrived:
    """The files that came, and those that did not."""

    uploads: tuple[Upload, ...] = ()
    refused: tuple[FileReport, ...] = ()


def job_of_item(item: Item, reader: LinkReader) -> Job:
    """Make the job of fetching an item."""

    def get(on_share: OnShare) -> Upload:
        arrival = reader.fetch(item, on_share)
        return Upload(arrival.name, arrival.data, facts=arrival.facts)

    return Job(item.title, get)


def job_of_recording(name: str, path: Path, transcriber: Transcriber, folder: Path) -> Job:
    """Make the job of transcribing a recording; what a folder holds of it already is not heard again."""

    def get(on_share: OnShare) -> Upload:
        kept = folder / _name_captions(name, path)
        if kept.is_file() and (facts := read_metadata(folder / SIDECAR).row_for(kept.name)):
            return Upload(kept.name, kept.read_bytes(), facts={key: facts[key] for key in facts if key != "file"})
        heard = transcriber.transcribe(path, on_share)
        facts = {"title": readable_name(Path(name).stem), "language": heard.language, MACHINE_COLUMN: heard.machine}
        return Upload(kept.name, heard.captions, facts=write_facts(facts))

    return Job(name, get)


def job_of_sent_recording(name: str, data: bytes, transcriber: Transcriber, folder: Path) -> Job:
    """Make the job of transcribing a recording that a browser sent."""

    def get(on_share: OnShare) -> Upload:
        with tempfile.TemporaryDirectory(prefix="kb-recording-") as place:
            path = Path(place) / "recording"
            path.write_bytes(data)
            return job_of_recording(name, path, transcriber, folder).get(on_share)

    return Job(name, get)


def is_named_recording(name: str) -> bool:
    """Whether a file's name ends as those of recordings do."""
    return Path(name).suffix.lower() in SUFFIXES


def do_jobs(jobs: Sequence[Job], on_step: Callable[[Step], None]) -> Arrived:
    """Do jobs one after the other. One that fails is reported and does not stop the others.

    Raises ModelMissing when a recording is to be transcribed and no model can be used.
    """
    uploads: list[Upload] = []
    refused: list[FileReport] = []
    for done, job in enumerate(jobs):
        tell = _Teller(job.name, done, len(jobs), on_step)
        tell(0.0)
        try:
            uploads.append(job.get(tell))
        except (FetchFailed, UnreadableFile, BadMetadata) as error:
            refused.append(FileReport(job.name, "refused", str(error)))
    return Arrived(tuple(uploads), tuple(refused))


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells how far one job of several is."""

    name: str
    done: int
    total: int
    on_step: Callable[[Step], None]

    def __call__(self, share: float) -> None:
        self.on_step(Step(self.name, self.done, self.total, share))


class Arriving:
    """Jobs that are done in the background, so that a page may show how far they are."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.step = Step(jobs[0].name if jobs else "", 0, len(jobs))
        self.arrived: Arrived | None = None
        self.failure: KBError | None = None
        self._jobs = jobs
        threading.Thread(target=self._do, name="arriving", daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to come."""
        return self.arrived is not None or self.failure is not None

    def _do(self) -> None:
        try:
            self.arrived = do_jobs(self._jobs, self._note)
        except Exception as error:  # noqa: BLE001 - it is logged, and shown by the page
            failure = error if isinstance(error, KBError) else KBError(OUR_FAULT)
            self.failure = failure if isinstance(error, ModelMissing) else failure.logged(log, error)

    def _note(self, step: Step) -> None:
        self.step = step


def _name_captions(name: str, path: Path) -> str:
    """Name the captions of a recording by its name and its bytes. Raises UnreadableFile when it cannot be opened."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFile(f"The file cannot be opened: {error.strerror or error}") from error
    return plain_name(f"{Path(name).stem}-{digest[:8]}.vtt")
