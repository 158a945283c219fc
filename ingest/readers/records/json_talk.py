"""Read JSON that holds a talk as text, or its words and its speakers in lists side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice, pairwise

from ingest.readers.clock import find_unit, is_date, parse_clock
from ingest.readers.fields import PERSON, SPEAKER, START, START_MS, TEXT, fold_field
from ingest.readers.words import name_speaker
from ingest.script import Line

PARALLEL_TEXT = frozenset((*TEXT, "utts", "utterances", "sentences", "texts", "turns", "dialogues", "lines"))
PARALLEL_SPEAKER = frozenset(
    (*SPEAKER, *PERSON, "speakers", "speakernames", "speakerlabels", "speakerids", "labels", "names", "roles")
)
PARALLEL_START = frozenset((*START, "starts", "times", "timestamps", "starttimes"))
MOST_COLUMNS = 20  # of one object
MOST_HOLDERS = 1_000  # objects of one level that are looked at
ROW_BREAK = re.compile(r"<br\s{0,3}/?>|\\r\\n|\\n|\n", re.I)  # some services escape a line's end twice
FEW_LABELS = 3  # that recur within a row; fewer may be words of the talk
# A label at the beginning of a row, and one after a sentence within a row.
ROW_LABEL = re.compile(
    r"\s*(?:[\[(]?\d[\d:.,]{0,11}[\])]?\s*)?(?:\*\*)?(?P<label>[^\W\d_][^:：\n]{0,60}?)(?:\*\*)?\s?[:：]"
)
INNER_LABEL = re.compile(
    r"(?:(?<=[.!?…\"”)\]]\s)|\A)(?P<label>[A-Z][\w.'’-]{0,20}(?:\s[A-Z0-9][\w.'’-]{0,20}){0,3}):\s"
)


def read_parallel(document: object) -> tuple[Line, ...]:
    """Read lists of one length, side by side: what was said, who said it, and mostly when."""
    for node in _holders(document):
        texts, speakers = _columns(node, PARALLEL_TEXT), _columns(node, PARALLEL_SPEAKER)
        pairs = ((one, two) for one in texts for two in speakers if one is not two and len(one) == len(two) > 1)
        if pair := next(pairs, None):
            return _side_by_side(*pair, _moments(node, pair[0]))
    return ()


def read_pairs(document: object) -> tuple[Line, ...]:
    """Read a list of pairs, each a speaker and the words: ["Ada", "We began."] or {"Ada": "We began."}."""
    values = [document] if isinstance(document, list) else list(document.values()) if isinstance(document, dict) else []
    for value in values:
        pairs = [pair for item in value if (pair := _pair(item))] if isinstance(value, list) else []
        if len(pairs) > 1 and len(pairs) == len(value) and _alternate(pairs):
            return tuple(Line(" ".join(text.split()), speaker=name_speaker(who)) for who, text in pairs)
    return ()


def read_strings(document: object) -> tuple[Line, ...]:
    """Read a list of texts, most of which begin with a label: ["Ada: We began.", "Ben: And then?"]."""
    for node in _holders(document):
        for value in [node, *_members(node)] if node is document else _members(node):
            rows = value if isinstance(value, list) and all(isinstance(one, str) for one in value) else []
            if len(rows) > 1 and 2 * sum(1 for row in rows if ROW_LABEL.match(row)) > len(rows):
                return tuple(Line(" ".join(row.split())) for row in rows)
    return ()


def split_talk(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Split lines that hold a whole talk with its labels into rows; return none if they hold single utterances."""
    if not any(_may_hold_rows(line.text) for line in lines):
        return ()
    rows = [row for line in lines for row in _rows(line, is_alone=len(lines) == 1)]
    return tuple(rows) if len(rows) > len(lines) else ()


def _holders(document: object) -> Iterator[object]:
    """Yield the objects that may hold such lists: the document, its members, and their members."""
    level = [document]
    for _ in range(3):
        yield from level
        inner = (one for node in level for one in _members(node) if isinstance(one, dict | list))
        level = list(islice(inner, MOST_HOLDERS))


def _members(node: object) -> Iterable[object]:
    return node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def _columns(node: object, names: Container[str]) -> Sequence[list[str]]:
    """Return the lists of texts under some of these names; tables may number their rows: {"0": "...", "1": "..."}."""
    values = [value for key, value in node.items() if fold_field(key) in names] if isinstance(node, dict) else []
    lists = [list(value.values()) if isinstance(value, dict) and "0" in value else value for value in values]
    return [one for one in lists if isinstance(one, list) and all(isinstance(cell, str) for cell in one)][:MOST_COLUMNS]


def _moments(node: object, texts: Sequence[str]) -> Sequence[float | None]:
    """Return the starts in the list of times beside the texts, in seconds; none if there is no such list."""
    for key, value in node.items() if isinstance(node, dict) else ():
        column = list(value.values()) if isinstance(value, dict) and "0" in value else value
        is_ms = fold_field(key) in START_MS
        if isinstance(column, list) and len(column) == len(texts) and (is_ms or fold_field(key) in PARALLEL_START):
            known = [moment for cell in column if (moment := parse_clock(cell)) is not None]
            if len(known) == len(column) and not is_date(min(known)):
                words = sum(text.count(" ") + 1 for text in texts)
                unit = 1e-3 if is_ms else find_unit(known, words)
                return [round(moment * unit, 3) for moment in known]
    return [None] * len(texts)


def _side_by_side(texts: Sequence[str], names: Sequence[str], starts: Sequence[float | None]) -> tuple[Line, ...]:
    rows = zip(texts, names, starts, strict=True)
    return tuple(Line(" ".join(text.split()), start=start, speaker=name_speaker(who)) for text, who, start in rows)


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
    return (
        len(names) < len(pairs)
        and longest <= 60
        and sum(len(text) for _, text in pairs) > sum(len(who) for who, _ in pairs)
    )


def _may_hold_rows(text: str) -> bool:
    """Whether a text may hold several rows; looking for single signs first is fast."""
    return text.count(":") >= FEW_LABELS or "\n" in text or "\\" in text or "<" in text


def _rows(line: Line, *, is_alone: bool) -> Iterator[Line]:
    """Yield the rows of a text in which labels recur, or that is all there is; else the text as it is."""
    rows = [" ".join(row.split()) for row in ROW_BREAK.split(line.text)]
    labels = sum(1 for row in rows if ROW_LABEL.match(row))
    if len(rows) > 1 and (is_alone or labels > 1):
        yield from (Line(row, start=None if place else line.start) for place, row in enumerate(rows))
        return
    found = [*INNER_LABEL.finditer(line.text)]
    counts = Counter(one["label"] for one in found)
    places = [one.start() for one in found if counts[one["label"]] > 1]
    cuts = (
        [0, *(place for place in places if place), len(line.text)] if len(places) >= FEW_LABELS else [0, len(line.text)]
    )
    for start, end in pairwise(cuts):
        yield Line(" ".join(line.text[start:end].split()), start=None if start else line.start)
