"""What a language model writes beside a brief, checked sentence by sentence."""

from __future__ import annotations

from dataclasses import dataclass

from kb.grounding.verdict import Checked, Source


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What a language model has written so far beside a brief, and what became of it."""

    sources: tuple[Source, ...]
    sentences: tuple[Checked, ...] = ()
    draft: str = ""  # not checked yet: the sentence that is being written
    problem: str = ""  # one line: why the model wrote nothing, or no more
    is_done: bool = False
