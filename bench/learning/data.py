"""Read what the adapter and the judge are learnt from: our labels, and the passages that they are of."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.inputs import require

HERE = Path(__file__).parent
SHORTEST = 40  # words of an answer, and 5 of a question, that are learnt from as they are


@dataclass(frozen=True, slots=True)
class Passage:
    """What a guest said."""

    id: str
    file: str  # of the interview
    asked: str  # what the host said before; may be ''
    text: str


@dataclass(frozen=True, slots=True)
class Invented:
    """Answers to a theme and decoys, all invented."""

    theme: str
    questions: Sequence[str]
    passages: Sequence[str]
    decoys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Data:
    """Everything, by passage id."""

    passages: Mapping[str, Passage]
    worth: Mapping[str, int]
    themes: Sequence[tuple[str, str]]  # a theme question, and the passage that it was written for
    specific: Sequence[tuple[str, str]]  # a question that only that passage answers
    graded: Sequence[tuple[str, Mapping[str, int]]]  # a theme question, and the grades of some passages
    tags: Mapping[str, Mapping[str, int]]  # a passage's themes
    invented: Sequence[Invented]

    @property
    def pairs(self) -> dict[str, list[Passage]]:
        """Hosts' questions with guests' answers, by interview."""
        found: dict[str, list[Passage]] = {}
        for one in self.passages.values():
            if len(one.text.split()) >= SHORTEST and len(one.asked.split()) >= SHORTEST // 8:
                found.setdefault(one.file, []).append(one)
        return found


def read_data(folder: Path) -> Data:
    """Our labels with the passages of a folder that holds `pairs.jsonl.xz` and `train.jsonl`."""
    for name in ("pairs.jsonl.xz", "train.jsonl"):
        require(folder / name, "--data")
    with lzma.open(folder / "pairs.jsonl.xz", "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    labelled = list(_read(folder / "train.jsonl"))
    passages = [
        *(Passage(f"L{number}", row["file"], row["asked"], row["text"]) for number, row in enumerate(labelled)),
        *(Passage(f"P{number}", row["file"], row["question"], row["answer"]) for number, row in enumerate(pairs)),
    ]
    written = list(_read(HERE / "questions.jsonl"))
    asked = [(question, f"L{number}") for number, row in enumerate(labelled) for question in row["questions"]]
    return Data(
        passages={one.id: one for one in passages},
        worth={
            **{f"L{number}": row["quotable"] if row["questions"] else 0 for number, row in enumerate(labelled)},
            **{row["id"]: row["worth"] for row in written},
        },
        themes=[*asked, *((question, row["id"]) for row in written for question in row["questions"])],
        specific=[(question, row["id"]) for row in _read(HERE / "specific.jsonl") for question in row["questions"]],
        graded=[(row["question"], row["grades"]) for row in _read(HERE / "grades.jsonl")],
        tags={row["id"]: row["themes"] for row in _read(HERE / "tags.jsonl")},
        invented=[Invented(**row) for row in _read(HERE / "invented.jsonl")],
    )


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
