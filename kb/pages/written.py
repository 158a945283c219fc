"""Show what a language model writes beside the leaders' sentences, each of its own once it is checked."""

from __future__ import annotations

import time
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kb.generation.grounding.verdict import CheckedSentence, SentencePart, Verdict
from kb.generation.synthesis import Synthesis
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer
from kb.pages.cards import draw_number, interview_address, locate
from kb.text.display import strip_bidi

KEPT = "written.kept"  # the last answer that a model wrote to, and what it wrote
PAUSE = 0.1  # seconds between two drawings of what is still being written
MEANING: dict[Verdict, tuple[str, str]] = {
    "verified": ("✓", "Checked: the passage that it cites holds its words, numbers and names"),
    "corrected": ("✎", "Corrected: something was struck or replaced by the true words"),
    "unsupported": ("?", "Unsupported: the passage that it cites does not hold this"),
}
LEGEND = (
    '<p class="meta legend"><b class="verdict verified">✓</b> stands in the passage it cites '
    '<b class="verdict corrected">✎</b> corrected, <s>struck</s> or replaced '
    '<b class="verdict unsupported">?</b> not in the passage: do not rely on it</p>'
)


def write_beside(knowledge_base: KnowledgeBase, answer: Answer, place: DeltaGenerator) -> None:
    """Let the model write, once for an answer; whatever becomes of it, the leaders' sentences stand."""
    asked = (answer.query, knowledge_base.generation(), knowledge_base.calibration())
    kept = st.session_state.get(KEPT)
    if kept and kept[0] == asked:
        place.html(draw_written(kept[1]))
        return
    drawn = 0.0
    for written in knowledge_base.write(answer):
        if written.is_done or time.monotonic() - drawn >= PAUSE:
            place.html(draw_written(written))
            drawn = time.monotonic()
        if written.is_done:
            st.session_state[KEPT] = asked, written


def draw_written(written: Synthesis) -> str:
    """All that is known of it so far; what is not checked yet is faint."""
    sentences = "".join(map(_draw_checked, written.sentences))
    words = escape(strip_bidi(written.draft))
    words = escape(strip_bidi(written.draft))
    draft = f'<p class="draft" title="Not checked yet">{words}</p>' if words.strip() else ""
    is_waiting = not (written.is_done or sentences or draft)
    waiting = '<p class="draft">The language model is reading the passages.</p>' if is_waiting else ""
    problem = f'<p class="notice note" role="note">{escape(written.problem)}</p>' if written.problem else ""
    legend = LEGEND if any(one.verdict in MEANING for one in written.sentences) else ""
    return (
        '<section class="written"><h2>A language model’s summary</h2>'
        f"{legend}{sentences}{draft}{waiting}{problem}</section>"
    )


def _draw_checked(sentence: CheckedSentence) -> str:
    parts = "".join(map(_draw_part, sentence.parts))
    mark, meaning = MEANING.get(sentence.verdict, ("", ""))
    why = strip_bidi("; ".join(sentence.reasons))
    verdict = (
        f' <b class="verdict {sentence.verdict}" role="img" title="{escape(why or meaning)}" '
        f'aria-label="{escape(meaning)}">{mark}</b>'
    )
    reasons = f'<span class="why">{escape(why)}</span>' if why else ""
    return f'<div class="checked {sentence.verdict}">{parts}{verdict if mark else ""}{reasons}</div>'


def _draw_part(part: SentencePart) -> str:
    if part.kind == "struck":
        return f'<s title="{escape(part.reason)}">{escape(strip_bidi(part.original))}</s>'
    if part.kind == "mark" and part.citation:
        citation = part.citation
        return draw_number(citation, interview_address(citation.interview.id, locate(citation)))
    if part.kind == "quotation":
        was = f' class="replaced" title="{escape(f"The model wrote: {part.original}")}"' if part.original else ""
        return f"“<bdi{was}>{escape(part.text)}</bdi>”"
    return escape(strip_bidi(part.text))
