"""Read headings that end in a colon as labels, where the file labels its speakers so: '### Ada Byron, Acme:'."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.script import Line
from ingest.speakers.labels import LabelMatch
from ingest.speakers.name_match import is_known
from ingest.speakers.vocabulary import NO_PEOPLE

HEADING = re.compile(r"(?P<label>[^\s:：][^:：\n]{0,80}?)\s*[:：]\s*$")
SHARE = 0.5  # of such headings that are labels by themselves; then the others are labels too


def add_heading_labels(
    lines: Sequence[Line], matches: Mapping[int, LabelMatch], people: Sequence[str]
) -> dict[int, LabelMatch]:
    """Add labels for headings written as the file's other labels are, or that name one of the people known."""
    found = {
        index: LabelMatch("colon", heading["label"], len(line.text))
        for index, line in enumerate(lines)
        if line.heading and (heading := HEADING.match(line.text))
    }
    if not found:
        return dict(matches)
    known = [index for index in found if index in matches]
    is_custom = len(known) > 1 and len(known) >= SHARE * len(found)
    added = {
        index: match
        for index, match in found.items()
        if index not in matches
        and match.label.casefold() not in NO_PEOPLE
        and (is_custom or is_known(match.label, people))
    }
    return {**matches, **added}
