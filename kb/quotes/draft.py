"""Find the quotations of a draft, and to whom it gives them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from kb.generation.grounding.markup import Quotation, find_quotations
from kb.quotes.word_sequence import split_words

SHORTEST = 3  # words; shorter ones are titles, terms and scare quotes
NEAR = 200  # characters before and after a quotation in which its speaker is named
OPENERS = "\"“„«‟'‘‹"
# Verbs that give words to somebody.
SAYS = (
    r"(?:says?|said|adds?|added|explain(?:s|ed)?|argue[sd]?|recall(?:s|ed)?|remember(?:s|ed)?|note[sd]?|puts?|tells?|told"
    r"|thinks?|believe[sd]?|observe[sd]?|remark(?:s|ed)?|writes?|wrote|repl(?:y|ies|ied)|answer(?:s|ed)?|insist(?:s|ed)?"
    r"|admit(?:s|ted)?|conclude[sd]?|continue[sd]?|warn(?:s|ed)?|ask(?:s|ed)?|joke[sd]?|quip(?:s|ped)?|reflect(?:s|ed)?"
    r"|declare[sd]?|state[sd]?|claim(?:s|ed)?|suggest(?:s|ed)?|share[sd]?|confess(?:es|ed)?|recount(?:s|ed)?"
    r"|describe[sd]?|laugh(?:s|ed)?|sigh(?:s|ed)?|agree[sd]?|stress(?:es|ed)?|emphasi[sz]e[sd]?|call(?:s|ed)?"
    r"|advise[sd]?|acknowledge[sd]?|concede[sd]?|counter(?:s|ed)?|announce[sd]?|maintain(?:s|ed)?|offer(?:s|ed)?"
    r"|point(?:s|ed)? out|sum(?:s|med)? up|go(?:es)? on|went on)"
)
_WORD = r"[A-ZÀ-ÖØ-Þ][^\W\d_]*(?:['’-][^\W\d_]+)*\.?"
_PARTICLE = r"(?:van|von|der|den|de|da|di|del|la|le|bin|al|el|ter|dos)"
NAME = rf"{_WORD}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_WORD})*"
OPENING_WORDS = frozenset(
    "a an and as at but by for from he her here his how i if in is it its later like my no not now of on once one or"
    " our she so that the their then there they this to today we what when where while who why with yes you asked"
    " according years yet after before still perhaps even".split()
)
ADVERBS = r"(?:(?:once|later|also|has|had|then|first|often|always|now|\w+ly)\s+){0,2}"
AFTER_VERB = re.compile(rf"[\s,.!?—–-]*{ADVERBS}{SAYS}\s+(?:{ADVERBS})(?P<name>{NAME})")
AFTER_NAME = re.compile(
    rf"[\s,.!?—–-]*(?P<name>{NAME})(?:,[^,.!?\n]{{0,80}},|\s*\([^)\n]{{0,80}}\))?\s+{ADVERBS}{SAYS}\b"
)
AFTER_DASH = re.compile(rf"\s*(?:[—–-]+|~)\s*(?:[*_]{{1,3}})?(?P<name>{NAME})")
AFTER_BRACKET = re.compile(rf"\s*[(\[]\s*(?P<name>{NAME})")
ACCORDING = re.compile(
    rf"(?i:according\s+to|in\s+the\s+words\s+of|in\s+words\s+of)\s+(?:[a-z][\w-]*\s+){{0,6}}?(?P<name>{NAME})"
)
BEFORE_NAME = re.compile(
    rf"(?P<name>{NAME})(?:['’]s?)?(?:,[^,.!?\n]{{0,80}},|\s*\([^)\n]{{0,80}}\))?\s+{ADVERBS}{SAYS}\b"
)
BEFORE_VERB = re.compile(rf"\b{SAYS}\s+(?P<name>{NAME})")
LABEL = re.compile(
    rf"(?:^|[.!?\n>]\s*|[*_]{{1,3}})(?P<name>{NAME})(?:,[^.!?\n:]{{0,80}}|\s*\([^)\n]{{0,80}}\))?(?:[*_]{{1,3}})?\s*:(?:[*_]{{1,3}})?\s*$"
)
PRONOUN = re.compile(rf"(?i)\b(?:he|she|they)\s+{ADVERBS}{SAYS}\b|\b{SAYS}\s+(?:he|she)\b")
NAMED = re.compile(NAME)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a draft."""

    text: str
    is_block: bool = False  # set as a block quotation, without marks
    lines: tuple[int, ...] = ()  # of a text: at which of its characters each line begins


@dataclass(frozen=True, slots=True)
class DraftQuotation:
    """A quotation of a draft."""

    text: str  # without its marks
    attributed_to: str | None
    paragraph: int  # counts from 0
    start: int  # characters of the paragraph, including the marks
    end: int  # exclusive; of the last paragraph if it runs over several
    last_paragraph: int


def read_quotations(paragraphs: Sequence[Paragraph], speakers: Collection[str] = ()) -> list[DraftQuotation]:
    """Find the quotations of three words or more, in order; `speakers` are names that the interviews know."""
    found: list[DraftQuotation] = []
    referent: str | None = None
    number = 0
    while number < len(paragraphs):
        here = _read_paragraph(paragraphs, number, speakers, referent)
        found += here
        referent = next((one.attributed_to for one in reversed(here) if one.attributed_to), None) or _last_named(
            paragraphs[number].text, speakers, referent
        )
        number = max([number, *(one.last_paragraph for one in here)]) + 1
    return [one for one in found if len(split_words(one.text)) >= SHORTEST]


def _read_paragraph(
    paragraphs: Sequence[Paragraph], number: int, speakers: Collection[str], referent: str | None
) -> list[DraftQuotation]:
    paragraph = paragraphs[number]
    if paragraph.is_block:
        return _read_block(paragraphs, number, speakers, referent)
    quotations = find_quotations(paragraph.text)
    found: list[DraftQuotation] = []
    for place, quotation in enumerate(quotations):
        start = quotations[place - 1].end if place else 0
        end = quotations[place + 1].start if place + 1 < len(quotations) else len(paragraph.text)
        before, after = paragraph.text[start : quotation.start], paragraph.text[quotation.end : end]
        if not place:
            before = before or _lead_in(paragraphs, number)
        earlier = found[-1].attributed_to if found else None
        named = _find_speaker(before, after, speakers, earlier or referent)
        one = DraftQuotation(
            paragraph.text[quotation.inner_start : quotation.inner_end].strip(),
            named or (earlier if _goes_on(before) else None),
            number,
            quotation.start,
            quotation.end,
            number,
        )
        found.append(_extend(one, quotation, paragraphs))
    return _give_back(found, paragraph.text)


def _give_back(found: list[DraftQuotation], text: str) -> list[DraftQuotation]:
    """Give the first part of an interrupted quotation the speaker who is named after its second part."""
    given = list(found)
    for place in range(len(given) - 2, -1, -1):
        between = text[given[place].end : given[place + 1].start]
        if (
            given[place].attributed_to is None
            and _goes_on(between)
            and given[place].paragraph == given[place + 1].paragraph
        ):
            given[place] = replace(given[place], attributed_to=given[place + 1].attributed_to)
    return given


def _goes_on(between: str) -> bool:
    """Whether nothing but a few words stand between two quotations: they are one speaker's."""
    return len(between) < 60 and not re.search(r"[.!?]\s+\w", between)


def _extend(one: DraftQuotation, quotation: Quotation, paragraphs: Sequence[Paragraph]) -> DraftQuotation:
    """Extend a quotation that its paragraph does not close over the next ones, if these open it again."""
    number, end, text = one.paragraph, one.end, one.text
    is_open = quotation.end == quotation.inner_end and quotation.end >= len(paragraphs[number].text.rstrip())
    while is_open and number + 1 < len(paragraphs):
        following = paragraphs[number + 1]
        if following.is_block or following.text.lstrip()[:1] not in OPENERS or not following.text.strip():
            break
        first = next(iter(find_quotations(following.text)), None)
        if first is None or following.text[: first.start].strip():
            break
        number, end = number + 1, first.end
        text = f"{text}\n\n{following.text[first.inner_start : first.inner_end].strip()}"
        is_open = first.end == first.inner_end
        if one.attributed_to is None and not is_open:
            named = _find_speaker("", following.text[first.end :], (), None)
            one = replace(one, attributed_to=named)
    return replace(one, text=text, end=end, last_paragraph=number)


def _read_block(
    paragraphs: Sequence[Paragraph], number: int, speakers: Collection[str], referent: str | None
) -> list[DraftQuotation]:
    """Read a block quotation: its speaker stands in a last line after a dash, or in the paragraph before."""
    text = paragraphs[number].text
    body, dash, source = _split_source(text)
    start = len(text) - len(text.lstrip())
    inner = body.strip()
    if inner[:1] in OPENERS and len(inner) > 1:
        quotations = find_quotations(inner)
        if quotations and not inner[: quotations[0].start].strip() and not inner[quotations[-1].end :].strip():
            inner = inner[quotations[0].inner_start : quotations[-1].inner_end]
    signed = AFTER_DASH.match(source) if dash else None
    named = _clean(signed["name"]) if signed else None
    if not named and number + 1 < len(paragraphs) and (after := AFTER_DASH.match(paragraphs[number + 1].text)):
        named = after["name"]
    named = named or _find_speaker(_lead_in(paragraphs, number), "", speakers, referent)
    return [DraftQuotation(inner, named, number, start, start + len(body.strip()), number)]


def _split_source(text: str) -> tuple[str, str, str]:
    """Split a block quotation from the line that says whose it is."""
    body, _, last = text.rstrip().rpartition("\n")
    if body and AFTER_DASH.match(last):
        return body, "—", last
    return text, "", ""


def _lead_in(paragraphs: Sequence[Paragraph], number: int) -> str:
    """Return the paragraph before if it announces what follows."""
    before = paragraphs[number - 1].text.rstrip() if number else ""
    return before if before.endswith((":", ",")) else ""


def _find_speaker(before: str, after: str, speakers: Collection[str], referent: str | None) -> str | None:
    """Find who is said to speak, in the words just after a quotation and just before it."""
    after = re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n", after[:NEAR], maxsplit=1)[0]
    before = before[-NEAR:]
    for pattern in (AFTER_VERB, AFTER_NAME, AFTER_DASH, AFTER_BRACKET):
        if (found := pattern.match(after)) and (name := _clean(found["name"])):
            return name
    clause = re.split(r"(?<=[.!?])\s+", before)[-1] or before
    if (label := LABEL.search(before)) and (name := _clean(label["name"])):
        return name
    for pattern in (ACCORDING, BEFORE_NAME, BEFORE_VERB):
        named = [name for found in pattern.finditer(clause) if (name := _clean(found["name"]))]
        if named:
            return named[-1] if pattern is ACCORDING else named[0]
    if (found := ACCORDING.search(after)) and (name := _clean(found["name"])):
        return name
    if PRONOUN.search(after) or PRONOUN.search(clause):
        return _last_named(before, speakers, referent)
    known = [name for name in speakers if name in after] or [name for name in speakers if name in clause]
    return known[0] if len(known) == 1 else None


def _last_named(text: str, speakers: Collection[str], referent: str | None) -> str | None:
    """Return the person named last in a text: a speaker whom the interviews know, or a name of two words."""
    surnames = {name.split()[-1]: name for name in speakers if name.split()}
    named = [name for found in NAMED.finditer(text) if (name := _clean(found.group()))]
    known = [name for name in named if name in speakers or name.split()[-1] in surnames]
    return known[-1] if known else referent


def _clean(name: str) -> str | None:
    """Drop words that only open a sentence; None if no name is left."""
    words = name.removesuffix(".").split()
    while words and words[0].casefold() in OPENING_WORDS:
        words = words[1:]
    kept = re.sub(r"['’]s?$", "", " ".join(words))
    return kept or None
