"""Read XML of annotation programs, which keep times, speakers and words apart and join them by ids.

Each function takes the root of a document and returns its lines, or none if the document has another format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element

from ingest.readers.clock import parse_clock
from ingest.readers.records.xml_tree import find_all, find_first, find_outermost, tag_of, words_of
from ingest.readers.words import name_speaker
from ingest.script import Line

SPEECH_WORDS = 1.5  # an annotation on average; a tier of numbers, codes or glosses has one
MOST_LEVELS = 20  # of tiers that hang on each other
# Parts of a tier's name that say what it holds, not who speaks: 'Ada-orth', 'tx@Ada', 'Transcription (Ada)'.
LEVEL = r"(?:orth?|ort|txt|tx|text|trans(?:cript(?:ion)?)?|transkript(?:ion)?|utt(?:erance)?s?|speech|words?|po|ts)"
LEVEL_BEFORE = re.compile(rf"{LEVEL}[@_ .:-]+(?=\S)", re.I)
LEVEL_AFTER = re.compile(rf"[@_ .:-]+{LEVEL}$|\s*[\[(][^\[\]()]{{1,20}}[\])]$", re.I)
LEVEL_ALONE = re.compile(rf"(?:{LEVEL}|default|segments?|tier[ _-]?\d*)$", re.I)
# Tiers that hold no speech, and those that say it in other words.
NOT_SPOKEN = re.compile(
    r"(?:^|[^a-z])(?:notes?|comments?|kommentare?|gestures?|gaze|codes?|coding|themes?|topics?|translations?"
    r"|free ?trans|ft|gloss(?:es)?|pos|morph(?:emes?)?|phon(?:etic|emes?)?|ipa|annotator|noises?|events?|pauses?)"
    r"(?:$|[^a-z])",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one speaker, and their place in the recording."""

    place: float  # for the order: seconds, or the number of the moment
    start: float | None  # seconds
    speaker: str | None
    text: str


def read_elan(root: Element) -> tuple[Line, ...]:
    """Read ELAN: a tier for each speaker, whose annotations name moments in milliseconds."""
    if tag_of(root) != "ANNOTATION_DOCUMENT":
        return ()
    slots = {one.get("TIME_SLOT_ID", ""): parse_clock(one.get("TIME_VALUE")) for one in find_all(root, "TIME_SLOT")}
    tiers = [tier for tier in find_outermost(root, "TIER") if not NOT_SPOKEN.search(tier.get("TIER_ID", ""))]
    starts = _elan_starts(tiers, slots)
    parents = {tier.get("TIER_ID", ""): tier.get("PARENT_REF", "") for tier in tiers}
    spoken: dict[str, list[Span]] = {}
    for tier in tiers:
        spans = _elan_spans(tier, starts)
        family = _family(tier, parents)
        if _is_fuller(spans, spoken.get(family, [])):
            spoken[family] = spans
    full = [spans for spans in spoken.values() if _words_each(spans) >= SPEECH_WORDS] or list(spoken.values())
    return _in_order(span for spans in full for span in spans)


def read_exmaralda(root: Element) -> tuple[Line, ...]:
    """Read EXMARaLDA: tiers of events between the points of a common timeline; those of type 't' are transcription."""
    if tag_of(root) != "basic-transcription":
        return ()
    points = [(one.get("id", ""), parse_clock(one.get("time"))) for one in find_all(root, "tli")]
    places = {name: number for number, (name, _) in enumerate(points)}
    times = dict(points)
    people = {one.get("id", ""): words_of(find_first(one, "abbreviation")) for one in find_all(root, "speaker")}
    spans = [
        Span(places.get(event.get("start", ""), 0), times.get(event.get("start", "")), _person(tier, people), text)
        for tier in find_outermost(root, "tier")
        if tier.get("type") == "t"
        for event in find_outermost(tier, "event")
        if (text := "".join(event.itertext())).strip()
    ]
    return _in_order(spans)


def read_transcriber(root: Element) -> tuple[Line, ...]:
    """Read Transcriber: turns by speakers' ids, with moments between their words; one turn may have two voices."""
    if tag_of(root) != "Trans":
        return ()
    people = {one.get("id", ""): one.get("name", "").strip() for one in find_all(root, "Speaker")}
    return tuple(line for turn in find_outermost(root, "Turn") for line in _turn_lines(turn, people))


def _elan_starts(tiers: Sequence[Element], slots: Mapping[str, float | None]) -> dict[str, float | None]:
    """Map each annotation to its start in seconds; one without a moment of its own has that of its parent."""
    starts: dict[str, float | None] = {}
    parents: dict[str, str] = {}
    for tier in tiers:
        latest: float | None = None
        for one in find_all(tier, "ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
            moment = slots.get(one.get("TIME_SLOT_REF1", ""))
            latest = latest if moment is None else moment / 1000
            if tag_of(one) == "ALIGNABLE_ANNOTATION":
                starts[one.get("ANNOTATION_ID", "")] = latest
            else:
                parents[one.get("ANNOTATION_ID", "")] = one.get("ANNOTATION_REF", "")
    for name in parents:
        ancestor, steps = name, 0
        while ancestor in parents and steps < MOST_LEVELS:
            ancestor, steps = parents[ancestor], steps + 1
        starts[name] = starts.get(ancestor)
    return starts


def _elan_spans(tier: Element, starts: Mapping[str, float | None]) -> list[Span]:
    speaker = _elan_speaker(tier)
    spans = []
    for one in find_all(tier, "ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
        start = starts.get(one.get("ANNOTATION_ID", ""))
        if text := words_of(find_first(one, "ANNOTATION_VALUE")):
            spans.append(Span(start or 0.0, start, speaker, text))
    return spans


def _elan_speaker(tier: Element) -> str | None:
    if participant := tier.get("PARTICIPANT", "").strip():
        return name_speaker(participant)
    name = tier.get("TIER_ID", "").strip()
    plain = LEVEL_AFTER.sub("", LEVEL_BEFORE.sub("", name, count=1), count=1).strip()
    return None if LEVEL_ALONE.match(name) else name_speaker(plain or name)


def _family(tier: Element, parents: Mapping[str, str]) -> str:
    """Name what a tier repeats at another level: the tier that it hangs on."""
    name = tier.get("TIER_ID", "")
    for _ in range(MOST_LEVELS):
        if not parents.get(name):
            break
        name = parents[name]
    return name


def _is_fuller(spans: Sequence[Span], others: Sequence[Span]) -> bool:
    """Whether a tier holds the speech rather than another of its family: the first one with whole phrases."""
    if not spans:
        return False
    return not others or (_words_each(others) < SPEECH_WORDS <= _words_each(spans))


def _words_each(spans: Sequence[Span]) -> float:
    return sum(span.text.count(" ") + 1 for span in spans) / max(1, len(spans))


def _person(tier: Element, people: Mapping[str, str]) -> str | None:
    known = tier.get("speaker", "")
    return name_speaker(people.get(known) or known or None)


def _in_order(spans: Iterable[Span]) -> tuple[Line, ...]:
    """Return the lines by time; pieces of one speaker that follow each other are one line if no blank parts them."""
    lines: list[Line] = []
    for speaker, run in groupby(sorted(spans, key=lambda span: span.place), key=lambda span: span.speaker):
        lines += [Line(" ".join(span.text.split()), start=span.start, speaker=speaker) for span in run]
    return tuple(lines)


def _turn_lines(turn: Element, people: Mapping[str, str]) -> Iterator[Line]:
    """Yield the lines of a turn: its words up to each moment, and to each change between its voices."""
    voices = [name_speaker(people.get(one) or one) for one in turn.get("speaker", "").split()] or [None]
    voice, start = voices[0], parse_clock(turn.get("startTime"))
    words = [turn.text or ""]
    for child in turn:
        if tag_of(child) in ("Sync", "Who"):
            if text := " ".join("".join(words).split()):
                yield Line(text, start=start, speaker=voice)
            words = []
        if tag_of(child) == "Sync":
            moment = parse_clock(child.get("time"))
            start, voice = start if moment is None else moment, voices[0]
        elif tag_of(child) == "Who":
            number = child.get("nb", "")
            place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
            voice = voices[place - 1] if 0 < place <= len(voices) else None
        words.append(f" {child.tail or ''}")
    if text := " ".join("".join(words).split()):
        yield Line(text, start=start, speaker=voice)
