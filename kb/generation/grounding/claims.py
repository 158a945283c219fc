"""Check that the cited passages support a claim: its numbers, its names and its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.generation.grounding.evidence import Evidence, describe, fold_parts, list_foreign, trusted_text
from kb.generation.grounding.verdict import Source
from kb.model import Citation
from kb.text.normalise import find_near_slice
from kb.text.numbers import extract_numbers
from kb.text.sentences import sentence_spans
from kb.text.words import Word, content_words, count_denials, find_words, negated_stems

CLOSE = 70.0  # minimum similarity of claim and passage, 0 to 100, at which their negations must agree
CLAIM_WORDS = 2  # minimum content words around a quotation that make a claim of their own


def find_unsupported(claim: str, cited: Sequence[Source], evidence: Evidence, *, has_quotation: bool) -> Iterator[str]:
    """Yield the reasons why the cited passages do not support a claim; none if they do."""
    if not cited:
        yield "it cites no passage"
        return
    missing = extract_numbers(claim) - _list_figures(cited)
    if missing:
        yield f"the number {min(missing):g} is not in the passage"
    foreign = list_foreign(claim, cited)
    if foreign:
        yield f"{foreign[0]} is not in the passage"
    people = {word.text for name in evidence.speakers for word in find_words(name)}
    telling = [word for word in content_words(claim) if not word.is_name and word.text not in people]
    if has_quotation and len(telling) < CLAIM_WORDS:
        return
    if contradicts(claim, cited):
        yield "it denies what the passage says, or the other way round"
    if not _is_met(claim, telling, cited, evidence):
        yield "the passage does not say this"


def point_at(claim: str, source: Source, evidence: Evidence) -> Citation:
    """Cite the sentence of a passage that is most similar to a claim."""
    spans = sentence_spans(source.hit.passage.text)
    best = evidence.match(claim, source.hit.passage.text).best_sentence()
    return evidence.quote(source, *spans[min(best, len(spans) - 1)])


def contradicts(claim: str, cited: Sequence[Source]) -> bool:
    """Whether a claim negates a word that the passages never negate, or affirms one that they always negate."""
    if any(_denies_otherwise(claim, source) for source in cited):
        return True
    text = " ".join(map(trusted_text, cited))
    said, denied = {word.stem for word in content_words(claim)}, negated_stems(claim)
    there, denied_there = {word.stem for word in content_words(text)}, negated_stems(text)
    return bool(denied & there and not denied & denied_there) or bool(_find_always_denied(text) & said - denied)


def _list_figures(cited: Sequence[Source]) -> set[float]:
    """Return the numbers that a claim may use: those of the passages, their dates, the number of cited leaders."""
    dated = [f"{trusted_text(source)} {source.hit.interview.when}" for source in cited]
    leaders = len({source.hit.passage.speaker for source in cited})
    return {float(leaders), *(figure for text in dated for figure in extract_numbers(text))}


def _is_met(claim: str, telling: Sequence[Word], cited: Sequence[Source], evidence: Evidence) -> bool:
    """Whether the content words of a claim are matched in a passage, by stem or by meaning."""
    texts = [text for source in cited for text in (describe(source), trusted_text(source))]
    stems = {word.stem for text in texts for word in find_words(text)}
    met = [evidence.match(claim, trusted_text(source)) for source in cited]
    scores = [1.0 if word.stem in stems else max(one.of(word.start, word.end) for one in met) for word in telling]
    if not scores:
        return False
    return sum(scores) / len(scores) >= evidence.floors.mean and min(scores) >= evidence.floors.word


def _denies_otherwise(claim: str, source: Source) -> bool:
    """Whether a claim that closely follows a passage's words has more or fewer negations than they have."""
    for offset, folded in fold_parts(source.hit.passage):
        start, end, likeness = find_near_slice(claim, folded)
        if likeness >= CLOSE:
            own = source.hit.passage.text[offset + start : offset + end]
            shared = {word.stem for word in find_words(own)} & {word.stem for word in find_words(claim)}
            return count_denials(own, shared) != count_denials(claim, shared)
    return False


def _find_always_denied(text: str) -> set[str]:
    """Return the stems that are negated wherever they occur in a text."""
    denied: set[str] = set()
    free: set[str] = set()
    for start, end in sentence_spans(text):
        here = negated_stems(text[start:end])
        denied |= here
        free |= {word.stem for word in content_words(text[start:end])} - here
    return denied - free
