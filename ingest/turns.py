"""Build turns from the lines of a script: who says what, and when or on which page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.labels import CLOCK, STAMP, Opening, find_grammar, fold_label, read_clock
from ingest.script import Line, Script
from kb.model import Confidence, Kind, Mark, Turn

BREAK_LABELS = frozenset(
    {"break", "outro", "intro", "music", "ad", "ad break", "sponsor", "sponsor break", "commercial break", "jingle"}
)
BREAK_ALONE = re.compile(r"\s*(?:break|outro|intro|ad break|commercial break|music break)\s*:?\s*", re.I)
PARAGRAPHED = frozenset({"markdown", "text", "html", "docx", "odt", "epub", "rtf", "pdf"})
ONLY_STAMP = re.compile(rf"\s*{STAMP}\s*[:\-–—]?\s*$")
INLINE_STAMP = re.compile(
    rf"[ \t]*(?:\[\s?(?P<square>{CLOCK})\s?\]|\(\s?(?P<round>\d{{1,2}}:\d\d:\d\d(?:[.,]\d{{1,3}})?)\s?\))[ \t]*"
)
SENTENCE_END = re.compile(r"[.!?…:;\"”’)\]]\s*$")
ROSTER_KEYS = (
    "speakers",
    "speaker",
    "guests",
    "guest",
    "hosts",
    "host",
    "interviewer",
    "interviewers",
    "interviewee",
    "participants",
    "author",
)


def build_turns(script: Script) -> tuple[Turn, ...]:
    """The turns of a script, in order; where nobody is named the speaker is None."""
    grammar = find_grammar(script.lines, _roster(script))
    writer = _Writer(paragraphed=script.format in PARAGRAPHED, wrapped=_is_wrapped(script))
    for line in script.lines:
        if not line.text.strip():
            writer.end_paragraph()
        elif ONLY_STAMP.match(line.text):
            writer.note_time(read_clock(line.text), is_turn=grammar.is_empty)
        elif opening := grammar.open(line):
            writer.open_turn(opening, line)
        elif part := _break_opening(line):
            writer.open_break(part, line)
        else:
            writer.add_text(line.text, line)
    return writer.finish()


def _roster(script: Script) -> list[str]:
    """Names that the file's own front matter gives."""
    names: list[str] = []
    for key in ROSTER_KEYS:
        value = script.card.get(key)
        items = (
            value
            if isinstance(value, (list, tuple))
            else re.split(r"[,;&]| and ", value)
            if isinstance(value, str)
            else ()
        )
        names += [item.strip() for item in items if isinstance(item, str) and item.strip()]
    return names


def _is_wrapped(script: Script) -> bool:
    """Whether lines are cut at the margin, so that a line end means nothing."""
    if script.format in ("markdown", "pdf"):
        return True
    pairs = [
        one.text
        for one, two in zip(script.lines, script.lines[1:], strict=False)
        if one.text.strip() and two.text.strip()
    ]
    return len(pairs) > 1 and sum(1 for text in pairs if not SENTENCE_END.search(text)) > 0.3 * len(pairs)


def _break_opening(line: Line) -> Opening | None:
    label, colon, _ = line.text.partition(":")
    if colon and fold_label(label) in BREAK_LABELS:
        return Opening("colon", label.strip(), len(label) + 1)
    if BREAK_ALONE.fullmatch(line.text):
        return Opening("alone", line.text.strip(), len(line.text))
    return None


@dataclass(slots=True)
class _Draft:
    """A turn that is still being written."""

    speaker: str | None
    confidence: Confidence
    kind: Kind = "talk"
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    marks: list[Mark] = field(default_factory=list)
    start: float | None = None
    page: int | None = None


class _Writer:
    """Collects turns line by line."""

    def __init__(self, *, paragraphed: bool, wrapped: bool) -> None:
        self._paragraphed = paragraphed
        self._wrapped = wrapped
        self._drafts: list[_Draft] = []
        self._time: float | None = None  # given on a line of its own, for the words that follow
        self._new_paragraph = False
        self._page: int | None = None

    def end_paragraph(self) -> None:
        self._new_paragraph = True

    def note_time(self, seconds: float | None, *, is_turn: bool) -> None:
        self._time = seconds
        if is_turn:
            self._drafts.append(_Draft(None, "none"))

    def open_turn(self, opening: Opening, line: Line) -> None:
        last = self._drafts[-1] if self._drafts else None
        if last is None or last.kind != "talk" or last.speaker != opening.label:
            self._drafts.append(_Draft(opening.label, "explicit"))
        self._new_paragraph = True
        if opening.start is not None:
            self._time = opening.start
        self.add_text(line.text[opening.words :], line)

    def open_break(self, opening: Opening, line: Line) -> None:
        self._drafts.append(_Draft(None, "none", kind="break"))
        self.add_text(line.text, line)
        self._drafts[-1].speaker = None

    def add_text(self, text: str, line: Line) -> None:
        draft = self._current()
        start = self._time if self._time is not None else line.start
        self._time = None
        if line.page is not None and line.page != draft.page and not draft.length:
            draft.page = line.page
        page = line.page if line.page is not None and line.page != self._page else None
        words, marks = strip_stamps(text)
        if not words:
            self._time = marks[-1].start if marks else start
            return
        joint = self._joint(draft)
        offset = draft.length + len(joint)
        if start is not None or page is not None:
            marks = [Mark(0, start=start, page=page), *[mark for mark in marks if mark.offset or start is None]]
        draft.pieces += [joint, words]
        draft.length = offset + len(words)
        draft.marks += [Mark(offset + mark.offset, mark.start, mark.page) for mark in marks]
        self._page = line.page
        self._new_paragraph = not self._wrapped and self._paragraphed

    def finish(self) -> tuple[Turn, ...]:
        spoken = [draft for draft in self._drafts if draft.length]
        return tuple(_make_turn(index, draft) for index, draft in enumerate(spoken))

    def _current(self) -> _Draft:
        if not self._drafts:
            self._drafts.append(_Draft(None, "none"))
        last = self._drafts[-1]
        if last.kind == "break" and last.length:
            carried = next((draft.speaker for draft in reversed(self._drafts) if draft.kind == "talk"), None)
            self._drafts.append(_Draft(carried, "carried" if carried else "none"))
        return self._drafts[-1]

    def _joint(self, draft: _Draft) -> str:
        if not draft.length:
            return ""
        return "\n\n" if self._new_paragraph and self._paragraphed else " "


def strip_stamps(text: str) -> tuple[str, list[Mark]]:
    """Take the times out of a line: the words, joined cleanly, and a mark at each place."""
    marks: list[Mark] = []
    pieces: list[str] = []
    length = 0
    for words, stamp in _split_stamps(text.strip()):
        if words:
            joint = " " if length and words[0] not in ".,;:!?)" else ""
            pieces += [joint, words]
            length += len(joint) + len(words)
        if stamp is not None:
            marks.append(Mark(length + 1 if length else 0, start=stamp))
    joined = "".join(pieces)
    return joined, [Mark(min(mark.offset, len(joined)), start=mark.start) for mark in marks]


def _split_stamps(text: str) -> Iterator[tuple[str, float | None]]:
    place = 0
    for stamp in INLINE_STAMP.finditer(text):
        yield text[place : stamp.start()].strip(), read_clock(stamp["square"] or stamp["round"])
        place = stamp.end()
    yield text[place:].strip(), None


def _make_turn(index: int, draft: _Draft) -> Turn:
    first = draft.marks[0] if draft.marks and draft.marks[0].offset == 0 else None
    return Turn(
        index=index,
        speaker=draft.speaker,
        role="unknown",
        text="".join(draft.pieces),
        start=first.start if first else None,
        page=draft.page,
        marks=tuple(draft.marks),
        kind=draft.kind,
        confidence=draft.confidence,
    )
