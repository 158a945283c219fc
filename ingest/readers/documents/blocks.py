"""Blocks of text, as all rich formats give them; some open with a lead in bold, which may be a speaker's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.clock import STAMP
from ingest.readers.fields import is_header
from ingest.script import Line

LEAD_WORDS = 8  # a longer run in bold is speech
TIME = re.compile(STAMP)
DAMAGE = " .,;"  # may be in the place of a label's colon
MARKED = ":：([–—-,.?!|0123456789"  # what already separates a name from the words after it


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or a row of a table, as a rich format gives it."""

    text: str
    lead: str = ""  # the first words, if they are in bold and the rest is not
    start: float | None = None  # seconds
    speaker: str | None = None
    heading: bool = False


def block_lines(blocks: Sequence[Block]) -> Iterator[Line]:
    """Yield one line per block, with a blank line after it; a bold lead that recurs becomes a heading of its own."""
    leads = Leads(block.lead for block in blocks if block.lead)
    for block in blocks:
        rest = block.text[len(block.lead) :].strip()
        leads.note(block.lead, rest)
        if block.lead and leads.name_speaker(block.lead, rest) and _is_run_in(block):
            yield Line(block.lead.strip(DAMAGE), start=block.start, heading=True)
            yield Line(rest)
        elif "\t" in block.text and is_header(block.text.split("\t")):
            yield Line(block.text, heading=True)
        else:
            yield Line(block.text, start=block.start, speaker=block.speaker, heading=block.heading)
        yield Line("")


class Leads:
    """Decides which leads in bold name speakers: those that recur, and those that were before a colon already."""

    def __init__(self, leads: Iterable[str]) -> None:
        self._count = Counter(map(_lead_key, leads))
        self._labels: Counter[str] = Counter()  # before a colon, so far

    def note(self, lead: str, rest: str) -> None:
        """Count a lead, and whether a colon separates it from the words after it."""
        if lead.endswith((":", "：")) or rest.startswith((":", "：")):
            self._labels[_lead_key(lead.rstrip(" :："))] += 1

    def name_speaker(self, lead: str, rest: str) -> bool:
        """Whether a lead is a speaker's name; without its colon it is one if a sentence begins after it."""
        return self._count[_lead_key(lead)] > 1 or (
            self._labels[_lead_key(lead.strip(DAMAGE))] > 1 and rest[:1].isupper()
        )


def _lead_key(lead: str) -> str:
    """Normalise a lead for counting: the same name may come with another time."""
    return " ".join(TIME.sub(" ", lead).split())


def _is_run_in(block: Block) -> bool:
    """Whether a lead is a name that only the bold type separates from the words after it."""
    rest = block.text[len(block.lead) :].lstrip()
    is_short = len(block.lead.split()) <= LEAD_WORDS and block.lead[-1] not in MARKED
    return is_short and rest != "" and rest[0] not in MARKED and block.text.startswith(block.lead)
