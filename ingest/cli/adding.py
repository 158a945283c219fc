"""The command `kb-ingest add` for links and recordings: choose, get, keep and add, a batch of files at a time."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from pathlib import Path

from rich.progress import BarColumn, TextColumn

from ingest.cli.terminal import make_bar, print_report, tell_waiting
from ingest.files import read_whole
from ingest.links.offer import Item, Offer, find_kept, is_kept
from ingest.links.reader import LinkReader, describe_state
from ingest.metadata.table import TABLE_LIMIT
from ingest.pipeline.progress import Progress
from ingest.pipeline.report import FileReport, Report
from ingest.pipeline.run import Options
from ingest.readers.recordings.whisper import Transcriber
from ingest.upload.arriving import Job, Step, do_jobs, job_of_item, job_of_recording
from ingest.upload.desk import UploadQueue
from ingest.upload.keeping import MB, Limits
from kb.cli.terminal import say, say_line
from kb.errors import BadMetadata, FetchFailed
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings
from kb.storage.waiting import UPLOADS
from kb.text.display import mark_line

BATCH = 20  # files that are fetched before they are added: a run that is stopped loses no more
PAUSE = 0.2  # seconds between two looks at the progress of an ingest
LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
NUMBERS = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
COLUMNS = (BarColumn(), TextColumn("{task.completed}/{task.total}"), TextColumn("{task.description}", markup=False))
Kept = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items of an offer are wanted."""

    numbers: str = ""  # as '1,3,5-7'
    is_all: bool = False
    latest: int | None = None

    @property
    def is_made(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.numbers) or self.is_all or self.latest is not None


@dataclass(frozen=True, slots=True)
class Watch:
    """What is told while files are fetched and added."""

    on_step: Callable[[Step], None]
    on_progress: Callable[[Progress], None]


def is_link(word: str) -> bool:
    """Whether a word is a web address, not a path."""
    return LINK.match(word) is not None


def add_link(link: str, options: argparse.Namespace, stated: Options) -> int:
    """Add what a link leads to, or list what it offers. Return the exit code. Raises KBError in one line."""
    settings = Settings.from_env()
    choice = Choice(options.choose, options.all, options.latest)
    if choice.latest is not None and choice.latest < 1:
        raise FetchFailed("--latest wants a number from 1 on")
    reader = LinkReader.of(settings)
    kept = find_kept(options.into or settings.home / UPLOADS)
    offer = reader.open(link)
    for note in offer.notes:
        say_line(f"note: {note}")
    if len(offer.items) > 1 and not choice.is_made:
        say_line(offer.title)
        for cells in list_items(offer, reader, kept):
            say_line(*cells)
        say("Add some with --choose 1,3, what is new of the newest with --latest 5, or all with --all")
        return 0
    items = choose_items(offer, choice, kept)
    return _add_jobs([job_of_item(item, reader) for item in items], settings, options.into, stated)


def add_recordings(paths: Sequence[Path], options: argparse.Namespace, stated: Options) -> int:
    """Transcribe recordings and add what was heard. Return the exit code. Raises KBError in one line."""
    settings = Settings.from_env()
    transcriber, folder = Transcriber(settings.audio_model), options.into or settings.home / UPLOADS
    transcriber.check()
    jobs = [job_of_recording(path.name, path, transcriber, folder) for path in paths]
    return _add_jobs(jobs, settings, options.into, stated)


def _add_jobs(jobs: Sequence[Job], settings: Settings, into: Path | None, stated: Options) -> int:
    if not jobs:
        say("nothing new")
        return 0
    knowledge_base = KnowledgeBase.open(settings, on_wait=tell_waiting)
    try:
        limits = Limits.of(settings) if into is None else Limits(settings.upload_mb * MB, sys.maxsize)
        queue = UploadQueue(knowledge_base, into or settings.home / UPLOADS, limits)
        with make_bar(*COLUMNS) as bar:
            task = bar.add_task("", total=None)
            watch = Watch(
                lambda step: bar.update(task, completed=step.done, total=step.total, description=_tell_step(step)),
                lambda progress: bar.update(task, description=f"Adding {mark_line(progress.file)}"),
            )
            report = _add_files(jobs, queue, stated, watch)
        if len(report.files) > len(report.of("refused")):
            say_line(f"kept in {queue.folder}")
        print_report(report)
        knowledge_base.calibrate()
    finally:
        knowledge_base.close()
    return 1 if report.of("refused") else 0


def _read_table(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return read_whole(path, TABLE_LIMIT)
    except OSError as error:
        raise BadMetadata(f"{path} cannot be opened: {error.strerror or error}") from error


def _tell_step(step: Step) -> str:
    share = f" ({step.share:.0%})" if step.share else ""
    return f"Fetching {mark_line(step.name)}{share}"


def choose_items(offer: Offer, choice: Choice, kept: Kept) -> list[Item]:
    """Choose items of an offer. One that is named by number is fetched again; of the others only what is new.

    Raises FetchFailed when a number is not in the list.
    """
    if choice.numbers:
        return [offer.items[number - 1] for number in _read_numbers(choice.numbers, len(offer.items))]
    if not choice.is_made:
        return list(offer.items)
    published = [item for item in offer.items if item.transcript]
    newest = published if choice.latest is None else published[: choice.latest]
    return [item for item in newest if not is_kept(item, kept)]


def list_items(offer: Offer, reader: LinkReader, kept: Kept) -> Iterator[tuple[str, ...]]:
    """List the items of an offer: number, day, whether they are added or can be, title."""
    for number, item in enumerate(offer.items, 1):
        day = item.day.isoformat() if item.day else "no date"
        yield str(number), day, describe_state(item, reader, kept), item.title


def _add_files(jobs: Sequence[Job], queue: UploadQueue, stated: Options, watch: Watch) -> Report:
    """Get files and add them, a batch at a time; what an earlier run has kept and not added comes first.

    Raises ModelMissing when a recording cannot be transcribed, and what `UploadQueue.submit` raises.
    """
    table = _read_table(stated.metadata)
    reports: list[FileReport] = []
    if queue.list_waiting():
        queue.resume()
        reports += _wait(queue, watch)
    for first in range(0, len(jobs), BATCH):
        arrived = do_jobs(jobs[first : first + BATCH], _shift(watch.on_step, first, len(jobs)))
        reports += arrived.refused
        if arrived.uploads:
            queue.submit([replace(one, corrections=stated.corrections) for one in arrived.uploads], table)
            reports += _wait(queue, watch)
    return Report(tuple(reports))


def _shift(on_step: Callable[[Step], None], first: int, total: int) -> Callable[[Step], None]:
    """Count the steps of a batch among those of all."""
    return lambda step: on_step(replace(step, done=first + step.done, total=total))


def _wait(queue: UploadQueue, watch: Watch) -> Report:
    """Wait until an ingest is done. Raises what it raises."""
    latest = queue.latest
    if latest is None:
        return Report()
    while not wait([latest], PAUSE).done:
        if queue.progress:
            watch.on_progress(queue.progress)
    return latest.result()


def _read_numbers(text: str, count: int) -> list[int]:
    """Read '1,3,5-7', each number once. Raises FetchFailed."""
    numbers: dict[int, None] = {}
    for part in text.split(","):
        found = NUMBERS.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= count:
            raise FetchFailed(f"--choose wants numbers from 1 to {count}, as in 1,3,5-7, and got {part.strip()!r}")
        numbers.update(dict.fromkeys(range(first, last + 1)))
    return list(numbers)
