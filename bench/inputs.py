"""Find the interviews that the benches measure with, and read their text."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.files import SIDECAR, list_files
from kb.errors import KBError
from kb.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
SAMPLE_CORPUS = PROJECT / "corpus"
SAMPLE_FILES = PROJECT / "tests" / "samples"
COLLECTION = "founders-talk"  # the public interviews that our questions ask about


class MissingInput(KBError):
    """Raised when an input of a bench is missing."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as a pipeline receives it: a name to cite it by, and its text."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of interviews as text files, and the table of facts about them."""

    folder: Path
    metadata: Path | None = None

    @property
    def documents(self) -> Iterator[Document]:
        """The text of each file, unchanged, in the order in which we read them ourselves."""
        for file in list_files([self.folder], self.metadata):
            yield Document(file.source, read_text(file.path))


def add_corpus_options(parser: argparse.ArgumentParser) -> None:
    """Add --corpus and --metadata."""
    parser.add_argument(
        "--corpus",
        type=Path,
        metavar="FOLDER",
        help=f"the interviews (default: where kb-ingest fetch {COLLECTION} puts them)",
    )
    parser.add_argument(
        "--metadata", type=Path, metavar="FILE.csv", help=f"facts about the files (default: {SIDECAR} in that folder)"
    )


def open_corpus(folder: Path | None = None, metadata: Path | None = None) -> Corpus:
    """Open the corpus in a folder, else the fetched one. Raises MissingInput when the folder or table is missing."""
    found = find_corpus(folder)
    if metadata:
        require(metadata, "--metadata")
        return Corpus(found, metadata)
    table = found / SIDECAR
    return Corpus(found, table if table.is_file() else None)


def find_corpus(folder: Path | None = None) -> Path:
    """Return the given folder of interviews, else the fetched one. Raises MissingInput when it is missing."""
    if folder:
        require(folder, "--corpus")
        return folder
    fetched = Settings.from_env().home / "sources" / COLLECTION
    if not fetched.is_dir():
        raise MissingInput(
            f"There are no interviews in {fetched}; run: kb-ingest fetch {COLLECTION} (or pass --corpus FOLDER)"
        )
    return fetched


def read_text(path: Path) -> str:
    """Read the decoded text of a file, each line end as one character."""
    return path.read_text(encoding="utf-8", errors="replace")


def require(path: Path, option: str) -> None:
    """Raise MissingInput, which names the option for another path, unless the path exists."""
    if not path.exists():
        raise MissingInput(f"There is no {path}; name what to measure with by {option} PATH")
