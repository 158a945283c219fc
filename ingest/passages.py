"""Cut a transcript into passages: leaders' words only, on turn boundaries, within the model's window."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from kb.model import PART_BREAK, Passage, Span, Transcript, Turn
from kb.text.sentences import WORD, count_words, sentence_spans

Number = TypeVar("Number", int, float)

TARGET_WORDS = 160  # a passage is full at about this many: whole answers; 110 to 130 find less, 180 finds no more
MIN_WORDS = 40  # a shorter passage is joined to its neighbour, if that has the same speaker
LONG_WORD = 200  # characters; longer is no word, or text of a script without blanks, and is cut at this length
LONG_SENTENCE = 60  # words; captions without full stops are cut at this length
WINDOW_PIECES = 230  # word pieces; the model reads 256, special ones included
QUESTION_WORDS = 60  # of the host's words, kept as context
QUESTION_CHARACTERS = 1_000  # of the same; a word may have no end
REAL_QUESTION = 8  # words; a shorter interjection of the host does not end a thought


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a turn that holds for it."""

    question: str  # the end of what a non-leader last said, without short interjections
    time: float | None  # the last that is given


@dataclass(frozen=True, slots=True)
class Marks:
    """The times and pages that are given inside a turn, each with its offset, in order."""

    times: Sequence[tuple[int, float]]
    pages: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, turn: Turn) -> Marks:
        """Take the marks of a turn."""
        times = [(mark.offset, mark.start) for mark in turn.marks if mark.start is not None]
        return cls(times, [(mark.offset, mark.page) for mark in turn.marks if mark.page is not None])


@dataclass(frozen=True, slots=True)
class Piece:
    """A leader's sentence, or a part of a long one, before it joins a passage."""

    span: Span
    words: int
    pieces: int  # word pieces
    opens_answer: bool  # the first piece of a turn that follows a real question


def cut_passages(transcript: Transcript, *, count_tokens: Callable[[str], int]) -> list[Passage]:
    """Cut the leaders' words into passages, in spoken order."""
    before = list(_look_back(transcript.turns))
    passages: list[Passage] = []
    for speaker, turns in _leader_runs(transcript.turns):
        pieces = [piece for turn in turns for piece in _cut_turn(turn, transcript.turns, count_tokens)]
        packed = _merge_short(_pack(pieces))
        marks = {turn.index: Marks.of(turn) for turn in turns}  # read once a turn, which may have thousands of passages
        for spans in map(_join_spans, packed):
            first = spans[0].turn
            passages.append(_make_passage(transcript, speaker, spans, before[first], marks[first]))
    return _number_parts(passages)


def _look_back(turns: Sequence[Turn]) -> Iterator[Before]:
    """Yield what stands before each turn, in one pass."""
    question, time = "", None
    for turn in turns:
        yield Before(question, time)
        if turn.role != "leader" and turn.kind == "talk" and _asks(turn):
            question = _end_of(turn.text)
        last = _last_at(Marks.of(turn).times, len(turn.text))
        time = next((one for one in (last, turn.start) if one is not None), time)


def _leader_runs(turns: Sequence[Turn]) -> Iterator[tuple[str, list[Turn]]]:
    """Group each leader's turns until another leader speaks, without turns that are not talk."""
    spoken = [turn for turn in turns if turn.role == "leader" and turn.kind == "talk" and turn.speaker]
    for speaker, run in groupby(spoken, key=lambda turn: turn.speaker):
        yield speaker or "", list(run)


def _cut_turn(turn: Turn, turns: Sequence[Turn], count_tokens: Callable[[str], int]) -> Iterator[Piece]:
    opens_answer = _follows_question(turn, turns)
    for start, end in sentence_spans(turn.text):
        for piece_start, piece_end in _cut_sentence(turn.text, start, end):
            text = turn.text[piece_start:piece_end]
            yield Piece(Span(turn.index, piece_start, piece_end), count_words(text), count_tokens(text), opens_answer)
            opens_answer = False


def _follows_question(turn: Turn, turns: Sequence[Turn]) -> bool:
    before = turns[turn.index - 1] if turn.index else None
    return before is not None and before.role != "leader" and _asks(before)


def _cut_sentence(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence after so many words, and a word that has no end after so many characters."""
    words: list[tuple[int, int]] = []
    for word in WORD.finditer(text, start, end):
        if word.end() - word.start() > LONG_WORD:
            yield from _join_words(words)
            yield from _cut_word(*word.span())
            words = []
            continue
        words.append(word.span())
        if len(words) == LONG_SENTENCE:
            yield from _join_words(words)
            words = []
    yield from _join_words(words)


def _join_words(words: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    if words:
        yield words[0][0], words[-1][1]


def _cut_word(start: int, end: int) -> Iterator[tuple[int, int]]:
    for first in range(start, end, LONG_WORD):
        yield first, min(first + LONG_WORD, end)


def _pack(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Fill passages to the target; a new answer begins a new passage if the last one is long enough."""
    packed: list[list[Piece]] = []
    for piece in pieces:
        current = packed[-1] if packed else []
        is_full = _words(current) + piece.words / 2 > TARGET_WORDS
        is_answered = piece.opens_answer and _words(current) >= MIN_WORDS
        if not current or is_full or is_answered or not _fits(current, [piece]):
            packed.append([piece])
        else:
            current.append(piece)
    return packed


def _merge_short(packed: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Join a passage that is too short to the one before it, else to the one after it."""
    merged: list[list[Piece]] = []
    for pieces in packed:
        is_short = merged and (_words(pieces) < MIN_WORDS or _words(merged[-1]) < MIN_WORDS)
        if is_short and _fits(merged[-1], pieces):
            merged[-1] = [*merged[-1], *pieces]
        else:
            merged.append(list(pieces))
    return merged


def _fits(one: Sequence[Piece], other: Sequence[Piece]) -> bool:
    return sum(piece.pieces for piece in (*one, *other)) <= WINDOW_PIECES


def _words(pieces: Sequence[Piece]) -> int:
    return sum(piece.words for piece in pieces)


def _join_spans(pieces: Sequence[Piece]) -> tuple[Span, ...]:
    """Make one span per turn, from its first piece to its last."""
    spans = []
    for _, run in groupby((piece.span for piece in pieces), key=lambda span: span.turn):
        parts = list(run)
        spans.append(replace(parts[0], end=parts[-1].end))
    return tuple(spans)


def _make_passage(
    transcript: Transcript, speaker: str, spans: tuple[Span, ...], before: Before, marks: Marks
) -> Passage:
    turns, first = transcript.turns, spans[0]
    start, is_exact = _time_at(turns[first.turn], first, before, marks)
    page = _last_at(marks.pages, first.start)
    return Passage(
        id=f"{transcript.interview.id}:{_range(first.turn, spans[-1].turn)}",
        interview_id=transcript.interview.id,
        parts=spans,
        speaker=speaker,
        text=PART_BREAK.join(turns[span.turn].text[span.start : span.end] for span in spans),
        question=before.question,
        start=start,
        start_is_exact=is_exact,
        page=turns[first.turn].page if page is None else page,
    )


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _time_at(turn: Turn, place: Span, before: Before, marks: Marks) -> tuple[float | None, bool]:
    """Find the last time given at or before a place, and whether the place's own turn gives it."""
    inside = _last_at(marks.times, place.start)
    if inside is not None or turn.start is not None:
        return (turn.start if inside is None else inside), True
    return before.time, False


def _last_at(marks: Sequence[tuple[int, Number]], offset: int) -> Number | None:
    """Return the value of the last mark at or before an offset; None if there is none."""
    place = bisect_right(marks, offset, key=itemgetter(0))
    return marks[place - 1][1] if place else None


def _asks(turn: Turn) -> bool:
    """Whether a turn says more than an interjection."""
    return count_words(turn.text[:QUESTION_CHARACTERS]) >= REAL_QUESTION


def _end_of(text: str) -> str:
    """Return the last words of a text."""
    tail = text[-QUESTION_CHARACTERS:]
    words = list(WORD.finditer(tail))
    words = words[1:] if len(tail) < len(text) and len(words) > 1 else words  # the first may be cut
    return tail[words[max(0, len(words) - QUESTION_WORDS)].start() :].strip()


def _number_parts(passages: Sequence[Passage]) -> list[Passage]:
    """Number the passages that share a turn range, so that each id is unique."""
    count = Counter(passage.id for passage in passages)
    seen: dict[str, int] = {}
    numbered = []
    for passage in passages:
        seen[passage.id] = seen.get(passage.id, 0) + 1
        part = f".{seen[passage.id]}" if count[passage.id] > 1 else ""
        numbered.append(replace(passage, id=passage.id + part))
    return numbered
