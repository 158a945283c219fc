"""The data types that every other module takes and returns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

Role = Literal["leader", "host", "other", "unknown"]
Qualifies = Literal["market value", "people served", "transformed a field"]
Confidence = Literal["explicit", "carried", "inferred", "none"]
Kind = Literal["talk", "break", "sponsor", "teaser", "non_speech"]
CoverageLevel = Literal["strong", "partial", "thin", "near", "none"]
Dimension = Literal["leader", "company", "sector", "year"]
NO_COLLECTION = "Without a show"  # the collection of single files
PART_BREAK = "\n\n"  # separates the turns of a passage


@dataclass(frozen=True, slots=True)
class Leader:
    """A chief executive or founder who was interviewed."""

    name: str
    role: str | None = None  # as held at the time of the interview
    company: str | None = None
    sector: str | None = None
    qualifies: Qualifies | None = None  # the rule by which this leader is included
    evidence: str | None = None  # the fact that supports the rule, in words

    @property
    def companies(self) -> tuple[str, ...]:
        """Company names as a tuple; the card separates several by semicolons."""
        return tuple(name for part in (self.company or "").split(";") if (name := part.strip()))


@dataclass(frozen=True, slots=True)
class Interview:
    """The metadata of an interview: everything but its words."""

    id: str  # readable and stable: used in URLs, notes and exports
    title: str
    leaders: tuple[Leader, ...] = ()
    host: str | None = None
    show: str | None = None
    date: date | None = None  # the exact day, if the source gives it
    year: int | None = None
    year_is_approximate: bool = False
    url: str | None = None
    media_url: str | None = None
    licence: str | None = None
    source: str = ""  # path of the file, relative to the folder that was ingested
    source_hash: str = ""  # SHA-256 of the file's bytes, hexadecimal
    language: str = "en"
    sample: bool = False  # an invented example that ships with the package
    transcribed_by: str | None = None  # the program that wrote the words down; None: no program is named

    @property
    def leader_names(self) -> tuple[str, ...]:
        """Names of the leaders, in the order of the card."""
        return tuple(leader.name for leader in self.leaders)

    @property
    def collection(self) -> str:
        """Name of the source: the show, else the folder; single files without a show share one name."""
        return self.show or self.source.rpartition("/")[0] or NO_COLLECTION

    @property
    def when(self) -> str:
        """Date as precisely as it is known: '2021-03-04', '2021', 'c. 2021' or ''."""
        if self.date:
            return self.date.isoformat()
        if self.year is None:
            return ""
        return f"c. {self.year}" if self.year_is_approximate else str(self.year)

    def leader(self, name: str | None) -> Leader | None:
        """Return the leader with this name, or None."""
        return next((leader for leader in self.leaders if leader.name == name), None)

    def describe(self, speaker: str) -> str:
        """Return the searchable header of a passage: speaker, company, role, title, show."""
        leader = self.leader(speaker)
        known = (speaker, leader.company if leader else None, leader.role if leader else None, self.title, self.show)
        return ", ".join(part for part in known if part)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a turn's text where the source gives a time or a page."""

    offset: int  # characters from the beginning of the turn's text
    start: float | None = None  # seconds from the beginning of the recording
    page: int | None = None  # counts from 1


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's uninterrupted words."""

    index: int  # counts from 0
    speaker: str | None  # None: the file does not name one
    role: Role
    text: str
    start: float | None = None  # seconds; set only if the source gives a time at or before the turn's first word
    page: int | None = None  # counts from 1
    marks: tuple[Mark, ...] = ()  # times and pages inside the turn, in order
    kind: Kind = "talk"
    confidence: Confidence = "explicit"  # confidence in the speaker's name

    def mark_at(self, offset: int) -> Mark | None:
        """Return the last mark at or before this offset, or None."""
        return next((mark for mark in reversed(self.marks) if mark.offset <= offset), None)


@dataclass(frozen=True, slots=True)
class Transcript:
    """An interview and all its words."""

    interview: Interview
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of one turn's text."""

    turn: int  # index of the turn
    start: int  # characters
    end: int  # characters, exclusive


@dataclass(frozen=True, slots=True)
class Passage:
    """A leader's words on one topic: one turn, a part of a long turn, or several short turns.

    The text joins the speaker's own turns by blank lines; what others said in between is left out. It is never
    edited.
    """

    id: str  # "<interview id>:<first turn>-<last turn>", with ".<part>" where a turn is cut in several
    interview_id: str
    parts: tuple[Span, ...]  # the slices of turns that make the text, in order
    speaker: str
    text: str
    question: str = ""  # the host's question before it, as context; never shown as the leader's words
    start: float | None = None  # seconds: the last time given at or before the first word
    start_is_exact: bool = False  # False: the time was given some turns earlier
    page: int | None = None  # counts from 1

    @property
    def first_turn(self) -> int:
        """Index of the first turn."""
        return self.parts[0].turn

    @property
    def last_turn(self) -> int:
        """Index of the last turn."""
        return self.parts[-1].turn

    def moved_to(self, interview_id: str) -> Passage:
        """Return the same passage under another interview id."""
        return replace(self, id=f"{interview_id}{self.id.removeprefix(self.interview_id)}", interview_id=interview_id)

    def locate(self, start: int, end: int) -> Span:
        """Map a slice of the text to its turn. Raises ValueError when the slice crosses two turns."""
        before = 0
        for part in self.parts:
            if before <= start and end <= before + part.end - part.start:
                return Span(part.turn, part.start + start - before, part.start + end - before)
            before += part.end - part.start + len(PART_BREAK)
        raise ValueError(f"{self.id}: characters {start} to {end} do not lie within one turn")


@dataclass(frozen=True, slots=True)
class Query:
    """A question with filters. Values of one filter are alternatives (or); different filters combine (and)."""

    text: str
    limit: int = 10  # number of passages to return
    leaders: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()  # interview ids, file paths, folders or shows

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.leaders or self.companies or self.sectors or self.years or self.sources)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query."""

    passage: Passage
    interview: Interview
    score: float  # larger is better; comparable within one query only
    why: tuple[str, ...] = ()  # the search methods that found it


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim slice of a turn, with its location."""

    number: int  # counts from 1 within an answer
    passage: Passage
    interview: Interview
    turn: int  # index of the turn that holds the quote
    start_offset: int  # characters into that turn's text
    end_offset: int  # exclusive
    quote: str
    start: float | None = None  # seconds
    start_is_exact: bool = False
    page: int | None = None

    @property
    def leader(self) -> Leader:
        """The leader who said it, with role and company if the card gives them."""
        return self.interview.leader(self.passage.speaker) or Leader(self.passage.speaker)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with its citations; without a language model, the quotation itself."""

    text: str
    citations: tuple[Citation, ...]
    asked: str = ""  # the host's question, if the quotation needs it to be understood


@dataclass(frozen=True, slots=True)
class Group:
    """A group of related sentences."""

    label: str  # a name given by a person; '' if there is only one group
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well the interviews cover a question."""

    level: CoverageLevel
    score: float  # larger: more certain that the interviews answer
    leaders: int = 0
    leaders_asked: int = 0  # leaders within the query's filters
    passages: int = 0
    first_year: int | None = None
    last_year: int | None = None
    unknown: tuple[str, ...] = ()  # names in the question that no interview mentions


@dataclass(frozen=True, slots=True)
class ThemeName:
    """Id and name of a theme of the lexicon, as used in answers and URLs."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query. Without citations, the interviews do not answer it."""

    query: Query
    groups: tuple[Group, ...]
    coverage: Coverage
    hits: tuple[Hit, ...]
    themes: tuple[ThemeName, ...] = ()  # themes of the lexicon that were matched to the question
    meant: tuple[str, ...] = ()  # corrected spellings of misspelt names in the question

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences, group by group."""
        return tuple(sentence for group in self.groups for sentence in group.sentences)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations, by number."""
        cited = {citation.number: citation for sentence in self.sentences for citation in sentence.citations}
        return tuple(cited[number] for number in sorted(cited))

    @property
    def is_covered(self) -> bool:
        """Whether the interviews answer the question; level "near" is not an answer."""
        return bool(self.groups) and self.coverage.level != "near"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text that was shown, with its source file."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's rating of an answer, with what was shown."""

    at: str  # date and time in ISO 8601, UTC
    question: str
    is_helpful: bool
    hits: tuple[Excerpt, ...]  # the passages, best first
    quotations: tuple[Excerpt, ...]  # quotations of the answer; empty if the interviews did not answer


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter value with its number of interviews."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """All filter values, sorted by descending count, then by name."""

    leaders: tuple[Facet, ...] = ()
    companies: tuple[Facet, ...] = ()
    sectors: tuple[Facet, ...] = ()
    years: tuple[Facet, ...] = ()
    sources: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """Statistics of a knowledge base."""

    home: str
    catalog: str  # location of the catalog: the home folder, or the address of a database
    model: str
    generation: int  # raised by every committed change
    threshold: float | None  # minimum score of a covered question; None until it is learnt
    catalog_bytes: int
    vectors_bytes: int  # 0 with a Chroma server
    tokens_bytes: int
    interviews: int
    samples: int  # number of interviews that are invented examples
    leaders: int
    turns: int
    passages: int
    words: int
