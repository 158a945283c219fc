"""Read JSON that holds a talk as text, or its words and its speakers in lists side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ingest.readers.fields import PERSON, SPEAKER, TEXT, fold_field
from ingest.readers.words import name_speaker
from ingest.script import Line

Node = Mapping[str, object]

PARALLEL_TEXT = frozenset((*TEXT, "utts", "utterances", "sentences", "texts", "turns", "dialogues", "lines"))
PARALLEL_SPEAKER = frozenset((*SPEAKER, *PERSON, "speakers", "speakernames", "labels", "names", "roles"))
ROW_BREAK = re.compile(r"<br\s{0,3}/?>|\\r\\n|\\n|\n", re.I)  # some services escape a line's end twice
# A label at the beginning of a row, and one after a sentence within a row.
ROW_LABEL = re.compile(r"\s*(?:[\[(]?\d[\d:.,]{0,11}[\])]?\s*)?(?:\*\*)?(?P<label>[^\W\d_][^:：\n]{0,60}?)(?:\*\*)?\s?[:：]")
INNER_LABEL = re.compile(
    r"(?:(?<=[.!?…\"”)\]]\s)|\A)(?P<label>[A-Z][\w.'’-]{0,20}(?:\s[A-Z0-9][\w.'’-]{0,20}){0,3}):\s"
)


def read_parallel(document: object) -> tuple[Line, ...]:
    """Read two lists of one length: what was said, and who said it."""
    for node in document if isinstance(document, list) else [document]:
        texts, speakers = _lists(node, PARALLEL_TEXT), _lists(node, PARALLEL_SPEAKER)
        pairs = ((one, two) for one in texts for two in speakers if one is not two and len(one) == len(two) > 1)
        if pair := next(pairs, None):
            return tuple(
                Line(" ".join(text.split()), speaker=name_speaker(who)) for text, who in zip(*pair, strict=True)
            )
    return ()


def read_pairs(document: object) -> tuple[Line, ...]:
    """Read a list of pairs, each a speaker and the words: ["Ada", "We began."] or {"Ada": "We began."}."""
    values = [document] if isinstance(document, list) else list(document.values()) if isinstance(document, dict) else []
    for value in values:
        pairs = [pair for item in value if (pair := _pair(item))] if isinstance(value, list) else []
        if len(pairs) > 1 and len(pairs) == len(value) and _alternate(pairs):
            return tuple(Line(" ".join(text.split()), speaker=name_speaker(who)) for who, text in pairs)
    return ()


def split_talk(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Split lines that hold a whole talk with its labels into rows; return none if they hold single utterances."""
    rows = [row for line in lines for row in _rows(line)]
    return tuple(rows) if len(rows) > len(lines) else ()


def _lists(node: object, names: frozenset[str]) -> Sequence[list[str]]:
    """Return the lists of texts under some of these names."""
    values = [value for key, value in node.items() if fold_field(key) in names] if isinstance(node, dict) else []
    return [value for value in values if isinstance(value, list) and all(isinstance(one, str) for one in value)]


def _pair(item: object) -> tuple[str, str] | None:
    cells = list(next(iter(item.items()))) if isinstance(item, dict) and len(item) == 1 else item
    if not isinstance(cells, list) or len(cells) != 2:
        return None
    who, text = cells
    return (who, text) if isinstance(who, str) and isinstance(text, str) else None


def _alternate(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether the first of each pair names one of a few people, and the second is what they say."""
    names = {who for who, _ in pairs}
    longest = max(map(len, names))
    return len(names) < len(pairs) and longest <= 60 and sum(len(text) for _, text in pairs) > sum(
        len(who) for who, _ in pairs
    )


def _rows(line: Line) -> Iterator[Line]:
    """Yield the rows of a text in which labels recur; the text as it is if they do not."""
    rows = [" ".join(row.split()) for row in ROW_BREAK.split(line.text)]
    labels = Counter(found["label"] for row in rows if (found := ROW_LABEL.match(row)))
    if len(rows) > 1 and sum(labels.values()) > 1:
        yield from (Line(row, start=line.start if not place else None) for place, row in enumerate(rows))
        return
    inner = Counter(found["label"] for found in INNER_LABEL.finditer(line.text))
    places = [found.start() for found in INNER_LABEL.finditer(line.text) if inner[found["label"]] > 1]
    if len(places) < 3:
        yield line
        return
    cuts = [0, *(place for place in places if place), len(line.text)]
    for start, end in zip(cuts, cuts[1:], strict=False):
        if text := " ".join(line.text[start:end].split()):
            yield Line(text, start=line.start if not start else None)
