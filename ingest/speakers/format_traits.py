"""Measure how a file as a whole writes its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.readers.clock import is_stamp
from ingest.script import Line, Script
from ingest.speakers.dashes import dashes_change_voice
from ingest.speakers.label_grammar import Grammar
from ingest.speakers.non_speech import ends_sentence, is_in_capitals
from ingest.speakers.timestamps import LEADING, count_gaps

PARAGRAPHED = frozenset({"markdown", "text", "html", "docx", "odt", "epub", "rtf", "pdf"})
WRAPPED_SHARE = 0.3  # of neighbouring lines that do not end a sentence; above it, the file is cut at the margin
STAMPED_SHARE = 0.5  # of lines that begin with a bare time; above it, the time is not speech
GAP_EVERY = 300  # words; times inside sentences, if they are rarer than this, mark words that could not be heard
SHORT_LINE = 15  # words; times between shorter lines do not separate turns
CAPITALS_SHARE = 0.1  # of lines; if more are all in capitals, capitals mean nothing
QUESTIONS_SHARE = 0.4  # of headings with a question; from there on, headings are the interviewer's words
QUESTION_MARKS = frozenset("?？؟")


@dataclass(frozen=True, slots=True)
class FormatTraits:
    """Traits of a whole file: how it writes its lines."""

    paragraphed: bool  # a line is a paragraph, not a piece of one as a caption is
    paged: bool  # lines are those of printed pages
    wrapped: bool  # lines are cut at the margin
    stamped: bool  # lines begin with a bare time
    keeps_gaps: bool  # a time inside a sentence stands for words that could not be heard
    labelled: bool  # some lines open with a label
    times_tell_turns: bool  # a time on a line of its own begins a turn
    headings_ask: bool  # headings are the interviewer's questions
    dashed: bool  # a dash begins another speaker's words
    capitals_head: bool  # a line all in capitals is a heading

    @classmethod
    def of(cls, script: Script, lines: Sequence[Line], grammar: Grammar) -> FormatTraits:
        """Measure the traits of a script's lines."""
        filled = [line.text for line in lines if line.text.strip()]
        bare = [text for text in filled if not is_stamp(text)]
        leading = sum(1 for text in bare if text[:1] in "0123456789[(<{#" and LEADING.match(text))
        words = sum(text.count(" ") + 1 for text in bare)
        headings = [line.text for index, line in enumerate(lines) if line.heading and index not in grammar.matches]
        return cls(
            paragraphed=script.format in PARAGRAPHED,
            paged=script.format == "pdf",
            wrapped=script.format in ("markdown", "pdf") or _is_wrapped(lines),
            stamped=leading > STAMPED_SHARE * len(bare),
            keeps_gaps=words > GAP_EVERY * sum(map(count_gaps, bare)),
            labelled=not grammar.is_empty,
            times_tell_turns=grammar.is_empty
            and (words > SHORT_LINE * max(1, len(filled) - len(bare)) or _times_stand_apart(lines)),
            headings_ask=grammar.is_empty and _do_ask(headings),
            dashed=dashes_change_voice(lines, grammar.matches.keys(), script.format),
            capitals_head=sum(1 for text in bare if is_in_capitals(text)) < CAPITALS_SHARE * len(bare),
        )


def holds_question(text: str) -> bool:
    """Whether a text has a question mark."""
    return not QUESTION_MARKS.isdisjoint(text)


def _do_ask(headings: Sequence[str]) -> bool:
    """Whether headings ask, from the first question to the last; menus and notes around them do not count."""
    questions = [place for place, heading in enumerate(headings) if holds_question(heading)]
    if len(questions) < 2:
        return False
    return len(questions) >= QUESTIONS_SHARE * (questions[-1] - questions[0] + 1)


def _times_stand_apart(lines: Sequence[Line]) -> bool:
    """Whether blank lines precede the times, as between turns; captions have none between them."""
    befores = [before.text.strip() for before, line in pairwise(lines) if is_stamp(line.text)]
    return len(befores) > 1 and sum(1 for before in befores if not before) > 0.8 * len(befores)


def _is_wrapped(lines: Sequence[Line]) -> bool:
    pairs = [one.text for one, two in pairwise(lines) if one.text.strip() and two.text.strip()]
    return len(pairs) > 1 and sum(1 for text in pairs if not ends_sentence(text)) > WRAPPED_SHARE * len(pairs)
