"""Check a generated quotation: replace it by exact slices, by the most similar true slice, or remove it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.generation.grounding.evidence import Draft, Evidence, fold_parts, list_foreign, list_named
from kb.generation.grounding.markup import Quotation, find_citations
from kb.generation.grounding.verdict import SentencePart, Source
from kb.model import Passage
from kb.text.normalise import find_near_slice, find_slice

NEAR = 80.0  # minimum similarity, 0 to 100, at which a true slice replaces a quotation
NEAR_WORDS = 4  # minimum words for that: a shorter quotation is similar to too many slices
GAP_WORDS = 3  # minimum words on each side of an ellipsis
REPLACED = "the passage has other words; these are the true ones"

ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.\s?\.\s?\.)\s*\]|\(\s*(?:…|\.\s?\.\s?\.)\s*\)|…|\.\s?\.\s?\.+)\s*")
TAIL = re.compile(r"[\s,.;:…–—-]+$")
SENTENCE_END = re.compile(r"[.!?…]")
DENIAL = re.compile(r"(?i)\b(?:not|never|no|nobody|hardly)\b|n['’]t\b")
PRONOUN = re.compile(r"(?i)^\W*(?:and |but |so |then )?(?:s?he)\b")
SPEECH = (
    r"\b(?:says?|said|adds?|added|explains?|explained|argues?|argued|recalls?|recalled|remembers?|notes?|noted|puts?"
    r"|tells?|told|thinks?|believes?|observes?|remarks?|writes?|wrote|according to)\b"
)
SPOKEN_BY = re.compile(rf"(?i)[^.;]{{0,30}}?{SPEECH}.{{0,60}}|[\s,\[\]\d]*[^,.;]{{0,40}}{SPEECH}")


def check_quotation(quotation: Quotation, draft: Draft) -> list[SentencePart]:
    """Return the parts that may be shown for a quotation; a struck one gives its reason."""
    inner = drop_citations(draft.text[quotation.inner_start : quotation.inner_end]).strip()
    if not inner:
        return []
    named = _find_speakers(quotation, draft)
    near_first = sorted(draft.cited, key=lambda source: source.number not in _numbers_of(quotation, draft))
    allowed = [source for source in near_first if named is None or source.hit.passage.speaker in named]
    found = _find(inner, allowed, draft.evidence)
    whole = draft.text[quotation.start : quotation.end]
    return found or [SentencePart("struck", "", original=whole, reason=_explain(inner, draft, named))]


def drop_citations(text: str) -> str:
    """Remove citation numbers from a text."""
    for mark in reversed(find_citations(text)):
        text = text[: mark.start].rstrip() + text[mark.end :]
    return text


def _find(inner: str, sources: Sequence[Source], evidence: Evidence) -> list[SentencePart]:
    for find in (_find_whole, _find_with_gaps):
        for source in sources:
            if found := find(inner, source, evidence):
                return found
    return _find_nearest(inner, sources, evidence)


def _find_whole(inner: str, source: Source, evidence: Evidence) -> list[SentencePart]:
    """Find the whole quotation; a final comma or full stop that the source lacks is moved outside the marks."""
    for wanted in dict.fromkeys((inner, TAIL.sub("", inner))):
        if span := _find_in(wanted, source.hit.passage):
            tail = inner[len(wanted) :]
            return [_quote(source, span, evidence), *([SentencePart("words", tail)] if tail else [])]
    return []


def _find_with_gaps(inner: str, source: Source, evidence: Evidence) -> list[SentencePart]:
    """Find a quotation with ellipses: all parts in order, and no negation in the omitted text."""
    pieces = [TAIL.sub("", piece) for piece in ELLIPSIS.split(inner) if piece.strip()]
    if len(pieces) < 2 or any(len(piece.split()) < GAP_WORDS for piece in pieces):
        return []
    parts: list[SentencePart] = []
    before = 0
    for piece in pieces:
        span = _find_in(piece, source.hit.passage, before)
        if not span or (parts and _hides_denial(source.hit.passage.text[before : span[0]])):
            return []
        parts += [*([SentencePart("words", " … ")] if parts else []), _quote(source, span, evidence)]
        before = span[1]
    return parts


def _hides_denial(left_out: str) -> bool:
    """Whether text omitted within one sentence contains a negation."""
    return not SENTENCE_END.search(left_out) and DENIAL.search(left_out) is not None


def _find_nearest(inner: str, sources: Sequence[Source], evidence: Evidence) -> list[SentencePart]:
    if len(inner.split()) < NEAR_WORDS:
        return []
    best: tuple[float, Source, tuple[int, int]] | None = None
    for source in sources:
        for offset, folded in fold_parts(source.hit.passage):
            start, end, likeness = find_near_slice(inner, folded)
            if likeness >= NEAR and (best is None or likeness > best[0]):
                best = likeness, source, (offset + start, offset + end)
    return [replace(_quote(best[1], best[2], evidence), original=inner, reason=REPLACED)] if best else []


def _find_in(wanted: str, passage: Passage, after: int = 0) -> tuple[int, int] | None:
    """Find words in a passage, within one turn."""
    for offset, folded in fold_parts(passage):
        if span := find_slice(wanted, folded, max(0, after - offset)):
            return offset + span[0], offset + span[1]
    return None


def _quote(source: Source, span: tuple[int, int], evidence: Evidence) -> SentencePart:
    citation = evidence.quote(source, *span)
    return SentencePart("quotation", citation.quote, citation)


def _find_speakers(quotation: Quotation, draft: Draft) -> set[str] | None:
    """Return the speakers to whom a quotation is attributed: empty for an unknown name, None without a name."""
    before, speakers = draft.before(quotation), draft.evidence.speakers
    if named := list_named(before, speakers):
        return named
    said = SPOKEN_BY.match(draft.after(quotation))
    if said and (named := list_named(said.group(), speakers)):
        return named
    if list_foreign(before, draft.cited) or (said and list_foreign(said.group(), draft.cited)):
        return set()
    return {draft.last_leader} if draft.last_leader and PRONOUN.match(draft.text) else None


def _numbers_of(quotation: Quotation, draft: Draft) -> set[int]:
    """Return the citation numbers inside and after a quotation."""
    text = draft.text[quotation.start : quotation.end] + draft.after(quotation)
    return {number for mark in find_citations(text) for number in mark.numbers}


def _explain(inner: str, draft: Draft, named: set[str] | None) -> str:
    wanted = TAIL.sub("", inner)
    owner = next((one for one in draft.evidence.sources if _find_in(wanted, one.hit.passage)), None)
    if owner:
        whose = f"these are the words of {owner.hit.passage.speaker} [{owner.number}]"
        return whose if draft.cited else f"{whose}, whom it does not cite"
    if not draft.cited:
        return "the quotation cites no passage"
    if named is not None and not named & {source.hit.passage.speaker for source in draft.cited}:
        return "the passage that it cites is not by who is said to speak"
    return "these words stand in no passage that it cites"
