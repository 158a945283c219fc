"""Find the spoken lines in JSON of any tool: lists of records that hold a text, and mostly a time and a speaker.

Dozens of tools write transcripts as such lists and differ only in how they name and nest the fields. A record
inherits the speaker and the time of the record around it. Of lists with the same words, one in longer pieces, or with
speakers, is preferred.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ingest.readers.clock import find_unit, is_date, parse_clock
from ingest.readers.fields import CHANNEL, END, END_MS, NESTED, PERSON, SPEAKER, START, START_MS, TEXT, fold_field
from ingest.readers.records.json_people import ROSTERS, list_names, note_names, number_names, read_who
from ingest.readers.records.json_talk import split_talk
from ingest.readers.words import Word, join_words, name_speaker
from ingest.script import Line
from kb.errors import UnreadableFile

CHOICES = frozenset({"alternatives", "nbest", "hypotheses"})  # several readings of the same words, the best first
# Lists that quote the talk, or repeat it in other words.
ECHOES = frozenset(
    "translation translations summary summaries chapters entities keywords highlights topics sentiments intents "
    "actionitems outline sentimentanalysisresults iabcategoriesresult autohighlightsresult contentsafetylabels "
    "wordsegments wordalternatives originaltranscript questions comments wordclouds".split()
)
CLOSING = re.compile(r"[^\w\s(\[{\"'“‘«¿¡$€£#@&-]+$")  # a token of punctuation that belongs to the word before

MOST_RECORDS = 3_000_000  # words of about 200 hours
DEEPEST = 60  # levels of nesting; the deepest real format has nine
SAME_TEXT = 0.6  # a list with this share of the longest list's characters holds the same words
SINGLE_WORDS = 1.8  # words per record on average; up to this, the records are words and have to be joined
NEARBY = 0.05  # seconds by which a word may begin before its speaker's span does
JUMP = 5.0  # seconds back; people talk over each other by less
NESTS = (dict, list)  # made once: a union of types would be made anew at each look
HALF = 0.5  # of the records; a field that most of them lack says nothing about the list


@dataclass(frozen=True, slots=True)
class Record:
    """One piece of text, or of time, with its speaker."""

    text: str
    start: float | None  # seconds once the unit is known
    end: float | None
    speaker: object


Spoken = tuple[Record, str | None]  # a record and its speaker


@dataclass(slots=True)
class Found:
    """What a walk through a document has found."""

    texts: dict[str, list[Record]] = field(default_factory=dict)  # by path, for all places in a list
    spans: dict[str, list[Record]] = field(default_factory=dict)  # speakers with times, but without words
    names: dict[str, str] = field(default_factory=dict)  # speaker id -> name
    listed: list[str] = field(default_factory=list)  # names of speakers, whose place is their id


def find_lines(document: object, *, in_seconds: bool = False) -> tuple[Line, ...]:
    """Find the spoken lines of a document; empty if it holds no list of texts. Raises UnreadableFile if too large.

    `in_seconds` says that its times are known to be seconds; else their unit is found from all of them.
    """
    found = _walk(document)
    if not found.texts:
        return ()
    records = _best(found.texts) if in_seconds else _in_seconds(_best(found.texts))
    if not any(record.speaker is not None for record in records) and found.spans:
        records = _with_spans(records, _in_seconds(max(found.spans.values(), key=len)))
    elif rows := _split_talks(records):
        return rows
    speakers = _label_speakers(
        records, {**number_names((record.speaker for record in records), found.listed), **found.names}
    )
    runs = list(_ordered_runs(records, speakers))
    is_words = _words_each(records) <= SINGLE_WORDS
    lines = [line for run in runs for line in _to_lines(run, is_words=is_words)]
    return tuple(lines if len(runs) == 1 else sorted(lines, key=lambda line: line.start or 0.0))


@dataclass(frozen=True, slots=True)
class _Shape:
    """A record's own keys by what they hold, the preferred first."""

    text: tuple[str, ...]
    speaker: tuple[str, ...]
    person: tuple[str, ...]
    channel: tuple[str, ...]
    start: tuple[str, ...]
    start_ms: tuple[str, ...]
    end: tuple[str, ...]
    end_ms: tuple[str, ...]
    nested: tuple[str, ...]
    rosters: tuple[str, ...]
    echoes: frozenset[str]


def _walk(document: object) -> Found:
    """Visit every object once, without recursion: a hostile file may be nested to any depth."""
    found = Found()
    waiting: list[tuple[str, object, Record, int]] = [("", document, Record("", None, None, None), 0)]
    count = 0
    while waiting:
        path, node, around, depth = waiting.pop()
        count += 1
        if depth > DEEPEST or count > MOST_RECORDS:
            raise UnreadableFile("the JSON is nested deeper, or holds more records, than any transcript")
        if isinstance(node, dict):
            shape = _shape(tuple(node))
            around = _read_node(path, node, shape, around, found)
            inner = [
                (f"{path}.{key}", value)
                for key, value in node.items()
                if isinstance(value, NESTS) and key not in shape.echoes
            ]
        elif isinstance(node, list):
            name = f"{path}[]"
            members = node[:1] if _last_name(path) in CHOICES else node
            inner = [(name, value) for value in members if isinstance(value, NESTS)]
        else:
            continue
        waiting.extend((name, child, around, depth + 1) for name, child in reversed(inner))
    return found


def _read_node(path: str, node: Mapping[str, object], shape: _Shape, around: Record, found: Found) -> Record:
    """Note what an object says; it inherits what it lacks from the object around it."""
    speaker, start, end = _facts(node, shape)
    if shape.rosters:
        found.listed += [name for key in shape.rosters for name in list_names(node[key])]
    if _last_name(path) in ROSTERS:
        note_names(path, node, found.names)
    text = _text(node, shape) if shape.text else ""
    # A span whose speaker is an empty text is music, or nobody known; the one before does not go on in it.
    if not text and start is not None and (speaker is not None or any(node[key] == "" for key in shape.speaker)):
        found.spans.setdefault(path, []).append(Record("", start, end, speaker))
    if start is None:
        start, end = around.start, around.end
    record = Record(text, start, end, around.speaker if speaker is None else speaker)
    if text:
        found.texts.setdefault(path, []).append(record)
    # The date of a file says nothing about when its words were spoken.
    return replace(record, start=None, end=None) if start is not None and is_date(start) else record


def _text(node: Mapping[str, object], shape: _Shape) -> str:
    for key in shape.text:
        value = node[key]
        if isinstance(value, str) and not value.isspace():
            return value
    return ""


def _facts(node: Mapping[str, object], shape: _Shape, *, levels: int = 2) -> tuple[object, float | None, float | None]:
    """Read speaker, start and end of an object, from itself or from the nested part that holds them."""
    speaker = _speaker(node, shape) if shape.speaker or shape.person or shape.channel else None
    start = _moment(node, shape.start, shape.start_ms)
    end = _moment(node, shape.end, shape.end_ms)
    for key in shape.nested if levels and (speaker is None or start is None) else ():
        inner = node[key]
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, dict):
            other = _facts(inner, _shape(tuple(inner)), levels=levels - 1)
            speaker = other[0] if speaker is None else speaker
            start, end = (other[1], other[2]) if start is None else (start, end)
    return speaker, start, end


def _speaker(node: Mapping[str, object], shape: _Shape) -> object:
    for key in shape.speaker:
        if (value := read_who(node[key])) is not None:
            return _name_tag(value, node, shape) if fold_field(key) == "speakertag" else value
    for key in shape.person:
        value = read_who(node[key])
        if isinstance(value, str) and parse_clock(value) is None:
            return value
    for key in shape.channel:
        if (value := read_who(node[key])) is not None:
            return f"Channel {value}" if isinstance(value, int) else value
    return None


def _name_tag(value: object, node: Mapping[str, object], shape: _Shape) -> object:
    """Name a speaker tag. Google counts voices from 1 and writes 0, or nothing, for an unknown one; NVIDIA from 0.

    NVIDIA writes times as whole milliseconds, Google as texts or messages.
    """
    counts_from_0 = any(isinstance(node[key], int) for key in shape.start)
    return f"speakerTag {value}" if isinstance(value, int) and (value or counts_from_0) else None


def _moment(node: Mapping[str, object], keys: Sequence[str], keys_ms: Sequence[str]) -> float | None:
    for key in keys_ms:
        if (value := parse_clock(node[key])) is not None:
            return value / 1000
    for key in keys:
        if (value := _parse_moment(node[key])) is not None:
            return value
    return None


def _parse_moment(value: object) -> float | None:
    """Read a time, which may be a calendar time in seconds or milliseconds, written as a text."""
    is_long = isinstance(value, str) and 9 < len(value) < 20 and value.isascii() and value.isdigit()
    return float(value) if is_long else parse_clock(value)  # type: ignore[arg-type]  # a text of digits


@lru_cache(maxsize=4096)
def _last_name(path: str) -> str:
    return fold_field(path.rpartition(".")[2])


@lru_cache(maxsize=4096)
def _shape(keys: tuple[str, ...]) -> _Shape:
    def pick(ranks: Mapping[str, int]) -> tuple[str, ...]:
        return tuple(sorted((key for key in keys if fold_field(key) in ranks), key=lambda key: ranks[fold_field(key)]))

    return _Shape(
        text=pick(TEXT),
        speaker=pick(SPEAKER),
        person=pick(PERSON),
        channel=pick(CHANNEL),
        start=pick(START),
        start_ms=pick(START_MS),
        end=pick(END),
        end_ms=pick(END_MS),
        nested=pick(NESTED),
        rosters=tuple(key for key in keys if fold_field(key) in ROSTERS),
        echoes=frozenset(key for key in keys if fold_field(key) in ECHOES),
    )


def _best(texts: Mapping[str, list[Record]]) -> list[Record]:
    """Choose, of the lists with almost all words, one with speakers, with times, and with more than single words."""
    lengths = {path: sum(len(record.text) for record in records) for path, records in texts.items()}
    full = [path for path, length in lengths.items() if length >= SAME_TEXT * max(lengths.values())]
    best = max(full, key=lambda path: (*_merits(path, texts[path]), lengths[path]))
    return texts[best]


def _merits(path: str, records: Sequence[Record]) -> tuple[bool, bool, bool, bool]:
    """Rate a list. Utterances are cut where the voice changes; paragraphs and sentences need not be."""
    spoken = 0 if _is_one_channel(records) else sum(1 for record in records if record.speaker is not None)
    timed = sum(1 for record in records if record.start is not None)
    is_long = _words_each(records) > SINGLE_WORDS
    return spoken >= HALF * len(records), timed >= HALF * len(records), is_long, path.endswith("utterances[]")


def _words_each(records: Sequence[Record]) -> float:
    return 1 + sum([record.text.strip().count(" ") for record in records]) / len(records)


def _in_seconds(records: Sequence[Record]) -> list[Record]:
    """Convert the times of records, in any unit, to seconds from the beginning."""
    moments = [moment for record in records for moment in (record.start, record.end) if moment is not None]
    if not moments:
        return list(records)
    zero = min(moments) if is_date(min(moments)) else 0.0
    words = sum(record.text.count(" ") + 1 for record in records)
    unit = find_unit([moment - zero for moment in moments], words)
    if unit == 1.0 and not zero:
        return list(records)
    return [
        Record(one.text, _scale(one.start, zero, unit), _scale(one.end, zero, unit), one.speaker) for one in records
    ]


def _scale(moment: float | None, zero: float, unit: float) -> float | None:
    return None if moment is None else round((moment - zero) * unit, 3)


def _split_talks(records: Sequence[Record]) -> tuple[Line, ...]:
    """Split records that hold a whole talk each, with its labels; return none if they hold utterances or words."""
    if any(record.speaker is not None for record in records):
        return ()
    is_alone = len(records) == 1  # its time is not that of its words
    return split_talk([Line(record.text, start=None if is_alone else record.start) for record in records])


def _with_spans(records: Sequence[Record], spans: Sequence[Record]) -> list[Record]:
    """Give each record the speaker in whose span it begins."""
    ordered = sorted(spans, key=lambda span: span.start or 0.0)
    starts = [(span.start or 0.0) - NEARBY for span in ordered]
    joined: list[Record] = []
    for record in records:
        place = bisect_right(starts, record.start) if record.start is not None else 0
        before = joined[-1].speaker if joined and record.start is None else None
        speaker = ordered[place - 1].speaker if place else before
        joined.append(Record(record.text, record.start, record.end, speaker))
    return joined


def _is_one_channel(records: Sequence[Record]) -> bool:
    speakers = {record.speaker for record in records}
    return len(speakers) == 1 and str(next(iter(speakers))).startswith(("Channel ", "speakerTag 0"))


def _label_speakers(records: Sequence[Record], names: Mapping[str, str]) -> list[str | None]:
    """Return the label of each record; a single channel identifies no speaker."""
    labels = {value: names.get(str(value)) or name_speaker(value) for value in {record.speaker for record in records}}
    if _is_one_channel(records):
        return [None] * len(records)
    return [labels[record.speaker] for record in records]


def _ordered_runs(records: Sequence[Record], speakers: Sequence[str | None]) -> Iterator[list[Spoken]]:
    """Cut where time jumps back: each channel or participant has its own list, and their lines are sorted later."""
    run: list[Spoken] = []
    latest = 0.0
    for spoken in zip(records, speakers, strict=True):
        start = spoken[0].start
        if start is not None:
            if run and start < latest - JUMP:
                yield run
                run = []
            latest = start
        run.append(spoken)
    yield run


def _to_lines(run: Sequence[Spoken], *, is_words: bool) -> tuple[Line, ...]:
    if is_words:
        return join_words(_as_words(run))
    return tuple(Line(" ".join(record.text.split()), start=record.start, speaker=speaker) for record, speaker in run)


def _as_words(run: Sequence[Spoken]) -> Iterator[Word]:
    """Yield words to join; if some begin with a blank, those that do not are the rest of a word."""
    spaced = sum(1 for record, _ in run if record.text[:1].isspace()) > 0.2 * len(run)
    for record, speaker in run:
        glued = not record.text[:1].isspace() if spaced else bool(CLOSING.match(record.text.strip()))
        yield Word(record.text.strip(), record.start, record.end, speaker, glued)
