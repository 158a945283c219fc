"""Read TEI: utterances, or speeches of a text, by people whom the header names; a timeline may hold their moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from ingest.readers.clock import is_date, parse_clock
from ingest.readers.records.xml_tree import ID, find_all, find_first, find_outermost, join_tokens, tag_of, words_of
from ingest.readers.words import name_speaker
from ingest.script import Line, Script

# What stands among the words of an utterance and is no word of it.
NOT_SAID = frozenset("note desc incident kinesic vocal pause gap shift stage event speaker fw pb lb spanGrp".split())
PARTS = ("p", "seg", "ab", "l")  # of an utterance, each a paragraph
TOKENS = ("w", "pc")
GIVEN, FAMILY = ("forename", "givenName"), ("surname", "familyName")
OFFICES = {"interviewer": "interviewer", "host": "host", "interviewee": "interviewee", "respondent": "interviewee"}


def read_tei(root: Element) -> Script | None:
    """Read a TEI document; None for another one, and for a text without utterances or speeches."""
    if tag_of(root).lower() not in ("tei", "tei.2", "teicorpus"):
        return None
    people = dict(_people(root))
    times = _times(root)
    blocks = {one: block for block in find_all(root, "annotationBlock") for one in find_all(block, "u")}
    lines = [
        line
        for one in find_outermost(root, "u", "sp")
        for line in _lines(one, _speaker(one, blocks.get(one), people), _start(one, blocks.get(one), times), times)
    ]
    return Script("xml", tuple(lines), _card(root, people)) if lines else None


def _people(root: Element) -> Iterator[tuple[str, str]]:
    """Yield the id and the name of each person of the header."""
    for person in find_all(root, "person", "personGrp"):
        key = person.get(ID) or person.get("id") or person.get("n") or ""
        if key and (name := _name(person)):
            yield key, name


def _name(person: Element) -> str:
    """Read a person's name, the given name first; some headers name a person by an attribute only."""
    whole = find_first(person, "persName", "name")
    around = person if whole is None else whole
    parts = [words_of(one) for kinds in (GIVEN, FAMILY) for one in find_all(around, *kinds)]
    return " ".join(filter(None, parts)) or words_of(whole) or person.get("n", "").strip()


def _times(root: Element) -> dict[str, float]:
    """Map the moments of the timeline to seconds; each stands by itself, or after another."""
    times: dict[str, float] = {}
    points = ((when, timeline) for timeline in find_all(root, "timeline") for when in find_all(timeline, "when"))
    for when, timeline in points:
        key = when.get(ID) or when.get("id") or ""
        moment = parse_clock(when.get("absolute") or when.get("interval"))
        if moment is None:
            continue
        if (when.get("unit") or timeline.get("unit")) == "ms" and not when.get("absolute"):
            moment /= 1000
        since = _target(when.get("since"))
        times[key] = round(moment + (0.0 if when.get("absolute") or since == key else times.get(since, 0.0)), 3)
    zero = min(times.values(), default=0.0)
    return {key: round(moment - zero, 3) for key, moment in times.items()} if is_date(zero) else times


def _target(reference: str | None) -> str:
    """Return the id that a reference names: '#ada' and 'list.xml#ada' name 'ada'; of several, the first counts."""
    return (reference or "").strip().partition(" ")[0].rpartition("#")[2]


def _speaker(one: Element, block: Element | None, people: Mapping[str, str]) -> str | None:
    stated = _target(one.get("who") or (block.get("who") if block is not None else None))
    written = words_of(find_first(one, "speaker")).strip(" .:") if tag_of(one) == "sp" else ""
    return name_speaker(people.get(stated) or written or stated or None)


def _start(one: Element, block: Element | None, times: Mapping[str, float]) -> float | None:
    holders = (one, block) if block is not None else (one,)
    stated = (holder.get(key) for holder in holders for key in ("start", "synch"))
    return next((moment for value in stated if (moment := _moment(value, times)) is not None), None)


def _moment(value: str | None, times: Mapping[str, float]) -> float | None:
    """Read a moment: a point of the timeline, or a time."""
    return times.get(_target(value), parse_clock(value) if value and "#" not in value else None) if value else None


def _lines(one: Element, speaker: str | None, start: float | None, times: Mapping[str, float]) -> Iterator[Line]:
    """Yield the paragraphs of an utterance, each with its start if it has one."""
    parts = [part for part in one if tag_of(part) in PARTS]
    if (one.text or "").strip() or any((child.tail or "").strip() for child in one) or find_first(one, *PARTS) is None:
        parts = [one]
    for place, part in enumerate(parts or [*find_outermost(one, *PARTS)]):
        own = _start(part, None, times)
        if own is None:
            anchors = (_moment(anchor.get("synch"), times) for anchor in find_all(part, "anchor"))
            own = next((moment for moment in anchors if moment is not None), None)
        if text := _words(part):
            yield Line(text, start=start if own is None or (start is not None and not place) else own, speaker=speaker)


def _words(part: Element) -> str:
    """Return the words of a part, which may be marked up word by word."""
    if find_first(part, "w") is None:
        return words_of(part, NOT_SAID)
    return join_tokens(words_of(token) for token in find_all(part, *TOKENS))


def _card(root: Element, people: Mapping[str, str]) -> dict[str, object]:
    header = find_first(root, "teiHeader")
    card: dict[str, object] = {}
    if header is None:
        return card
    if title := words_of(find_first(header, "title")):
        card["title"] = title
    language = find_first(header, "language")
    if language is not None and language.get("ident"):
        card["language"] = language.get("ident")
    for person in find_all(header, "person"):
        office = OFFICES.get(person.get("role", "").lower())
        name = people.get(person.get(ID) or person.get("id") or "")
        if office and name:
            card[office] = [*card.get(office, []), name]  # type: ignore[misc]  # lists are all we put there
    return card
