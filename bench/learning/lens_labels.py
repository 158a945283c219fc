"""Read the passages that the lens is learnt from, with what readers saw in them."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from pathlib import Path

from bench.inputs import require
from kb.lens.framework import Side, load_framework
from kb.text.sentences import sentence_spans

HERE = Path(__file__).parent
MORE_WEIGHT, PHRASING_WEIGHT, UNSURE_WEIGHT = 0.5, 0.5, 0.5  # of further labels, phrasings, labels of little certainty


@dataclass(frozen=True, slots=True)
class Labelled:
    """A passage with what a reader saw in it."""

    text: str
    file: str  # of the interview
    effect: str
    behaviours: tuple[str, ...]
    stance: str
    sentences: tuple[int, ...]  # the first and last that show it, from 1; () if they are not known
    weight: float

    def has(self, side: Side) -> bool:
        """Whether it has the effect."""
        return self.effect in (side, "both")


def read_train(path: Path) -> list[Labelled]:
    """Read passages labelled with the words that show it (`span`). Raises MissingInput."""
    require(path, "--train")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(
            row["text"],
            row["file"],
            row["effect"],
            tuple(row["behaviours"]),
            row["stance"],
            _find_sentences(row["text"], row.get("span", "")),
            UNSURE_WEIGHT if row["sure"] == 1 else 1.0,
        )
        for row in rows
    ]


def read_more(path: Path) -> list[Labelled]:
    """Read our further labels, whose passages are lines of `pairs.jsonl.xz`. Raises MissingInput."""
    require(path, "--pairs")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    with lzma.open(HERE / "lens.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [(pairs[int(row["id"][1:])], row) for row in map(json.loads, lines)]
    return [
        Labelled(
            pair["answer"],
            pair["file"],
            row["effect"],
            tuple(row["behaviours"]),
            row["stance"],
            tuple(row["sentences"]),
            MORE_WEIGHT * (UNSURE_WEIGHT if row["sure"] == 1 else 1.0),
        )
        for pair, row in rows
    ]


def list_phrasings() -> list[Labelled]:
    """List the framework's phrasings as passages."""
    behaviours = load_framework().behaviours
    return [
        Labelled(text, "", one.side, (one.id,), "", (), PHRASING_WEIGHT) for one in behaviours for text in one.phrasings
    ]


def _find_sentences(text: str, span: str) -> tuple[int, ...]:
    start = text.find(span) if span else -1
    if start < 0:
        return ()
    end = start + len(span)
    places = [number for number, (one, other) in enumerate(sentence_spans(text), 1) if one < end and other > start]
    return (places[0], places[-1]) if places else ()
