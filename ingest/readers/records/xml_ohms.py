"""Read oral histories in OHMS: a transcript in one element, and minutes by its lines and words in another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from ingest.readers.captions import vtt
from ingest.readers.records.xml_tree import find_first, tag_of, words_of
from ingest.readers.time_writings import write_clock
from ingest.script import Line, Script

MARK = re.compile(r"\s*(\d{1,6})\((\d{1,6})\)")
INTERVAL = re.compile(r"\s*(\d{1,3}(?:\.\d{1,2})?)\s*:")  # minutes from one mark to the next
MOST_MARKS = 6_000
LONGEST = 360_000.0  # seconds; no clock has hours of three digits
LABEL = re.compile(r"\s*[^\s:]{1,40}(?: [^\s:]{1,40}){0,4}:(?=\s|$)")
NOTES = re.compile(r"\[\[footnotes\]\].*?(?:\[\[/footnotes\]\]|\Z)", re.S)
NOTE_MARK = re.compile(r"\[\[footnote\]\][^\[\]]{0,20}\[\[/footnote\]\]")
NO_TRANSCRIPT = re.compile(r"\W*no transcripts?\W*(?:available\W*)?$", re.I)


@dataclass(frozen=True, slots=True)
class _Mark:
    """The word of a line at which a minute begins."""

    word: int  # counts from 1
    seconds: float


def read_ohms(root: Element) -> Script | None:
    """Read OHMS: a transcript with labels in its text, and times by the numbers of its lines and their words."""
    transcript, sync = find_first(root, "transcript"), find_first(root, "sync")
    if tag_of(root).lower() not in ("root", "record") or transcript is None or sync is None:
        return None
    card = _read_card(root)
    if captions := _captions_of(root):
        script = vtt.read(captions.encode(), "")
        return replace(script, card={**script.card, **card})
    text = NOTES.sub("", "".join(transcript.itertext()))
    if NO_TRANSCRIPT.match(text):
        return Script("text", (), card)
    marks = _read_marks("".join(sync.itertext()))
    rows = enumerate(NOTE_MARK.sub("", text).split("\n"), 1)
    return Script("text", tuple(_make_line(row.split(), marks.get(number, ())) for number, row in rows), card)


def _captions_of(root: Element) -> str:
    """Return the captions that later versions hold beside an empty transcript; '' if there are none."""
    captions = find_first(root, "vtt_transcript")
    text = "".join(captions.itertext()).strip() if captions is not None else ""
    return text if "-->" in text else ""


def _read_marks(sync: str) -> Mapping[int, Sequence[_Mark]]:
    """Read marks by line: in '5:|12(3)||40(1)|' minute 5 begins at line 12, word 3, and minute 15 at line 40."""
    interval = INTERVAL.match(sync)
    if interval is None or not float(interval[1]):
        return {}
    # What is before the first bar is the beginning of the recording; a minute without a mark leaves its place empty.
    places = sync[interval.end() :].lstrip().removeprefix("|").split("|", MOST_MARKS)
    marks: dict[int, list[_Mark]] = {}
    for number, place in enumerate(places[:MOST_MARKS], 1):
        seconds = round(60.0 * float(interval[1]) * number, 3)
        if (found := MARK.match(place)) and int(found[1]) and seconds < LONGEST:
            marks.setdefault(int(found[1]), []).append(_Mark(int(found[2]), seconds))
    return {line: list(_drop_clicked_through(found)) for line, found in marks.items()}


def _drop_clicked_through(marks: Sequence[_Mark]) -> Iterator[_Mark]:
    """Yield the marks of a line without those on neighbouring words: nobody speaks one word in a minute."""
    ordered = sorted(marks, key=lambda mark: (mark.word, mark.seconds))
    for place, mark in enumerate(ordered):
        beside = (*ordered[max(0, place - 1) : place], *ordered[place + 1 : place + 2])
        if not any(abs(mark.word - other.word) <= 1 for other in beside):
            yield mark


def _make_line(words: Sequence[str], marks: Sequence[_Mark]) -> Line:
    """Make a line: a mark at its first word or in its label is its time, one further on stands in its text."""
    if not words or not marks:
        return Line(" ".join(words))
    text = " ".join(words)
    label = LABEL.match(text)
    opening = len(label[0].split()) + 1 if label else 1
    start = next((mark.seconds for mark in marks if mark.word <= opening), None)
    pieces = list(words)
    for mark in reversed([mark for mark in marks if mark.word > opening]):
        # Between two signs a time is never taken for words that could not be heard.
        pieces.insert(min(mark.word, len(words)) - 1, f"#{write_clock(mark.seconds).strip('[]')}#")
    return Line(" ".join(pieces), start=start)


def _read_card(root: Element) -> dict[str, object]:
    record = find_first(root, "record")
    card: dict[str, list[str]] = {}
    for child in root if record is None else record:
        if tag_of(child) in ("title", "interviewee", "interviewer") and (value := words_of(child)):
            card.setdefault(tag_of(child), []).append(value)
    title = {"title": card["title"][0]} if "title" in card else {}
    return {**card, **title}
