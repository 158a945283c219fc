"""Take labels for words where a speaker reads them aloud: 'Answer:' in a quoted examination, a name in a chat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ingest.script import Line
from ingest.speakers.identity import is_person
from ingest.speakers.labels import LabelMatch, fold_label

MARKS = frozenset(("question", "answer", "the question", "the answer"))
MOST = 0.25  # of all labels; where people are interviewed under these marks they are nearly all
MOST_ALONE = 0.1  # of all labels stand on a line of their own, where the file's own have words behind them
QUOTES = ('"', "“", "‘", "«", "„")


def drop_read_aloud(lines: Sequence[Line], matches: Mapping[int, LabelMatch]) -> dict[int, LabelMatch]:
    """Drop labels that are read aloud by a speaker who has a name."""
    aloud = {*_find_marks(matches), *_find_quoted(lines, matches)}
    return {index: match for index, match in matches.items() if index not in aloud}


def _find_marks(matches: Mapping[int, LabelMatch]) -> list[int]:
    """Find the few marks of a file in which at least two people speak by name."""
    said = Counter(match.label for match in matches.values())
    marks = [index for index, match in matches.items() if fold_label(match.label) in MARKS]
    people = [label for label, count in said.items() if count > 1 and is_person(label)]
    return marks if len(people) > 1 and len(marks) <= MOST * len(matches) else []


def _find_quoted(lines: Sequence[Line], matches: Mapping[int, LabelMatch]) -> Iterator[int]:
    """Yield labels on a line of their own with a quotation below, where the file's labels have words behind them."""
    alone = [
        index
        for index, match in matches.items()
        if match.shape == "colon" and not lines[index].heading and not lines[index].text[match.words :].strip()
    ]
    if len(alone) > MOST_ALONE * len(matches):
        return
    for index in alone:
        below = (line.text.strip() for line in lines[index + 1 : index + 3])
        if next(filter(None, below), "").startswith(QUOTES):
            yield index
