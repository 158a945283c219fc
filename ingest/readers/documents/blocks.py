"""What rich formats share: blocks of text, some of which open with a lead in bold as a speaker's name does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.clock import STAMP
from ingest.readers.fields import is_header
from ingest.script import Line

LEAD_WORDS = 8  # a longer run in bold is speech
TIME = re.compile(STAMP)
MARKED = ":：([–—-,.?!|0123456789"  # what already tells a name from the words behind it


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or a row of a table, as a rich format gives it."""

    text: str
    lead: str = ""  # the first words, where they are set in bold and the rest is not
    start: float | None = None  # seconds
    speaker: str | None = None
    heading: bool = False


def block_lines(blocks: Sequence[Block]) -> Iterator[Line]:
    """One line a block, with a blank after it; a bold lead that recurs becomes a heading of its own."""
    leads = Counter(lead_key(block.lead) for block in blocks if block.lead)
    for block in blocks:
        if block.lead and leads[lead_key(block.lead)] > 1 and _is_run_in(block):
            yield Line(block.lead, start=block.start, heading=True)
            yield Line(block.text[len(block.lead) :].strip())
        elif "\t" in block.text and is_header(block.text.split("\t")):
            yield Line(block.text, heading=True)
        else:
            yield Line(block.text, start=block.start, speaker=block.speaker, heading=block.heading)
        yield Line("")


def lead_key(lead: str) -> str:
    """A lead as leads are counted: the same name may come with another time."""
    return " ".join(TIME.sub(" ", lead).split())


def _is_run_in(block: Block) -> bool:
    """Whether a lead is a name that nothing but the bold type tells from the words behind it."""
    rest = block.text[len(block.lead) :].lstrip()
    is_short = len(block.lead.split()) <= LEAD_WORDS and block.lead[-1] not in MARKED
    return is_short and rest != "" and rest[0] not in MARKED and block.text.startswith(block.lead)
