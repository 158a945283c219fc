"""Draw an answer: its sentences, the passages they stand in, or that the interviews do not say."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kb.answering.summary_line import describe_answer
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer, Citation, Hit, Passage
from kb.pages.cards import draw_group, draw_name, draw_passage
from kb.pages.parts import draw_notice, draw_skip
from kb.pages.shared import find_transcripts

NEAREST = 3  # passages shown when none is an answer
TO_FOLLOW_UP = draw_skip("Go to the follow-up", ".st-key-follow-up input")


def draw_answer(knowledge_base: KnowledgeBase, answer: Answer) -> DeltaGenerator:
    """The sentences, then the passages they come from, then what else was found.

    Returns the place between sentences and passages, for what a language model writes.
    """
    cited: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.passage.id, []).append(citation)
    nearness = "" if answer.is_covered else " near"
    told = draw_name(describe_answer(answer))
    coverage = f'<p class="coverage{nearness}" role="status" tabindex="-1">{told}</p>{TO_FOLLOW_UP}'
    groups = "".join(map(draw_group, answer.groups))
    cards = _draw_passages(knowledge_base, [(citations[0].passage, citations) for citations in cited.values()])
    rest = [hit for hit in answer.hits if hit.passage.id not in cited]
    with st.container(key="answer"):  # the passages stand below the sentences, or beside them in a wide window
        with st.container(key="said"):
            above, between = st.container(), st.empty()
        # From below: there is no mark to press before the passage that it leads to.
        with st.container(key="sources"):
            st.html(f"<h2>Where they say it</h2>{cards}")
            if rest:
                with st.expander(f"{len(rest)} more passages" if len(rest) > 1 else "One more passage"):
                    _draw_hits(knowledge_base, rest)
    above.html(f"{coverage}{groups}")
    return between


def draw_refusal(knowledge_base: KnowledgeBase, answer: Answer) -> None:
    """That nobody speaks to the question, with the nearest passages for a reader who wants to judge."""
    unknown = " or ".join(map(draw_name, answer.coverage.unknown))
    missing = f" None of them mentions {unknown}." if unknown else ""
    if answer.query.is_filtered:
        which, advice = "The interviews within these filters", "Fewer filters may find more."
    else:
        which, advice = "The interviews", "Other words may find more."
    draw_notice(f"<b>{which} do not speak to this.</b>{missing} {advice}", "refusal")
    if answer.hits:
        with st.expander("Nearest passages, but not an answer"):
            _draw_hits(knowledge_base, answer.hits[:NEAREST])


def _draw_hits(knowledge_base: KnowledgeBase, hits: Sequence[Hit]) -> None:
    st.html(_draw_passages(knowledge_base, [(hit.passage, ()) for hit in hits]))


def _draw_passages(knowledge_base: KnowledgeBase, passages: Sequence[tuple[Passage, Sequence[Citation]]]) -> str:
    transcripts = find_transcripts(knowledge_base, {passage.interview_id for passage, _ in passages})
    return "".join(
        draw_passage(passage, transcripts[passage.interview_id], citations) for passage, citations in passages
    )
