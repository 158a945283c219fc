"""Results of the gate: checked sentences with their verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kb.model import Citation, Hit

Verdict = Literal["verified", "corrected", "unsupported", "refusal"]


PartKind = Literal["words", "quotation", "mark", "struck"]


REFUSAL = "The passages do not answer this."  # the model writes this if they do not


@dataclass(frozen=True, slots=True)
class Source:
    """A passage given to the model, with its citation number."""

    number: int  # counts from 1
    hit: Hit


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A part of a checked sentence, in display order."""

    kind: PartKind
    text: str  # for a quotation: the exact slice of the turn, without quotation marks
    citation: Citation | None = None  # the source of a quotation or of a citation mark
    original: str = ""  # the model's own words, if they were replaced
    reason: str = ""  # why it was struck out or replaced


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A generated sentence after the gate."""

    draft: str  # as the model wrote it; never shown as cited
    parts: tuple[SentencePart, ...]
    verdict: Verdict
    reasons: tuple[str, ...] = ()  # why it is not verified

    @property
    def text(self) -> str:
        """The readable text: without struck parts, quotations in marks."""
        return "".join(f"“{part.text}”" if part.kind == "quotation" else part.text for part in self.kept).strip()

    @property
    def kept(self) -> tuple[SentencePart, ...]:
        """The parts that were not struck out."""
        return tuple(part for part in self.parts if part.kind != "struck")

    @property
    def quotations(self) -> tuple[SentencePart, ...]:
        """The quotations, each an exact slice of a turn."""
        return tuple(part for part in self.parts if part.kind == "quotation")

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations, each once."""
        return tuple(dict.fromkeys(part.citation for part in self.kept if part.citation))
