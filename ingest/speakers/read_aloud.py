"""Take 'Question:' and 'Answer:' for words where a speaker who has a name reads them aloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ingest.speakers.identity import is_person
from ingest.speakers.labels import LabelMatch, fold_label

MARKS = frozenset(("question", "answer", "the question", "the answer"))
MOST = 0.25  # of all labels; where people are interviewed under these marks they are nearly all


def drop_read_aloud(matches: Mapping[int, LabelMatch]) -> dict[int, LabelMatch]:
    """Drop labels that are read aloud: the few marks of a file in which at least two people speak by name."""
    said = Counter(match.label for match in matches.values())
    marks = sum(count for label, count in said.items() if fold_label(label) in MARKS)
    people = [label for label, count in said.items() if count > 1 and is_person(label)]
    if not marks or len(people) < 2 or marks > MOST * sum(said.values()):
        return dict(matches)
    return {index: match for index, match in matches.items() if fold_label(match.label) not in MARKS}
