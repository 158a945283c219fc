"""Blocks of text, as all rich formats give them; some open with a lead in bold: a speaker's name, or a question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.readers.clock import STAMP
from ingest.readers.documents.grid import CLEAR, read_grid
from ingest.readers.fields import is_header
from ingest.script import Line

LEAD_WORDS = 8  # a longer run in bold is speech
TIME = re.compile(STAMP)
DAMAGE = " .,;"  # may be in the place of a label's colon
QUESTION = re.compile(r"[?？؟][\s\"”»’')]*$")
ITALICS_ASK = 0.6  # of the paragraphs in italics; if more are questions, they are the interviewer's
NOTICE = re.compile(r"(?:started|stopped|ended) transcription\.?$")  # of Teams: nobody says it
MARKED = ":：([–—-,.?!|0123456789"  # what already separates a name from the words after it


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or a row of a table, as a rich format gives it."""

    text: str
    lead: str = ""  # the first words, if they are in bold and the rest is not
    start: float | None = None  # seconds
    speaker: str | None = None
    heading: bool = False
    italic: bool = False  # all of it


def block_lines(blocks: Sequence[Block]) -> Iterator[Line]:
    """Yield one line per block, with a blank line after it; a bold lead that recurs or asks becomes a heading."""
    leads = Leads(block.lead for block in blocks if block.lead)
    italics_ask = do_italics_ask([block.text for block in blocks if block.italic])
    for block in _read_tables(blocks):
        rest = block.text[len(block.lead) :].strip()
        leads.note(block.lead, rest)
        if rest and leads.ask(block.lead) and block.text.startswith(block.lead):
            yield Line(block.lead, start=block.start, heading=True)
            yield Line("")
            yield Line(rest)
        elif block.lead and leads.name_speaker(block.lead, rest) and _is_run_in(block):
            yield Line(block.lead.strip(DAMAGE), start=block.start, heading=True)
            yield Line(rest)
        elif block.italic and italics_ask and asks(block.text):
            yield Line(block.text, start=block.start, heading=True)
        elif "\t" in block.text and is_header(block.text.split("\t")):
            yield Line(block.text, heading=True)
        else:
            yield Line(block.text, start=block.start, speaker=block.speaker, heading=block.heading)
        yield Line("")


def asks(text: str) -> bool:
    """Whether a text ends with a question."""
    return QUESTION.search(text[-8:]) is not None


def do_italics_ask(texts: Sequence[str]) -> bool:
    """Whether the paragraphs in italics are the interviewer's questions."""
    questions = sum(map(asks, texts))
    return questions > 1 and questions >= ITALICS_ASK * len(texts)


class Leads:
    """Decides which leads in bold name speakers: those that recur, and those that were before a colon already.

    If most leads are questions, they are the interviewer's, and what follows them is the answer.
    """

    def __init__(self, leads: Iterable[str]) -> None:
        self._count = Counter(map(_lead_key, leads))
        questions = sum(count for lead, count in self._count.items() if asks(lead))
        self._asks = questions > 1 and 2 * questions > self._count.total()
        self._labels: Counter[str] = Counter()  # before a colon, so far

    def note(self, lead: str, rest: str) -> None:
        """Count a lead, and whether a colon separates it from the words after it."""
        if lead.endswith((":", "：")) or rest.startswith((":", "：")):
            self._labels[_lead_key(lead.rstrip(" :："))] += 1

    def ask(self, lead: str) -> bool:
        """Whether a lead is a question that the words after it answer."""
        return self._asks and asks(lead)

    def name_speaker(self, lead: str, rest: str) -> bool:
        """Whether a lead is a speaker's name; without its colon it is one if a sentence begins after it."""
        return self._count[_lead_key(lead)] > 1 or (
            self._labels[_lead_key(lead.strip(DAMAGE))] > 1 and rest[:1].isupper()
        )


def _read_tables(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks; of tables that need it, the words and who speaks them."""
    for is_row, run in groupby(blocks, key=lambda block: block.text.count("\t") >= CLEAR and not block.heading):
        rows = list(run)
        lines = read_grid([block.text.split("\t") for block in rows]) if is_row else []
        if lines:
            yield from (Block(line.text, start=line.start, speaker=line.speaker) for line in lines)
        else:
            yield from rows


def _lead_key(lead: str) -> str:
    """Normalise a lead for counting: the same name may come with another time."""
    return " ".join(TIME.sub(" ", lead).split())


def _is_run_in(block: Block) -> bool:
    """Whether a lead is a name that only the bold type separates from the words after it."""
    rest = block.text[len(block.lead) :].lstrip()
    is_short = len(block.lead.split()) <= LEAD_WORDS and block.lead[-1] not in MARKED
    return (
        is_short
        and rest != ""
        and not NOTICE.match(rest)
        and rest[0] not in MARKED
        and block.text.startswith(block.lead)
    )
