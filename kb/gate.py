"""The gate: check a language model's words against the passages it was given, before they are shown as cited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from kb.arrays import Likeness
from kb.figures import find_figures
from kb.fold import Folded, find_near_slice, find_slice, fold
from kb.marks import CitationMark, Quotation, find_addresses, find_citations, find_quotations
from kb.model import PART_BREAK, REFUSAL, Checked, Citation, Hit, Part, Passage, Source, Verdict
from kb.orders import find_orders
from kb.sentences import sentence_spans
from kb.words import Word, count_denials, find_denied, find_telling_words, find_words

NEAR = 80.0  # likeness of a quotation and a true slice, 0 to 100, from which one may stand for the other
NEAR_WORDS = 4  # a shorter quotation is near too many slices
CLOSE = 70.0  # likeness of a claim and a passage's own words from which on their denials must agree
GAP_WORDS = 3  # words that each side of an ellipsis holds at least
CLAIM_WORDS = 2  # telling words from which on what stands around a quotation is a claim of its own

ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.\s?\.\s?\.)\s*\]|\(\s*(?:…|\.\s?\.\s?\.)\s*\)|…|\.\s?\.\s?\.+)\s*")
TAIL = re.compile(r"[\s,.;:…–—-]+$")
OPEN_MARK = re.compile(r"\s*[\[【][^\]】]*")  # a citation that is still being written
GOES_ON = re.compile(r"\W*$|\s*[,;:)–—-]|\s*[a-z]|\s*[\[【]")  # what follows a citation and is not a new sentence
SENTENCE_END = re.compile(r"[.!?…]")
PRONOUN = re.compile(r"(?i)^\W*(?:and |but |so |then )?(?:s?he)\b")
SPEECH = (
    r"(?:says?|said|adds?|added|explains?|explained|argues?|argued|recalls?|recalled|remembers?|notes?|noted|puts?"
    r"|tells?|told|thinks?|believes?|observes?|remarks?|writes?|wrote|according to)"
)
Matcher = Callable[[str, str], Likeness]  # a claim and a passage's text -> how each of its words is met
Citer = Callable[[Hit, int, int, int], Citation]  # a hit, characters of its passage, and a number -> a checked citation


@dataclass(frozen=True, slots=True)
class Floors:
    """From which likeness on a claim counts as supported by what it cites."""

    mean: float = 0.8  # over the claim's telling words
    word: float = 0.45  # of the one that is met worst


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a model's words are checked against."""

    sources: tuple[Source, ...]
    match: Matcher
    cite: Citer
    floors: Floors = Floors()
    numbered: Mapping[int, Source] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbered", {source.number: source for source in self.sources})


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known after some words: the sentences checked so far, and what is still being written."""

    sentences: tuple[Checked, ...] = ()
    draft: str = ""


def check_text(text: str, evidence: Evidence) -> tuple[Checked, ...]:
    """Every sentence of a whole text, checked."""
    *_, reading = read_stream([text], evidence)
    return reading.sentences


def read_stream(chunks: Iterable[str], evidence: Evidence) -> Iterator[Reading]:
    """Check sentence after sentence while a model writes; after each chunk what is known, at the end all of it."""
    reading = Reading()
    for chunk in chunks:
        units, rest = take_sentences(reading.draft + chunk)
        reading = Reading(_check_all(reading.sentences, units, evidence), rest)
        yield reading
    units, _ = take_sentences(reading.draft, is_end=True)
    yield Reading(_check_all(reading.sentences, units, evidence))


def take_sentences(text: str, *, is_end: bool = False) -> tuple[list[str], str]:
    """The sentences that are complete, and the rest; numbers behind a full stop belong to what they follow.

    A sentence is complete once the next has begun. A quotation holds together what stands in it.
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


def check_sentence(text: str, evidence: Evidence, last_leader: str | None = None) -> Checked:
    """One sentence: its numbers, its quotations, and whether what it cites supports it."""
    if fold(text).text.strip(" '") == fold(REFUSAL).text:
        return Checked(text, (Part("words", text),), "refusal")
    cited = _list_cited(text, evidence)
    parts = list(_walk(text, cited, evidence, last_leader))
    claim = "".join(part.text if part.kind == "words" else " … " for part in parts)
    has_quotation = any(part.kind == "quotation" for part in parts)
    reasons = [part.why for part in parts if part.why]
    doubts = list(_doubt(claim, cited, evidence, has_quotation=has_quotation))
    is_empty = not has_quotation and any(part.kind == "struck" and _is_quoted(part.was) for part in parts)
    verdict: Verdict = "unsupported" if doubts or is_empty else "corrected" if reasons else "verified"
    return Checked(text, tuple(_point(parts, claim, evidence)), verdict, tuple(dict.fromkeys([*reasons, *doubts])))


# Sentences


def _cut_lines(text: str) -> Iterator[tuple[int, int]]:
    """Sentences line by line, since a model writes lists; none ends inside a quotation."""
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
    """Length of the citation marks with which a text begins; 0 if it does not."""
    end = 0
    for mark in find_citations(text):
        if text[end : mark.start].strip():
            break
        end = mark.end
    return end + len(text[end:]) - len(text[end:].lstrip(". ")) if end else 0


def _check_all(checked: tuple[Checked, ...], units: Sequence[str], evidence: Evidence) -> tuple[Checked, ...]:
    for unit in units:
        checked = (*checked, check_sentence(unit, evidence, _last_leader(checked, evidence)))
    return checked


def _last_leader(checked: Sequence[Checked], evidence: Evidence) -> str | None:
    """Whom "he" or "she" means: the leader named last, where one sentence names one."""
    for sentence in reversed(checked):
        named = _list_named(sentence.draft, evidence)
        if named:
            return next(iter(named)) if len(named) == 1 else None
    return None


# Parts


def _list_cited(text: str, evidence: Evidence) -> list[Source]:
    numbers = dict.fromkeys(number for mark in find_citations(text) for number in mark.numbers)
    return [evidence.numbered[number] for number in numbers if number in evidence.numbered]


def _walk(text: str, cited: Sequence[Source], evidence: Evidence, last_leader: str | None) -> Iterator[Part]:
    """The sentence from left to right: words, quotations, numbers, addresses."""
    quotations = find_quotations(text)
    marks = [mark for mark in find_citations(text) if not _is_inside(mark.start, quotations)]
    addresses = [span for span in find_addresses(text) if not _is_inside(span[0], quotations)]
    places: list[tuple[int, int, Quotation | CitationMark | None]] = [
        *((one.start, one.end, one) for one in quotations),
        *((one.start, one.end, one) for one in marks),
        *((*span, None) for span in addresses),
    ]
    at = 0
    for start, end, what in sorted(places, key=lambda place: place[:2]):
        if start < at:
            continue
        if text[at:start]:
            yield Part("words", text[at:start])
        if isinstance(what, Quotation):
            yield from _check_quotation(text, what, quotations, cited, evidence, last_leader)
        elif isinstance(what, CitationMark):
            yield from _check_numbers(what, evidence)
        else:
            yield Part("struck", "", was=text[start:end], why="an address is struck: models make them up")
        at = end
    if text[at:]:
        yield Part("words", text[at:])


def _check_numbers(mark: CitationMark, evidence: Evidence) -> Iterator[Part]:
    for number in mark.numbers:
        if number in evidence.numbered:
            source = evidence.numbered[number]
            yield Part("mark", f"[{number}]", evidence.cite(source.hit, *_first_sentence(source), number))
        else:
            yield Part("struck", "", was=f"[{number}]", why=f"there is no passage {number}")


def _check_quotation(
    text: str,
    quotation: Quotation,
    all_quotations: Sequence[Quotation],
    cited: Sequence[Source],
    evidence: Evidence,
    last_leader: str | None,
) -> Iterator[Part]:
    whole = text[quotation.start : quotation.end]
    inner, numbers = _drop_marks(text[quotation.inner_start : quotation.inner_end])
    if not inner.strip():
        yield Part("words", "")
        return
    named = _find_attributed(text, quotation, all_quotations, cited, evidence, last_leader)
    near_first = sorted(cited, key=lambda source: source.number not in _numbers_after(text, quotation, all_quotations))
    found = (
        _find_quotation(inner, near_first, evidence)
        if named is None
        else _find_quotation(inner, [source for source in near_first if source.hit.passage.speaker in named], evidence)
    )
    if found:
        yield from found
    else:
        yield Part("struck", "", was=whole, why=_explain_struck(inner, cited, named, evidence))
    for mark in numbers:
        yield from _check_numbers(mark, evidence)


def _find_quotation(inner: str, cited: Sequence[Source], evidence: Evidence) -> list[Part]:
    """The quotation as exact slices of what it cites; else the nearest true slice in its place; else nothing."""
    for find in (_find_whole, _find_with_gaps):
        for source in cited:
            if found := find(inner, source, evidence):
                return found
    return _find_nearest(inner, cited, evidence)


def _find_whole(inner: str, source: Source, evidence: Evidence) -> list[Part]:
    for wanted in dict.fromkeys((inner.strip(), TAIL.sub("", inner.strip()))):
        span = _find_in(wanted, source.hit.passage)
        if span:
            tail = inner.strip()[len(wanted) :]
            return [_quote(source, span, evidence), *([Part("words", tail)] if tail else [])]
    return []


def _find_with_gaps(inner: str, source: Source, evidence: Evidence) -> list[Part]:
    """A quotation with words left out: each part in its place, and no negation among what is missing."""
    pieces = [TAIL.sub("", piece) for piece in ELLIPSIS.split(inner) if piece.strip()]
    if len(pieces) < 2 or any(len(piece.split()) < GAP_WORDS for piece in pieces):
        return []
    parts: list[Part] = []
    text, before = source.hit.passage.text, 0
    for piece in pieces:
        span = _find_in(piece, source.hit.passage, before)
        if not span or (parts and _hides_denial(text[before : span[0]])):
            return []
        parts += [*([Part("words", " … ")] if parts else []), _quote(source, span, evidence)]
        before = span[1]
    return parts


def _find_nearest(inner: str, cited: Sequence[Source], evidence: Evidence) -> list[Part]:
    if len(inner.split()) < NEAR_WORDS:
        return []
    best = max(
        ((*find_near_slice(inner, folded), start, source) for source in cited for start, folded in _fold_parts(source)),
        key=lambda found: found[2],
        default=None,
    )
    if best is None or best[2] < NEAR:
        return []
    begin, end, _, offset, source = best
    why = "the passage has other words; these are the true ones"
    return [replace(_quote(source, (offset + begin, offset + end), evidence), was=inner.strip(), why=why)]


def _find_in(wanted: str, passage: Passage, after: int = 0) -> tuple[int, int] | None:
    """Where words stand in a passage, within one turn."""
    for start, folded in _fold_passage(passage.text, tuple(part.end - part.start for part in passage.parts)):
        span = find_slice(wanted, folded, max(0, after - start))
        if span:
            return start + span[0], start + span[1]
    return None


def _fold_parts(source: Source) -> tuple[tuple[int, Folded], ...]:
    passage = source.hit.passage
    return _fold_passage(passage.text, tuple(part.end - part.start for part in passage.parts))


@lru_cache(maxsize=256)
def _fold_passage(text: str, lengths: tuple[int, ...]) -> tuple[tuple[int, Folded], ...]:
    folded: list[tuple[int, Folded]] = []
    start = 0
    for length in lengths:
        folded.append((start, fold(text[start : start + length])))
        start += length + len(PART_BREAK)
    return tuple(folded)


def _quote(source: Source, span: tuple[int, int], evidence: Evidence) -> Part:
    citation = evidence.cite(source.hit, *span, source.number)
    return Part("quotation", citation.quote, citation)


def _hides_denial(text: str) -> bool:
    """Whether what an ellipsis leaves out of a sentence denies the rest."""
    return not SENTENCE_END.search(text) and bool(re.search(r"(?i)\b(?:not|never|no|nobody|hardly)\b|n['’]t\b", text))


def _drop_marks(inner: str) -> tuple[str, list[CitationMark]]:
    marks = find_citations(inner)
    for mark in reversed(marks):
        inner = inner[: mark.start].rstrip() + inner[mark.end :]
    return inner, marks


# Who is said to speak


def _find_attributed(
    text: str,
    quotation: Quotation,
    all_quotations: Sequence[Quotation],
    cited: Sequence[Source],
    evidence: Evidence,
    last_leader: str | None,
) -> set[str] | None:
    """The speakers to whom a sentence gives a quotation; None where it names nobody."""
    first = max((one.end for one in all_quotations if one.end <= quotation.start), default=0)
    last = min((one.start for one in all_quotations if one.start >= quotation.end), default=len(text))
    before, after = text[first : quotation.start], text[quotation.end : last]
    named = _list_named(before, evidence)
    if named:
        return named
    said = re.match(rf"(?i)[^.;]{{0,30}}?\b{SPEECH}\b.{{0,60}}|[\s,\[\]\d]*[^,.;]{{0,40}}\b{SPEECH}\b", after)
    if said and (named := _list_named(said.group(), evidence)):
        return named
    if _list_foreign(before, cited):
        return set()
    if not text[: quotation.start].strip() or not PRONOUN.match(text) or last_leader is None:
        return None
    return {last_leader}


def _list_named(text: str, evidence: Evidence) -> set[str]:
    """The speakers of the passages whom a text names."""
    words = {text[word.start : word.end].removesuffix("'s").removesuffix("’s") for word in find_words(text)}
    speakers = {source.hit.passage.speaker for source in evidence.sources}
    full = {name for name in speakers if name in text}
    surnames = {name for name in speakers if name.split()[-1] in words}
    first_names = {name for name in speakers if name.split()[0] in words}
    return full or surnames or first_names


def _list_foreign(claim: str, cited: Sequence[Source]) -> list[str]:
    """Names that neither the passages nor what is known of their interviews hold."""
    known = {word.text.removesuffix("'s") for source in cited for word in find_words(_context(source))}
    names = [word for word in find_words(claim) if word.is_name and word.text.removesuffix("'s") not in known]
    return list(dict.fromkeys(claim[word.start : word.end] for word in names))


def _numbers_after(text: str, quotation: Quotation, all_quotations: Sequence[Quotation]) -> set[int]:
    last = min((one.start for one in all_quotations if one.start >= quotation.end), default=len(text))
    return {number for mark in find_citations(text[quotation.start : last]) for number in mark.numbers}


def _explain_struck(inner: str, cited: Sequence[Source], named: set[str] | None, evidence: Evidence) -> str:
    wanted = TAIL.sub("", inner.strip())
    owners = [source for source in evidence.sources if _find_in(wanted, source.hit.passage)]
    if owners:
        whose = f"these are the words of {owners[0].hit.passage.speaker} [{owners[0].number}]"
        return whose if cited else f"{whose}, whom it does not cite"
    if cited and named is not None and not named & {source.hit.passage.speaker for source in cited}:
        return "the passage that it cites is not by who is said to speak"
    return "these words stand in no passage that it cites" if cited else "the quotation cites no passage"


# Support


def _doubt(claim: str, cited: Sequence[Source], evidence: Evidence, *, has_quotation: bool) -> Iterator[str]:
    """Why a claim is not supported by what it cites; nothing where it is."""
    if not cited:
        yield "it cites no passage"
        return
    figures = find_figures(claim) - _count_leaders(cited)
    missing = figures - frozenset().union(*(find_figures(_dated_text(source)) for source in cited))
    if missing:
        yield f"the number {min(missing):g} is not in the passage"
    foreign = _list_foreign(claim, cited)
    if foreign:
        yield f"{foreign[0]} is not in the passage"
    people = {word.text for source in evidence.sources for word in find_words(source.hit.passage.speaker)}
    telling = [word for word in find_telling_words(claim) if not word.is_name and word.text not in people]
    if has_quotation and len(telling) < CLAIM_WORDS:
        return
    if _contradicts(claim, cited):
        yield "it denies what the passage says, or the other way round"
    if not _is_met(claim, telling, cited, evidence):
        yield "the passage does not say this"


def _is_met(claim: str, telling: Sequence[Word], cited: Sequence[Source], evidence: Evidence) -> bool:
    """Whether each telling word of a claim has its like in a passage, by its stem or by its meaning."""
    stems = {word.stem for source in cited for word in find_words(f"{_context_only(source)} {_trusted_text(source)}")}
    met = [evidence.match(claim, _trusted_text(source)) for source in cited]
    scores = [1.0 if word.stem in stems else max(one.of(word.start, word.end) for one in met) for word in telling]
    if not scores:
        return False
    return sum(scores) / len(scores) >= evidence.floors.mean and min(scores) >= evidence.floors.word


def _contradicts(claim: str, cited: Sequence[Source]) -> bool:
    """Whether a word is denied here and nowhere in the passage, or denied wherever the passage has it and not here."""
    if any(_denies_otherwise(claim, source) for source in cited):
        return True
    said = {word.stem for word in find_telling_words(claim)}
    denied = find_denied(claim)
    text = " ".join(_trusted_text(source) for source in cited)
    there, denied_there = {word.stem for word in find_telling_words(text)}, find_denied(text)
    return bool(denied & there and not denied & denied_there) or bool(_always_denied(text) & said - denied)


def _denies_otherwise(claim: str, source: Source) -> bool:
    """Whether a claim that keeps close to a passage's own words has a denial more or less than they have."""
    for start, folded in _fold_parts(source):
        begin, end, likeness = find_near_slice(claim, folded)
        if likeness >= CLOSE:
            own = source.hit.passage.text[start + begin : start + end]
            shared = {word.stem for word in find_words(own)} & {word.stem for word in find_words(claim)}
            return count_denials(own, shared) != count_denials(claim, shared)
    return False


def _always_denied(text: str) -> set[str]:
    denied: list[str] = []
    free: list[str] = []
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        here = find_denied(sentence)
        denied += here
        free += [word.stem for word in find_telling_words(sentence) if word.stem not in here]
    return set(denied) - set(free)


def _count_leaders(cited: Sequence[Source]) -> frozenset[float]:
    """A sentence may say how many leaders it cites."""
    return frozenset({float(len({source.hit.passage.speaker for source in cited}))})


def _point(parts: Sequence[Part], claim: str, evidence: Evidence) -> Iterator[Part]:
    """Let each number point at the sentence of its passage that is nearest to the claim."""
    for part in parts:
        if part.kind == "mark" and part.citation:
            source = evidence.numbered[part.citation.number]
            best = evidence.match(claim, source.hit.passage.text).best_sentence()
            spans = sentence_spans(source.hit.passage.text)
            if best < len(spans):
                yield replace(part, citation=evidence.cite(source.hit, *spans[best], source.number))
                continue
        yield part


def _trusted_text(source: Source) -> str:
    """The passage without what orders its reader about, and without what comes after that."""
    text = source.hit.passage.text
    return text[: find_orders(text)]


def _dated_text(source: Source) -> str:
    return f"{_trusted_text(source)} {source.hit.interview.when}"


def _context(source: Source) -> str:
    return f"{_context_only(source)} {_trusted_text(source)}"


def _context_only(source: Source) -> str:
    """Who speaks, where, and what was asked: names in it may be used, claims may not rest on it."""
    passage, interview = source.hit.passage, source.hit.interview
    leader = interview.leader(passage.speaker)
    known = (
        passage.speaker,
        leader.company if leader else "",
        leader.role if leader else "",
        interview.title,
        interview.show,
        interview.host,
        passage.question,
    )
    return " ".join(one for one in known if one)


def _first_sentence(source: Source) -> tuple[int, int]:
    return sentence_spans(source.hit.passage.text)[0]


def _is_quoted(text: str) -> bool:
    return bool(find_quotations(text))


def _is_inside(at: int, quotations: Sequence[Quotation]) -> bool:
    return any(one.start <= at < one.end for one in quotations)
