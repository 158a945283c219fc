"""What the commands of `kb-ingest` print: a bar of progress, and a report at the end."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn
from rich.progress import Progress as ProgressBar

from ingest.pipeline.progress import Progress
from ingest.pipeline.report import Outcome, Report, describe_leaderless
from kb.answering.attribution import format_time
from kb.cli.terminal import complain, say, say_line
from kb.knowledge_base import WAITING
from kb.text.display import mark_line

OUTCOMES: tuple[Outcome, ...] = (
    "added", "updated", "renamed", "unchanged", "second source", "removed", "missing", "left out", "refused",
)  # fmt: skip


def tell_waiting() -> None:
    """Tell that another process writes, and that this one waits."""
    complain(f"kb-ingest: {WAITING}")


def make_bar(*columns: TextColumn | BarColumn | DownloadColumn) -> ProgressBar:
    """Make a bar of progress on standard error, which is gone when it is done."""
    return ProgressBar(*columns, console=Console(stderr=True), transient=True)


def show_progress(bar: ProgressBar, task: TaskID, progress: Progress) -> None:
    """Show the progress of an ingest."""
    left = "" if progress.seconds_left is None else f"{format_time(progress.seconds_left)} left"
    bar.update(
        task,
        completed=progress.files_done,
        total=progress.files,
        description=mark_line(progress.file),
        rate=progress.passages_per_second,
        left=left,
    )


def print_report(report: Report) -> None:
    """Print what became of the files, and what was noted about them."""
    for line in describe_leaderless(report):
        say_line(line)
    counts = [f"{len(files)} {outcome}" for outcome in OUTCOMES if (files := report.of(outcome))]
    embedded = sum(file.embedded for file in report)
    say(f"{', '.join(counts) or 'no files'}; {embedded:,} passages embedded")
    for file in report:
        if file.outcome in ("renamed", "second source", "refused", "left out", "missing", "removed") or file.reason:
            say_line(f"{file.outcome}: {file.source}{': ' + file.reason if file.reason else ''}")
        for warning in file.warnings:
            say_line(f"note: {file.source}: {warning}")
