"""Measure how fast files are read: MB a second of each text format, pages a second of PDF."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from bench.figures import describe_machine, format_table, take_time
from bench.inputs import PROJECT, SAMPLE_CORPUS, SAMPLE_FILES, MissingInput
from ingest.readers import read_script
from ingest.readers.detect import TEXT_KINDS, find_kind
from ingest.reading import read_file
from kb.errors import UnreadableFile

ROUNDS = 3  # the best counts: other work of the machine only adds time
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """One file's kind, and how long it takes to read."""

    kind: str
    size: int  # bytes
    pages: int  # of a PDF; 0 for the rest
    reading: float  # seconds from bytes to lines
    whole: float  # seconds from bytes to turns with speakers and roles


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Return 2 after one line on standard error if a folder is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[SAMPLE_FILES, SAMPLE_CORPUS])
    folders = parser.parse_args(arguments).folders
    try:
        readings = measure_folders(folders)
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(f"{len(readings)} files; {describe_machine()}\n\n{report(readings)}")
    return 0


def measure_folders(folders: Sequence[Path]) -> list[Reading]:
    """Measure every file that can be read. Raises MissingInput when a folder is missing, or no file can be read."""
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        raise MissingInput(f"There is no folder {missing[0]}; name one that is there")
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    readings = [reading for path in paths if (reading := measure_file(path))]
    if not readings:
        raise MissingInput(f"There is nothing to read; name a folder, such as {SAMPLE_CORPUS.relative_to(PROJECT)}")
    return readings


def measure_file(path: Path) -> Reading | None:
    """Measure the best of a few rounds; None for a file that is refused."""
    data = path.read_bytes()
    try:
        kind = find_kind(data, path.name)
        reading = min(take_time(read_script, data, path.name)[1] for _ in range(ROUNDS))
        whole = min(take_time(read_file, data, path.name, interview_id="bench")[1] for _ in range(ROUNDS))
    except UnreadableFile:
        return None
    pages = len(PdfReader(BytesIO(data)).pages) if kind == "pdf" else 0
    return Reading(kind, len(data), pages, reading, whole)


def report(readings: Sequence[Reading]) -> str:
    """Format a row for each kind, then one for all text formats together."""
    by_kind: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_kind[reading.kind].append(reading)
    texts = [reading for reading in readings if reading.kind in TEXT_KINDS]
    rows = [_row(kind, by_kind[kind]) for kind in sorted(by_kind)]
    if texts:
        rows.append(_row("**all text formats**", texts))
    return format_table(["", "files", "MB", "read MB/s", "with turns MB/s", "read pages/s", "with turns pages/s"], rows)


def _row(name: str, readings: Sequence[Reading]) -> list[str]:
    size = sum(reading.size for reading in readings) / MEGABYTE
    pages = sum(reading.pages for reading in readings)
    reading, whole = sum(one.reading for one in readings), sum(one.whole for one in readings)
    speeds = [f"{size / reading:.1f}", f"{size / whole:.1f}"]
    page_speeds = [f"{pages / reading:.0f}", f"{pages / whole:.0f}"] if pages else ["–", "–"]
    return [name, f"{len(readings)}", f"{size:.2f}", *speeds, *page_speeds]


if __name__ == "__main__":
    sys.exit(main())
