"""One interview of a public collection: a file to keep, and the facts that its source states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.metadata.table import Row
from ingest.speakers.person_name import fold_letters

SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """An interview as it is kept on this machine."""

    name: str  # of the file
    data: bytes = field(repr=False)
    facts: Row  # for the table of facts


def make_slug(text: str) -> str:
    """Write a text as a part of a file's name."""
    return SLUG.sub("-", fold_letters(text)).strip("-")
