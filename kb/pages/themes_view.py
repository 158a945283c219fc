"""Draw the themes that the interviews speak of: a picture, and for a theme its words, its years, its tensions."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from kb.exports.pictures import CELL, MOST_BARS, draw_themes
from kb.knowledge_base import KnowledgeBase
from kb.lens.themes.evidence import ThemeCluster, ThemeEvidence, ThemeQuotation
from kb.lens.themes.tensions import HEADING, Tension
from kb.lens.themes.wording import LESS_SURE, describe_overview, start_of
from kb.model import Query, Sentence
from kb.pages.beside import draw_beside, draw_years, find_ink
from kb.pages.cards import draw_cell, draw_name, draw_passage, draw_theme, locate
from kb.pages.listing import THEME_PARTS
from kb.pages.parts import count_of, draw_notice, draw_pack_link
from kb.pages.pinning import draw_pin
from kb.pages.shared import find_transcripts
from kb.pages.themes_found import find_overview, find_tensions, find_theme_quotations, find_theme_timeline

PAGE = 10  # passages on a screen
HEADERS = ("Theme", "Leaders", "Passages", "Best quotation")


def draw_spoken(knowledge_base: KnowledgeBase, query: Query, words: str) -> ThemeEvidence | None:
    """Draw which themes are spoken of, as far as their names hold the words; return the one that is chosen."""
    with st.spinner("Reading all passages; the first time takes some seconds"):
        overview = find_overview(knowledge_base, query)
    st.html(f'<p class="meta" role="status">{draw_name(describe_overview(overview))}</p>')
    wanted = words.casefold().split()
    shown = [one for one in overview.themes if all(word in one.theme.name.casefold() for word in wanted)]
    if not shown:
        return None
    ids = [one.theme.id for one in shown]
    chosen = st.session_state["theme"] if st.session_state["theme"] in ids else ""
    _draw_picture(shown, chosen)
    _draw_table(shown)
    _draw_clusters(overview.clusters)
    return _choose(shown, chosen)


def draw_theme_parts(knowledge_base: KnowledgeBase, query: Query, chosen: ThemeEvidence) -> None:
    """Draw a theme: its passages, its years or its tensions."""
    counts = f"{count_of(chosen.leaders, 'leader')}, {count_of(chosen.passages, 'passage')}"
    doubt = "" if chosen.is_learnt else f"; {LESS_SURE}"
    st.html(f'<h2>{draw_name(chosen.theme.name)}</h2><p class="meta">{counts}{doubt}</p>')
    part = st.segmented_control(
        "Part",
        list(THEME_PARTS),
        key="part",
        format_func=THEME_PARTS.__getitem__,
        label_visibility="collapsed",
        required=True,
    )
    if part == "years":
        draw_years(find_theme_timeline(knowledge_base, chosen.theme, query), f"years-{chosen.theme.id}")
    elif part == "tensions":
        _draw_tensions(find_tensions(knowledge_base, chosen.theme, query))
    else:
        _draw_passages(knowledge_base, query, chosen)
    st.html(f"{draw_theme(chosen.theme)}{draw_pack_link(theme=chosen.theme.id)}")


def _draw_picture(shown: Sequence[ThemeEvidence], chosen: str) -> None:
    bars = shown[:MOST_BARS]
    st.altair_chart(
        draw_themes(bars, chosen, find_ink()),
        key="themes-chart",
        on_select=lambda: _take_over([one.theme.id for one in bars]),
        selection_mode=CELL,
    )
    if len(shown) > MOST_BARS:
        st.html(f'<p class="meta">The {MOST_BARS} themes of most leaders; the table has all {len(shown):,}.</p>')


def _take_over(ids: Sequence[str]) -> None:
    """Take over the bar that was clicked."""
    picked = st.session_state["themes-chart"].selection.get(CELL) or []
    if picked and isinstance(row := picked[0].get("row"), int) and row < len(ids):
        st.session_state["theme"] = ids[row]


def _draw_table(shown: Sequence[ThemeEvidence]) -> None:
    rows = [
        (
            one.theme.name if one.is_learnt else f"{one.theme.name} *",
            one.leaders,
            one.passages,
            f"“{start_of(one.quotation)}” {one.quotation.leader.name}" if one.quotation else "",
        )
        for one in shown
    ]
    draw_beside("themes", HEADERS, rows)


def _draw_clusters(clusters: Sequence[ThemeCluster]) -> None:
    with st.expander("Near themes"):
        st.html("".join(map(_draw_cluster, clusters)))


def _draw_cluster(cluster: ThemeCluster) -> str:
    links = "".join(
        f'<li><a href="browse?{escape(urlencode({"view": "Themes", "theme": one.id}))}">{draw_name(one.name)}</a></li>'
        for one in cluster.themes
    )
    counts = f"{count_of(cluster.leaders, 'leader')}, {count_of(cluster.passages, 'passage')}"
    return f'<p><b>{draw_name(cluster.name)}</b> <span class="meta">{counts}</span></p><ul>{links}</ul>'


def _choose(shown: Sequence[ThemeEvidence], chosen: str) -> ThemeEvidence | None:
    """Draw the choice of a theme: the same as a click on a bar."""
    known = {one.theme.id: one for one in shown}
    st.session_state["theme"] = chosen
    st.selectbox(
        "Theme",
        ["", *known],
        key="theme",
        format_func=lambda one: known[one].theme.name if one else "Choose a theme to read what is said",
    )
    return known.get(st.session_state["theme"])


def _draw_passages(knowledge_base: KnowledgeBase, query: Query, chosen: ThemeEvidence) -> None:
    pages = -(-chosen.passages // PAGE)
    first = ((st.pagination(pages) if pages > 1 else 1) - 1) * PAGE
    quoted = find_theme_quotations(knowledge_base, chosen.theme, query, first, PAGE)
    transcripts = find_transcripts(knowledge_base, {one.citation.interview.id for one in quoted})
    names = [one.name for one in knowledge_base.collections.list()]
    for one in quoted:
        cited = one.citation
        st.html(draw_passage(cited.passage, transcripts[cited.interview.id], [cited]))
        with st.container(horizontal=True, gap="small", key=f"tools-{cited.passage.id}"):
            draw_pin(knowledge_base, names, cited.interview.id, locate(cited))


def _draw_tensions(tensions: Sequence[Tension]) -> None:
    if not tensions:
        draw_notice("No two leaders pull in opposite directions here, surely enough to be shown.")
        return
    for number, pair in enumerate(tensions, 1):
        sides = ((pair.matter.one.name, pair.one), (pair.matter.other.name, pair.other))
        columns = "".join(_draw_side(name, one) for name, one in sides)
        st.html(
            f'<h3 class="tension" id="tension-{number}">{HEADING}</h3><div class="compare lens of-2">{columns}</div>'
        )


def _draw_side(name: str, one: ThemeQuotation) -> str:
    quoted = draw_cell(Sentence(one.citation.quote, (one.citation,)))
    return f'<section class="group column"><h2>{draw_name(name)}</h2>{quoted}</section>'
