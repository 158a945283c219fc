"""Judge a quotation: whether its words stand in a transcript as they are given, and whose they are."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rapidfuzz.distance import LCSseq

from kb.quotes.alignment import Alignment, align
from kb.quotes.covering import cover
from kb.quotes.person import is_same_person
from kb.quotes.turn_index import Place, Segment, TurnIndex
from kb.quotes.word_sequence import WordSequence, split_words
from kb.text.sentences import sentence_spans

Verdict = Literal["verbatim", "light edit", "wrong person", "stitched", "cut", "not found"]

# What a verdict means, in words that a desk uses.
MEANING: dict[Verdict, str] = {
    "verbatim": "Verbatim",
    "light edit": "Words changed",
    "wrong person": "Right words, wrong person",
    "stitched": "Put together from several places",
    "cut": "Cut before it turns",
    "not found": "Not found",
}
OMISSION = re.compile(r"\s*(?:\[[^\]\n]{0,80}\]|\(\s*(?:…|\.\s?\.\s?\.)\s*\)|…|\.\s?\.\s?\.+)\s*")
TURNS_AWAY = frozenset("but unless except although though however".split())
DENIALS = frozenset("not never no nobody none nothing cannot hardly neither nor without".split())
SENTENCE_END = re.compile(r"[.!?]")
PAUSE = re.compile(r"\s*(?:…|\.\s?\.\s?\.)")
SHORT = 12  # words; up to so many, pairs of words find a place where no three agree
ENOUGH = 0.6  # share of words that agree in an edited quotation
GAP = 6  # words left out without a mark, above which two places are put together
ADDITION = 4  # words in a row that the turn lacks, above which an edit does not explain them
PIECE = 3  # words of a piece of a stitched quotation
PIECE_MEAN = 5  # mean words of the pieces; what is shorter on average is what everybody says
MOST_PIECES = 40  # of a quotation that marks what it leaves out
PIECES_COVER = 0.85  # share of a stitched quotation's words that its pieces hold
NEAR = 0.3  # share of words that agree in the nearest true line


@dataclass(frozen=True, slots=True)
class Edit:
    """A difference between a quotation and what was said."""

    written: str  # '' where words were left out
    said: str  # '' where words were added


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of a quotation."""

    verdict: Verdict
    places: tuple[Place, ...] = ()  # where the words stand; several if it is stitched, or said more than once
    edits: tuple[Edit, ...] = ()
    note: str = ""
    next_words: str = ""  # what follows in the turn, if it was cut before that
    nearest: Place | None = None  # the most similar line, if the words stand nowhere

    @property
    def true_words(self) -> str:
        """The words as they stand in the transcripts, byte for byte; pieces of several places joined by an ellipsis."""
        if self.verdict == "stitched":
            return " […] ".join(place.text for place in self.places)
        return self.places[0].text if self.places else ""


def judge(index: TurnIndex, quote: str, attributed_to: str | None = None) -> Judgement:
    """Judge a quotation, said to be somebody's or nobody's in particular."""
    whole = split_words(quote)
    if not len(whole):
        return Judgement("not found")
    pieces = _split_pieces(quote)
    found = _find_verbatim(index, whole, attributed_to)
    if not found and len(pieces) > 1:
        found = _find_shortened(index, pieces)
    if not found:
        found = _find_edited(index, whole if len(pieces) < 2 else _join(pieces), attributed_to)
    return _judge_person(found, attributed_to)


def _find_verbatim(index: TurnIndex, words: WordSequence, attributed_to: str | None) -> Judgement | None:
    positions = index.find_run(index.look_up(words.words))
    if not positions:
        return None
    places = [index.place(position, len(words)) for position in positions]
    own = [place for place in places if is_same_person(attributed_to, place.turn.speaker)] if attributed_to else []
    chosen = own or places
    ends = [_find_turn_away(place) for place in chosen]
    if all(ends):
        return Judgement("cut", tuple(chosen), next_words=ends[0], note="what follows turns it around")
    kept = [place for place, end in zip(chosen, ends, strict=True) if not end]
    return Judgement("verbatim", tuple(kept))


def _find_turn_away(place: Place) -> str:
    """Return what follows a place up to its sentence's end if that begins with a word such as "but", else ''."""
    after = split_words(place.turn.text[place.end : place.end + 60])
    if not len(after) or after.words[0] not in TURNS_AWAY:
        return ""
    rest = place.turn.text[place.end :]
    begins = after.starts[0]
    first = next(iter(sentence_spans(rest[begins:])), (0, 0))
    return rest[begins : begins + first[1]]


def _find_shortened(index: TurnIndex, pieces: Sequence[WordSequence]) -> Judgement | None:
    """Find a quotation that marks what it leaves out: all pieces in order in one turn."""
    runs = _find_runs(index, pieces) if len(pieces) <= MOST_PIECES else []
    if not runs:
        return None
    longest = max(range(len(runs)), key=lambda number: runs[number].length)
    for position in runs[longest].positions:
        bounds = index.bounds(index.turn_at(position))
        before = _find_before(runs[:longest], (bounds[0], position))
        after = _find_after(runs[longest + 1 :], (position + runs[longest].length, bounds[1]))
        if before is None or after is None:
            continue
        positions = [*before, position, *after]
        end = positions[-1] + runs[-1].length
        place = index.place(positions[0], end - positions[0])
        gaps = [
            place.turn.text[index.place(first, runs[number].length).end : index.place(second, 1).start]
            for number, (first, second) in enumerate(pairwise(positions))
            if second > first + runs[number].length
        ]
        if any(PAUSE.match(gap) for gap in gaps):
            return Judgement("light edit", (place,), note="its ellipsis is the speaker's own pause, and hides words")
        if any(_hides_denial(gap) for gap in gaps):
            return Judgement("light edit", (place,), note="what it leaves out denies something")
        cut = _find_turn_away(place)
        if cut:
            return Judgement("cut", (place,), next_words=cut, note="what follows turns it around")
        return Judgement("verbatim", (place,), note="shortened, and says so")
    return None


@dataclass(frozen=True, slots=True)
class _Run:
    """Where the words of a piece stand."""

    length: int  # words
    positions: Sequence[int]  # in order


def _find_runs(index: TurnIndex, pieces: Sequence[WordSequence]) -> list[_Run]:
    """Find where each piece stands, each looked for once; none if one stands nowhere."""
    found: dict[tuple[str, ...], _Run] = {}
    for piece in pieces:
        if piece.words not in found:
            found[piece.words] = _Run(len(piece), index.find_run(index.look_up(piece.words)))
        if not found[piece.words].positions:
            return []
    return [found[piece.words] for piece in pieces]


def _find_before(runs: Sequence[_Run], within: tuple[int, int]) -> list[int] | None:
    """Find pieces in order before a position, the last one as near to it as can be; None if one is not there."""
    found: list[int] = []
    end = within[1]
    for run in reversed(runs):
        place = bisect_right(run.positions, end - run.length) - 1
        if place < 0 or run.positions[place] < within[0]:
            return None
        end = run.positions[place]
        found.insert(0, end)
    return found


def _find_after(runs: Sequence[_Run], within: tuple[int, int]) -> list[int] | None:
    found: list[int] = []
    start = within[0]
    for run in runs:
        place = bisect_left(run.positions, start)
        if place == len(run.positions) or run.positions[place] + run.length > within[1]:
            return None
        found.append(run.positions[place])
        start = run.positions[place] + run.length
    return found


def _hides_denial(left_out: str) -> bool:
    """Whether words left out within one sentence hold a negation."""
    words = split_words(left_out).words
    return not SENTENCE_END.search(left_out) and any(one in DENIALS or one.endswith("n't") for one in words)


def _find_edited(index: TurnIndex, words: WordSequence, attributed_to: str | None) -> Judgement:
    """Find the turn that a quotation was edited from, or the places that it was put together from."""
    ids = index.look_up(words.words)
    segments = index.find_segments(ids)
    if len(ids) <= SHORT and not any(one.length * 2 > len(ids) for one in segments):
        segments = [*segments, *index.find_segments(ids, 2)]
    if not segments:
        return Judgement("not found")
    alignments = align(index, ids, segments)
    best = _choose(index, alignments, attributed_to)
    stitched = _find_stitched(index, ids, segments, best)
    if stitched:
        return stitched
    if best is None:
        return Judgement("not found")
    place = index.place(best.position, best.length)
    if best.matched >= ENOUGH * len(ids) and best.largest_gap <= GAP and best.share >= ENOUGH:
        place = index.place(*_widen(index, ids, best))
        return Judgement("light edit", (place,), _list_edits(words, place))
    nearest = place if best.matched >= NEAR * len(ids) else None
    return Judgement("not found", nearest=nearest)


def _choose(index: TurnIndex, alignments: Sequence[Alignment], attributed_to: str | None) -> Alignment | None:
    """Choose the best alignment; among equals, one of the person who is said to speak."""
    if not alignments:
        return None
    equal = [one for one in alignments if (one.matched, one.share) == (alignments[0].matched, alignments[0].share)]
    own = [one for one in equal if attributed_to and is_same_person(attributed_to, index.turns[one.turn][1].speaker)]
    return (own or equal)[0]


def _widen(index: TurnIndex, ids: Sequence[int], best: Alignment) -> tuple[int, int]:
    """Widen an edited place by as many words as the quotation changed at its ends."""
    first, end = index.bounds(best.turn)
    before = min(best.blocks[0].start, best.position - first)
    last = best.position + best.length
    after = min(len(ids) - best.blocks[-1].start - best.blocks[-1].length, end - last)
    return best.position - before, best.length + before + after


def _find_stitched(
    index: TurnIndex, ids: Sequence[int], segments: Sequence[Segment], best: Alignment | None
) -> Judgement | None:
    """Find a quotation put together, without a mark, from places that are far apart."""
    pieces = cover(segments, PIECE)
    covered = sum(piece.length for piece in pieces)
    if len(pieces) < 2 or covered < max(PIECES_COVER * len(ids), PIECE_MEAN * len(pieces)):
        return None
    if best is not None and best.largest_gap <= GAP:
        first, end = best.largest_addition
        if end - first < ADDITION:  # an edit of one place explains it
            return None
    return Judgement("stitched", tuple(index.place(piece.position, piece.length) for piece in pieces))


def _list_edits(words: WordSequence, place: Place) -> tuple[Edit, ...]:
    said = split_words(place.text)
    return tuple(
        Edit(" ".join(words.words[one.src_start : one.src_end]), " ".join(said.words[one.dest_start : one.dest_end]))
        for one in _merge_edits(words.words, said.words)
    )


@dataclass(frozen=True, slots=True)
class _Change:
    src_start: int
    src_end: int
    dest_start: int
    dest_end: int


def _merge_edits(written: Sequence[str], said: Sequence[str]) -> list[_Change]:
    """Merge neighbouring deletions and insertions into one change."""
    changes: list[_Change] = []
    for one in LCSseq.opcodes(list(written), list(said)):
        if one.tag == "equal":
            continue
        last = changes[-1] if changes else None
        if last and last.src_end == one.src_start and last.dest_end == one.dest_start:
            changes[-1] = _Change(last.src_start, one.src_end, last.dest_start, one.dest_end)
        else:
            changes.append(_Change(one.src_start, one.src_end, one.dest_start, one.dest_end))
    return changes


def _judge_person(found: Judgement, attributed_to: str | None) -> Judgement:
    """Turn a judgement into "wrong person" when the words are somebody else's."""
    if not attributed_to or not found.places:
        return found
    speakers = {place.turn.speaker for place in found.places}
    if any(one is None for one in speakers):
        return replace(found, note=found.note or "the transcript does not name who speaks")
    if any(is_same_person(attributed_to, one) for one in speakers):
        return found
    said = " and ".join(sorted(filter(None, speakers)))
    return (
        replace(found, verdict="wrong person", note=f"these are the words of {said}")
        if found.verdict != "stitched"
        else found
    )


def _split_pieces(quote: str) -> list[WordSequence]:
    """Split a quotation at its ellipses and brackets; offsets count from the quotation's beginning."""
    pieces: list[WordSequence] = []
    start = 0
    for gap in [*OMISSION.finditer(quote), None]:
        end = gap.start() if gap else len(quote)
        piece = split_words(quote[start:end])
        if len(piece):
            pieces.append(piece)
        start = gap.end() if gap else end
    return pieces


def _join(pieces: Sequence[WordSequence]) -> WordSequence:
    words = tuple(word for piece in pieces for word in piece.words)
    return WordSequence(words, (0,) * len(words), (0,) * len(words))
