"""What the screens share: scripts, messages, the link to a workshop, and filters."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from kb.errors import KBError
from kb.model import Facet, Facets, Query
from kb.storage.rows import Counts
from kb.text.display import mark_word, strip_bidi

HERE = Path(__file__).parent
NAME = "Fusion"
SHOWN = 8  # values of an address that a notice names
# As it can be typed where the app was started.
COMMAND = ".venv/bin/kb-ingest" if Path(sys.prefix) == Path.cwd() / ".venv" else "kb-ingest"
HOW_TO_ADD = (
    f'Drop transcripts on <a href="add">Add interviews</a>, run <code>{COMMAND} FOLDER</code>, '
    f"or fetch public ones with <code>{COMMAND} fetch founders-talk</code>."
)


def run_script(name: str, html: str = "") -> None:
    """Run one of the scripts that lie here, after some markup; both are ours, with no word of a file in them."""
    st.html(f"{html}{read_script(name)}", unsafe_allow_javascript=True)


def read_script(name: str) -> str:
    """One of the scripts that lie here, as an element."""
    return f"<script>{(HERE / name).read_text(encoding='utf-8')}</script>"


def name_page(title: str) -> None:
    """What the browser's tab and its history call the page."""
    st.set_page_config(page_title=f"{strip_bidi(title)} · {NAME}")


def draw_skip(label: str, to: str) -> str:
    """A link for the keyboard, seen while it has the focus: it passes over what lies before the element `to`."""
    return f'<a class="skip" href="#" data-to="{escape(to)}">{label}</a>'


def draw_problem(error: KBError) -> None:
    """What went wrong and what to do about it, beside the control that it concerns."""
    draw_notice(escape(str(error)), "problem")


def draw_notice(html: str, kind: str = "note") -> None:
    """A message; whatever in it comes from outside the app is escaped by the caller.

    A screen reader tells of a problem at once, and of a refusal when it has said what it is saying; the focus can be
    put on a refusal. `done` tells what a press has done, `empty` that nothing was found.
    """
    roles = {
        "problem": 'role="alert"',
        "refusal": 'role="status" tabindex="-1"',
        "done": 'role="status"',
        "empty": 'role="status"',
    }
    role = roles.get(kind, 'role="note"')
    st.html(f'<p class="notice {kind}" {role}>{strip_bidi(html)}</p>')


def draw_sample_banner(counts: Counts) -> None:
    """That some of the interviews are invented, where some are."""
    if not counts.samples:
        return
    which = "All" if counts.samples == counts.interviews else f"{counts.samples:,} of the {counts.interviews:,}"
    st.html(
        f'<details class="notice banner"><summary><b>{which} interviews here are invented samples</b>, '
        f"people and organisations included. How to add real ones</summary><p>{HOW_TO_ADD}</p></details>"
    )


def draw_pack_link(*, query: Query | None = None, theme: str = "", collection: str = "") -> str:
    """A link that makes a workshop pack of what is on the screen."""
    filters = (
        {
            "leader": query.leaders,
            "company": query.companies,
            "sector": query.sectors,
            "year": query.years,
            "source": query.sources,
        }
        if query
        else {}
    )
    named = {"q": query.text if query else "", "theme": theme, "collection": collection}
    asked = {name: value for name, value in {**named, **filters}.items() if value}
    return f'<p class="lead-on"><a href="workshop?{escape(urlencode(asked, doseq=True))}">Make a workshop pack</a></p>'


def count_of(number: int, noun: str) -> str:
    """A number of things in words: '1 leader', '14 leaders'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def offer_filters(facets: Facets) -> dict[str, dict[str, int]]:
    """Of each filter, by its name in the address, the values and how many interviews have each."""
    filters: dict[str, Sequence[Facet]] = {
        "leader": facets.leaders,
        "company": facets.companies,
        "sector": facets.sectors,
        "year": sorted(facets.years, key=lambda year: year.value, reverse=True),
        "source": facets.sources,
    }
    return {name: {facet.value: facet.count for facet in values} for name, values in filters.items()}


def draw_filters(offered: Mapping[str, Mapping[str, int]], unknown: Sequence[str], text: str = "") -> Query:
    """A button for each filter that has something to choose; the query is the text within what is chosen.

    `unknown` are values that the address asks for and that no interview has.
    """
    with st.container(horizontal=True, gap="small", key="filters"):
        for name, counts in offered.items():
            if counts:
                _draw_filter(name, counts)
        if any(st.session_state[name] for name in offered):
            st.button("Clear filters", type="tertiary", on_click=_clear, args=(list(offered),))
    chosen = {name: tuple(st.session_state[name]) for name in offered}
    shown = "; ".join(", ".join(values) for values in chosen.values() if values)
    if unknown:
        more = f" and {len(unknown) - SHOWN:,} more" if len(unknown) > SHOWN else ""
        named = escape(", ".join(map(mark_word, unknown[:SHOWN])) + more)
        draw_notice(f"No interview here has {named}; the filter is left out.")
    if shown:
        st.html(f'<p class="meta">Only {escape(strip_bidi(shown))}</p>')
    return Query(
        text,
        leaders=chosen.get("leader", ()),
        companies=chosen.get("company", ()),
        sectors=chosen.get("sector", ()),
        years=tuple(map(int, chosen.get("year", ()))),
        sources=chosen.get("source", ()),
    )


def _draw_filter(name: str, counts: Mapping[str, int]) -> None:
    chosen = len(st.session_state[name])
    label = f"{name.capitalize()} · {chosen}" if chosen else name.capitalize()
    with st.popover(label, key=f"filter-{name}"):
        st.multiselect(
            name.capitalize(),
            list(counts),
            key=name,
            format_func=lambda value: f"{strip_bidi(value)} ({counts[value]})",
            placeholder="Any",
        )


def _clear(names: Sequence[str]) -> None:
    st.session_state.update({name: [] for name in names})
