"""Check the stores: the catalog itself, vectors and token vectors against it, and its source files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.errors import StoreUnavailable, TokenFileGone
from kb.model import Passage
from kb.storage.catalog import Catalog
from kb.storage.source_file import hash_file, is_gone
from kb.storage.stores import Stores
from kb.storage.token_file import TokenFile
from kb.storage.token_store import TokenStore, hash_codes
from kb.storage.vector_store import VectorStore
from kb.storage.writer import StoreWriter

NAMED = 3  # maximum ids in a message

Mending = Literal["catalog", "words", "interview", "vectors", "orphans", "files", "nothing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of the stores, or a note if there is nothing to repair."""

    text: str  # one line
    mending: Mending  # the kind of repair it needs
    ids: tuple[str, ...] = ()  # ids of the affected interviews or passages

    @property
    def is_problem(self) -> bool:
        """Whether a store is damaged; a changed source file is only a note."""
        return self.mending != "nothing"


def examine(stores: Stores) -> list[Finding]:
    """List all problems and notes. The caller holds the writer's lock."""
    catalog = stores.catalog
    broken = catalog.database.find_damage()
    if broken:
        return [Finding(f"the catalog is damaged: {broken[0]}", "catalog")]
    return [
        *_examine_words(catalog),
        *_examine_pending(catalog),
        *_examine_vectors(catalog, stores.vectors),
        *_examine_tokens(catalog, stores.tokens),
        *_examine_sources(catalog),
    ]


def repair(stores: Stores, writer: StoreWriter) -> list[Finding]:
    """Repair all problems and return what remains. The caller holds the writer's lock."""
    findings = examine(stores)
    wanted = {finding.mending for finding in findings}
    if "catalog" in wanted:
        return findings
    if "words" in wanted:
        stores.catalog.database.rebuild_full_text()
    if "vectors" in wanted:
        stores.vectors.reset()
    stores.vectors.remove([one for finding in findings if finding.mending == "orphans" for one in finding.ids])
    broken = {one for finding in findings if finding.mending == "interview" for one in finding.ids}
    everything = {interview.id for interview in stores.catalog.interviews()}
    writer.repair(everything if "vectors" in wanted else broken)
    return examine(stores)


def _examine_words(catalog: Catalog) -> Iterator[Finding]:
    if not catalog.database.is_full_text_intact():
        yield Finding("the full-text index does not agree with the passages", "words")


def _examine_pending(catalog: Catalog) -> Iterator[Finding]:
    for interview_id in catalog.token_files.pending():
        yield Finding(f"{interview_id}: a change was broken off", "interview", (interview_id,))


def _examine_vectors(catalog: Catalog, vectors: VectorStore) -> Iterator[Finding]:
    """Check that each passage has one vector, made from its text, and that there are no others."""
    try:
        stored = vectors.all_texts()
        reached = vectors.count_reachable(len(stored)) if stored else 0
    except StoreUnavailable as error:
        yield Finding(str(error), "vectors")
        return
    if reached < len(stored):
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
    """Check that each interview with passages has its intact token file, and that there are no other files."""
    interview_ids = [interview.id for interview in catalog.interviews()]
    files = catalog.token_files.files(interview_ids)
    for interview_id in interview_ids:
        passages = catalog.passages_of(interview_id)
        wrong = _examine_file(tokens, files.get(interview_id), passages)
        if wrong:
            yield Finding(f"{interview_id}: {wrong}", "interview", (interview_id,))
    if unlisted := tokens.find_unlisted({file.name for file in files.values()}):
        yield Finding(f"files of token vectors that nothing is listed in: {_name(unlisted)}", "files")


def _examine_file(tokens: TokenStore, file: TokenFile | None, passages: Sequence[Passage]) -> str | None:
    if file is None:
        return "no token vectors" if passages else None
    if len(file.passages) != len(passages) + 1:
        return f"token vectors of {len(file.passages) - 1} passages, and there are {len(passages)}"
    try:
        codes = tokens.load(file).codes
    except TokenFileGone as error:
        return str(error).partition(";")[0]
    return None if hash_codes(codes) == file.name else "its token vectors are damaged"


def _examine_sources(catalog: Catalog) -> Iterator[Finding]:
    """Note source files that changed or are gone; stored interviews stay searchable without them."""
    for source in catalog.sources():
        path = Path(source.path)
        if is_gone(path):
            yield Finding(f"{source.interview_id}: its file has gone from {path}", "nothing")
            continue
        sha256 = hash_file(path)
        if sha256 is None:
            yield Finding(f"{source.interview_id}: its file cannot be opened: {path}", "nothing")
        elif sha256 != source.sha256:
            yield Finding(f"{source.interview_id}: its file has changed since; kb-ingest reads it again", "nothing")


def _name(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more
