"""What a person says of a passage on the page of the lens: shows it, does not, shows another, a tag of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import unquote

import streamlit as st

from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.lens.evidence import LensQuotation
from kb.lens.framework import Framework
from kb.lens.people import Decided, Vote
from kb.lens.tags import LONGEST_LABEL, LONGEST_NAME, KeptTag
from kb.model import Citation, Span
from kb.pages.cards import draw_name, interview_address, locate
from kb.pages.parts import count_of, draw_notice, draw_problem, run_script
from kb.settings import Settings

COOKIE = "fusion-name"
NAME = "lens.person"  # the name, also while its field is not drawn
PROBLEM = "lens.problem"  # what went wrong in the last press of a button


def ask_name() -> str:
    """Draw the field of the reader's name, which this browser remembers; '' while there is none."""
    if "person" not in st.session_state:
        st.session_state["person"] = st.session_state.get(NAME) or _remember_name()
    name = st.text_input(
        "Your name, to judge passages", key="person", max_chars=LONGEST_NAME, placeholder="Type it once", width=320
    )
    run_script("name.js", f'<i hidden id="person-name" data-name="{escape(name.strip())}"></i>')
    st.session_state[NAME] = name
    return name.strip()


def _remember_name() -> str:
    """The name of the last visit, else that of the settings."""
    found = st.context.cookies.get(COOKIE)
    return (unquote(found) if isinstance(found, str) else "") or Settings.from_env().user or ""


def tell_problem() -> None:
    """Tell what went wrong, once."""
    if error := st.session_state.pop(PROBLEM, None):
        draw_problem(error)


def draw_judging(knowledge_base: KnowledgeBase, person: str, one: LensQuotation) -> None:
    """The control to judge a quotation."""
    tags, framework = knowledge_base.lens.tags, knowledge_base.lens.framework
    cited = one.citation
    interview_id, span = cited.interview.id, locate(cited)
    key = f"{interview_id}-{span.turn}-{span.start}-{span.end}-{one.behaviour_id}"
    with st.popover("Judge", key=f"judge-{key}"):
        if not person:
            draw_notice("Type your name above first: each judgement is kept with who gave it.")
            return
        with st.container(horizontal=True):
            for label, holds in (("Shows it", True), ("Does not", False)):
                st.button(
                    label,
                    key=f"{label}-{key}",
                    on_click=_attempt,
                    args=(lambda holds=holds: tags.judge(person, interview_id, span, one.behaviour_id, holds=holds),),
                )
        others = [known.id for known in framework.behaviours if known.id != one.behaviour_id]
        other = st.selectbox(
            "Shows another behaviour",
            others,
            index=None,
            key=f"other-{key}",
            format_func=lambda known: name_behaviour(framework, known),
            placeholder="Choose one",
        )
        own = st.text_input("A tag of your own", key=f"own-{key}", max_chars=LONGEST_LABEL, placeholder="A word or two")
        if st.button("Keep", key=f"keep-{key}", type="primary", disabled=not (other or own.strip())):
            _attempt(lambda: _keep(knowledge_base, person, interview_id, span, other, own))
            st.rerun()


def draw_said(decided: Decided, kept: Sequence[KeptTag], one: LensQuotation) -> str:
    """What people said of a quotation's passage, in a line; '' where nobody did."""
    votes = decided.votes.get((one.citation.passage.id, one.behaviour_id), ())
    said = [f"{draw_name(vote.tag.person)} {'confirms' if vote.tag.holds else 'rejects'} it" for vote in votes]
    own = dict.fromkeys(each.tag.label for each in kept if not each.tag.framework and _overlaps(each, one.citation))
    badges = "".join(f'<span class="badge">{draw_name(label)}</span>' for label in own)
    return f'<p class="people">{" · ".join(said)} {badges}</p>' if said or badges else ""


def _overlaps(kept: KeptTag, cited: Citation) -> bool:
    """Whether the words of a tag stand, where they are today, within cited ones or reach into them."""
    place = kept.standing.found.place if kept.is_verbatim and kept.standing.found else None
    if place is None or (place.interview.id, place.turn.index) != (cited.interview.id, cited.turn):
        return False
    return place.start < cited.end_offset and cited.start_offset < place.end


def draw_rejected(knowledge_base: KnowledgeBase, decided: Decided, person: str, behaviour_id: str, leader: str) -> None:
    """What people rejected of a cell, to be looked at again and taken back."""
    rejected = [
        votes
        for (_, label), votes in decided.votes.items()
        if label == behaviour_id
        and sum(1 if vote.tag.holds else -1 for vote in votes) < 0
        and leader in ("", votes[0].passage.speaker)
    ]
    if not rejected:
        return
    with st.expander(f"{count_of(len(rejected), 'passage')} that people rejected"):
        for votes in rejected:
            _draw_votes(knowledge_base, votes, person)


def name_behaviour(framework: Framework, behaviour_id: str) -> str:
    """How a behaviour is called in a choice."""
    known = framework.behaviour(behaviour_id)
    return f"{known.id} {known.name}" if known else "Choose one"


def _draw_votes(knowledge_base: KnowledgeBase, votes: Sequence[Vote], person: str) -> None:
    first = votes[-1]
    said = ", ".join(draw_name(vote.tag.person) for vote in votes if not vote.tag.holds)
    address = interview_address(
        first.passage.interview_id, Span(first.tag.turn, first.tag.start_offset, first.tag.end_offset)
    )
    st.html(
        f'<article class="entry"><blockquote class="said" dir="auto">{escape(first.tag.quote)}</blockquote>'
        f'<p class="meta">{draw_name(first.passage.speaker)} · rejected by {said} · '
        f'<a href="{address}">Open in interview</a></p></article>'
    )
    for vote in votes:
        if vote.tag.person.casefold() == person.casefold():
            tag_id = vote.tag.id
            st.button(
                "Take back",
                key=f"back-{tag_id}",
                on_click=_attempt,
                args=(lambda tag_id=tag_id: knowledge_base.lens.tags.withdraw(tag_id),),
            )


def _keep(
    knowledge_base: KnowledgeBase, person: str, interview_id: str, span: Span, other: str | None, own: str
) -> None:
    tags = knowledge_base.lens.tags
    if other:
        tags.judge(person, interview_id, span, other, holds=True)
    if own.strip():
        tags.label(person, interview_id, span, own)


def _attempt(act: Callable[[], object]) -> None:
    """Do what a button stands for; what goes wrong is told by the next run."""
    try:
        act()
    except KBError as error:
        st.session_state[PROBLEM] = error
