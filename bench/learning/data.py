"""Read what the adapter and the judge are trained on: our labels, and the passages with these labels."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.inputs import require
from kb.model import PART_BREAK

HERE = Path(__file__).parent
SHORTEST = 40  # fewest words of an answer that is trained on as it is; its question needs 5
PART = re.compile(r"(.+)@(\d+)\+(\d+)")
JOINT = "&"  # between the parts of a passage that runs over several turns
TURN = re.compile(r"\*\*([^*\n]{2,40}):\*\*\s*(.*?)(?=\n\*\*[^*\n]{2,40}:\*\*|\Z)", re.S)
MARK = re.compile(r"\\?\[[^\]]{0,40}\\?\]")  # a time, laughter

Tags = Mapping[str, tuple[int, ...]]  # by theme: the grade, and the first and last sentence that answers, if known
# The share of the tags of each grade that strict readers, asked about one theme at a time, confirm.
CONFIRMED = {2: 0.4, 3: 0.82}
GOOD = 2  # the lowest grade of a strict reader that a passage answers with


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a guest."""

    id: str
    file: str  # of the interview
    asked: str  # what the host said before; may be ''
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be learnt of a passage and a theme."""

    chance: float  # 0 to 1, that it speaks to the theme
    sentences: tuple[int, ...]  # the first and last that answer, from 1; () if they are not known


@dataclass(frozen=True, slots=True)
class Invented:
    """Answers to a theme and decoys, all invented."""

    theme: str
    questions: Sequence[str]
    passages: Sequence[str]
    decoys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Graded:
    """A theme question, other wordings of it, and the grades 0 to 3 of some passages."""

    question: str
    wordings: Sequence[str]
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Data:
    """All training data, by passage id."""

    passages: Mapping[str, Passage]
    themes: Sequence[tuple[str, str]]  # a theme question, and the passage that it was written for
    specific: Sequence[tuple[str, str]]  # a question that only that passage answers
    graded: Sequence[Graded]
    tags: Mapping[str, Tags]  # a passage's themes
    invented: Sequence[Invented]
    readings: Mapping[str, Tags] = field(default_factory=dict)  # grades 0 to 3 of strict readers, of some themes

    @property
    def pairs(self) -> dict[str, list[Passage]]:
        """Hosts' questions with guests' answers, by interview."""
        found: dict[str, list[Passage]] = {}
        for one in self.passages.values():
            if len(one.text.split()) >= SHORTEST and len(one.asked.split()) >= SHORTEST // 8:
                found.setdefault(one.file, []).append(one)
        return found

    def list_targets(self, passage_id: str) -> dict[str, Target]:
        """List what is to be learnt of a passage, by theme: by a strict reading where there is one, else by its tag.

        Of themes that are not listed, it does not speak.
        """
        targets = {
            theme: Target(CONFIRMED[grade], tuple(named)) for theme, (grade, *named) in self.tags[passage_id].items()
        }
        for theme, (grade, *named) in self.readings.get(passage_id, {}).items():
            tagged = targets.get(theme, Target(0.0, ()))
            is_good = grade >= GOOD
            targets[theme] = Target(float(is_good), tuple(named) or tagged.sentences if is_good else ())
        return targets


def read_data(folder: Path, transcripts: Path) -> Data:
    """Read our labels, with the passages of a folder that holds `pairs.jsonl.xz` and `train.jsonl`.

    `transcripts` is a checkout of https://github.com/thechangelog/transcripts, of which further turns are tagged.
    Raises MissingInput, which says what is missing.
    """
    for name in ("pairs.jsonl.xz", "train.jsonl"):
        require(folder / name, "--data")
    require(transcripts / "podcast", "--transcripts")
    with lzma.open(folder / "pairs.jsonl.xz", "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    labelled = list(_read(folder / "train.jsonl"))
    whole = [
        *(Passage(f"L{number}", row["file"], row["asked"], row["text"]) for number, row in enumerate(labelled)),
        *(Passage(f"P{number}", row["file"], row["question"], row["answer"]) for number, row in enumerate(pairs)),
    ]
    passages = {one.id: one for one in whole}
    written = list(_read(HERE / "questions.jsonl"))
    asked = [(question, f"L{number}") for number, row in enumerate(labelled) for question in row["questions"]]
    graded = [Graded(row["question"], row.get("wordings", ()), row["grades"]) for row in _read(HERE / "grades.jsonl")]
    tags, readings = _read_themes("tags"), _read_themes("readings")
    named = {*tags, *(passage_id for one in graded for passage_id in one.grades)}
    passages |= {one.id: one for one in cut_parts(named.difference(passages), passages, transcripts)}
    return Data(
        passages=passages,
        themes=[*asked, *((question, row["id"]) for row in written for question in row["questions"])],
        specific=[(question, row["id"]) for row in _read(HERE / "specific.jsonl") for question in row["questions"]],
        graded=graded,
        tags=tags,
        invented=[Invented(**row) for row in _read(HERE / "invented.jsonl")],
        readings=readings,
    )


def cut_parts(named: Iterable[str], passages: Mapping[str, Passage], transcripts: Path) -> Iterator[Passage]:
    """Cut passages that are words of an answer (`P12@40+110`), of a turn (`podcast/x.md:17@0+110`), or of several."""
    turns: dict[str, list[str]] = {}
    for name in sorted(named):
        said = []
        for part in name.split(JOINT):
            whole, first, words = _split_name(part)
            if whole in passages:
                file, text = passages[whole].file, passages[whole].text
            else:
                file, _, number = whole.rpartition(":")
                if file not in turns:
                    turns[file] = read_turns((transcripts / file).read_text(encoding="utf-8"))
                text = turns[file][int(number)]
            said.append(" ".join(text.split()[first : first + words]))
        yield Passage(name, file, "", PART_BREAK.join(said))


def read_turns(transcript: str) -> list[str]:
    """Read the words of each turn of a transcript in Markdown, without times and laughter."""
    return [" ".join(MARK.sub("", turn[2]).split()) for turn in TURN.finditer(transcript)]


def _split_name(name: str) -> tuple[str, int, int]:
    """Split a name into the text that the passage is a part of, its first word there, and its number of words."""
    part = PART.fullmatch(name)
    return (part[1], int(part[2]), int(part[3])) if part else (name, 0, 10**6)


def _read_themes(name: str) -> dict[str, Tags]:
    """Read grades of themes, by passage id."""
    with lzma.open(HERE / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = list(map(json.loads, lines))
    return {row["id"]: {theme: tuple(known) for theme, known in row["themes"].items()} for row in rows}


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
