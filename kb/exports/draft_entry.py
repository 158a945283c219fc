"""A judged quotation as an entry of a report: the verdict, the true words, whose they are and where they stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from kb.answering.attribution import format_time, link_at
from kb.model import Interview
from kb.quotes.desk import CheckedDraft, CheckedQuotation
from kb.quotes.draft import DraftQuotation, Paragraph
from kb.quotes.judgement import MEANING, Edit, Judgement, Verdict
from kb.quotes.marks import MEANING as MARKS
from kb.quotes.marks import list_shared_marks
from kb.quotes.turn_index import Place
from kb.text.display import strip_bidi, strip_remarks

INVENTED = "invented sample interview"
MOST_PLACES = 5  # of words that are said more than once


@dataclass(frozen=True, slots=True)
class Source:
    """Where words stand."""

    who: str  # the name, with role and company
    where: str  # title, show, date and time or page
    link: str  # to the recording at that second, or to the page; '' if there is none
    interview: Interview
    place: Place


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """A judged quotation with all that a report tells of it."""

    number: int  # counts from 1
    quotation: DraftQuotation
    verdict: Verdict
    true_words: str  # '' where those of the draft are true, or nothing like them is said
    told: tuple[str, ...]  # in words: what was changed, how it goes on, a note
    sources: tuple[Source, ...]  # of the words, or of the nearest line
    nearest: str  # the nearest true line, if the words stand nowhere

    @property
    def meaning(self) -> str:
        """The verdict in words that a desk uses."""
        return MEANING[self.verdict]

    @property
    def attributed_to(self) -> str:
        """To whom the draft gives the words; '' if to nobody."""
        return strip_bidi(self.quotation.attributed_to or "")


@dataclass(frozen=True, slots=True)
class DraftReport:
    """A draft with its judged quotations, ready to be written."""

    name: str
    paragraphs: tuple[Paragraph, ...]
    entries: tuple[DraftEntry, ...]

    @property
    def counts(self) -> list[tuple[Verdict, int]]:
        """The number of quotations of each verdict that was given."""
        counted = Counter(one.verdict for one in self.entries)
        return [(verdict, counted[verdict]) for verdict in MEANING if counted[verdict]]


def gather_report(draft: CheckedDraft, name: str) -> DraftReport:
    """Gather what a report tells of a draft."""
    entries = tuple(_make_entry(number, one) for number, one in enumerate(draft.quotations, 1))
    return DraftReport(strip_bidi(name), draft.paragraphs, entries)


def _make_entry(number: int, one: CheckedQuotation) -> DraftEntry:
    judged = one.judgement
    places = judged.places[:MOST_PLACES] or ((judged.nearest,) if judged.nearest else ())
    return DraftEntry(
        number=number,
        quotation=one.quotation,
        verdict=judged.verdict,
        true_words=judged.true_words if judged.verdict in ("light edit", "stitched") else "",
        told=_tell(judged),
        sources=tuple(map(_find_source, places)),
        nearest=judged.nearest.text if judged.nearest else "",
    )


def _tell(judged: Judgement) -> tuple[str, ...]:
    edits = "; ".join(map(_describe_edit, judged.edits))
    note = f"{judged.note[:1].upper()}{judged.note[1:]}." if judged.note else ""
    goes_on = f"It goes on: “{judged.next_words}”" if judged.next_words else ""
    marks = [MARKS[one] for one in list_shared_marks(judged.places)]
    nothing = "" if judged.places or judged.nearest else "Nothing like it stands in the interviews."
    return tuple(filter(None, (edits and f"Changed: {edits}.", goes_on, note, nothing, *marks)))


def _describe_edit(edit: Edit) -> str:
    if not edit.said:
        return f"“{edit.written}” was added"
    if not edit.written:
        return f"“{edit.said}” was left out"
    return f"“{edit.written}” stands for “{edit.said}”"


def _find_source(place: Place) -> Source:
    interview, leader = place.interview, place.leader
    mark = place.turn.mark_at(place.start)
    start = mark.start if mark and mark.start is not None else place.turn.start
    page = mark.page if mark and mark.page is not None else place.turn.page
    at = format_time(start) if start is not None else f"p. {page}" if page is not None else ""
    role = leader.role or (place.turn.role if place.turn.role in ("host", "other") else "")
    who = filter(None, (leader.name, *map(strip_remarks, (role, leader.company or ""))))
    where = filter(None, (interview.title, interview.show, interview.when, at, INVENTED if interview.sample else None))
    return Source(
        ", ".join(map(strip_bidi, who)),
        ", ".join(map(strip_bidi, where)),
        link_at(interview, start) or "",
        interview,
        place,
    )
