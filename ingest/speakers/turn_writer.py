"""Write turns line by line: a label begins a turn, a time places it, notes become turns of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.readers.clock import BRACKETED, is_stamp, read_clock
from ingest.script import Line
from ingest.speakers.dashes import LEADING_DASH
from ingest.speakers.format_traits import FormatTraits, holds_question
from ingest.speakers.identity import is_asker
from ingest.speakers.job_titles import is_title
from ingest.speakers.labels import LabelMatch, fold_label, match_examiner
from ingest.speakers.non_speech import (
    ends_sentence,
    ends_talk,
    is_break,
    is_break_line,
    is_fact,
    is_in_capitals,
    is_section,
    is_stage_direction,
    opens_stage_direction,
)
from ingest.speakers.timestamps import is_spelled_time, strip_stamps
from kb.model import PART_BREAK, Confidence, Kind, Mark, Role

SHOUT = 8  # characters; fewer may be an abbreviation at the end of a sentence
PREAMBLE_WORDS = 40  # a paragraph this long before the first label is somebody's words
BEHIND_LABEL = re.compile(rf"\s*{BRACKETED}\s*[:\-–—]?\s*")


@dataclass(slots=True)
class Draft:
    """A turn that is still being written."""

    label: str | None
    confidence: Confidence
    kind: Kind = "talk"
    role: Role = "unknown"
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    marks: list[Mark] = field(default_factory=list)
    page: int | None = None
    closed: bool = False  # the next words are another speaker's

    def add(self, text: str, joint: str, marks: Iterable[Mark]) -> None:
        """Append words with the marks inside them."""
        offset = self.length + len(joint)
        self.pieces += [joint, text]
        self.length = offset + len(text)
        self.marks += [Mark(offset + mark.offset, mark.start, mark.page) for mark in marks] if offset else marks


class TurnWriter:
    """Collects turns line by line."""

    def __init__(
        self,
        traits: FormatTraits,
        *,
        asker: str | None = None,
        answerer: str | None = None,
        answers_follow: bool = False,
    ) -> None:
        self.drafts: list[Draft] = []
        self._traits = traits
        self._asker = asker  # who asks the questions that are headings
        self._answerer = answerer  # who answers them
        self._answers_follow = answers_follow  # a question has a label, its answer none
        self._is_apart = False  # a blank line came since the last label
        self._has_asked = False
        self._time: float | None = None  # given on a line of its own, for the words that follow
        self._page: int | None = None
        self._new_paragraph = False
        self._examiner: str | None = None  # who asks the questions marked Q
        self._voice = Draft(None, "none")  # who spoke last
        self._is_over = False  # only notes follow, no talk
        self._awaits_title = False  # a name was on a line of its own: a title may follow it
        self._in_stage = False  # a bracket is open
        self._heard: set[str] = set()  # all labels so far

    def read(self, line: Line, match: LabelMatch | None, *, is_non_speech: bool) -> None:
        """Read the next line."""
        text = line.text.strip()
        if not text:
            self._new_paragraph = self._is_apart = True
        elif match:
            self._open_turn(match, line)
        elif is_stamp(text) or (self._time is not None and is_spelled_time(text)):
            self._note_time(text)
        elif is_non_speech:
            self._set_aside(line)
        elif self._awaits_title and is_title(text):
            self._awaits_title = False
        else:
            self._read_unlabelled(line, text)

    def _read_unlabelled(self, line: Line, text: str) -> None:
        self._awaits_title = False
        if self._traits.labelled and (examiner := match_examiner(text)):
            self._examiner = examiner["name"].strip()
            self._set_aside(line)
        elif self._traits.dashed and (dash := LEADING_DASH.match(text)):
            self._start(Draft(None, "none"))
            self._write(text[dash.end() :], line)
        elif is_break_line(text, is_heading=line.heading):
            self._set_aside(line, kind="break")
        elif line.heading and self._traits.headings_ask:
            self._read_heading(line, text)
        elif self._is_aside(line, text):
            self._set_aside(line)
        elif text.startswith((">>", ": ")):  # another speaker, whom the file does not name
            self._start(Draft(None, "none"))
            self._write(text.lstrip(">: "), line)
        elif self._answers_follow and self._has_just_asked():
            self._start(Draft(self._answerer, "inferred"))
            self._write(text, line)
        else:
            self._continue()
            self._write(text, line)

    def _has_just_asked(self) -> bool:
        """Whether the last words are a question that is complete."""
        last = self.drafts[-1] if self.drafts else None
        if last is None or last.kind != "talk" or not is_asker(last.label or ""):
            return False
        end = "".join(last.pieces)[-3:]
        return self._is_apart or holds_question(end) or end.endswith("。")

    def _is_aside(self, line: Line, text: str) -> bool:
        """Whether an unlabelled line belongs to the file rather than to the talk."""
        if self._traits.headings_ask and (self._is_over or not self._has_asked):  # the writer's introduction and notes
            return True
        if line.heading or (self._traits.paragraphed and is_section(text) and self._stands_apart()):
            self._is_over = self._traits.labelled and ends_talk(text)
            return True
        if not self._traits.paragraphed:
            return False
        if self._in_stage or opens_stage_direction(text):
            self._in_stage = ")" not in text
            return True
        if not self._traits.labelled:
            return False
        return self._is_over or self._is_preamble(text) or self._is_interjected(text)

    def _is_preamble(self, text: str) -> bool:
        """Whether a line before the first label is about the talk rather than a part of it."""
        if any(draft.label or (self._traits.dashed and draft.kind == "talk") for draft in self.drafts):
            return False
        return self._traits.paged or is_fact(text) or text.count(" ") < PREAMBLE_WORDS

    def _is_interjected(self, text: str) -> bool:
        """Whether a line within the talk is a stage direction, a note by the reader, or a heading in capitals."""
        if text.startswith("> ") or (is_stage_direction(text) and self._stands_apart()):
            return True
        is_shouted = is_in_capitals(text) and len(text) > SHOUT and not ends_sentence(text)
        return self._traits.capitals_head and is_shouted and self._stands_apart()

    def _stands_apart(self) -> bool:
        """Whether a line cannot continue the sentence before it."""
        last = self.drafts[-1] if self.drafts else None
        return (
            self._new_paragraph
            or last is None
            or last.kind != "talk"
            or not last.pieces
            or ends_sentence(last.pieces[-1])
        )

    def _open_turn(self, match: LabelMatch, line: Line) -> None:
        if match.shape == "scrap":
            self._open_nobodys_turn(line)
            return
        if is_break(match.label):
            self._set_aside(line, kind="break")
            return
        if (
            self._is_over and self._heard and match.label not in self._heard
        ):  # a title in the notes: 'Deep Work: Rules for ...'
            self._set_aside(line)
            return
        self._heard.add(match.label)
        self._is_apart = False
        label = self._examiner if fold_label(match.label) == "q" and self._examiner else match.label
        self._is_over = self._in_stage = False
        last = self.drafts[-1] if self.drafts else None
        if last is None or last.kind != "talk" or last.label != label:
            role: Role = "host" if is_asker(match.aside) else "unknown"
            self._start(Draft(label, "inferred" if match.inferred else "explicit", role=role))
        self._new_paragraph = True
        if match.start is not None:
            self._time = match.start
        self._awaits_title = match.shape in ("alone", "heading")
        self._write_after_label(line.text[match.words :], line)

    def _open_nobodys_turn(self, line: Line) -> None:
        """Start an unnamed turn after a label that cannot be read; the scrap of the label stays in the text."""
        if self._is_over:
            self._set_aside(line)
            return
        self._start(Draft(None, "none"))
        self._write(line.text, line)

    def _write_after_label(self, text: str, line: Line) -> None:
        """Write words after a label; a time right after it is the turn's, even one like speech: 'Ada: (0:12)'."""
        stamp = BEHIND_LABEL.match(text)
        if stamp:
            self._time = read_clock(stamp[0])
        self._write(text[stamp.end() :] if stamp else text, line)

    def _note_time(self, text: str) -> None:
        seconds = read_clock(text)
        self._time = self._time if seconds is None else seconds
        if self._traits.times_tell_turns and seconds is not None:
            self._start(Draft(None, "none"))

    def _set_aside(self, line: Line, kind: Kind = "non_speech") -> None:
        """Keep a line that nobody speaks as a turn of its own; neighbouring lines of one kind are one turn."""
        if not self.drafts or self.drafts[-1].kind != kind or kind == "break":
            self.drafts.append(Draft(None, "none", kind))
        self._write(line.text.strip().removeprefix("> "), line)

    def _read_heading(self, line: Line, text: str) -> None:
        """Read a heading where headings ask: a question, the title of a part, or the head of notes."""
        if holds_question(text):
            self._is_over = False
            self._ask(line)
            return
        self._is_over = self._is_over or ends_talk(text)
        if self._has_asked and not self._is_over and ends_sentence(text):
            self._ask(line)  # 'Tell me about the crew.'
        else:
            self._set_aside(line)

    def _ask(self, line: Line) -> None:
        """Write a question that is a heading; what follows answers it."""
        self._has_asked = True
        self._start(Draft(self._asker, "inferred" if self._asker else "none", role="host", closed=True))
        self._write(line.text, line)
        self._voice = Draft(self._answerer, "inferred" if self._answerer else "none")

    def _start(self, draft: Draft) -> None:
        self._voice = draft
        self.drafts.append(draft)

    def _continue(self) -> None:
        """Continue the turn, or start a new one of its speaker after something that is not talk."""
        if self.drafts and self.drafts[-1].kind == "talk" and not self.drafts[-1].closed:
            return
        confidence: Confidence = "carried" if self._voice.confidence == "explicit" else self._voice.confidence
        self.drafts.append(Draft(self._voice.label, confidence, role=self._voice.role))

    def _write(self, text: str, line: Line) -> None:
        words, marks = strip_stamps(text, leading=self._traits.stamped, keep_gaps=self._traits.keeps_gaps)
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
        self._new_paragraph = self._traits.paragraphed and not self._traits.wrapped

    def _joint(self, draft: Draft) -> str:
        """Choose what separates a turn's words from the next: a blank line only if a sentence has ended."""
        if not draft.length:
            return ""
        return (
            PART_BREAK if self._new_paragraph and self._traits.paragraphed and ends_sentence(draft.pieces[-1]) else " "
        )
