"""Check the stores: the catalog itself, vectors and token vectors against it, and its source files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.errors import IndexMismatch, StoreUnavailable, UnknownInterview
from kb.model import PART_BREAK, Passage, Transcript
from kb.storage.catalog import Catalog
from kb.storage.damage import RESTORE
from kb.storage.loss import DISCARD, PUT_BACK
from kb.storage.second_sources import SecondSource
from kb.storage.source_file import hash_file, is_gone
from kb.storage.stores import Stores
from kb.storage.token_file import TokenFile
from kb.storage.token_store import TokenStore, hash_codes
from kb.storage.vector_store import VectorStore
from kb.storage.writer import StoreWriter

NAMED = 3  # maximum ids in a message
MOST_ORPHANS = 0.25  # share of vectors without a passage beyond which the catalog must have lost interviews

Mending = Literal["catalog", "lost", "words", "interview", "vectors", "tokens", "orphans", "files", "nothing"]


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
    findings = examine_stores(stores)
    if any(finding.mending == "catalog" for finding in findings):
        return findings
    return [*findings, *_examine_sources(stores.catalog)]


def examine_stores(stores: Stores) -> list[Finding]:
    """List all problems of the stores; only those of the catalog if it is damaged."""
    catalog = stores.catalog
    if damaged := list(_examine_catalog(catalog)):
        return damaged
    return [
        *_examine_words(catalog),
        *_examine_pending(catalog),
        *_examine_vectors(catalog, stores.vectors),
        *_examine_tokens(catalog, stores.tokens),
    ]


def repair(stores: Stores, writer: StoreWriter, *, discard: bool = False) -> list[Finding]:
    """Repair all problems and return what remains. The caller holds the writer's lock.

    What is left of interviews that the catalog has lost is deleted only if `discard` is set.
    """
    findings = examine(stores)
    wanted = {finding.mending for finding in findings}
    if "catalog" in wanted or ("lost" in wanted and not discard and _is_empty(stores.catalog)):
        return findings
    if "words" in wanted:
        stores.catalog.database.rebuild_full_text()
    moved = list(_begin_anew(stores, wanted))
    removed = {"orphans", "lost"} if discard else {"orphans"}
    stores.vectors.remove([one for finding in findings if finding.mending in removed for one in finding.ids])
    broken = {one for finding in findings if finding.mending == "interview" for one in finding.ids}
    everything = {interview.id for interview in stores.catalog.interviews()}
    writer.repair(everything if moved or "vectors" in wanted else broken, discard=discard)
    return [*moved, *examine(stores)]


def _is_empty(catalog: Catalog) -> bool:
    return not (catalog.has_interviews() or catalog.token_files.pending())


def _begin_anew(stores: Stores, wanted: set[Mending]) -> Iterator[Finding]:
    """Move stores that are damaged as a whole aside, and note where they are."""
    for kind, begin in (("vectors", stores.vectors.begin_anew), ("tokens", stores.tokens.begin_anew)):
        if kind in wanted and (path := begin()):
            yield Finding(
                f"the damaged {kind} lie in {path} now, and were written again; delete that folder", "nothing"
            )


def _examine_catalog(catalog: Catalog) -> Iterator[Finding]:
    """Check the database, and that its rows are what this program writes."""
    broken = catalog.database.find_damage()
    if broken:
        yield Finding(f"the catalog is damaged: {broken[0]}; {RESTORE}", "catalog")
        return
    try:
        for interview in catalog.interviews():
            wrong = _find_cut(catalog.transcript(interview.id), catalog.passages_of(interview.id))
            if wrong:
                yield Finding(f"the catalog is damaged: {wrong}; {RESTORE}", "catalog")
                return
        catalog.readers.feedback()
        catalog.second_sources.all()
    except (StoreUnavailable, UnknownInterview) as error:
        yield Finding(str(error), "catalog")


def _find_cut(transcript: Transcript, passages: Sequence[Passage]) -> str | None:
    """Find a passage that is not made of words of its turns."""
    texts = {turn.index: turn.text for turn in transcript.turns}
    for passage in passages:
        cut = PART_BREAK.join(texts.get(part.turn, "")[part.start : part.end] for part in passage.parts)
        if cut != passage.text:
            return f"passage {passage.id} does not hold the words of its turns"
    return None


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
        broken = vectors.broken_ids() if reached == len(stored) else set()
    except (StoreUnavailable, IndexMismatch) as error:
        yield Finding(str(error), "vectors")
        return
    if reached < len(stored):
        yield Finding(f"a search reaches {reached:,} of {len(stored):,} vectors", "vectors")
        return
    total = len(stored)
    for interview in catalog.interviews():
        passages = catalog.passages_of(interview.id)
        texts = [stored.pop(passage.id, None) for passage in passages]
        lost = [one.id for one, text in zip(passages, texts, strict=True) if text is None or one.id in broken]
        other = [one.id for one, text in zip(passages, texts, strict=True) if text not in (None, one.text)]
        if lost:
            yield Finding(f"{interview.id}: no vector for {_name(lost)}", "interview", (interview.id,))
        if other:
            yield Finding(f"{interview.id}: vector of another text for {_name(other)}", "interview", (interview.id,))
    pending = set(catalog.token_files.pending())
    orphans = sorted(one for one in stored if one.rpartition(":")[0] not in pending)
    if len(orphans) > MOST_ORPHANS * total:
        told = f"{len(orphans):,} of {total:,} vectors are without a passage: {_name(orphans)}"
        yield Finding(f"{told}; the catalog has lost their interviews; {PUT_BACK}; {DISCARD}", "lost", tuple(orphans))
    elif orphans:
        yield Finding(f"vectors without a passage: {_name(orphans)}", "orphans", tuple(orphans))


def _examine_tokens(catalog: Catalog, tokens: TokenStore) -> Iterator[Finding]:
    """Check that each interview with passages has its intact token file, and that there are no other files."""
    if damage := tokens.find_damage():
        yield Finding(damage, "tokens")
        return
    interview_ids = [interview.id for interview in catalog.interviews()]
    files = catalog.token_files.files(interview_ids)
    for interview_id in interview_ids:
        passages = catalog.passages_of(interview_id)
        wrong = _examine_file(tokens, files.get(interview_id), passages)
        if wrong:
            yield Finding(f"{interview_id}: {wrong}", "interview", (interview_id,))
    yield from _examine_files(catalog, tokens)


def _examine_files(catalog: Catalog, tokens: TokenStore) -> Iterator[Finding]:
    """Check that there are no files that nothing is listed in."""
    listed = catalog.token_files.names()
    stranded = tokens.find_unlisted(listed) if _is_empty(catalog) else tokens.find_stranded(listed)
    if stranded:
        told = f"{len(stranded):,} files of token vectors that nothing is listed in: {_name(stranded)}"
        yield Finding(f"{told}; the catalog has lost their interviews; {PUT_BACK}; {DISCARD}", "lost")
    elif unlisted := tokens.find_unlisted(listed):
        yield Finding(f"files of token vectors that nothing is listed in: {_name(unlisted)}", "files")


def _examine_file(tokens: TokenStore, file: TokenFile | None, passages: Sequence[Passage]) -> str | None:
    if file is None:
        return "no token vectors" if passages else None
    if len(file.passages) != len(passages) + 1:
        return f"token vectors of {len(file.passages) - 1} passages, and there are {len(passages)}"
    try:
        codes = tokens.load(file).codes
    except StoreUnavailable as error:
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

    for interview_id, others in catalog.second_sources.all().items():
        for other in others:
            if told := _tell_change(other):
                yield Finding(f"{interview_id}: its second file {told}", "nothing", (interview_id,))


def _tell_change(source: SecondSource) -> str:
    """Tell what became of a second file; '' if it is as it was."""
    if is_gone(Path(source.path)):
        return f"has gone from {source.path}"
    sha256 = hash_file(Path(source.path))
    if sha256 is None:
        return f"cannot be opened: {source.path}"
    return "" if sha256 == source.sha256 else f"has changed since: {source.path}; kb-ingest reads it again"


def _name(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more
