"""Examine the stores: the catalog in itself, the vectors and token vectors against it, the files it was read from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from kb.arrays import Segment
from kb.errors import SegmentGone, StoreUnavailable
from kb.model import Passage
from kb.storage.catalog import Catalog
from kb.storage.token_store import TokenStore, checksum
from kb.storage.vector_store import VectorStore

REACHED = 1_000  # vectors asked of a search, to see that the index over them is whole
NAMED = 3  # ids told in one line

Mending = Literal["catalog", "words", "interview", "vectors", "orphans", "files", "nothing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, or, with nothing to mend, only to be known."""

    text: str  # one line
    mending: Mending  # what mends it
    ids: tuple[str, ...] = ()  # of the interviews or of the passages concerned

    @property
    def is_problem(self) -> bool:
        """Whether a store is damaged; a source that has changed is not."""
        return self.mending != "nothing"


def examine(catalog: Catalog, vectors: VectorStore, tokens: TokenStore) -> list[Finding]:
    """All that is wrong, and what else should be known; for whoever holds the writer's lock."""
    broken = catalog.database.find_damage()
    if broken:
        return [Finding(f"the catalog is damaged: {broken[0]}", "catalog")]
    return [
        *_examine_words(catalog),
        *_examine_pending(catalog),
        *_examine_vectors(catalog, vectors),
        *_examine_tokens(catalog, tokens),
        *_examine_sources(catalog),
    ]


def _examine_words(catalog: Catalog) -> Iterator[Finding]:
    if not catalog.database.has_whole_words():
        yield Finding("the full-text index does not agree with the passages", "words")


def _examine_pending(catalog: Catalog) -> Iterator[Finding]:
    for interview_id in catalog.pending():
        yield Finding(f"{interview_id}: a change was broken off", "interview", (interview_id,))


def _examine_vectors(catalog: Catalog, vectors: VectorStore) -> Iterator[Finding]:
    """Each passage has one vector, made of its text; nothing else has one."""
    try:
        stored = vectors.stored()
        reached = vectors.count_reachable(min(REACHED, len(stored))) if stored else 0
    except StoreUnavailable as error:
        yield Finding(str(error), "vectors")
        return
    if reached < min(REACHED, len(stored)):
        yield Finding(f"a search reaches {reached:,} of {len(stored):,} vectors", "vectors")
        return
    for interview in catalog.interviews():
        passages = catalog.passages_of(interview.id)
        texts = [stored.pop(passage.id, None) for passage in passages]
        lost = [one.id for one, text in zip(passages, texts, strict=True) if text is None]
        other = [one.id for one, text in zip(passages, texts, strict=True) if text not in (None, one.text)]
        if lost:
            yield Finding(f"{interview.id}: no vector for {_name(lost)}", "interview", (interview.id,))
        if other:
            yield Finding(f"{interview.id}: vector of another text for {_name(other)}", "interview", (interview.id,))
    if stored:
        yield Finding(f"vectors without a passage: {_name(sorted(stored))}", "orphans", tuple(stored))


def _examine_tokens(catalog: Catalog, tokens: TokenStore) -> Iterator[Finding]:
    """Each interview that has passages has rows of its own, as they were written; no file lies about."""
    interview_ids = [interview.id for interview in catalog.interviews()]
    segments = catalog.segments(interview_ids)
    for interview_id in interview_ids:
        passages = catalog.passages_of(interview_id)
        wrong = _examine_segment(tokens, segments.get(interview_id), passages)
        if wrong:
            yield Finding(f"{interview_id}: {wrong}", "interview", (interview_id,))
    ordered = sorted(segments.items(), key=lambda item: (item[1].file, item[1].first))
    for (_, one), (interview_id, other) in pairwise(ordered):
        if one.file == other.file and one.first + one.size > other.first:
            yield Finding(f"{interview_id}: its token vectors overlap others", "interview", (interview_id,))
    if unlisted := tokens.find_unlisted({segment.file for segment in segments.values()}):
        yield Finding(f"files of token vectors that nothing is listed in: {_name(unlisted)}", "files")


def _examine_segment(tokens: TokenStore, segment: Segment | None, passages: Sequence[Passage]) -> str | None:
    if segment is None:
        return "no token vectors" if passages else None
    if len(segment.passages) != len(passages) + 1:
        return f"token vectors of {len(segment.passages) - 1} passages, and there are {len(passages)}"
    try:
        codes = tokens.map(segment).codes
    except SegmentGone as error:
        return str(error).partition(";")[0]
    return None if checksum(codes) == segment.checksum else "its token vectors are damaged"


def _examine_sources(catalog: Catalog) -> Iterator[Finding]:
    """What the transcripts hold stays answerable when their files change or leave; it is only told."""
    for source in catalog.sources():
        path = Path(source.path)
        if not path.is_file():
            yield Finding(f"{source.interview_id}: its file has gone from {path}", "nothing")
        elif _hash_file(path) != source.sha256:
            yield Finding(f"{source.interview_id}: its file has changed since; kb-ingest reads it again", "nothing")


def _hash_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def _name(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more
