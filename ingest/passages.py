"""Cut a transcript into passages: leaders' words only, on turn boundaries, within the model's window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kb.model import PART_BREAK, Passage, Span, Transcript, Turn
from kb.text.sentences import WORD, count_words, sentence_spans

TARGET_WORDS = 160  # a passage is full at about this many: whole answers; 110 to 130 find less, 180 finds no more
MIN_WORDS = 40  # a shorter passage is joined to its neighbour, if that has the same speaker
LONG_SENTENCE = 60  # words; captions without full stops are cut at this length
WINDOW_PIECES = 230  # word pieces; the model reads 256, special ones included
QUESTION_WORDS = 60  # of the host's words, kept as context
REAL_QUESTION = 8  # words; a shorter interjection of the host does not end a thought


@dataclass(frozen=True, slots=True)
class Piece:
    """A leader's sentence, or a part of a long one, before it joins a passage."""

    span: Span
    words: int
    pieces: int  # word pieces
    opens_answer: bool  # the first piece of a turn that follows a real question


def cut_passages(transcript: Transcript, *, count_tokens: Callable[[str], int]) -> list[Passage]:
    """Cut the leaders' words into passages, in spoken order."""
    passages = []
    for speaker, turns in _leader_runs(transcript.turns):
        pieces = [piece for turn in turns for piece in _cut_turn(turn, transcript.turns, count_tokens)]
        packed = _merge_short(_pack(pieces))
        passages += [_make_passage(transcript, speaker, spans) for spans in map(_join_spans, packed)]
    return _number_parts(passages)


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
    return before is not None and before.role != "leader" and count_words(before.text) >= REAL_QUESTION


def _cut_sentence(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = list(WORD.finditer(text, start, end))
    for first in range(0, len(words), LONG_SENTENCE):
        yield words[first].start(), words[min(first + LONG_SENTENCE, len(words)) - 1].end()


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


def _make_passage(transcript: Transcript, speaker: str, spans: tuple[Span, ...]) -> Passage:
    turns = transcript.turns
    first = spans[0]
    start, is_exact = _time_at(turns, first)
    return Passage(
        id=f"{transcript.interview.id}:{_range(first.turn, spans[-1].turn)}",
        interview_id=transcript.interview.id,
        parts=spans,
        speaker=speaker,
        text=PART_BREAK.join(turns[span.turn].text[span.start : span.end] for span in spans),
        question=_question_before(turns, first.turn),
        start=start,
        start_is_exact=is_exact,
        page=_page_at(turns, first),
    )


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _time_at(turns: Sequence[Turn], place: Span) -> tuple[float | None, bool]:
    """Find the last time given at or before a place, and whether the place's own turn gives it."""
    for turn in reversed(turns[: place.turn + 1]):
        offset = place.start if turn.index == place.turn else len(turn.text)
        times = [mark.start for mark in turn.marks if mark.offset <= offset and mark.start is not None]
        if times or turn.start is not None:
            return (times[-1] if times else turn.start), turn.index == place.turn
    return None, False


def _page_at(turns: Sequence[Turn], place: Span) -> int | None:
    turn = turns[place.turn]
    pages = [mark.page for mark in turn.marks if mark.offset <= place.start and mark.page is not None]
    return pages[-1] if pages else turn.page


def _question_before(turns: Sequence[Turn], index: int) -> str:
    """Take the end of what a non-leader last said before the turn, skipping short interjections."""
    for turn in reversed(turns[:index]):
        if turn.role != "leader" and turn.kind == "talk" and count_words(turn.text) >= REAL_QUESTION:
            words = list(WORD.finditer(turn.text))
            return turn.text[words[max(0, len(words) - QUESTION_WORDS)].start() :].strip()
    return ""


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
