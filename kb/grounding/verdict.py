"""What the gate says of what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kb.model import Citation, Hit

Verdict = Literal["verified", "corrected", "unsupported", "refusal"]


PartKind = Literal["words", "quotation", "mark", "struck"]


REFUSAL = "The passages do not answer this."  # what a language model is to write where they do not


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that a language model is given, under the number by which it is to be cited."""

    number: int  # counts from 1
    hit: Hit


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A part of a checked sentence, in the order in which it is shown."""

    kind: PartKind
    text: str  # of a quotation the exact slice of the turn, without quotation marks
    citation: Citation | None = None  # where a quotation stands, or what a citation mark points at
    was: str = ""  # the model's own words, where others stand in their place
    why: str = ""  # why it was struck or replaced


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence by a language model after the gate."""

    draft: str  # as the model wrote it; never shown as cited
    parts: tuple[SentencePart, ...]
    verdict: Verdict
    reasons: tuple[str, ...] = ()  # why it is not verified

    @property
    def text(self) -> str:
        """What is left of it to read: struck parts left out, quotations in marks."""
        return "".join(f"“{part.text}”" if part.kind == "quotation" else part.text for part in self.kept).strip()

    @property
    def kept(self) -> tuple[SentencePart, ...]:
        """The parts that were not struck."""
        return tuple(part for part in self.parts if part.kind != "struck")

    @property
    def quotations(self) -> tuple[SentencePart, ...]:
        """The quotations, each an exact slice of a turn."""
        return tuple(part for part in self.parts if part.kind == "quotation")

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Where it points, each place once."""
        return tuple(dict.fromkeys(part.citation for part in self.kept if part.citation))
