"""Build turns from the lines of a script: who says what, and when or on which page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise

from ingest.script import Line, Script
from ingest.speakers.full_names import Legend, card_names, find_answerer, is_host_aside, read_legend, settle_names
from ingest.speakers.label_grammar import Grammar, find_grammar
from ingest.speakers.labels import EXAMINER, LabelMatch, fold_label, is_title
from ingest.speakers.non_speech import (
    ends_sentence,
    ends_talk,
    find_non_speech,
    find_teasers,
    is_break,
    is_break_line,
    is_fact,
    is_section,
    is_sponsor_read,
    is_stage_direction,
    opens_stage_direction,
)
from ingest.speakers.timestamps import (
    BRACKETED,
    LEADING,
    count_gaps,
    is_spelled_time,
    is_stamp,
    read_clock,
    strip_stamps,
)
from kb.errors import UnreadableFile
from kb.model import PART_BREAK, Confidence, Kind, Mark, Role, Turn

MOST_SPEAKERS = 3_000  # a year of hearings has some hundred
MOST_LINES = 250_000  # forty days of captions
PARAGRAPHED = frozenset({"markdown", "text", "html", "docx", "odt", "epub", "rtf", "pdf"})
WRAPPED_SHARE = 0.3  # of neighbouring lines that do not end a sentence: the file is cut at the margin
LONG_LINE = 1_500  # characters; a longer line may hold several speakers
STAMPED_SHARE = 0.5  # of lines that begin with a bare time: the time is no speech
GAP_EVERY = 300  # words; times inside sentences that are rarer than this mark what could not be heard
SHORT_LINE = 15  # words; times between shorter lines do not tell turns
CAPITALS_SHARE = 0.1  # of lines; where more are in capitals throughout, capitals mean nothing
SHOUT = 8  # characters; fewer may be an abbreviation at the end of a sentence
QUESTIONS_SHARE = 0.4  # of headings that ask something: the headings are the interviewer's words
PREAMBLE_WORDS = 40  # a paragraph this long before the first label is spoken or written by someone
BEHIND_LABEL = re.compile(rf"\s*{BRACKETED}\s*[:\-–—]?\s*")
VOICE_MARK = "[SPEAKER_TURN]"  # of whisper.cpp
CHEVRONS = re.compile(r"(?:^|\s+)>>+\s*")
INNER_LABEL = re.compile(
    rf"(?:(?<=[.!?…\"”)\]]\s)|^)(?:{BRACKETED}\s*)?(?P<label>[A-Z][\w.'’-]{{0,20}}(?:\s[A-Z0-9][\w.'’-]{{0,20}}){{0,3}})(?:\s?{BRACKETED})?:\s"
)


def build_turns(script: Script) -> tuple[Turn, ...]:
    """The turns of a script, in order; where nobody is named the speaker is None."""
    lines = list(islice(_split_lines(script), MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        raise UnreadableFile(f"the file has more than {MOST_LINES:,} lines: split it, one file an interview")
    legend = read_legend(lines) if script.format in PARAGRAPHED else Legend()
    non_speech = find_non_speech(lines) | legend.lines
    people = [*card_names(script), *legend.people]
    grammar = find_grammar(lines, names=people, skip=non_speech)
    _refuse_crowds(grammar)
    writer = _Writer(_FormatTraits.of(script, lines, grammar), find_answerer(script))
    for index, line in enumerate(lines):
        writer.read(line, grammar.matches.get(index), is_non_speech=index in non_speech)
    turns = _settle(writer.drafts, legend, people, unify=script.format in PARAGRAPHED | {"table"})
    return _mark_kinds(turns)


def _refuse_crowds(grammar: Grammar) -> None:
    """Comparing everyone's name with everyone else's takes for ever in files that are no transcripts."""
    count = len({match.label for match in grammar.matches.values()})
    if count > MOST_SPEAKERS:
        raise UnreadableFile(f"the file names {count:,} speakers, more than {MOST_SPEAKERS:,}: this is no transcript")


def _split_lines(script: Script) -> Iterator[Line]:
    """The lines, cut where another speaker begins inside one: at '>>', and at labels within a very long line."""
    has_chevrons = sum(1 for line in script.lines if ">>" in line.text) > 2
    for line in _mark_voices(script.lines):
        if has_chevrons and ">>" in line.text:
            parts = CHEVRONS.split(line.text)
            yield from (replace(line, text=f">> {part}" if place else part) for place, part in enumerate(parts) if part)
        elif len(line.text) > LONG_LINE:
            yield from (replace(line, text=part) for part in _split_at_labels(line.text))
        else:
            yield line


def _mark_voices(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines, with chevrons where a program says that another voice begins."""
    is_next = False
    for line in lines:
        if VOICE_MARK not in line.text:
            yield replace(line, text=f">> {line.text}") if is_next and line.text.strip() else line
            is_next = is_next and not line.text.strip()
            continue
        *parts, rest = line.text.split(VOICE_MARK)
        for part in filter(str.strip, (*parts, rest)):
            yield replace(line, text=f">> {part.strip()}" if is_next else part.strip())
            is_next = True
        is_next = not rest.strip()


def _split_at_labels(text: str) -> Iterator[str]:
    labels = Counter(found["label"] for found in INNER_LABEL.finditer(text))
    place = 0
    for found in INNER_LABEL.finditer(text):
        if labels[found["label"]] > 1 and found.start() > place:
            yield text[place : found.start()]
            place = found.start()
    yield text[place:]


@dataclass(frozen=True, slots=True)
class _FormatTraits:
    """How the file as a whole writes its lines."""

    paragraphed: bool  # a line is a paragraph; else a piece of one, as a caption is
    paged: bool  # lines are those of printed pages
    wrapped: bool  # lines are cut at the margin
    stamped: bool  # lines begin with a bare time
    keeps_gaps: bool  # a time inside a sentence stands for words that could not be heard
    labelled: bool  # some lines open with a label
    times_tell_turns: bool  # a time on a line of its own begins someone's turn
    headings_ask: bool  # headings are the interviewer's questions
    capitals_head: bool  # a line in capitals throughout is a heading

    @classmethod
    def of(cls, script: Script, lines: Sequence[Line], grammar: Grammar) -> _FormatTraits:
        """Judge the lines of a script."""
        filled = [line.text for line in lines if line.text.strip()]
        bare = [text for text in filled if not is_stamp(text)]
        leading = sum(1 for text in bare if text[:1] in "0123456789[(<{" and LEADING.match(text))
        words = sum(text.count(" ") + 1 for text in bare)
        headings = [line.text for index, line in enumerate(lines) if line.heading and index not in grammar.matches]
        questions = sum(1 for heading in headings if "?" in heading)
        return cls(
            paragraphed=script.format in PARAGRAPHED,
            paged=script.format == "pdf",
            wrapped=script.format in ("markdown", "pdf") or _is_wrapped(lines),
            stamped=leading > STAMPED_SHARE * len(bare),
            keeps_gaps=words > GAP_EVERY * sum(map(count_gaps, bare)),
            labelled=not grammar.is_empty,
            times_tell_turns=grammar.is_empty
            and (words > SHORT_LINE * max(1, len(filled) - len(bare)) or _times_stand_apart(lines)),
            headings_ask=grammar.is_empty and questions > 1 and questions >= QUESTIONS_SHARE * len(headings),
            capitals_head=sum(1 for text in bare if text.isupper()) < CAPITALS_SHARE * len(bare),
        )


def _times_stand_apart(lines: Sequence[Line]) -> bool:
    """Whether blank lines stand before the times, as between turns; captions follow one another without."""
    befores = [before.text.strip() for before, line in pairwise(lines) if is_stamp(line.text)]
    return len(befores) > 1 and sum(1 for before in befores if not before) > 0.8 * len(befores)


def _is_wrapped(lines: Sequence[Line]) -> bool:
    pairs = [one.text for one, two in pairwise(lines) if one.text.strip() and two.text.strip()]
    return len(pairs) > 1 and sum(1 for text in pairs if not ends_sentence(text)) > WRAPPED_SHARE * len(pairs)


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
    closed: bool = False  # the next words are another's

    def add(self, text: str, joint: str, marks: Iterable[Mark]) -> None:
        """Append words with the marks inside them."""
        offset = self.length + len(joint)
        self.pieces += [joint, text]
        self.length = offset + len(text)
        self.marks += [Mark(offset + mark.offset, mark.start, mark.page) for mark in marks]


class _Writer:
    """Collects turns line by line."""

    def __init__(self, traits: _FormatTraits, answerer: str | None) -> None:
        self.drafts: list[_Draft] = []
        self._traits = traits
        self._answerer = answerer  # who answers questions that are set as headings
        self._time: float | None = None  # given on a line of its own, for the words that follow
        self._page: int | None = None
        self._new_paragraph = False
        self._examiner: str | None = None  # who asks the questions marked Q
        self._voice = _Draft(None, "none")  # who spoke last
        self._is_over = False  # notes follow, no talk
        self._awaits_title = False  # a name stood alone: a title may follow it
        self._in_stage = False  # a bracket is open
        self._heard: set[str] = set()  # all labels so far

    def read(self, line: Line, match: LabelMatch | None, *, is_non_speech: bool) -> None:
        """Take in the next line."""
        text = line.text.strip()
        if not text:
            self._new_paragraph = True
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
        if self._traits.labelled and (examiner := EXAMINER.match(text)):
            self._examiner = examiner["name"].strip()
            self._set_aside(line)
        elif is_break_line(text, is_heading=line.heading):
            self._set_aside(line, kind="break")
        elif line.heading and self._traits.headings_ask:
            self._ask(line)
        elif self._is_aside(line, text):
            self._set_aside(line)
        elif text.startswith((">>", ": ")):  # another speaker, whom the file does not name
            self._start(_Draft(None, "none"))
            self._write(text.lstrip(">: "), line)
        else:
            self._continue()
            self._write(text, line)

    def _is_aside(self, line: Line, text: str) -> bool:
        """Whether an unlabelled line belongs to the file rather than to the talk."""
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
        if any(draft.label for draft in self.drafts):
            return False
        return self._traits.paged or is_fact(text) or text.count(" ") < PREAMBLE_WORDS

    def _is_interjected(self, text: str) -> bool:
        """Whether a line amid the talk is a stage direction, a note by the reader, or a heading in capitals."""
        if text.startswith("> ") or (is_stage_direction(text) and self._stands_apart()):
            return True
        is_shouted = text.isupper() and len(text) > SHOUT and not ends_sentence(text)
        return self._traits.capitals_head and is_shouted and self._stands_apart()

    def _stands_apart(self) -> bool:
        """Whether a line can be no part of the sentence before it."""
        last = self.drafts[-1] if self.drafts else None
        return (
            self._new_paragraph
            or last is None
            or last.kind != "talk"
            or not last.pieces
            or ends_sentence(last.pieces[-1])
        )

    def _open_turn(self, match: LabelMatch, line: Line) -> None:
        if is_break(match.label):
            self._set_aside(line, kind="break")
            return
        if (
            self._is_over and self._heard and match.label not in self._heard
        ):  # a title in the notes: 'Deep Work: Rules for ...'
            self._set_aside(line)
            return
        self._heard.add(match.label)
        label = self._examiner if fold_label(match.label) == "q" and self._examiner else match.label
        self._is_over = self._in_stage = False
        last = self.drafts[-1] if self.drafts else None
        if last is None or last.kind != "talk" or last.label != label:
            role: Role = "host" if is_host_aside(match.aside) else "unknown"
            self._start(_Draft(label, "explicit", role=role))
        self._new_paragraph = True
        if match.start is not None:
            self._time = match.start
        self._awaits_title = match.shape in ("alone", "heading")
        self._write_after_label(line.text[match.words :], line)

    def _write_after_label(self, text: str, line: Line) -> None:
        """A time right behind a label is the turn's, also where it would pass for speech elsewhere: 'Ada: (0:12)'."""
        stamp = BEHIND_LABEL.match(text)
        if stamp:
            self._time = read_clock(stamp[0])
        self._write(text[stamp.end() :] if stamp else text, line)

    def _note_time(self, text: str) -> None:
        seconds = read_clock(text)
        self._time = self._time if seconds is None else seconds
        if self._traits.times_tell_turns and seconds is not None:
            self._start(_Draft(None, "none"))

    def _set_aside(self, line: Line, kind: Kind = "non_speech") -> None:
        """Keep a line that nobody speaks as a turn of its own; neighbours of one kind are one turn."""
        if not self.drafts or self.drafts[-1].kind != kind or kind == "break":
            self.drafts.append(_Draft(None, "none", kind))
        self._write(line.text.strip().removeprefix("> "), line)

    def _ask(self, line: Line) -> None:
        """A question set as a heading; what follows answers it."""
        self._start(_Draft(None, "none", role="host", closed=True))
        self._write(line.text, line)
        self._voice = _Draft(self._answerer, "inferred" if self._answerer else "none")

    def _start(self, draft: _Draft) -> None:
        self._voice = draft
        self.drafts.append(draft)

    def _continue(self) -> None:
        """Go on with the turn, or with its speaker after something that was no talk."""
        if self.drafts and self.drafts[-1].kind == "talk" and not self.drafts[-1].closed:
            return
        confidence: Confidence = "carried" if self._voice.confidence == "explicit" else self._voice.confidence
        self.drafts.append(_Draft(self._voice.label, confidence, role=self._voice.role))

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

    def _joint(self, draft: _Draft) -> str:
        """What stands between a turn's words and the next: a blank line only where a sentence has ended."""
        if not draft.length:
            return ""
        return (
            PART_BREAK if self._new_paragraph and self._traits.paragraphed and ends_sentence(draft.pieces[-1]) else " "
        )


def _settle(drafts: Iterable[_Draft], legend: Legend, people: Iterable[str], *, unify: bool) -> list[Turn]:
    """Give every turn its speaker's name; neighbours that turn out to be one person's become one turn."""
    spoken = [draft for draft in drafts if draft.length]
    labels = Counter(draft.label for draft in spoken if draft.label)
    names = settle_names(labels, legend, people, unify=unify)
    joined: list[_Draft] = []
    for draft in spoken:
        draft.label = names[draft.label] if draft.label else None
        last = joined[-1] if joined else None
        if last and draft.label and last.kind == draft.kind == "talk" and last.label == draft.label:
            last.add("".join(draft.pieces), PART_BREAK, draft.marks)
        else:
            joined.append(draft)
    return [_make_turn(index, draft, legend) for index, draft in enumerate(joined)]


def _make_turn(index: int, draft: _Draft, legend: Legend) -> Turn:
    first = [mark.start for mark in draft.marks if mark.offset == 0 and mark.start is not None]
    return Turn(
        index=index,
        speaker=draft.label,
        role="host" if draft.label in legend.hosts else draft.role,
        text="".join(draft.pieces),
        start=first[-1] if first else None,
        page=draft.page,
        marks=tuple(draft.marks),
        kind=draft.kind,
        confidence=draft.confidence if draft.label else "none",
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
