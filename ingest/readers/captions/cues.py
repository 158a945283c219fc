"""Cut caption files into cues, and cues into spoken lines: times, tags inside the text, captions that roll up.

Real caption files lack numbers, hours, digits, spaces and blank lines. Libraries skip such cues silently, or need them
repaired first, which means parsing every file twice at a third of the speed. So the few lines of grammar are here, and
the tests compare them with the libraries on well-formed files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from ingest.readers.clock import CUE_CLOCK, CUE_WHOLE, to_seconds
from ingest.script import Line

ARROW = r"[ \t]*(?:-{1,3} ?>|- -[ ]?>|[–—] ?>|→|-{1,3} ?&gt;)[ \t]*"
_TIMING = rf"[ \t]*{CUE_CLOCK}{ARROW}{CUE_CLOCK}([^\n]*)\n?"
NUMBERED = re.compile(rf"^(?:[ \t]*\d{{1,7}}[ \t]*\n(?:[ \t]*\n){{0,3}})?{_TIMING}", re.M)
IDENTIFIED = re.compile(rf"^(?:(?<=\n\n)[^\n]{{1,200}}\n)?{_TIMING}", re.M)
# Timing lines that identify captions without a header: SubRip's have a comma, WebVTT's a dot or no fraction.
COMMA_TIMING = re.compile(rf"^[ \t]*{CUE_WHOLE}[ \t]?[,:，][ \t]?\d{{1,9}}{ARROW}\d", re.M)
DOT_TIMING = re.compile(rf"^[ \t]*{CUE_WHOLE}(?:[ \t]?\.[ \t]?\d{{1,9}})?{ARROW}\d", re.M)
# A line of two times in any writing, under a caption's number: the last resort, if no timing line is well formed.
_GAP = r"[ \t\xa0]?"
_LOOSE = rf"\d{{1,2}}(?:{_GAP}[:：.;]{_GAP}\d{{1,2}}){{2}}(?:{_GAP}[.,:;'’，．]{_GAP}\d{{1,3}})?"
LOOSE_TIMING = re.compile(
    rf"^(?P<number>[ \t]*\d{{1,7}}[ \t]*\n(?:[ \t]*\n){{0,3}})[ \t\[(]{{0,9}}(?P<start>{_LOOSE})"
    rf"(?:[-–—=~→> \t\xa0]{{1,9}}|[ \t]?--?&gt;[ \t]?)(?P<end>{_LOOSE})[ \t\])]{{0,9}}$",
    re.M,
)
SETTINGS = re.compile(r"(?:\s+[A-Za-z]\w*:\S+)*\s*$")  # 'align:start position:0%', 'X1:40'; anything else is speech
TAG = re.compile(
    r"<(/?)(v|c|i|b|u|s|em|strong|font|span|ruby|rt|lang|br|p|div|\d[\d:., ]{0,30})((?:[.\s/][^<>]*)?)>", re.I
)
OVERRIDE = re.compile(r"\{\\[^{}]*\}")  # {\an8} and similar: placement, never speech
MARKED = re.compile(r"[<&{\n]")  # a caption without any of these is plain words
# A later row of a caption that may be another speaker's.
NEW_VOICE = re.compile(r"(?:-|–|—|>>+|&gt;&gt;)\s*\S|[A-Z][\w.'’()\[\]&, -]{0,60}:\s")

ROLLING_SAMPLE = 400  # cues looked at to decide whether captions roll
ROLLING_SHARE = 0.2  # of captions that repeat the words before and add some; plain speech gives under one in a hundred
# A row that may be a name: a few words, and nothing that belongs to a sentence.
NAME_ROW = re.compile(r"\s*[^\W\d_a-z][\w.'’-]*(?: [\w.'’()-]+){0,4}(?<![.!?…-])\s*$")
NAMED_SHARE = 0.8  # of captions whose first row is a name that recurs
FEW_NAMED = 4  # captions; fewer prove nothing
WINDOW_WORDS = 80  # more than any screen holds


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption as it is in the file."""

    start: float  # seconds
    text: str
    speaker: str | None = None


def cut_cues(text: str, timing: re.Pattern[str] = NUMBERED) -> list[Cue]:
    """Cut a file into captions: the text from each timing line to the next."""
    cues: list[Cue] = []
    start, place, beside = 0.0, -1, ""
    for found in timing.finditer(text):
        if place >= 0:
            cues.append(Cue(start, beside + text[place : found.start()].strip()))
        start = round(to_seconds(*found.groups()[:4]), 3)
        rest = found[9]
        beside = f"{rest.strip()}\n" if rest and not SETTINGS.match(rest) else ""
        place = found.end()
    if place >= 0:
        cues.append(Cue(start, beside + text[place:].strip()))
    return cues


def write_timings(text: str) -> str:
    """Write the timing lines as SubRip does, if none is well formed."""
    if COMMA_TIMING.search(text) or DOT_TIMING.search(text):
        return text
    return LOOSE_TIMING.sub(lambda row: f"{row['number']}{_write(row['start'])} --> {_write(row['end'])}", text)


def _write(clock: str) -> str:
    hours, minutes, seconds, *fraction = re.findall(r"\d+", clock)
    return f"{hours}:{minutes}:{seconds},{fraction[0] if fraction else 0}"


def cue_warnings(text: str, cues: Sequence[Cue]) -> tuple[str, ...]:
    """Warn about timing lines that could not be read."""
    missed = text.count("-->") - len(cues)
    if missed <= 0:
        return ()
    return (
        f"{missed} of {missed + len(cues)} captions have times that cannot be read; their words follow the one before",
    )


def cue_lines(cues: Sequence[Cue]) -> tuple[Line, ...]:
    """Make the spoken lines of a file of captions, each word once, split where the voice may change."""
    named = _read_name_rows(cues)
    once = _unroll(named) if _is_rolling(named[:ROLLING_SAMPLE]) else named
    return tuple(line for cue in once for line in _lines_of(cue))


def _read_name_rows(cues: Sequence[Cue]) -> Sequence[Cue]:
    """Read the first row of each caption as its speaker, if nearly all have one and a few names recur in it."""
    rows = [cue.text.partition("\n") for cue in cues]
    names = Counter(first.strip() for first, _, rest in rows if rest.strip() and NAME_ROW.match(first))
    often = {name for name, count in names.items() if count > 1}
    if sum(names[name] for name in often) < max(FEW_NAMED, NAMED_SHARE * len(cues)):
        return cues
    return [
        replace(cue, text=rest.strip(), speaker=first.strip()) if first.strip() in often and not cue.speaker else cue
        for cue, (first, _, rest) in zip(cues, rows, strict=True)
    ]


def split_voices(text: str) -> list[tuple[str | None, str]]:
    """Split a caption at its voice tags, and resolve other tags and entities."""
    pieces: list[tuple[str | None, str]] = []
    speaker, position = None, 0
    for tag in TAG.finditer(text):
        pieces.append((speaker, text[position : tag.start()]))
        position = tag.end()
        if tag[2] in "vV":
            speaker = _annotation(tag[3]) if not tag[1] else None
        elif tag[2].lower() == "br":
            pieces.append((speaker, "\n"))
    pieces.append((speaker, text[position:]))
    return [(who, unescape(words)) for who, words in _join_runs(pieces) if words.strip()]


def _annotation(attributes: str) -> str | None:
    """Read the name in '<v.loud Ada Lovelace>'."""
    words = attributes.split(None, 1) if attributes[:1] == "." else ["", attributes]
    return (words[1].strip() or None) if len(words) == 2 else None


def _join_runs(pieces: Sequence[tuple[str | None, str]]) -> Iterator[tuple[str | None, str]]:
    """Join the pieces of one voice that tags of emphasis have separated."""
    run: list[str] = []
    for (speaker, words), (following, _) in zip(pieces, [*pieces[1:], (None, "")], strict=True):
        run.append(words)
        if following != speaker:
            yield speaker, "".join(run)
            run = []
    if run:
        yield None, "".join(run)


def _lines_of(cue: Cue) -> Iterator[Line]:
    if not MARKED.search(cue.text):
        if cue.text:
            yield Line(cue.text, start=cue.start, speaker=cue.speaker)
        return
    text = OVERRIDE.sub("", cue.text) if "{\\" in cue.text else cue.text
    for voice, words in split_voices(text):
        for part in _split_at_new_voice(words):
            yield Line(part, start=cue.start, speaker=unescape(voice) if voice else cue.speaker)


def _split_at_new_voice(text: str) -> list[str]:
    """Join the rows of a caption, except where a dash, chevrons or a label may begin another speaker."""
    parts: list[list[str]] = []
    for row in filter(None, map(str.strip, text.split("\n"))):
        if parts and not NEW_VOICE.match(row):
            parts[-1].append(row)
        else:
            parts.append([row])
    return [" ".join(rows) for rows in parts]


def _is_rolling(cues: Sequence[Cue]) -> bool:
    """Whether enough captions repeat the words on screen before them and add to them."""
    if any(cue.speaker or "<v" in cue.text for cue in cues):
        return False
    grown = 0
    before: list[str] = []
    for cue in cues:
        rows = _rows(cue)
        shown = [word for row in rows for word in row]
        grown += bool(before) and 0 < _overlap(before, rows) < len(shown)
        before = shown or before
    return len(cues) > 2 and grown >= ROLLING_SHARE * len(cues)


def _unroll(cues: Sequence[Cue]) -> Iterator[Cue]:
    before: list[str] = []
    for cue in cues:
        rows = _rows(cue)
        shown = [word for row in rows for word in row]
        fresh = shown[_overlap(before, rows) :]
        if fresh:
            yield replace(cue, text=" ".join(fresh))
        before = shown or before


def _rows(cue: Cue) -> list[list[str]]:
    """Split each row of a caption into words, without tags."""
    text = TAG.sub("", cue.text) if "<" in cue.text else cue.text
    return [words for words in (row.split() for row in text.split("\n")) if words]


def _overlap(before: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Count the first words that are the end of the caption before: whole rows, or all of a growing row."""
    shown = [word for row in rows for word in row][:WINDOW_WORDS]
    ends = {sum(map(len, rows[: count + 1])) for count in range(len(rows))}
    for size in range(min(len(shown), len(before), WINDOW_WORDS), 0, -1):
        if (size in ends or size == len(before)) and list(before[-size:]) == shown[:size]:
            return size
    return 0
