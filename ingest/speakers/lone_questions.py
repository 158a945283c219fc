"""Find questions that are marked where answers are not: 'Q: ...' and the paragraph after it, '――' in Japanese."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from ingest.script import Line
from ingest.speakers.identity import is_asker
from ingest.speakers.labels import LabelMatch
from ingest.speakers.script_words import count_questions

DASHED = re.compile(r"\s{0,9}(?:[―─]{2}|——)\s{0,3}(?=[^\s―─—])")  # before an interviewer's words, in East Asia
QUESTION = "Q"  # the label that such a dash stands for
ANSWER = "Answer"  # the label that is missing
LEAST = 3  # questions; fewer may be anything
SHARE = 0.6  # of the questions, that words without a mark must follow
ASKED = 0.5  # of the lines behind a dash, that must be questions


def find_lone_questions(
    lines: Sequence[Line],
    matches: Mapping[int, LabelMatch],
    candidates: Mapping[int, Sequence[LabelMatch]],
    skip: Collection[int],
) -> Mapping[int, LabelMatch]:
    """Return the marks of questions whose answers have none; nothing if the file marks both, or neither.

    `matches` are the labels found so far, `candidates` all readings of each line as a label.
    """
    if not all(is_asker(match.label) for match in matches.values()):
        return {}
    marks = matches or _find_marks(candidates) or _find_dashes(lines)
    filled = [index for index, line in enumerate(lines) if line.text.strip() and index not in skip]
    after = dict(pairwise(filled))
    followed = sum(1 for index in marks if after.get(index, index) not in marks)
    return marks if len(marks) >= LEAST and followed >= SHARE * len(marks) else {}


def _find_marks(candidates: Mapping[int, Sequence[LabelMatch]]) -> dict[int, LabelMatch]:
    first = {index: found[0] for index, found in candidates.items() if found}
    return {index: match for index, match in first.items() if match.shape == "colon" and is_asker(match.label)}


def _find_dashes(lines: Sequence[Line]) -> dict[int, LabelMatch]:
    dashes = {index: dash for index, line in enumerate(lines) if (dash := DASHED.match(line.text))}
    asked = sum(1 for index in dashes if count_questions(lines[index].text))
    if asked < ASKED * len(dashes):
        return {}
    return {index: LabelMatch("colon", QUESTION, dash.end(), inferred=True) for index, dash in dashes.items()}
