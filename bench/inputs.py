"""What the benches measure with: the interviews, the questions and the scorer, all found outside the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.files import list_files

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
CORPUS = SHARED / "corpora" / "founders-talk" / "transcripts"
METADATA = SHARED / "corpora" / "founders-talk" / "metadata.csv"
QUESTIONS = SHARED / "eval" / "founders_questions.jsonl"
SCORER = SHARED / "eval" / "score.py"
FORMATS = SHARED / "formats" / "files"
SAMPLE_CORPUS = PROJECT / "corpus"
SAMPLE_FILES = PROJECT / "tests" / "samples"

Question = dict[str, Any]  # as the scorer reads it: "id", "type", "query", "gold"


class MissingInput(Exception):
    """Raised when something to measure with is not there; its text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as a pipeline is handed it: a name to cite it by, and its text."""

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
            yield Document(file.source, file.path.read_text(encoding="utf-8", errors="replace"))


def open_corpus(folder: Path, metadata: Path | None) -> Corpus:
    """The corpus in that folder; MissingInput where there is none."""
    require(folder, "--corpus")
    return Corpus(folder, metadata if metadata and metadata.is_file() else None)


def read_questions(path: Path) -> list[Question]:
    """The questions, one JSON object a line."""
    require(path, "--questions")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def require(path: Path, option: str) -> None:
    """MissingInput, naming the option that leads elsewhere, unless the path exists."""
    if not path.exists():
        raise MissingInput(f"There is no {path}; name what to measure with by {option} PATH")
