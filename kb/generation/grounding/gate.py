"""The gate: check generated text against its passages before it is shown as cited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kb.generation.grounding.claims import find_unsupported, point_at
from kb.generation.grounding.evidence import Draft, Evidence, list_named, read_draft
from kb.generation.grounding.markup import CitationMark, Quotation, find_addresses, find_citations, find_quotations
from kb.generation.grounding.quotations import check_quotation
from kb.generation.grounding.verdict import REFUSAL, CheckedSentence, SentencePart, Verdict
from kb.text.normalise import normalise
from kb.text.sentences import sentence_spans

OPEN_MARK = re.compile(r"\s*[\[【][^\]】]*")  # a citation that is not complete yet
GOES_ON = re.compile(r"\W*$|\s*[,;:)–—-]|\s*[a-z]|\s*[\[【]")  # text after a citation that continues the sentence


@dataclass(frozen=True, slots=True)
class Reading:
    """The state while reading a stream: the sentences checked so far, and the unfinished rest."""

    sentences: tuple[CheckedSentence, ...] = ()
    draft: str = ""


def read_stream(chunks: Iterable[str], evidence: Evidence) -> Iterator[Reading]:
    """Check sentences while a model writes; yields the state after each chunk, and the final state."""
    reading = Reading()
    for chunk in chunks:
        units, rest = take_sentences(reading.draft + chunk)
        reading = Reading(_check_all(reading.sentences, units, evidence), rest)
        yield reading
    units, _ = take_sentences(reading.draft, is_end=True)
    yield Reading(_check_all(reading.sentences, units, evidence))


def take_sentences(text: str, *, is_end: bool = False) -> tuple[list[str], str]:
    """Split off complete sentences and return the rest. A citation after a full stop belongs to the sentence before it.

    A sentence is complete once the next one has begun. A quotation is never split.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _cut_lines(text):
        marks = _leading_marks(text[start:end]) if spans else 0
        if not marks and not (spans and OPEN_MARK.fullmatch(text[start:end])):
            spans.append((start, end))
        elif GOES_ON.match(text[start + marks : end]):
            spans[-1] = spans[-1][0], end
        else:
            spans[-1] = spans[-1][0], start + marks
            spans.append((start + marks, end))
    if is_end:
        return [text[start:end].strip() for start, end in spans], ""
    rest = spans[-1][0] if spans else 0
    return [text[start:end].strip() for start, end in spans[:-1]], text[rest:]


def check_sentence(text: str, evidence: Evidence, last_leader: str | None = None) -> CheckedSentence:
    """Check a sentence: its citation numbers, its quotations, and whether the cited passages support it."""
    if normalise(text).text.strip(" '") == normalise(REFUSAL).text:
        return CheckedSentence(text, (SentencePart("words", text),), "refusal")
    draft = read_draft(text, evidence, last_leader)
    parts = list(_walk(draft))
    claim = "".join(part.text if part.kind == "words" else " … " for part in parts)
    has_quotation = any(part.kind == "quotation" for part in parts)
    doubts = list(find_unsupported(claim, draft.cited, evidence, has_quotation=has_quotation))
    if draft.quotations and not has_quotation:
        doubts.append("no quotation is left of it")
    changes = [part.reason for part in parts if part.reason]
    verdict: Verdict = "unsupported" if doubts else "corrected" if changes else "verified"
    pointed = tuple(_point(part, claim, evidence) for part in parts)
    return CheckedSentence(text, pointed, verdict, tuple(dict.fromkeys([*changes, *doubts])))


def _cut_lines(text: str) -> Iterator[tuple[int, int]]:
    """Split sentences line by line, since a model writes lists; none ends inside a quotation."""
    at = 0
    for line in text.splitlines(keepends=True):
        quotations = find_quotations(line)
        start: int | None = None
        end = 0
        for begin, end in sentence_spans(line):
            start = begin if start is None else start
            if not any(one.start < end < one.end for one in quotations):
                yield at + start, at + end
                start = None
        if start is not None:
            yield at + start, at + end
        at += len(line)


def _leading_marks(text: str) -> int:
    """Return the length of the citation marks at the start of a text; 0 if there are none."""
    end = 0
    for mark in find_citations(text):
        if text[end : mark.start].strip():
            break
        end = mark.end
    return end + len(text[end:]) - len(text[end:].lstrip(". ")) if end else 0


def _check_all(
    checked: tuple[CheckedSentence, ...], sentences: Sequence[str], evidence: Evidence
) -> tuple[CheckedSentence, ...]:
    for sentence in sentences:
        checked = (*checked, check_sentence(sentence, evidence, _last_leader(checked, evidence)))
    return checked


def _last_leader(checked: Sequence[CheckedSentence], evidence: Evidence) -> str | None:
    """Return the leader named last, if that sentence names only one."""
    for sentence in reversed(checked):
        named = list_named(sentence.draft, evidence.speakers)
        if named:
            return next(iter(named)) if len(named) == 1 else None
    return None


def _walk(draft: Draft) -> Iterator[SentencePart]:
    """Walk a sentence from left to right: words, quotations, citation numbers, addresses."""
    at = 0
    for start, end, what in _list_places(draft):
        if start < at:
            continue
        if draft.text[at:start]:
            yield SentencePart("words", draft.text[at:start])
        if isinstance(what, Quotation):
            yield from check_quotation(what, draft)
            inside = find_citations(draft.text[what.start : what.end])
            yield from (part for mark in inside for part in _check_numbers(mark, draft.evidence))
        elif isinstance(what, CitationMark):
            yield from _check_numbers(what, draft.evidence)
        else:
            yield SentencePart(
                "struck", "", original=draft.text[start:end], reason="an address is struck: models make them up"
            )
        at = end
    if draft.text[at:]:
        yield SentencePart("words", draft.text[at:])


def _list_places(draft: Draft) -> list[tuple[int, int, Quotation | CitationMark | None]]:
    """List quotations, citation marks and addresses (as None) in order of position."""
    places: list[tuple[int, int, Quotation | CitationMark | None]] = [
        *((one.start, one.end, one) for one in draft.quotations),
        *((one.start, one.end, one) for one in find_citations(draft.text)),
        *((*span, None) for span in find_addresses(draft.text)),
    ]
    return sorted(places, key=lambda place: (place[0], -place[1]))


def _check_numbers(mark: CitationMark, evidence: Evidence) -> Iterator[SentencePart]:
    for number in mark.numbers:
        source = evidence.source(number)
        if source:
            yield SentencePart("mark", f"[{number}]", point_at("", source, evidence))
        else:
            yield SentencePart("struck", "", original=f"[{number}]", reason=f"there is no passage {number}")


def _point(part: SentencePart, claim: str, evidence: Evidence) -> SentencePart:
    """Point a citation number at the sentence of its passage that is most similar to the claim."""
    source = evidence.source(part.citation.number) if part.kind == "mark" and part.citation else None
    return replace(part, citation=point_at(claim, source, evidence)) if source else part
