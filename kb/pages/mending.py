"""Draw what changes interviews: fields for their facts, removal, and its undo."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from kb.errors import KBError, UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview
from kb.pages.cards import draw_name
from kb.pages.parts import count_of, draw_notice, draw_problem
from kb.storage.mending import LONGEST, Facts, Mending, check_fact, facts_of, facts_of_leader, list_changes
from kb.storage.source_file import is_gone
from kb.storage.writer import Removed
from kb.text.display import strip_bidi

# Keys of the session: it ends when the page is left, since links between pages open a new one.
REMOVED, TOLD = "mending.removed", "mending.told"
CORRECTING = "mending.correcting"  # whether the fields for the facts are open
LABELS = {
    "title": "Title",
    "date": "Date",
    "show": "Show",
    "host": "Host",
    "media_url": "Address of the recording",
    "name": "Name",
    "role": "Role",
    "company": "Company",
    "sector": "Sector",
}
Rows = Sequence[Sequence[str]]  # names of facts, side by side
FACT_ROWS: Rows = (("title",), ("date", "show"), ("host", "media_url"))
LEADER_ROWS: Rows = (("name", "role"), ("company", "sector"))
HINTS = {"date": "2021-03-04, 2021 or c. 2021", "media_url": "https://", "company": "several: with semicolons"}
SHOWN = 5  # titles of removed interviews in a notice
KEPT = "Your corrections win over the file, also when it is read again. No word of the transcript changes."


def offer_correction(knowledge_base: KnowledgeBase, interview: Interview, *, expanded: bool = False) -> None:
    """Draw what opens the fields for the facts of an interview; they are drawn once it is open."""
    place = st.expander("Correct facts", expanded=expanded, key=CORRECTING, on_change="rerun")
    if place.open:
        with place:
            _draw_facts_form(knowledge_base, interview)


def draw_fields(interview: Interview, prefix: str, rows: Rows = LEADER_ROWS) -> tuple[Facts, list[Facts]]:
    """Draw fields for the facts of an interview and of each leader; return what they hold."""
    facts = _draw_fields(facts_of(interview), prefix, FACT_ROWS)
    leaders: list[Facts] = []
    for number, leader in enumerate(interview.leaders):
        of = f" of {strip_bidi(leader.name)}" if len(interview.leaders) > 1 else " of the leader"
        leaders.append(_draw_fields(facts_of_leader(leader), f"{prefix}.{number}", rows, of))
    return facts, leaders


def draw_form_for_all(knowledge_base: KnowledgeBase, interviews: Sequence[Interview]) -> None:
    """Draw fields for what several interviews have in common, and save them for all."""
    with st.form("facts.all", border=False):
        columns = st.columns(3)
        filled = {
            name: column.text_input(f"{LABELS[name]} of all", placeholder="as it is", max_chars=LONGEST)
            for name, column in zip(("show", "sector", "host"), columns, strict=True)
        }
        is_saved = st.form_submit_button(f"Set for {len(interviews):,}", type="primary")
    if not is_saved:
        return
    try:
        wanted = {name: plain for name, value in filled.items() if (plain := check_fact(name, value))}
        with st.spinner("Saving"):
            changed = _mend_all(knowledge_base, interviews, wanted) if wanted else 0
    except KBError as error:
        draw_problem(error)
        return
    st.session_state[TOLD] = f"{count_of(changed, 'interview')} changed." if wanted else "Nothing was written to set."
    st.rerun()


def offer_removal(knowledge_base: KnowledgeBase, interviews: Sequence[Interview], label: str) -> None:
    """Draw a button that removes interviews; it can be undone until the page is left."""
    if not st.button(label, key="mending.remove", type="tertiary"):
        return
    try:
        with st.spinner("Removing"):
            removed = knowledge_base.mends.take_out([one.id for one in interviews])
    except KBError as error:
        draw_problem(error)
        return
    st.session_state[REMOVED] = [*find_removed(), *removed]
    st.rerun()


def draw_outcome(knowledge_base: KnowledgeBase) -> None:
    """Tell what was just saved, and what was removed on this page, with a button that puts it back."""
    if told := st.session_state.pop(TOLD, ""):
        draw_notice(escape(told), "done")
    removed = find_removed()
    if not removed:
        return
    draw_notice(_tell_removed(removed), "done")
    if st.button("Undo", key="mending.undo"):
        try:
            with st.spinner("Putting back"):
                knowledge_base.mends.put_back(removed)
        except KBError as error:
            draw_problem(error)
            return
        del st.session_state[REMOVED]
        st.session_state[TOLD] = f"{count_of(len(removed), 'interview')} put back."
        st.rerun()


def find_removed() -> list[Removed]:
    """Return what was removed on this page and not put back."""
    found: list[Removed] = st.session_state.get(REMOVED, [])
    return found


def _draw_facts_form(knowledge_base: KnowledgeBase, interview: Interview) -> None:
    """Draw fields for the facts of an interview and its leaders, and save what is changed in them."""
    with st.form(f"facts.{interview.id}", border=False):
        facts, leaders = draw_fields(interview, interview.id)
        st.caption(KEPT)
        is_saved = st.form_submit_button("Save corrections", type="primary")
    if not is_saved:
        return
    try:
        if change := _find_change(interview, facts, leaders):
            knowledge_base.mends.mend(interview.id, change)
    except KBError as error:
        draw_problem(error)
        return
    st.session_state[TOLD] = "Saved." if change else "Nothing was changed."
    st.rerun()


def _draw_fields(values: Facts, prefix: str, rows: Rows, of: str = "") -> dict[str, str]:
    """Draw text fields in rows, filled with values; a field whose value has changed elsewhere is drawn anew."""
    filled: dict[str, str] = {}
    for names in rows:
        for name, column in zip(names, st.columns(len(names)), strict=True):
            filled[name] = column.text_input(
                f"{LABELS[name]}{of}",
                values[name],
                key=f"facts.{prefix}.{name}.{values[name]}",
                placeholder=HINTS.get(name, ""),
            )
    return filled


def _find_change(interview: Interview, facts: Facts, leaders: Sequence[Facts]) -> Mending | None:
    change = list_changes(interview, facts, leaders)
    return None if change == Mending() else change


def _mend_all(knowledge_base: KnowledgeBase, interviews: Sequence[Interview], wanted: Facts) -> int:
    """Set facts for several interviews, and return how many were changed; one that is gone is passed over."""
    of_card = {name: value for name, value in wanted.items() if name != "sector"}
    of_leader = {name: value for name, value in wanted.items() if name == "sector"}
    changed = 0
    for one in interviews:
        change = list_changes(one, of_card, [of_leader] * len(one.leaders))
        if change == Mending():
            continue
        try:
            knowledge_base.mends.mend(one.id, change)
        except UnknownInterview:
            continue
        changed += 1
    return changed


def _tell_removed(removed: Sequence[Removed]) -> str:
    titles = ", ".join(draw_name(one.transcript.interview.title) for one in removed[:SHOWN])
    more = f" and {len(removed) - SHOWN:,} more" if len(removed) > SHOWN else ""
    kept = sum(not is_gone(Path(one.origin.path)) for one in removed)
    files = "Its file stays" if len(removed) == 1 else "Their files stay"
    stays = f" {files} where it was read from; an ingest of that folder leaves it out and says so." if kept else ""
    stays = stays if len(removed) == 1 else stays.replace("it was", "they were").replace("leaves it", "leaves them")
    return f"Removed: {titles}{more}.{stays} Undo puts back what was removed, until you leave this page."
