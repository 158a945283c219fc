"""Draw quotations that were found, words that were searched, and a draft that was checked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kb.answering.attribution import format_place, format_time, link_at
from kb.model import Transcript, Turn
from kb.pages.cards import (
    badge,
    draw_around,
    draw_name,
    draw_recording,
    draw_speaker,
    interview_address,
    join_parts,
    show_and_date,
)
from kb.pages.copying import draw_copy, draw_copy_quoted, name_controls, name_words
from kb.quotes.desk import CheckedQuotation, FoundQuotation
from kb.quotes.judgement import MEANING, Edit
from kb.quotes.marks import CUT, list_marks, list_shared_marks
from kb.quotes.marks import MEANING as CONTEXT
from kb.quotes.styles import Reference
from kb.quotes.turn_index import Place
from kb.quotes.word_search import WordsFound


def draw_quotation(found: FoundQuotation, transcript: Transcript, reference: Reference | None = None) -> str:
    """A card: the words, who says them, where, what was said before and after, and the reference by a style."""
    place = found.place
    source = join_parts(draw_name(place.interview.title), show_and_date(place.interview), escape(format_place(found)))
    also = "".join(f"<li>{_draw_where(one)}</li>" for one in found.also)
    again = f"<details><summary>Said again in {len(found.also)} more</summary><ul>{also}</ul></details>" if also else ""
    turn = place.turn.index
    return (
        f'<article class="card quotation"{name_controls(place.text)}>'
        f'<blockquote class="said" dir="auto">{escape(place.text)}</blockquote>'
        f"<p>{draw_speaker(found.leader)}{draw_role(place.turn)}</p>{draw_marks(place)}"
        f'<p class="meta">{badge(place.interview)}{source}</p>{_draw_reference(reference)}'
        f"<footer>{draw_copy_quoted(found, reference)}{_draw_open(place)}"
        f"{draw_recording(place.interview, found.start)}</footer>"
        f"{draw_around(turn, turn, transcript)}{again}</article>"
    )


def draw_marks(place: Place, but: str = "") -> str:
    """What a reader should know of the context, in badges; '' if there is nothing."""
    return _draw_badges([mark for mark in list_marks(place) if mark != but])


def _draw_badges(marks: Sequence[str]) -> str:
    badges = "".join(f'<span class="badge mark">{mark}</span> <span>{CONTEXT[mark]}</span> ' for mark in marks)
    return f'<p class="meta marks">{badges}</p>' if badges else ""


def draw_role(turn: Turn) -> str:
    """That somebody else than a leader speaks: a host's words never look like a leader's."""
    told = "not known who" if turn.role == "unknown" else turn.role
    return "" if turn.role == "leader" else f' <span class="badge">{told}</span>'


def draw_words(found: WordsFound) -> str:
    """A line of a list: the words with what stands around them, whose they are and where."""
    words = f"{escape(found.before)}<mark>{escape(found.place.text)}</mark>{escape(found.after)}"
    where = f'<p class="meta">{_draw_where(found.place)}</p>{draw_marks(found.place, but=CUT)}'
    return f'<article class="entry words-found"><p dir="auto">{words}</p>{where}</article>'


def draw_checked(one: CheckedQuotation) -> str:
    """A quotation of a draft with its verdict, the true words, and where they stand."""
    judged, quotation = one.judgement, one.quotation
    given = f" given to {draw_name(quotation.attributed_to)}" if quotation.attributed_to else ""
    told = "".join(
        f"<p>{line}</p>"
        for line in (
            _draw_true_words(one),
            f"It goes on: “{escape(judged.next_words)}”" if judged.next_words else "",
            escape(judged.note[:1].upper() + judged.note[1:]) + "." if judged.note else "",
        )
        if line
    )
    places = "".join(f"<li>{_draw_where(place)}</li>" for place in judged.places[:5])
    nearest = _draw_nearest(judged.nearest) if judged.nearest else ""
    kind = judged.verdict.replace(" ", "-")
    return (
        f'<article class="card judged {kind}"><header><p><b class="verdict">{MEANING[judged.verdict]}</b>'
        f'<span class="meta">{given}</span></p></header>'
        f'<blockquote dir="auto">{escape(quotation.text)}</blockquote>{told}'
        f"{_draw_badges(list_shared_marks(judged.places))}"
        f"{f'<ul>{places}</ul>' if places else ''}{nearest}</article>"
    )


def _draw_true_words(one: CheckedQuotation) -> str:
    judged = one.judgement
    if judged.verdict not in ("light edit", "stitched"):
        return ""
    copy = draw_copy("Copy the true words", name_words(judged.true_words), judged.true_words)
    edits = "; ".join(map(_draw_edit, judged.edits))
    return f"The true words: “{escape(judged.true_words)}” {copy}{f'<br>{edits}' if edits else ''}"


def _draw_nearest(place: Place) -> str:
    return f"<p class='meta'>The nearest true line: “{escape(place.text)}”</p><ul><li>{_draw_where(place)}</li></ul>"


def _draw_edit(edit: Edit) -> str:
    if not edit.said:
        return f"added <s>{escape(edit.written)}</s>"
    if not edit.written:
        return f"left out <mark>{escape(edit.said)}</mark>"
    return f"<s>{escape(edit.written)}</s> for <mark>{escape(edit.said)}</mark>"


def _draw_reference(reference: Reference | None) -> str:
    if reference is None:
        return ""
    told = " — ".join(map(escape, filter(None, (reference.in_text, reference.entry))))
    return f'<p class="meta reference">{told}</p>'


def _draw_where(place: Place) -> str:
    mark = place.turn.mark_at(place.start)
    start = mark.start if mark and mark.start is not None else place.turn.start
    time = f' <span class="time">{format_time(start)}</span>' if start is not None else ""
    address = link_at(place.interview, start)
    recording = f' · <a href="{escape(address)}" target="_blank">Recording</a>' if address else ""
    title = f'<a href="{interview_address(place.interview.id, place.span)}">{draw_name(place.interview.title)}</a>'
    return f"<b>{draw_name(place.turn.speaker or 'Not named')}</b>{draw_role(place.turn)}, {title}{time}{recording}"


def _draw_open(place: Place) -> str:
    return f'<a href="{interview_address(place.interview.id, place.span)}">Open in interview</a>'
