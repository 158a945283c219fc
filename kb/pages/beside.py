"""Draw the table of a picture beside it, also as a file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb.exports.pictures import draw_timeline
from kb.exports.tags import write_table
from kb.lens.themes.wording import describe_timeline
from kb.lens.timeline import Timeline
from kb.pages.cards import draw_table

INK = {"light": "#23221f", "dark": "#e8e5de"}  # of what is written in a picture, as in style.css


def find_ink() -> str:
    """The colour of what is written in a picture."""
    return INK[st.context.theme.type or "light"]


def draw_beside(name: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """The table of a picture, closed at first."""
    with st.expander("As a table"):
        st.html(draw_table(headers, rows))
        st.download_button(
            "Download as CSV",
            write_table(headers, rows),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
            key=f"csv-{name}",
        )


def draw_years(timeline: Timeline, name: str) -> None:
    """A timeline with its table, and how many interviews have no date."""
    if timeline.years and timeline.passages:
        st.altair_chart(draw_timeline(timeline, find_ink()), key=f"chart-{name}")
        st.html('<p class="meta">As high as there are passages; the number above is that of the leaders.</p>')
    if told := describe_timeline(timeline):
        st.html(f'<p class="meta">{told}</p>')
    rows = [(one.year or "No date", one.leaders, one.passages, one.interviews) for one in timeline.all_years]
    draw_beside(name, ("Year", "Leaders", "Passages", "Interviews of the year"), rows)
