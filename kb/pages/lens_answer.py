"""Draw the answer of the lens: what attracts people and what drives them away, side by side."""

from __future__ import annotations

from html import escape

import streamlit as st

from kb.lens.evidence import BehaviourEvidence, Evidence, LensQuotation, SideEvidence
from kb.lens.wording import HEADINGS, describe_behaviour, describe_evidence, describe_quotation, describe_side
from kb.model import Sentence
from kb.pages.answers import TO_FOLLOW_UP
from kb.pages.cards import draw_cell, draw_name


def draw_evidence(evidence: Evidence) -> None:
    """Both sides in columns, one below the other on a phone."""
    sides = "".join(map(_draw_side, evidence.sides))
    st.html(
        f'<p class="coverage" role="status" tabindex="-1">{escape(describe_evidence(evidence))}</p>{TO_FOLLOW_UP}'
        f'<div class="compare lens of-{len(evidence.sides)}">{sides}</div>'
    )


def _draw_side(side: SideEvidence) -> str:
    shown = "".join(map(_draw_behaviour, side.behaviours))
    empty = f'<p class="empty">{describe_side(side)}</p>' if not shown else ""
    return f'<section class="group column"><h2>{HEADINGS[side.side]}</h2>{shown}{empty}</section>'


def _draw_behaviour(shown: BehaviourEvidence) -> str:
    known = shown.behaviour
    return (
        f"<h3>{draw_name(known.name)}</h3>"
        f'<p class="meta">{draw_name(known.description)} {describe_behaviour(shown)}.</p>'
        f"{''.join(map(_draw_quotation, shown.quotations))}"
    )


def _draw_quotation(one: LensQuotation) -> str:
    return draw_cell(Sentence(one.citation.quote, (one.citation,)), describe_quotation(one))
