"""Build turns from the lines of a script: who says what, and when or on which page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.evidence import Grammar, find_grammar
from ingest.kinds import (
    ends_talk,
    find_matter,
    find_teasers,
    is_break,
    is_fact,
    is_sponsor_read,
    is_stage_direction,
    opens_stage_direction,
)
from ingest.labels import EXAMINER, Opening, fold_label, is_title
from ingest.names import Legend, card_names, is_host_aside, read_legend, settle_names
from ingest.script import Line, Script
from ingest.stamps import LEADING, SPELLED, is_stamp, read_clock, strip_stamps
from kb.model import PART_BREAK, Confidence, Kind, Mark, Role, Turn

PARAGRAPHED = frozenset({"markdown", "text", "html", "docx", "odt", "epub", "rtf", "pdf"})
WRAPPED_SHARE = 0.3  # of neighbouring lines that do not end a sentence: the file is cut at the margin
STAMPED_SHARE = 0.5  # of lines that begin with a bare time: the time is no speech
SHORT_LINE = 15  # words; times between shorter lines do not tell turns
SENTENCE_END = re.compile(r"[.!?…:;\"”’)\]]\s*$")
BREAK_LINE = re.compile(r"\s*[\[(]?(?P<label>[A-Za-z][A-Za-z -]{1,20}?)[\])]?\s*:?(?P<rest>\s.*|$)")


def build_turns(script: Script) -> tuple[Turn, ...]:
    """The turns of a script, in order; where nobody is named the speaker is None."""
    lines = list(_split_changes(script))
    legend = read_legend(lines) if script.format in PARAGRAPHED else Legend()
    matter = find_matter(lines) | legend.lines
    people = [*card_names(script), *legend.people]
    grammar = find_grammar(lines, names=people, skip=matter)
    writer = _Writer(_Manner.of(script, lines, grammar))
    for index, line in enumerate(lines):
        writer.read(line, grammar.openings.get(index), is_matter=index in matter)
    turns = _settle(writer.drafts, grammar, legend, people, unify=script.format in PARAGRAPHED | {"table"})
    return _mark_kinds(turns)


def _split_changes(script: Script) -> Iterator[Line]:
    """Broadcast captions mark a change of speaker by '>>', also in the middle of a line."""
    if sum(1 for line in script.lines if ">>" in line.text) < 3:
        yield from script.lines
        return
    for line in script.lines:
        for place, part in enumerate(re.split(r"(?:^|\s+)>>+\s*", line.text)):
            if part or not place:
                yield replace(line, text=f">> {part}" if place else part)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the file as a whole writes its lines."""

    paragraphed: bool  # a line is a paragraph; else a piece of one, as a caption is
    wrapped: bool  # lines are cut at the margin
    stamped: bool  # lines begin with a bare time
    times_tell_turns: bool  # a time on a line of its own begins someone's turn
    labelled: bool  # some lines open with a label

    @classmethod
    def of(cls, script: Script, lines: Sequence[Line], grammar: Grammar) -> _Manner:
        """Judge the lines of a script."""
        filled = [line.text for line in lines if line.text.strip()]
        bare = [text for text in filled if not is_stamp(text)]
        leading = sum(1 for text in bare if text[:1] in "0123456789[(<" and LEADING.match(text))
        words = sum(text.count(" ") + 1 for text in bare)
        return cls(
            paragraphed=script.format in PARAGRAPHED,
            wrapped=script.format in ("markdown", "pdf") or _is_wrapped(lines),
            stamped=leading > STAMPED_SHARE * len(bare),
            times_tell_turns=grammar.is_empty and words > SHORT_LINE * max(1, len(filled) - len(bare)),
            labelled=not grammar.is_empty,
        )


def _is_wrapped(lines: Sequence[Line]) -> bool:
    pairs = [one.text for one, two in zip(lines, lines[1:], strict=False) if one.text.strip() and two.text.strip()]
    return len(pairs) > 1 and sum(1 for text in pairs if not SENTENCE_END.search(text[-3:])) > WRAPPED_SHARE * len(
        pairs
    )


@dataclass(slots=True)
class _Draft:
    """A turn that is still being written."""

    label: str | None
    confidence: Confidence
    kind: Kind = "talk"
    role: Role = "unknown"
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    marks: list[Mark] = field(default_factory=list)
    page: int | None = None

    def add(self, text: str, joint: str, marks: Iterable[Mark]) -> None:
        """Append words with the marks inside them."""
        offset = self.length + len(joint)
        self.pieces += [joint, text]
        self.length = offset + len(text)
        self.marks += [Mark(offset + mark.offset, mark.start, mark.page) for mark in marks]


class _Writer:
    """Collects turns line by line."""

    def __init__(self, manner: _Manner) -> None:
        self.drafts: list[_Draft] = []
        self._manner = manner
        self._time: float | None = None  # given on a line of its own, for the words that follow
        self._page: int | None = None
        self._new_paragraph = False
        self._examiner: str | None = None  # who asks the questions marked Q
        self._voice: tuple[str | None, Role] = (None, "unknown")  # who spoke last
        self._is_over = False  # notes follow, no talk
        self._awaits_title = False  # a name stood alone: a title may follow it
        self._in_stage = False  # a bracket is open

    def read(self, line: Line, opening: Opening | None, *, is_matter: bool) -> None:
        """Take in the next line."""
        text = line.text.strip()
        if not text:
            self._new_paragraph = True
        elif opening:
            self._open_turn(opening, line)
        elif is_stamp(text) or (self._time is not None and SPELLED.match(text)):
            self._note_time(text)
        elif is_matter:
            self._set_aside(line)
        elif self._awaits_title and is_title(text):
            self._awaits_title = False
        else:
            self._read_unlabelled(line, text)

    def _read_unlabelled(self, line: Line, text: str) -> None:
        self._awaits_title = False
        if self._manner.labelled and (examiner := EXAMINER.match(text)):
            self._examiner = examiner["name"].strip()
            self._set_aside(line)
        elif (found := BREAK_LINE.match(text)) and is_break(found["label"]) and len(text) < 60:
            self._set_aside(line, kind="break")
        elif self._is_aside(line, text):
            self._set_aside(line)
        elif text.startswith(">>"):
            self._start(None, "none")
            self._write(text.lstrip("> "), line)
        else:
            self._continue()
            self._write(text, line)

    def _is_aside(self, line: Line, text: str) -> bool:
        """Whether an unlabelled line belongs to the file rather than to the talk."""
        if line.heading:
            self._is_over = self._manner.labelled and ends_talk(text)
            return True
        if not self._manner.paragraphed:
            return False
        if self._in_stage or opens_stage_direction(text):
            self._in_stage = ")" not in text
            return True
        if not self._manner.labelled:
            return False
        is_before = all(draft.label is None for draft in self.drafts)
        is_note = is_fact(text) or (len(text.split()) < SHORT_LINE and not SENTENCE_END.search(text))
        return self._is_over or (is_before and is_note) or (self._new_paragraph and is_stage_direction(text))

    def _open_turn(self, opening: Opening, line: Line) -> None:
        label: str | None = opening.label
        if is_break(opening.label):
            self._set_aside(line, kind="break")
            return
        if fold_label(opening.label) == "q" and self._examiner:
            label = self._examiner
        self._is_over = self._in_stage = False
        role: Role = "host" if is_host_aside(opening.aside) else "unknown"
        last = self.drafts[-1] if self.drafts else None
        if last is None or last.kind != "talk" or last.label != label:
            self._start(label, "explicit", role)
        self._new_paragraph = True
        if opening.start is not None:
            self._time = opening.start
        self._awaits_title = opening.shape in ("alone", "heading") and not opening.aside
        self._write(line.text[opening.words :], line)

    def _note_time(self, text: str) -> None:
        seconds = read_clock(text)
        self._time = self._time if seconds is None else seconds
        if self._manner.times_tell_turns and seconds is not None:
            self._start(None, "none")

    def _set_aside(self, line: Line, kind: Kind = "matter") -> None:
        """Keep a line that nobody speaks as a turn of its own; neighbours of one kind are one turn."""
        if not self.drafts or self.drafts[-1].kind != kind or kind == "break":
            self.drafts.append(_Draft(None, "none", kind))
        self._write(line.text.strip(), line)

    def _start(self, label: str | None, confidence: Confidence, role: Role = "unknown") -> None:
        self._voice = (label, role)
        self.drafts.append(_Draft(label, confidence, role=role))

    def _continue(self) -> None:
        """Go on with the turn, or with its speaker after something that was no talk."""
        if self.drafts and self.drafts[-1].kind == "talk":
            return
        label, role = self._voice
        self.drafts.append(_Draft(label, "carried" if label else "none", role=role))

    def _write(self, text: str, line: Line) -> None:
        words, marks = strip_stamps(text, leading=self._manner.stamped)
        start = self._time if self._time is not None else line.start
        self._time = None
        if not words:
            self._time = marks[-1].start if marks else start
            return
        draft = self.drafts[-1]
        page = line.page if line.page is not None and (line.page != self._page or not draft.length) else None
        if not draft.length:
            draft.page = line.page
        if page is not None or (start is not None and not (marks and marks[0].offset == 0)):
            marks.insert(0, Mark(0, start=start, page=page))
        draft.add(words, self._joint(draft), marks)
        self._page = line.page
        self._new_paragraph = self._manner.paragraphed and not self._manner.wrapped

    def _joint(self, draft: _Draft) -> str:
        if not draft.length:
            return ""
        return PART_BREAK if self._new_paragraph and self._manner.paragraphed else " "


def _settle(
    drafts: Iterable[_Draft], grammar: Grammar, legend: Legend, people: Iterable[str], *, unify: bool
) -> list[Turn]:
    """Give every turn its speaker's name, and join turns that turn out to be one person's."""
    spoken = [draft for draft in drafts if draft.length]
    labels = Counter(draft.label for draft in spoken if draft.label)
    names = settle_names(labels, legend, people, unify=unify)
    return [
        _make_turn(index, draft, names.get(draft.label) if draft.label else None) for index, draft in enumerate(spoken)
    ]


def _make_turn(index: int, draft: _Draft, speaker: str | None) -> Turn:
    first = [mark.start for mark in draft.marks if mark.offset == 0 and mark.start is not None]
    return Turn(
        index=index,
        speaker=speaker,
        role=draft.role,
        text="".join(draft.pieces),
        start=first[-1] if first else None,
        page=draft.page,
        marks=tuple(draft.marks),
        kind=draft.kind,
        confidence=draft.confidence if speaker else "none",
    )


def _mark_kinds(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    teasers = find_teasers(turns)
    return tuple(_with_kind(turn, is_teaser=turn.index in teasers) for turn in turns)


def _with_kind(turn: Turn, *, is_teaser: bool) -> Turn:
    if turn.kind != "talk":
        return turn
    if is_teaser:
        return replace(turn, kind="teaser")
    return replace(turn, kind="sponsor") if is_sponsor_read(turn.text) else turn
